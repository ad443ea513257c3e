//! The store over NATS when the server or the network fails.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use engines::{Proxy, nats::Server};
use tencent_im_callback::{Entry, Identity, Key};
use tencent_im_callback_journal::{
    Store,
    store::{Change, Fence, Filter},
};
use tencent_im_callback_journal_nats::Nats;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

/// Against hanging only.
const LONG: Duration = Duration::from_secs(60);

/// An append is answered within this time: the endpoint has 1.7 seconds. It is generous, because machines are busy.
const APPEND: Duration = Duration::from_secs(10);

fn entry(key: usize, number: u64) -> Entry {
    Entry::new(7, "Group.CallbackAfterSendMsg", "SdkAppid=7", number.to_string(), SystemTime::now())
        .with_key(Some(Key::new(format!("7|group {key}"))))
        .with_identity(Some(Identity::new(format!("7|{key}|{number}"))))
}

fn url(server: &Server, host: std::net::SocketAddr) -> String {
    let durability = if server.syncs() { "sync=always" } else { "loss=accepted" };
    format!("nats://{host}/j?{durability}&partitions=4")
}

async fn feed(store: &Nats) -> Fence {
    let fence = store.acquire(None).await.unwrap().unwrap();
    store.renew(fence).await.unwrap();
    fence
}

/// Appends until it succeeds.
async fn append(store: &Nats, entry: &Entry) -> u64 {
    let appended = async {
        loop {
            match timeout(APPEND, store.append(vec![entry.clone()])).await.expect("an append ends in time") {
                Ok(ids) => return ids[0],
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    };
    timeout(LONG, appended).await.expect("appends succeed when the server is back")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_the_server_was_killed_and_in_order() {
    let Some(mut server) = Server::start() else { return };
    let store = Nats::connect(url(&server, server.address())).await.unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for key in 0..8 {
        let (store, is_over) = (store.clone(), Arc::clone(&is_over));
        tasks.spawn(async move {
            let mut ids = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                ids.push(append(&store, &entry(key, ids.len() as u64)).await);
            }
            (key, ids)
        });
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(700)).await;
        server.kill_9();
        sleep(Duration::from_millis(200)).await;
        server.restart();
    }
    sleep(Duration::from_millis(700)).await;
    is_over.store(true, Ordering::Relaxed);
    let appended = timeout(LONG, tasks.join_all()).await.unwrap();
    let fence = feed(&store).await;
    for (key, ids) in appended {
        assert!(ids.len() > 3 && ids.is_sorted_by(|one, next| one < next), "{key}: {ids:?}");
        let filter = Filter { key: Some(Key::new(format!("7|group {key}"))), ..Filter::default() };
        let records = store.records(&filter, 0, usize::MAX).await.unwrap();
        let bodies: Vec<_> =
            records.iter().map(|record| String::from_utf8_lossy(&record.entry.body).into_owned()).collect();
        let expected: Vec<_> = (0..ids.len()).map(|number| number.to_string()).collect();
        assert_eq!(bodies, expected, "each is there once, in its order");
        let known = store.unfinished_of(fence, &Key::new(format!("7|group {key}")), 0, usize::MAX).await.unwrap();
        assert!(known.iter().all(|entry| ids.contains(&entry.id)));
    }
}

#[tokio::test]
async fn an_append_fails_in_time_when_the_network_is_cut_and_recovers() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::start(server.address()).await;
    let store = Nats::connect(url(&server, proxy.address())).await.unwrap();
    append(&store, &entry(1, 0)).await;

    // Nothing arrives, and no connection is closed.
    proxy.stop();
    for number in 1..4 {
        let started_at = Instant::now();
        let result = timeout(APPEND, store.append(vec![entry(1, number)])).await.expect("it ends in time");
        assert!(result.is_err(), "{result:?} after {:?}", started_at.elapsed());
    }
    proxy.go_on();
    for number in 1..4 {
        append(&store, &entry(1, number)).await;
    }

    proxy.reset();
    append(&store, &entry(1, 4)).await;
    proxy.delay(Duration::from_millis(50));
    append(&store, &entry(1, 5)).await;
    proxy.delay(Duration::from_secs(30));
    let result = timeout(APPEND, store.append(vec![entry(1, 6)])).await.expect("it ends in time");
    assert!(result.is_err(), "{result:?}");
    proxy.delay(Duration::ZERO);
    proxy.reset();
    append(&store, &entry(1, 6)).await;

    // What was answered late was appended once all the same.
    let records = store.records(&Filter::default(), 0, 100).await.unwrap();
    let bodies: Vec<_> =
        records.iter().map(|record| String::from_utf8_lossy(&record.entry.body).into_owned()).collect();
    let mut sorted = bodies.clone();
    sorted.sort();
    assert_eq!(sorted, ["0", "1", "2", "3", "4", "5", "6"], "{bodies:?}");
}

#[tokio::test]
async fn feeding_goes_on_after_the_server_was_killed() {
    let Some(mut server) = Server::start() else { return };
    let store = Nats::connect(url(&server, server.address())).await.unwrap();
    let ids = store.append((0..20).map(|number| entry(1, number)).collect()).await.unwrap();
    let fence = feed(&store).await;
    assert_eq!(store.unfinished(fence, 0, 100).await.unwrap().len(), 20);
    store.settle(fence, vec![Change::Done { id: ids[0] }, Change::Started { id: ids[1] }]).await.unwrap();
    server.kill_9();
    let settled = timeout(LONG, store.settle(fence, vec![Change::Done { id: ids[1] }])).await.unwrap();
    assert!(settled.is_err(), "{settled:?}");
    server.restart();
    // As the feed does after an error: it begins again, and it is no end of the process.
    let mut own = fence;
    let unfinished = async {
        loop {
            if let Ok(Some(fence)) = store.acquire(Some(own)).await {
                own = fence;
                if store.renew(fence).await.is_ok_and(|share| share.partitions.len() == 4)
                    && let Ok(unfinished) = store.unfinished(fence, 0, 100).await
                {
                    return unfinished;
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    let unfinished = timeout(LONG, unfinished).await.expect("it goes on");
    assert_eq!(unfinished.iter().map(|entry| entry.id).collect::<Vec<_>>(), ids[1..]);
    assert!(unfinished.iter().all(|entry| entry.suspected == 0));
}
