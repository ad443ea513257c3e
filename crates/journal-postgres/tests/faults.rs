//! A server that is killed, stopped, slow or behind a network that is cut.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use engines::{Proxy, postgres::Server};
use http::Request;
use serde_json::json;
use tencent_im_callback::{CallbackHandler, Endpoint, Entry, Key, group};
use tencent_im_callback_journal::{
    Journal, Store as _, StoreError,
    store::{Change, Filter},
};
use tencent_im_callback_journal_postgres::Postgres;
use tencent_im_callback_testkit::sample;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

/// Nothing takes that long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

fn entry(task: usize, number: usize) -> Entry {
    let body = format!("{task} {number}");
    Entry::new(7, "Group.CallbackAfterSendMsg", "SdkAppid=7", body, SystemTime::now())
        .with_key(Some(Key::new(format!("group {task}"))))
}

struct App;

impl CallbackHandler for App {}

/// An endpoint over a server behind a proxy.
async fn behind_a_proxy(server: &Server) -> (Proxy, Endpoint) {
    let proxy = Proxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()))).await;
    let store = Postgres::connect(&server.url_on(proxy.address().port())).await.unwrap();
    let journal = Journal::builder().over(store).await.unwrap();
    (proxy, Endpoint::builder(App).unverified_app(7).journal(&journal).build().unwrap())
}

async fn status(endpoint: &Endpoint, command: &str, body: String) -> u16 {
    let request = Request::post(format!("/?SdkAppid=7&CallbackCommand={command}")).body(Bytes::from(body)).unwrap();
    let answered = timeout(PATIENCE, endpoint.handle(request)).await;
    answered.expect("the endpoint answers").status().as_u16()
}

/// The status for an *after* callback that was not sent before.
async fn after(endpoint: &Endpoint) -> u16 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = json!(NUMBER.fetch_add(1, Ordering::Relaxed));
    let body = sample::<group::AfterSendMsg>().set("/MsgSeq", number).body().to_string();
    status(endpoint, "Group.CallbackAfterSendMsg", body).await
}

async fn before(endpoint: &Endpoint) -> u16 {
    status(endpoint, "Group.CallbackBeforeSendMsg", sample::<group::BeforeSendMsg>().body().to_string()).await
}

/// An append fails and a *before* callback does not; and appends succeed again after `mend`.
async fn fails_until(endpoint: &Endpoint, mend: impl FnOnce()) {
    assert_eq!(after(endpoint).await, 500, "what is not kept is not answered OK");
    assert_eq!(before(endpoint).await, 200, "before callbacks go on");
    mend();
    let works = async {
        while after(endpoint).await != 200 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, works).await.expect("callbacks are kept again");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_is_away_nothing_is_answered_ok_and_before_callbacks_go_on() {
    let Some(server) = Server::start() else { return };
    let (proxy, endpoint) = behind_a_proxy(&server).await;
    assert_eq!(after(&endpoint).await, 200);

    proxy.stop();
    fails_until(&endpoint, || proxy.go_on()).await;
    // An answer is late by more than the time of an append.
    proxy.delay(Duration::from_secs(2));
    fails_until(&endpoint, || proxy.delay(Duration::ZERO)).await;
    server.pause(true);
    fails_until(&endpoint, || server.pause(false)).await;
    server.kill();
    fails_until(&endpoint, || server.begin()).await;
    server.stop();
    fails_until(&endpoint, || server.begin()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_reset_is_opened_again() {
    let Some(server) = Server::start() else { return };
    let (proxy, endpoint) = behind_a_proxy(&server).await;
    for _ in 0..5 {
        proxy.reset();
        let works = async { while after(&endpoint).await != 200 {} };
        timeout(PATIENCE, works).await.expect("callbacks are kept again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_has_all_that_it_acknowledged_in_order() {
    const TASKS: usize = 8;
    let Some(server) = Server::start() else { return };
    let store = Postgres::connect(&server.url()).await.unwrap();
    let (done, is_done) = tokio::sync::watch::channel(false);
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (store, is_done) = (store.clone(), is_done.clone());
        tasks.spawn(async move {
            let (mut number, mut acknowledged) = (0, Vec::new());
            while !*is_done.borrow() {
                if let Ok(ids) = store.append(vec![entry(task, number)]).await {
                    acknowledged.push((ids[0], format!("{task} {number}")));
                }
                number += 1;
            }
            acknowledged
        });
    }
    for _ in 0..2 {
        sleep(Duration::from_millis(500)).await;
        server.kill();
        server.begin();
    }
    // Until every task has appended after the last start.
    for task in 0..TASKS {
        let appends = async { while store.append(vec![entry(1_000 + task, 0)]).await.is_err() {} };
        timeout(PATIENCE, appends).await.unwrap();
    }
    done.send_replace(true);
    let acknowledged = tasks.join_all().await;
    let mut kept = std::collections::HashMap::new();
    let mut last = 0;
    loop {
        let page = store.records(&Filter::default(), last, 1_000).await.unwrap();
        let Some(record) = page.last() else { break };
        last = record.id;
        kept.extend(page.into_iter().map(|record| (record.id, record.entry.body)));
    }
    for acknowledged in acknowledged {
        assert!(acknowledged.is_sorted_by_key(|(id, _)| *id), "ids grow");
        for (id, body) in acknowledged {
            assert_eq!(kept.get(&id), Some(&Bytes::from(body)), "what was acknowledged is there");
        }
    }
}

#[tokio::test]
async fn a_server_that_may_lose_what_it_has_committed_is_refused() {
    let Some(server) = Server::start_with("fsync = off\nsynchronous_commit = off\n") else { return };
    let error = Postgres::connect(&server.url()).await.unwrap_err().to_string();
    assert!(error.contains("Set `fsync = on` in postgresql.conf"), "{error}");
    let store = Postgres::builder(&server.url()).accept_loss().connect().await.unwrap();
    store.append(vec![entry(0, 0)]).await.unwrap();
    // With a commit that the server has synced, whatever its default is.
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let row = client.query_one("SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()", &[]).await.unwrap();
    assert!(row.get::<_, bool>(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_hangs_is_followed_and_can_write_nothing_any_more() {
    let Some(server) = Server::start() else { return };
    let one = Postgres::connect(&server.url()).await.unwrap();
    let other = Postgres::connect(&server.url()).await.unwrap();
    let ids = one.append(vec![entry(0, 0)]).await.unwrap();
    let first = one.acquire(None).await.unwrap().unwrap();
    assert_eq!(one.renew(first).await.unwrap().partitions.len(), 16);
    one.settle(first, vec![Change::Started { id: ids[0] }]).await.unwrap();
    let second = other.acquire(None).await.unwrap().unwrap();
    assert_eq!(other.renew(second).await.unwrap().partitions, Vec::<u32>::new());

    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let silence =
        format!("UPDATE im_callback.worker SET heard_at = heard_at - interval '11 s' WHERE fence = {}", first.0);
    client.batch_execute(&silence).await.unwrap();
    let followed = async {
        while other.renew(second).await.unwrap().partitions.len() < 16 {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, followed).await.expect("it is followed");
    let settled = one.settle(first, vec![Change::Done { id: ids[0] }]).await;
    assert!(settled.is_err(), "its session has ended");
    assert_eq!(other.unfinished(second, 0, 10).await.unwrap().len(), 1);

    // It feeds again when it is alive, from what is its share.
    let third = one.acquire(Some(first)).await.unwrap().unwrap();
    assert_eq!(one.renew(third).await.unwrap().partitions, Vec::<u32>::new());
    assert_eq!(other.renew(second).await.unwrap().surplus.len(), 8);
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_not_touched() {
    let Some(server) = Server::start() else { return };
    let missing = Postgres::connect_existing(&server.url()).await.unwrap_err().to_string();
    assert!(missing.contains("no journal in the schema \"im_callback\""), "{missing}");
    drop(Postgres::connect(&server.url()).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("UPDATE im_callback.journal SET version = 9").await.unwrap();
    let error = Postgres::connect(&server.url()).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerVersion { found: 9, known: 1 }), "{error}");
}
