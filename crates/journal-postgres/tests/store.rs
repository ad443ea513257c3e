//! What every store promises, over PostgreSQL.

use std::time::{Duration, SystemTime};

use engines::postgres::Server;
use tencent_im_callback::{Entry, Identity, Key};
use tencent_im_callback_journal::{
    Store,
    store::{Fence, Filter, State},
    suite,
};
use tencent_im_callback_journal_postgres::Postgres;

async fn store(server: &Server, schema: &str) -> Postgres {
    Postgres::builder(&server.url()).schema(schema).connect().await.unwrap()
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_store() {
    let Some(server) = Server::start() else { return };
    suite::check(&store(&server, "one").await).await;
    let single = Postgres::builder(&server.url()).schema("a \"single\" partition").partitions(1);
    suite::check(&single.connect().await.unwrap()).await;
    let (one, other) = (store(&server, "two").await, store(&server, "two").await);
    suite::check_two(Box::new(one), &other).await;
}

fn entry(number: usize, received_at: u64) -> Entry {
    let received_at = SystemTime::UNIX_EPOCH + Duration::from_secs(received_at);
    Entry::new(7, "Group.CallbackAfterSendMsg", "SdkAppid=7", number.to_string(), received_at)
        .with_key(Some(Key::new(format!("key {}", number % 100))))
        .with_identity(Some(Identity::new(number.to_string())))
}

async fn feed(store: &Postgres) -> Fence {
    let fence = store.acquire(None).await.unwrap().unwrap();
    assert_eq!(store.renew(fence).await.unwrap().partitions.len(), 16);
    fence
}

/// The ids of all that is unfinished, read in pages.
async fn unfinished(store: &Postgres, fence: Fence) -> Vec<u64> {
    let mut ids = Vec::new();
    loop {
        let page = store.unfinished(fence, ids.last().map_or(0, |id| id + 1), 1_000).await.unwrap();
        ids.extend(page.iter().map(|entry| entry.id));
        if page.len() < 1_000 {
            return ids;
        }
    }
}

#[tokio::test]
async fn an_identity_that_comes_again_later_is_no_repetition() {
    let Some(server) = Server::start() else { return };
    let receiver = Postgres::builder(&server.url()).connect().await.unwrap();
    let worker = Postgres::builder(&server.url()).repetitions(Duration::from_secs(60)).connect().await.unwrap();
    let append = async |received_at| receiver.append(vec![entry(1, received_at)]).await.unwrap()[0];
    let fence = feed(&worker).await;

    // Before any of them is taken, and afterwards.
    let (first, _, later) = (append(1_000).await, append(1_059).await, append(1_060).await);
    assert_eq!(unfinished(&worker, fence).await, [first, later]);
    let (_, last) = (append(1_119).await, append(1_120).await);
    assert_eq!(unfinished(&worker, fence).await, [first, later, last]);
    assert_eq!(worker.count(&Filter::default()).await.unwrap(), 3, "repetitions are removed");
}

#[tokio::test]
async fn a_backlog_is_given_in_order_and_is_unfinished_before_it_is_taken() {
    const ENTRIES: usize = 12_345;
    let Some(server) = Server::start() else { return };
    let receiver = Postgres::builder(&server.url()).connect().await.unwrap();
    let mut ids = Vec::new();
    for from in (0..ENTRIES).step_by(1_000) {
        let group = (from..ENTRIES.min(from + 1_000)).map(|number| entry(number, 1_000)).collect();
        ids.extend(receiver.append(group).await.unwrap());
    }
    let unfinished_filter = Filter { state: Some(State::Unfinished), ..Filter::default() };
    let done = Filter { state: Some(State::Done), ..Filter::default() };
    let check = async || {
        assert_eq!(receiver.stats().await.unwrap().unfinished, ENTRIES as u64);
        assert_eq!(receiver.count(&unfinished_filter).await.unwrap(), ENTRIES as u64);
        assert_eq!(receiver.count(&done).await.unwrap(), 0);
        assert_eq!(receiver.retry(&ids[..10]).await.unwrap(), 0, "none of them is finished");
        let later = SystemTime::now() + Duration::from_secs(60);
        assert_eq!(receiver.prune(later, later).await.unwrap(), 0, "only what is finished is removed");
        let (mut listed, mut last) = (Vec::new(), 0);
        while let page = receiver.records(&unfinished_filter, last, 1_000).await.unwrap()
            && let Some(record) = page.last()
        {
            last = record.id;
            assert!(page.iter().all(|record| record.state == State::Unfinished));
            listed.extend(page.iter().map(|record| record.id));
        }
        assert_eq!(listed, ids);
    };

    check().await;
    let worker = Postgres::builder(&server.url()).connect().await.unwrap();
    let fence = feed(&worker).await;
    let first = worker.unfinished(fence, 0, 1_000).await.unwrap();
    assert_eq!(first.iter().map(|entry| entry.id).collect::<Vec<_>>(), ids[..1_000]);
    check().await;
    assert_eq!(unfinished(&worker, fence).await, ids);
    check().await;
}

#[tokio::test]
async fn with_tls_the_certificate_of_the_server_is_checked() {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let Some(server) = Server::start_with_tls(&own.cert.pem(), &own.signing_key.serialize_pem()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.pem");
    std::fs::write(&file, own.cert.pem()).unwrap();
    for mode in ["require", "verify-ca", "verify-full"] {
        let address = format!("{}?sslmode={mode}", server.url());
        let error = Postgres::connect(&address).await.unwrap_err().to_string();
        assert!(error.contains("certificate"), "a certificate that nobody has signed: {error}");
        let store = Postgres::connect(&format!("{address}&sslrootcert={}", file.display())).await.unwrap();
        assert_eq!(store.stats().await.unwrap().unfinished, 0);
    }
    Postgres::connect(&format!("{}?sslmode=disable", server.url())).await.unwrap();
    let error = Postgres::connect(&format!("{}?sslrootcert=/missing.pem", server.url())).await.unwrap_err().to_string();
    assert!(error.starts_with("the certificates of /missing.pem: "), "{error}");
}
