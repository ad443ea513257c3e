//! Faults of the store, of the disk, and of a method that ends its process: nothing is lost.

use std::{
    env,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Entry, Identity, Key, Result, async_trait, group};
use tencent_im_callback_journal::{
    Journal, Sqlite, Store, StoreError,
    store::{Change, Fence, Filter, Record, Share, State, Stats, Unfinished},
};
use tencent_im_callback_testkit::sample;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A store whose next call of one method fails.
#[derive(Clone)]
struct Faulty {
    store: Sqlite,
    fails: &'static str,
    failures: Arc<AtomicU32>,
}

impl Faulty {
    fn check(&self, method: &str) -> Result<(), StoreError> {
        if method == self.fails && self.failures.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(StoreError::failed("the disk is away"));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Faulty {
    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        self.check("append")?;
        self.store.append(entries).await
    }

    async fn acquire(&self, own: Option<Fence>) -> Result<Option<Fence>, StoreError> {
        self.check("acquire")?;
        self.store.acquire(own).await
    }

    async fn renew(&self, fence: Fence) -> Result<Share, StoreError> {
        self.check("renew")?;
        self.store.renew(fence).await
    }

    async fn give_up(&self, fence: Fence, partition: u32) -> Result<(), StoreError> {
        self.store.give_up(fence, partition).await
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        self.check("release")?;
        self.store.release(fence).await
    }

    async fn unfinished(&self, fence: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        self.check("unfinished")?;
        self.store.unfinished(fence, from, max).await
    }

    async fn unfinished_of(
        &self,
        fence: Fence,
        key: &Key,
        from: u64,
        max: usize,
    ) -> Result<Vec<Unfinished>, StoreError> {
        self.check("unfinished_of")?;
        self.store.unfinished_of(fence, key, from, max).await
    }

    async fn entries(&self, ids: &[u64]) -> Result<Vec<(u64, Entry)>, StoreError> {
        self.check("entries")?;
        self.store.entries(ids).await
    }

    async fn settle(&self, fence: Fence, changes: Vec<Change>) -> Result<(), StoreError> {
        let ends = changes.iter().any(|change| matches!(change, Change::Done { .. }));
        self.check(if ends { "settle the end" } else { "settle the start" })?;
        self.store.settle(fence, changes).await
    }

    async fn records(&self, filter: &Filter, after: u64, max: usize) -> Result<Vec<Record>, StoreError> {
        self.store.records(filter, after, max).await
    }

    async fn retry(&self, ids: &[u64]) -> Result<u64, StoreError> {
        self.store.retry(ids).await
    }

    async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError> {
        self.check("take_retried")?;
        self.store.take_retried(fence).await
    }

    async fn discard(&self, ids: &[u64]) -> Result<u64, StoreError> {
        self.store.discard(ids).await
    }

    async fn identities_since(&self, since: SystemTime) -> Result<Vec<Identity>, StoreError> {
        self.check("identities_since")?;
        self.store.identities_since(since).await
    }

    async fn prune(&self, done_before: SystemTime, dead_before: SystemTime) -> Result<u64, StoreError> {
        self.check("prune")?;
        self.store.prune(done_before, dead_before).await
    }

    async fn bytes(&self) -> Result<u64, StoreError> {
        self.check("bytes")?;
        self.store.bytes().await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.store.count(filter).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        self.check("stats")?;
        self.store.stats().await
    }

    async fn appended(&self, time: Duration) {
        self.store.appended(time).await;
    }
}

/// Notes the texts of its messages. One text ends the process.
#[derive(Clone, Default)]
struct App(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&self, _: &Context, event: group::AfterSendMsg) -> Result<()> {
        if event.group_id == "poison" {
            std::process::abort();
        }
        self.0.lock().unwrap().push(event.msg_seq.to_string());
        Ok(())
    }
}

fn endpoint(app: App, journal: &Journal) -> Endpoint {
    Endpoint::builder(app).unverified_app(7).journal(journal).build().unwrap()
}

async fn send(endpoint: &Endpoint, group: &str, number: u32) -> u16 {
    let body = sample::<group::AfterSendMsg>().set("/GroupId", group).set("/MsgSeq", number);
    let uri = "/?SdkAppid=7&CallbackCommand=Group.CallbackAfterSendMsg";
    let request = Request::post(uri).body(Bytes::from(body.body().to_string())).unwrap();
    endpoint.handle(request).await.status().as_u16()
}

async fn finished(store: &dyn Store) {
    let all_done = async {
        while store.stats().await.is_ok_and(|stats| stats.unfinished > 0) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, all_done).await.expect("everything is finished");
}

async fn fails_once_at(fails: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).await.unwrap();
    let faulty = Faulty { store: store.clone(), fails, failures: Arc::default() };
    let journal = match Journal::builder().over(faulty.clone()).await {
        Ok(journal) => journal,
        Err(error) => {
            assert_eq!((fails, error.to_string().as_str()), ("identities_since", "the disk is away"));
            return;
        }
    };
    let app = App::default();
    let endpoint = endpoint(app.clone(), &journal);
    let feed = journal.feed(&endpoint);
    let mut expected = Vec::new();
    for number in 0..10 {
        if send(&endpoint, "a", number).await == 200 {
            expected.push(number.to_string());
        }
    }
    let refuses = usize::from(["append", "bytes"].contains(&fails));
    assert_eq!(expected.len(), 10 - refuses, "{fails}");
    // The fence is renewed each second.
    let has_failed = async {
        while fails != "release" && faulty.failures.load(Ordering::SeqCst) == 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, has_failed).await.unwrap_or_else(|_| panic!("{fails} was not called"));
    finished(&store).await;
    // A method may be called again after a failure of the store, and is called in order then too.
    let mut seen = app.0.lock().unwrap().clone();
    seen.dedup();
    assert_eq!(seen, expected, "{fails}");
    let done = store.records(&Filter { state: Some(State::Done), ..Filter::default() }, 0, 100).await.unwrap();
    assert_eq!(done.len(), expected.len(), "{fails}");
    assert!(done.iter().all(|record| record.attempts == 0 && record.suspected == 0), "{fails}: no attempt has failed");
    feed.stop(PATIENCE).await;
    assert!(faulty.failures.load(Ordering::SeqCst) > 0, "{fails} was not called");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_fails_at_any_call_loses_nothing() {
    let calls = [
        "append",
        "acquire",
        "renew",
        "release",
        "unfinished",
        "entries",
        "settle the start",
        "settle the end",
        "take_retried",
        "identities_since",
        "prune",
        "bytes",
        "stats",
    ];
    let mut tasks: JoinSet<()> = calls.into_iter().map(fails_once_at).collect();
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test]
async fn a_pause_from_before_the_clock_was_set_back_is_no_longer_than_the_longest() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path()).await.unwrap();
    let journal = Journal::builder().backoff(Duration::from_millis(10)..=Duration::from_millis(50));
    let journal = journal.over(store.clone()).await.unwrap();
    let app = App::default();
    let endpoint = endpoint(app.clone(), &journal);
    assert_eq!(send(&endpoint, "a", 1).await, 200);
    let fence = store.acquire(None).await.unwrap().unwrap();
    let due = SystemTime::now() + Duration::from_secs(24 * 60 * 60);
    let id = store.stats().await.unwrap().last_id;
    let failed = Change::Failed { id, attempts: 1, due, error: "it has failed".to_owned() };
    store.settle(fence, vec![failed]).await.unwrap();
    store.release(fence).await.unwrap();
    let feed = journal.feed(&endpoint);
    finished(&store).await;
    assert_eq!(*app.0.lock().unwrap(), ["1"]);
    feed.stop(PATIENCE).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_an_error_of_open() {
    let error = Journal::open("/proc/journal").await.unwrap_err();
    assert!(error.to_string().contains("/proc/journal"), "{error}");
}

/// The process that the test below starts: it feeds until everything is finished.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_feeds() {
    let Ok(folder) = env::var("JOURNAL_OF_THE_CHILD") else { return };
    let journal = Journal::open(folder).await.unwrap();
    let feed = journal.feed(&endpoint(App::default(), &journal));
    finished(journal.store()).await;
    feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn an_entry_that_ends_the_process_each_time_is_a_dead_letter_and_the_others_are_done() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path()).await.unwrap();
    let endpoint = endpoint(App::default(), &journal);
    for number in 0..10 {
        let group = if number == 4 { "poison".to_owned() } else { format!("group {number}") };
        assert_eq!(send(&endpoint, &group, number).await, 200);
    }
    let mut aborts = 0;
    loop {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "child_that_feeds"]).env("JOURNAL_OF_THE_CHILD", folder.path());
        if child.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success() {
            break;
        }
        aborts += 1;
        assert!(aborts < 10, "the entry is given up");
    }
    assert_eq!(aborts, 5);
    let records = journal.store().records(&Filter::default(), 0, 100).await.unwrap();
    for (number, record) in records.iter().enumerate() {
        let expected = if number == 4 { State::Dead } else { State::Done };
        assert_eq!(record.state, expected, "{number}: {record:?}");
    }
    assert_eq!(records[4].error.as_deref(), Some("the process has ended 5 times while the entry was in hand"));
}
