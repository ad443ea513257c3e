//! The callbacks that are sent, and what is to be answered.

use std::time::{Duration, SystemTime};

use examples::Entry;
use hyper::StatusCode;
use serde_json::{Value, json};
use tencent_im_callback::{Event, group};
use tencent_im_callback_testkit::{Sample, Signer, sample, samples};

use self::Expected::{Answer, Failure};
use crate::servers::Framework;

pub(crate) const APP_ID: u64 = 1_400_000_001;
pub(crate) const TOKEN: &str = "the demo's token";
/// The word that no topic may have in its name.
pub(crate) const FORBIDDEN: &str = "casino";

/// One callback.
pub(crate) struct Step {
    pub(crate) command: &'static str,
    /// What is special about it.
    pub(crate) case: &'static str,
    pub(crate) body: String,
    pub(crate) app_id: u64,
    pub(crate) signed: Signed,
    pub(crate) expected: Expected,
}

/// How a callback is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Now,
    /// Rightly, but two minutes ago.
    Stale,
    /// With another token.
    Forged,
}

/// What is to be answered.
pub(crate) enum Expected {
    /// Status 200 and this.
    Answer(Value),
    /// This status, and a failure in the vendor's form.
    Failure(StatusCode),
}

/// The life of two topics of one community, of whose members each may create one topic; and three
/// callbacks that are not to be believed. In the end everything is as it was.
pub(crate) fn steps() -> Vec<Step> {
    let ask = sample::<group::BeforeCreateTopic>;
    let ask_forbidden = ask().set("/Name", "Casino night");
    let refuse_forbidden = json!({
        "ActionStatus": "OK",
        "ErrorInfo": format!("the name contains \"{FORBIDDEN}\""),
        "ErrorCode": 10_123,
    });
    let create_first = variant::<group::AfterCreateTopic>("no-custom-fields");
    let destroy_first = variant::<group::AfterTopicDestroyed>("one");
    let create_second = sample::<group::AfterCreateTopic>();
    let disband = variant::<group::AfterGroupDestroyed>("community");
    let unauthenticated = || Failure(StatusCode::UNAUTHORIZED);

    vec![
        step("a first topic", &ask(), answer::<group::BeforeCreateTopic>("allow")),
        step("it is there", &create_first, answer::<group::AfterCreateTopic>("ok")),
        step("one too many", &ask(), answer::<group::BeforeCreateTopic>("refuse")),
        step("a forbidden word", &ask_forbidden, Answer(refuse_forbidden)),
        step("it is gone", &destroy_first, answer::<group::AfterTopicDestroyed>("ok")),
        step("another topic", &create_second, answer::<group::AfterCreateTopic>("ok")),
        step("all are gone", &disband, answer::<group::AfterGroupDestroyed>("ok")),
        step("forged", &ask(), unauthenticated()).signed(Signed::Forged),
        step("two minutes old", &ask(), unauthenticated()).signed(Signed::Stale),
        step("another app's", &ask(), Failure(StatusCode::FORBIDDEN)).of_app(APP_ID + 1),
    ]
}

/// The events that the handler must have received at the end, from every framework.
pub(crate) fn expected_log() -> Vec<Entry> {
    let (first, second) = ("release-notes", "@TOPIC#cW7DMHKGP62CE");
    let id = |topic| format!("@TGS#_@TGS#cN4RXBKGP62CQ@TOPIC#_{topic}");
    let created = |topic, name: &str, creator: &str| Entry::Created {
        topic_id: id(topic),
        name: Some(name.to_owned()),
        creator: Some(creator.to_owned()),
    };
    let destroyed = |topic| Entry::Destroyed { topic_id: id(topic) };
    let by_one = [
        created(first, "Release notes", "acct_1042"),
        destroyed(first),
        created(second, "Lost and found", "ops_console"),
        destroyed(second),
    ];
    by_one.iter().cycle().take(by_one.len() * Framework::ALL.len()).cloned().collect()
}

fn step<E: Event>(case: &'static str, sample: &Sample<E>, expected: Expected) -> Step {
    let body = sample.body().to_string();
    Step { command: E::COMMAND, case, body, app_id: APP_ID, signed: Signed::Now, expected }
}

/// The sample of an event that has something special about it.
fn variant<E: Event>(variant: &str) -> Sample<E> {
    samples().find(|sample| sample.name() == variant).expect("the repository has the sample")
}

/// The answer to an event as a sample shows it.
fn answer<E: Event>(variant: &str) -> Expected {
    let mut answers = sample::answers_to(E::COMMAND);
    let (_, text) = answers.find(|(name, _)| *name == variant).expect("the repository has the answer");
    Answer(serde_json::from_str(text).expect("samples are JSON"))
}

impl Step {
    fn signed(self, signed: Signed) -> Self {
        Self { signed, ..self }
    }

    fn of_app(self, app_id: u64) -> Self {
        Self { app_id, ..self }
    }

    /// The query of the request, signed at this moment.
    pub(crate) fn query(&self) -> String {
        let now = SystemTime::now();
        let (token, at) = match self.signed {
            Signed::Now => (TOKEN, now),
            Signed::Stale => (TOKEN, now - Duration::from_secs(120)),
            Signed::Forged => ("a guess", now),
        };
        format!(
            "SdkAppid={}&CallbackCommand={}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=iOS&{}",
            self.app_id,
            self.command,
            Signer::new(token).query_at(at),
        )
    }
}
