//! From a callback that is answered to its method, through a journal on disk.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Result, async_trait, group};
use tencent_im_callback_journal::{
    Feed, Journal, JournalBuilder, OnDead, Permanent, RetryAfter,
    store::{Filter, Record, State},
};
use tencent_im_callback_testkit::sample;
use tokio::{
    sync::Barrier,
    time::{sleep, timeout},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// What its method gets: group, text, number of the attempt. It does what the text says.
#[derive(Clone, Default)]
struct App(Arc<Mutex<Vec<(String, String, u32)>>>);

impl App {
    fn seen(&self) -> Vec<(String, String, u32)> {
        self.0.lock().unwrap().clone()
    }

    /// The texts of a group, in the order of their successful attempts.
    fn texts(&self, group: &str) -> Vec<String> {
        self.seen().into_iter().filter(|(of, ..)| of == group).map(|(_, text, _)| text).collect()
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
        let attempt = ctx.attempt().expect("it is called by the journal");
        let text = event.msg_body[0].as_text().unwrap_or_default();
        self.0.lock().unwrap().push((event.group_id, text.clone(), attempt.number));
        match (text.as_str(), attempt.number) {
            ("fail twice", 1 | 2) => Err("it fails".into()),
            ("always fail", _) => Err("it always fails".into()),
            ("permanent", _) => Err(Permanent::new("never").into()),
            ("later", 1) => Err(RetryAfter::new(Duration::from_millis(300), "not now").into()),
            ("panic", 1) => panic!("it panics"),
            ("hang", 1) => std::future::pending().await,
            ("slow", _) => {
                sleep(Duration::from_millis(400)).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn quick() -> JournalBuilder {
    let pauses = Duration::from_millis(10)..=Duration::from_millis(40);
    Journal::builder().backoff(pauses).attempts(4).attempt_time(Duration::from_millis(700))
}

struct Running {
    journal: Journal,
    endpoint: Endpoint,
    app: App,
    feed: Feed,
}

impl Running {
    async fn start(folder: &std::path::Path, builder: JournalBuilder, app: App) -> Self {
        let journal = builder.open(folder).await.unwrap();
        let endpoint = Endpoint::builder(app.clone()).unverified_app(7).journal(&journal).build().unwrap();
        let feed = journal.feed(&endpoint);
        Self { journal, endpoint, app, feed }
    }

    async fn send(&self, group: &str, number: u32, text: &str) -> u16 {
        send(&self.endpoint, group, number, text).await
    }

    async fn records(&self, state: State) -> Vec<Record> {
        let filter = Filter { state: Some(state), ..Filter::default() };
        self.journal.store().records(&filter, 0, 10_000).await.unwrap()
    }

    /// Waits until everything is finished.
    async fn finished(&self) {
        let all_done = async {
            while self.journal.store().stats().await.unwrap().unfinished > 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, all_done).await.expect("everything is finished");
    }
}

async fn send(endpoint: &Endpoint, group: &str, number: u32, text: &str) -> u16 {
    let body = sample::<group::AfterSendMsg>()
        .set("/GroupId", group)
        .set("/MsgSeq", number)
        .set("/MsgBody", serde_json::json!([{ "MsgType": "TIMTextElem", "MsgContent": { "Text": text } }]));
    let uri = "/?SdkAppid=7&CallbackCommand=Group.CallbackAfterSendMsg";
    let request = Request::post(uri).body(Bytes::from(body.body().to_string())).unwrap();
    endpoint.handle(request).await.status().as_u16()
}

#[tokio::test]
async fn every_callback_is_delivered_once_and_in_the_order_of_its_group() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), quick(), App::default()).await;
    for number in 0..30 {
        for group in ["a", "b", "c"] {
            assert_eq!(running.send(group, number, &number.to_string()).await, 200);
        }
    }
    running.finished().await;
    let expected: Vec<_> = (0..30).map(|number| number.to_string()).collect();
    for group in ["a", "b", "c"] {
        assert_eq!(running.app.texts(group), expected, "{group}");
    }
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn a_failure_is_tried_again_and_holds_up_its_group_alone() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), quick(), App::default()).await;
    for (number, text) in (0..).zip(["fail twice", "panic", "hang", "later", "last"]) {
        running.send("a", number, text).await;
    }
    running.send("b", 9, "other").await;
    running.finished().await;
    let expected =
        ["fail twice", "fail twice", "fail twice", "panic", "panic", "hang", "hang", "later", "later", "last"];
    assert_eq!(running.app.texts("a"), expected);
    let seen = running.app.seen();
    let place = |wanted: &str| seen.iter().position(|(_, text, _)| text == wanted).unwrap();
    assert!(place("other") < place("last"), "the other group does not wait: {seen:?}");
    assert_eq!(running.records(State::Done).await.len(), 6);
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn a_method_that_says_when_is_not_called_earlier() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), quick(), App::default()).await;
    let begin = Instant::now();
    running.send("a", 1, "later").await;
    running.finished().await;
    // The longest pause is 40 ms without that.
    assert!(begin.elapsed() >= Duration::from_millis(300), "{:?}", begin.elapsed());
    assert_eq!(running.app.texts("a"), ["later", "later"]);
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn after_the_last_attempt_it_is_a_dead_letter_and_the_group_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), quick(), App::default()).await;
    for (number, text) in (0..).zip(["always fail", "permanent", "last"]) {
        running.send("a", number, text).await;
    }
    running.finished().await;
    assert_eq!(
        running.app.texts("a"),
        ["always fail", "always fail", "always fail", "always fail", "permanent", "last"]
    );
    let dead = running.records(State::Dead).await;
    let errors: Vec<_> = dead.iter().map(|record| (record.attempts, record.error.as_deref().unwrap())).collect();
    assert_eq!(errors, [(4, "it always fails"), (1, "never")]);
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn a_held_key_waits_until_its_dead_letter_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), quick().on_dead(OnDead::HoldKey), App::default()).await;
    for (number, text) in (0..).zip(["permanent", "last"]) {
        running.send("a", number, text).await;
    }
    running.send("b", 5, "other").await;
    let has_other = async {
        while running.app.texts("b").is_empty() || running.records(State::Dead).await.is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, has_other).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(running.app.texts("a"), ["permanent"]);
    running.feed.stop(PATIENCE).await;
    drop((running.journal, running.endpoint));

    // It waits after a restart, too.
    let running = Running::start(folder.path(), quick().on_dead(OnDead::HoldKey), running.app).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(running.app.texts("a"), ["permanent"]);
    let dead: Vec<_> = running.records(State::Dead).await.iter().map(|record| record.id).collect();
    running.journal.store().discard(&dead).await.unwrap();
    running.finished().await;
    assert_eq!(running.app.texts("a"), ["permanent", "last"]);
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn a_finished_callback_that_is_retried_is_delivered_again_while_the_feed_runs() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), quick(), App::default()).await;
    for (number, text) in (0..).zip(["permanent", "done"]) {
        running.send("a", number, text).await;
    }
    running.finished().await;
    let finished = running.records(State::Dead).await.into_iter().chain(running.records(State::Done).await);
    let retried: Vec<_> = finished.map(|record| record.id).collect();
    assert_eq!(running.journal.store().retry(&retried).await.unwrap(), 2);
    running.finished().await;
    assert_eq!(running.app.texts("a"), ["permanent", "done", "permanent", "done"]);
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn what_is_not_done_at_a_stop_is_done_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::default();
    let running = Running::start(folder.path(), quick(), app.clone()).await;
    for number in 0..5 {
        running.send("a", number, "slow").await;
    }
    running.feed.stop(Duration::from_millis(50)).await;
    let before = app.seen().len();
    assert!(before < 5, "{before}");
    // Callbacks are kept while nothing feeds.
    assert_eq!(send(&running.endpoint, "a", 9, "last").await, 200);
    drop((running.journal, running.endpoint));

    let running = Running::start(folder.path(), quick(), app.clone()).await;
    running.finished().await;
    assert_eq!(app.texts("a").last().unwrap(), "last");
    let mut attempts: HashMap<u32, usize> = HashMap::new();
    for (.., number) in app.seen() {
        *attempts.entry(number).or_default() += 1;
    }
    assert_eq!(attempts.into_keys().collect::<Vec<_>>(), [1], "a stop is no failed attempt");
    assert!(running.records(State::Done).await.iter().all(|record| record.suspected == 0), "a stop makes no suspects");
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn a_repetition_is_dropped_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::default();
    let running = Running::start(folder.path(), quick(), app.clone()).await;
    for _ in 0..3 {
        assert_eq!(running.send("a", 1, "once").await, 200);
    }
    running.finished().await;
    running.feed.stop(PATIENCE).await;
    drop((running.journal, running.endpoint));
    let running = Running::start(folder.path(), quick(), app.clone()).await;
    assert_eq!(running.send("a", 1, "once").await, 200);
    running.finished().await;
    assert_eq!(app.texts("a"), ["once"]);
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn one_of_two_processes_feeds_and_the_other_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (App::default(), App::default());
    let one = Running::start(folder.path(), quick(), first.clone()).await;
    one.send("a", 1, "first").await;
    one.finished().await;
    let two = Running::start(folder.path(), quick(), second.clone()).await;
    // Both append, one feeds.
    two.send("a", 2, "second").await;
    one.finished().await;
    assert_eq!((first.texts("a"), second.texts("a").len()), (vec!["first".to_owned(), "second".to_owned()], 0));
    one.feed.stop(PATIENCE).await;
    two.send("a", 3, "third").await;
    two.finished().await;
    assert_eq!(second.texts("a"), ["third"]);
    two.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn commands_that_are_left_out_are_not_kept() {
    struct Direct;

    #[async_trait]
    impl CallbackHandler for Direct {
        async fn group_after_send_msg(&self, ctx: &Context, _: group::AfterSendMsg) -> Result<()> {
            assert!(ctx.attempt().is_none());
            Err("it fails".into())
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let journal = quick().except(["Group.CallbackAfterSendMsg"]).open(folder.path()).await.unwrap();
    let endpoint = Endpoint::builder(Direct).unverified_app(7).journal(&journal).build().unwrap();
    assert_eq!(send(&endpoint, "a", 1, "text").await, 500);
    assert_eq!(journal.store().stats().await.unwrap().unfinished, 0);
}

#[tokio::test]
async fn a_journal_at_its_limit_keeps_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let journal = quick().limit_bytes(1).open(folder.path()).await.unwrap();
    let endpoint = Endpoint::builder(App::default()).unverified_app(7).journal(&journal).build().unwrap();
    assert_eq!(send(&endpoint, "a", 1, "text").await, 500);
    assert_eq!(journal.store().stats().await.unwrap().unfinished, 0);
}

#[tokio::test]
async fn a_backlog_that_does_not_fit_into_memory_is_delivered_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::default();
    let journal = quick().window(1_100).open(folder.path()).await.unwrap();
    let endpoint = Endpoint::builder(app.clone()).unverified_app(7).journal(&journal).build().unwrap();
    for number in 0..1_300 {
        assert_eq!(send(&endpoint, "a", number, &number.to_string()).await, 200);
    }
    for number in 0..90 {
        assert_eq!(send(&endpoint, &format!("b{}", number % 3), number, &number.to_string()).await, 200);
    }
    let feed = journal.feed(&endpoint);
    // Callbacks of the group arrive meanwhile.
    for number in 1_300..1_400 {
        assert_eq!(send(&endpoint, "a", number, &number.to_string()).await, 200);
    }
    let running = Running { journal, endpoint, app, feed };
    running.finished().await;
    let expected: Vec<_> = (0..1_400).map(|number| number.to_string()).collect();
    assert_eq!(running.app.texts("a"), expected);
    for group in 0..3 {
        let expected: Vec<_> = (0..90).filter(|number| number % 3 == group).map(|number| number.to_string()).collect();
        assert_eq!(running.app.texts(&format!("b{group}")), expected);
    }
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn near_its_limit_a_journal_removes_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), quick(), App::default()).await;
    let text = "long ".repeat(4_000);
    for number in 0..100 {
        running.send("a", number, &text).await;
    }
    running.send("a", 100, "permanent").await;
    running.finished().await;
    let bytes = running.journal.store().bytes().await.unwrap();
    running.feed.stop(PATIENCE).await;
    drop((running.journal, running.endpoint));

    let running = Running::start(folder.path(), quick().limit_bytes(bytes / 2), App::default()).await;
    let has_room = async {
        while running.send("b", 1, "text").await != 200 {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, has_room).await.expect("there is room again");
    assert!(running.journal.store().bytes().await.unwrap() < bytes / 2);
    assert_eq!(running.records(State::Dead).await.len(), 1, "a dead letter stays");
    running.feed.stop(PATIENCE).await;
}

#[tokio::test]
async fn methods_of_several_keys_run_at_the_same_time() {
    const KEYS: usize = 16;

    /// A method that ends when those of all keys run.
    struct Together(Barrier);

    #[async_trait]
    impl CallbackHandler for Together {
        async fn group_after_send_msg(&self, _: &Context, _: group::AfterSendMsg) -> Result<()> {
            self.0.wait().await;
            Ok(())
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let journal = quick().at_once(KEYS).attempt_time(PATIENCE).open(folder.path()).await.unwrap();
    let handler = Together(Barrier::new(KEYS));
    let endpoint = Endpoint::builder(handler).unverified_app(7).journal(&journal).build().unwrap();
    let feed = journal.feed(&endpoint);
    for number in (0..).take(KEYS) {
        assert_eq!(send(&endpoint, &format!("group {number}"), number, "text").await, 200);
    }
    let running = Running { journal, endpoint, app: App::default(), feed };
    running.finished().await;
    assert!(running.records(State::Done).await.iter().all(|record| record.attempts == 0));
    running.feed.stop(PATIENCE).await;
}
