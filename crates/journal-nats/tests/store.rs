//! The store over NATS: what every store promises, and what is special about this one.

use std::time::{Duration, SystemTime};

use engines::nats::{Server, Settings};
use tencent_im_callback::{Entry, Identity, Key};
use tencent_im_callback_journal::{
    Store, StoreError,
    store::{Change, Fence, Filter, State},
    suite,
};
use tencent_im_callback_journal_nats::Nats;

fn entry(number: usize) -> Entry {
    Entry::new(7, "Group.CallbackAfterSendMsg", "SdkAppid=7", number.to_string(), SystemTime::now())
        .with_key(Some(Key::new(format!("7|group {}", number % 10))))
}

/// The address of a journal, with a durability that the server has.
fn url(server: &Server, name: &str) -> String {
    let durability = if server.syncs() { "sync=always" } else { "loss=accepted" };
    format!("{}/{name}?{durability}", server.url())
}

async fn connect(server: &Server, name: &str) -> Nats {
    Nats::connect(url(server, name)).await.unwrap()
}

/// Begins to feed from everything that is free.
async fn feed(store: &Nats) -> Fence {
    let fence = store.acquire(None).await.unwrap().unwrap();
    store.renew(fence).await.unwrap();
    fence
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_store() {
    let Some(server) = Server::start() else { return };
    suite::check(&connect(&server, "many").await).await;
    let one = Nats::builder(url(&server, "one")).partitions(1).connect().await.unwrap();
    suite::check(&one).await;
}

#[tokio::test]
async fn two_processes_can_have_one_journal() {
    let Some(server) = Server::start() else { return };
    suite::check_two(Box::new(connect(&server, "many").await), &connect(&server, "many").await).await;
    let url = url(&server, "one") + "&partitions=1";
    let (one, other) = (Nats::connect(&url).await.unwrap(), Nats::connect(&url).await.unwrap());
    suite::check_two(Box::new(one), &other).await;
}

#[tokio::test]
async fn a_repetition_has_the_id_of_the_first() {
    let Some(server) = Server::start() else { return };
    let (one, other) = (connect(&server, "j").await, connect(&server, "j").await);
    let identified = |number| entry(number).with_identity(Some(Identity::new(format!("7|{number}|a b\r\n%"))));
    let ids = one.append(vec![identified(1), identified(2), entry(3), entry(3)]).await.unwrap();
    let again = other.append(vec![identified(2), identified(4), identified(1)]).await.unwrap();
    assert_eq!((again[0], again[2]), (ids[1], ids[0]));
    assert_eq!(one.stats().await.unwrap().unfinished, 5, "entries without an identity are never repetitions");
    let identities = one.identities_since(SystemTime::now() - Duration::from_secs(60)).await.unwrap();
    assert_eq!(identities.len(), 3);
    assert_eq!(one.identities_since(SystemTime::now() + Duration::from_secs(60)).await.unwrap(), []);
}

#[tokio::test]
async fn a_stream_that_could_lose_entries_is_refused() {
    let Some(server) = Settings::default().syncs_later().start() else { return };
    let address = |rest: &str| format!("{}/{rest}", server.url());
    let error = Nats::connect(address("j")).await.unwrap_err().to_string();
    assert!(error.contains("sync_interval: always") && error.contains("loss=accepted"), "{error}");
    let error = Nats::connect_existing(address("j?loss=accepted")).await.unwrap_err().to_string();
    assert!(error.contains("there is no journal"), "{error}");
    let store = Nats::connect(address("j?loss=accepted")).await.unwrap();
    store.append(vec![entry(1)]).await.unwrap();
    // It exists now, and is refused all the same.
    let error = Nats::connect_existing(address("j")).await.unwrap_err().to_string();
    assert!(error.contains("sync_interval: always"), "{error}");
    let store = Nats::connect_existing(address("j?loss=accepted&partitions=3")).await.unwrap();
    assert_eq!(store.partitions(), 16, "a journal keeps its partitions");
}

#[tokio::test]
async fn a_login_is_asked_for_and_in_no_text() {
    let login = "authorization { user: me, password: \"p@ss word\" }";
    let Some(server) = Settings::default().config(login).start() else { return };
    let host = server.address();
    let store = Nats::connect(format!("nats://me:p%40ss%20word@{host}/j?loss=accepted")).await.unwrap();
    store.append(vec![entry(1)]).await.unwrap();
    let error = Nats::connect(format!("nats://me:wrong@{host}/j?loss=accepted")).await.unwrap_err();
    let texts = format!("{store:?} {error} {error:?}");
    assert!(!texts.contains("wrong") && !texts.contains("p@ss") && !texts.contains("p%40ss"), "{texts}");
}

#[tokio::test]
async fn two_owners_at_once_are_fenced() {
    let Some(server) = Server::start() else { return };
    let url = url(&server, "j") + "&partitions=1";
    let (hangs, other) = (Nats::connect(&url).await.unwrap(), Nats::connect(&url).await.unwrap());
    let ids = hangs.append(vec![entry(1), entry(11)]).await.unwrap();
    let first = feed(&hangs).await;
    hangs.settle(first, vec![Change::Started { id: ids[0] }]).await.unwrap();
    // It hangs, and does not write its key.
    let mut second = None;
    for _ in 0..300 {
        second = other.acquire(None).await.unwrap();
        if second.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let second = second.unwrap();
    assert_eq!(other.renew(second).await.unwrap().partitions, [0]);
    let settled = hangs.settle(first, vec![Change::Done { id: ids[0] }]).await;
    assert!(matches!(settled, Err(StoreError::Fenced)), "{settled:?}");
    let unfinished = other.unfinished(second, 0, 10).await.unwrap();
    assert_eq!(
        unfinished.iter().map(|entry| (entry.id, entry.suspected)).collect::<Vec<_>>(),
        [(ids[0], 1), (ids[1], 0)]
    );
    assert!(matches!(hangs.renew(first).await, Err(StoreError::Fenced)));
}

#[tokio::test]
async fn a_full_stream_is_reported_and_is_read_on() {
    let Some(server) = Server::start() else { return };
    let store = Nats::connect(url(&server, "j") + "&max_bytes=20000").await.unwrap();
    let mut ids = Vec::new();
    let error = loop {
        match store.append(vec![entry(ids.len())]).await {
            Ok(appended) => ids.extend(appended),
            Err(error) => break error,
        }
        assert!(ids.len() < 1_000, "it is full some time");
    };
    assert!(matches!(error, StoreError::Full { bytes } if bytes > 10_000), "{error:?}");
    let fence = feed(&store).await;
    let unfinished = store.unfinished(fence, 0, 1_000).await.unwrap();
    assert_eq!(unfinished.iter().map(|entry| entry.id).collect::<Vec<_>>(), ids);
    assert_eq!(store.entries(&ids).await.unwrap().len(), ids.len());
    store.settle(fence, ids.iter().map(|id| Change::Done { id: *id }).collect()).await.unwrap();
    let now = SystemTime::now() + Duration::from_secs(1);
    assert_eq!(store.prune(now, now).await.unwrap(), ids.len() as u64);
    store.append(vec![entry(1)]).await.unwrap();
}

#[tokio::test]
async fn messages_of_other_programs_are_left_out() {
    let Some(server) = Server::start() else { return };
    let store = connect(&server, "j").await;
    let client = async_nats::connect(server.url()).await.unwrap();
    let context = async_nats::jetstream::new(client);
    for subject in ["j.entry.0.x", "j.entry.99.x", "j.entry.x.y", "j.dead.x.y.z", "j.progress.1"] {
        context.publish(subject, "no entry".into()).await.unwrap().await.unwrap();
    }
    let ids = store.append(vec![entry(1)]).await.unwrap();
    let fence = feed(&store).await;
    let all: Vec<_> = store.unfinished(fence, 0, 10).await.unwrap().iter().map(|entry| entry.id).collect();
    assert_eq!(all, [1, ids[0]], "what is in a partition is known to be no entry when it is read");
    assert_eq!(store.entries(&all).await.unwrap().len(), 1);
    store.settle(fence, vec![Change::Done { id: ids[0] }]).await.unwrap();
    assert_eq!(store.unfinished(fence, 0, 10).await.unwrap(), []);
    assert_eq!(store.records(&Filter::default(), 0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_dead_letter_outlives_its_entry_and_can_be_retried() {
    let Some(server) = Server::start() else { return };
    let (store, tool) = (connect(&server, "j").await, connect(&server, "j").await);
    let ids = store.append(vec![entry(1), entry(2), entry(3)]).await.unwrap();
    let fence = feed(&store).await;
    store.unfinished(fence, 0, 10).await.unwrap();
    let dead = |id| Change::Dead { id, attempts: 2, error: "no".to_owned() };
    store.settle(fence, vec![dead(ids[0]), Change::Done { id: ids[1] }, dead(ids[2])]).await.unwrap();
    let now = SystemTime::now() + Duration::from_secs(1);
    assert_eq!(store.prune(now, SystemTime::UNIX_EPOCH).await.unwrap(), 3);
    let filter = Filter { state: Some(State::Dead), ..Filter::default() };
    let records = tool.records(&filter, 0, 10).await.unwrap();
    assert_eq!(records.iter().map(|record| record.id).collect::<Vec<_>>(), [ids[0], ids[2]]);
    assert_eq!((records[0].attempts, records[0].error.as_deref()), (2, Some("no")));
    assert_eq!(tool.records(&Filter::default(), ids[0], 10).await.unwrap().len(), 1);
    assert_eq!((tool.retry(&ids).await.unwrap(), tool.retry(&ids).await.unwrap()), (2, 0));
    assert_eq!(store.take_retried(fence).await.unwrap().len(), 2);
    assert_eq!(tool.count(&filter).await.unwrap(), 0);
    let entries = store.entries(&ids).await.unwrap();
    assert_eq!(entries.len(), 2, "they are read from the dead letters");
    store.settle(fence, vec![Change::Done { id: ids[0] }, dead(ids[2])]).await.unwrap();
    let records = tool.records(&filter, 0, 10).await.unwrap();
    assert_eq!(records.iter().map(|record| record.id).collect::<Vec<_>>(), [ids[2]]);
    assert_eq!(store.stats().await.unwrap().dead, 1);
    assert_eq!(tool.discard(&ids).await.unwrap(), 1);
    assert_eq!(tool.count(&Filter::default()).await.unwrap(), 0);
}

#[tokio::test]
async fn what_is_listed_is_the_same_after_a_takeover() {
    let Some(server) = Server::start() else { return };
    let url = url(&server, "j") + "&partitions=1";
    let store = Nats::connect(&url).await.unwrap();
    let ids = store.append((0..40).map(entry).collect()).await.unwrap();
    let fence = feed(&store).await;
    store.unfinished(fence, 0, 100).await.unwrap();
    let due = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    for attempts in 1..=1_200 {
        let failed = Change::Failed { id: ids[attempts as usize % 20], attempts, due, error: attempts.to_string() };
        let done = ids.get(20 + attempts as usize / 100).map(|id| Change::Done { id: *id });
        store.settle(fence, [failed].into_iter().chain(done).collect()).await.unwrap();
    }
    let before = store.unfinished(fence, 0, 100).await.unwrap();
    assert_eq!((before.len(), before[19].attempts), (27, 1_199));
    store.release(fence).await.unwrap();
    let other = Nats::connect(&url).await.unwrap();
    let fence = feed(&other).await;
    assert_eq!(other.unfinished(fence, 0, 100).await.unwrap(), before);
    assert_eq!(other.unfinished_of(fence, &Key::new("7|group 3"), ids[10], 100).await.unwrap().len(), 2);
}
