//! With a journal every adapter answers as without one, and every *after* callback is delivered once, as it came.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;

use tencent_im_callback::{
    Callback, CallbackHandler, Context, Decision, DecodeError, Endpoint, Phase, Result, UnknownAnswer, async_trait,
};
use tencent_im_callback_journal::Journal;
use tencent_im_callback_testkit::{
    Request,
    conformance::{Adapter, Connection},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::time::timeout;

const APP: u64 = 1_400_000_001;
const TOKEN: &str = "a-token-of-the-console";

/// A callback as its method has seen it: command, query without `Sign`, body.
type Seen = (String, String, Vec<u8>);

/// Notes every *after* callback, and whether a journal has delivered it.
#[derive(Clone, Default)]
struct App(Arc<Mutex<Vec<(Seen, bool)>>>);

impl App {
    fn note(&self, ctx: &Context) {
        let parameters = ["SdkAppid", "ClientIP", "OptPlatform", "via"];
        let query = parameters.map(|name| ctx.parameter(name).unwrap_or_default().into_owned()).join("|");
        let seen = (ctx.command().to_owned(), query, ctx.body().to_vec());
        self.0.lock().unwrap().push((seen, ctx.attempt().is_some()));
    }

    /// How often each callback was seen, with whether a journal has delivered it.
    fn seen(&self) -> BTreeMap<(Seen, bool), usize> {
        let mut counts = BTreeMap::new();
        for seen in self.0.lock().unwrap().iter().cloned() {
            *counts.entry(seen).or_default() += 1;
        }
        counts
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn other_after(&self, ctx: &Context, _: &'static Callback) -> Result<()> {
        self.note(ctx);
        Ok(())
    }

    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        self.note(ctx);
        Ok(UnknownAnswer::acknowledge())
    }

    async fn undecodable(&self, ctx: &Context, _: DecodeError) -> Result<Decision<std::convert::Infallible>> {
        self.note(ctx);
        Ok(Decision::Allow)
    }
}

/// Every sample, a callback that is not known, and one whose body cannot be read.
fn callbacks() -> Vec<(Option<Phase>, Request)> {
    let good = |command: &str, body: String| {
        Request::new(command, body)
            .app_id(APP)
            .token(TOKEN)
            .client_ip("203.0.113.7")
            .platform("iOS")
            .with("via", "a%20b")
    };
    let samples =
        sample::all().map(|(callback, _, body)| (Some(callback.phase), good(callback.command, body.to_owned())));
    let mut all: Vec<_> = samples.collect();
    all.push((None, good("Group.CallbackAfterNeverSeen", r#"{"GroupId":"g"}"#.to_owned())));
    all.push((Some(Phase::After), good("Group.CallbackAfterSendMsg", r#"{"GroupId":"#.to_owned())));
    all
}

/// Sends all callbacks, and requests that are refused before their body is looked at; returns the answers.
async fn answers(adapter: &Adapter, endpoint: &Endpoint) -> Vec<(StatusCode, Bytes)> {
    let server = adapter.start(endpoint.clone()).await;
    let mut connection = Connection::open(server.address()).await.unwrap();
    let mut requests: Vec<_> = callbacks().into_iter().map(|(_, request)| request).collect();
    let good = requests[0].clone();
    requests.extend([
        good.clone().forged(),
        good.clone().unsigned(),
        good.clone().app_id(7),
        good.seconds_from_now(-90),
    ]);
    let mut answers = Vec::new();
    for request in requests {
        let answer = connection.ask(&request).await.unwrap();
        answers.push((answer.status(), answer.body().clone()));
        if connection.closes() {
            connection = Connection::open(server.address()).await.unwrap();
        }
    }
    server.stop().await;
    answers
}

async fn answers_alike(adapter: &Adapter) {
    let (direct, kept) = (App::default(), App::default());
    let without = Endpoint::builder(direct.clone()).app(APP, [TOKEN]).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    // The samples of one event are repetitions of each other.
    let journal = Journal::builder().repetitions(Duration::ZERO).open(folder.path()).await.unwrap();
    let with = Endpoint::builder(kept.clone()).app(APP, [TOKEN]).journal(&journal).build().unwrap();
    let feed = journal.feed(&with);

    let expected = answers(adapter, &without).await;
    assert!(
        expected.iter().filter(|(status, _)| *status == StatusCode::OK).count() >= callbacks().len(),
        "{expected:?}"
    );
    assert_eq!(answers(adapter, &with).await, expected, "{}", adapter.name());
    let all_finished = async {
        while journal.store().stats().await.unwrap().unfinished > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, all_finished).await.expect("every callback is delivered");
    feed.stop(PATIENCE).await;

    let after = callbacks().iter().filter(|(phase, _)| matches!(phase, None | Some(Phase::After))).count();
    assert_eq!(kept.0.lock().unwrap().len(), after, "{}", adapter.name());
    let expected: BTreeMap<_, _> = direct.seen().into_iter().map(|((seen, _), count)| ((seen, true), count)).collect();
    assert_eq!(kept.seen(), expected, "{}", adapter.name());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_adapter_answers_and_delivers_with_a_journal_as_without() {
    for adapter in servers::all() {
        answers_alike(&adapter).await;
    }
}
