//! Faults are reported in many places, and none of them shows a token, a signature or what people
//! wrote to each other.
//!
//! Everything that the library says is caught: log lines and span fields down to TRACE, metrics, reports to
//! the observer, errors, `Debug` of what a handler is given, and every byte that is answered.

use std::{
    convert::Infallible,
    fmt::Debug,
    sync::{Arc, Mutex, Once},
    time::{Duration, UNIX_EPOCH},
};

use http::Method;
use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit};
use serde_json::{Value, json};
use tencent_im_callback::{
    C2cCode, CallbackHandler, Context, Decision, DecodeError, Endpoint, Event, GroupCode, MessageDecision, Observer,
    Outcome, Replacement, Report, Result, UnknownAnswer, async_trait, c2c, each_callback, group, message::Element,
};
use tencent_im_callback_journal::{Journal, store::Filter};
use tencent_im_callback_testkit::{
    FixedClock, Request, Signer,
    conformance::{Adapter, Connection},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::time::timeout;
use tracing::{
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{Layer, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The words of a user, with characters that could confuse a reader of errors.
const TEXT: &str = "meet me at line 7: string \"unheard-of\", expected at noon";
/// The part of it that would give it away.
const GIVEAWAY: &str = "unheard-of";

/// What the handler fails and panics with.
const FIXED: &str = "a fixed text of the app's";

const APP: u64 = 1_400_000_001;
const TOKEN: &str = "a-token-that-is-new";
const PREVIOUS_TOKEN: &str = "a-token-that-was";
const OTHER_APP: u64 = 1_400_000_002;
const OTHER_TOKEN: &str = "a-token-of-another";

/// Everything that was said.
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn say(what: String) {
    SAID.lock().unwrap().push(what);
}

/// Catches all values of spans and events.
struct Log;

struct Values<'a>(&'a str);

impl Visit for Values<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        say(format!("{} {field}={value:?}", self.0));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        say(format!("{} {field}={value}", self.0));
    }
}

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        _: &span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        attributes.record(&mut Values("span"));
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        values.record(&mut Values("record"));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        event.record(&mut Values("event"));
    }
}

/// Catches names, labels and values of metrics.
struct Meter;

struct Named(Key);

impl CounterFn for Named {
    fn increment(&self, value: u64) {
        say(format!("metric {} {value}", self.0));
    }

    fn absolute(&self, value: u64) {
        CounterFn::increment(self, value);
    }
}

impl GaugeFn for Named {
    fn increment(&self, value: f64) {
        say(format!("metric {} {value}", self.0));
    }

    fn decrement(&self, value: f64) {
        GaugeFn::increment(self, value);
    }

    fn set(&self, value: f64) {
        GaugeFn::increment(self, value);
    }
}

impl HistogramFn for Named {
    fn record(&self, value: f64) {
        GaugeFn::increment(self, value);
    }
}

impl metrics::Recorder for Meter {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Named(key.clone())))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(Named(key.clone())))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Named(key.clone())))
    }
}

fn catch_all() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::registry().with(Log).init();
        metrics::set_global_recorder(Meter).unwrap();
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // What a panic of the app's says is the app's.
            if panic.payload().downcast_ref::<&str>() != Some(&FIXED) {
                print(panic);
            }
        }));
    });
}

/// A handler that logs all that it is given, and does as the query's `do` tells it.
struct Indiscreet;

impl Indiscreet {
    async fn told(&self, ctx: &Context, what: &(dyn Debug + Sync)) -> Result<()> {
        say(format!("handler {ctx:?} {:?}", ctx.dropped_fields()));
        match ctx.parameter("do").as_deref() {
            // Not always: a text in the place of an id is an id.
            Some("show") => {
                say(format!("handler {what:?}"));
                Ok(())
            }
            Some("fail") => Err(FIXED.into()),
            Some("panic") => std::panic::panic_any(FIXED),
            Some("late") => {
                tokio::time::sleep(LATE).await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl CallbackHandler for Indiscreet {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        self.told(ctx, &event.operator_account).await?;
        Ok(Decision::Refuse)
    }

    async fn c2c_before_send_msg(&self, ctx: &Context, event: c2c::BeforeSendMsg) -> Result<MessageDecision<C2cCode>> {
        self.told(ctx, &event).await?;
        Ok(MessageDecision::Discard)
    }

    async fn c2c_after_send_msg(&self, ctx: &Context, event: c2c::AfterSendMsg) -> Result<()> {
        self.told(ctx, &event).await
    }

    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        self.told(ctx, &"unknown").await?;
        Ok(UnknownAnswer::acknowledge())
    }

    async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        say(format!("handler {error} {error:?}"));
        self.told(ctx, &error).await?;
        Err(error.into())
    }
}

/// Writes every line of the log.
struct Gossip(Arc<Mutex<Vec<Outcome>>>);

impl Observer for Gossip {
    fn request_finished(&self, report: &Report) {
        say(format!("observer {report:?}"));
        self.0.lock().unwrap().push(report.outcome);
    }

    fn method_finished(&self, report: &Report, late_by: Duration) {
        say(format!("observer {report:?} {late_by:?}"));
    }
}

const DEADLINE: Duration = Duration::from_millis(300);
/// Longer than that.
const LATE: Duration = Duration::from_millis(450);

/// A body with `TEXT` in every place where people's words are.
fn message(command: &str) -> Value {
    json!({
        "CallbackCommand": command,
        "From_Account": "jared",
        "To_Account": "Johnh",
        "MsgKey": "48374_2_1",
        "MsgSeq": 7,
        "MsgBody": [
            { "MsgType": "TIMTextElem", "MsgContent": { "Text": TEXT } },
            { "MsgType": "TIMCustomElem", "MsgContent": { "Data": TEXT, "Desc": TEXT, "Ext": TEXT } },
        ],
        "CloudCustomData": TEXT,
    })
}

/// The JSON pointers to everything in a value, itself included.
fn pointers(value: &Value, pointer: &str, all: &mut Vec<String>) {
    all.push(pointer.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| pointers(value, &format!("{pointer}/{key}"), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &format!("{pointer}/{index}"), all));
        }
        _ => {}
    }
}

/// Bodies with `TEXT` in the place of anything, in every wrong shape, and cut off.
fn odd_bodies(body: &Value) -> Vec<String> {
    let mut all = Vec::new();
    pointers(body, "", &mut all);
    let shapes = [json!(TEXT), json!([TEXT]), json!({ TEXT: TEXT }), json!([[{ "Text": TEXT }], TEXT, 1.5, null])];
    let mut bodies = Vec::new();
    for pointer in all {
        for shape in &shapes {
            let mut odd = body.clone();
            *odd.pointer_mut(&pointer).unwrap() = shape.clone();
            bodies.push(odd.to_string());
        }
    }
    let text = body.to_string();
    for part in [4, 3, 2] {
        bodies.push(text[..text.len() * (part - 1) / part].to_owned());
    }
    bodies.push(format!("{text}{TEXT}"));
    bodies.push(text.replace("meet", "\\ud800"));
    bodies.push(text.replace("meet", "me\net"));
    bodies
}

/// A callback as the vendor sends it, signed now.
fn callback(command: &str, body: String) -> Request {
    Request::new(command, body).app_id(APP).token(TOKEN).at(FixedClock::new().now())
}

/// Requests of all kinds that go wrong before their body is looked at.
fn refused(good: &Request) -> Vec<Request> {
    let clock = FixedClock::new().now();
    let now = clock.duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
    let own = Signer::new(TOKEN).sign(&now);
    let percent = own.chars().fold(String::new(), |text, digit| format!("{text}%{:02x}", u32::from(digit)));
    vec![
        good.clone().method(Method::PUT),
        good.clone().forged(),
        good.clone().unsigned(),
        good.clone().without("Sign"),
        good.clone().without("RequestTime"),
        good.clone().seconds_from_now(-61),
        good.clone().seconds_from_now(61),
        good.clone().request_time(format!("{now}000")),
        good.clone().request_time(format!("-{now}")),
        good.clone().token(OTHER_TOKEN),
        good.clone().set("Sign", own[..63].to_owned()),
        good.clone().set("Sign", format!("{own}00")),
        good.clone().set("Sign", own.replace('0', "x")),
        good.clone().set("Sign", TOKEN),
        good.clone().set("Sign", own.to_uppercase()).set("RequestTime", "0"),
        good.clone().set("Sign", percent.clone()).set("RequestTime", "0"),
        good.clone().set("Sign", format!("{percent}%zz")),
        good.clone().with("Sign", own.clone()),
        good.clone().with("SIGN", own.clone()),
        good.clone().with("sdkappid", APP.to_string()),
        good.clone().set("SdkAppid", "1400000009"),
        good.clone().set("SdkAppid", OTHER_APP.to_string()),
        good.clone().without("SdkAppid"),
        good.clone().without("SdkAppid").forged(),
        good.clone().query(""),
        good.clone().padded(LIMIT + 1),
        good.clone().padded(LIMIT + 1).chunked(999),
        good.clone().forged().padded(LIMIT + 1),
    ]
}

const LIMIT: usize = 8_000;

async fn play(adapter: &Adapter) -> Vec<Outcome> {
    let outcomes = Arc::default();
    let endpoint = Endpoint::builder(Indiscreet)
        .app(APP, [TOKEN, PREVIOUS_TOKEN])
        .app(OTHER_APP, [OTHER_TOKEN])
        .clock(FixedClock::new().reader())
        .deadline(DEADLINE)
        .body_limit(LIMIT)
        .in_flight_limit(1)
        .observer(Gossip(Arc::clone(&outcomes)))
        .build()
        .unwrap();
    let server = adapter.start(endpoint.clone()).await;
    let mut connection = Connection::open(server.address()).await.unwrap();

    let commands = ["C2C.CallbackBeforeSendMsg", "C2C.CallbackAfterSendMsg", "Group.CallbackAfterSendMsg"];
    let mut requests = Vec::new();
    for command in commands {
        let good = callback(command, message(command).to_string());
        requests.extend(refused(&good));
        requests.extend(odd_bodies(&message(command)).into_iter().map(|body| good.clone().body(body)));
        requests.extend(["show", "fail", "panic", "late"].map(|order| good.clone().with("do", order)));
        requests.push(good);
    }
    // Another command in the body than in the query, unknown ones, and the console's check.
    let good = callback("X.Y", json!({ "Text": TEXT }).to_string());
    requests.extend([
        good.clone(),
        good.clone().with("do", "fail"),
        good.clone().with("do", "panic"),
        good.clone().without("SdkAppid").without("CallbackCommand"),
        good.body(message(commands[0]).to_string()),
        callback(commands[1], message(commands[0]).to_string()),
    ]);
    for request in requests {
        // A late method keeps its place.
        until_in_flight(&endpoint, 0).await;
        let answer = connection.ask(&request).await.unwrap();
        say(format!("answer {} {:?} {}", answer.status(), answer.headers(), String::from_utf8_lossy(answer.body())));
        if connection.closes() {
            connection = Connection::open(server.address()).await.unwrap();
        }
    }
    // A client that disconnects, one whose body is too slow, one too many, and one that breaks off.
    let waiting = callback(commands[0], message(commands[0]).to_string()).with("do", "late");
    let bytes = waiting.to_wire("localhost");
    let head = bytes.strip_suffix(&waiting.content()[..]).unwrap();
    let mut gone = Connection::open(server.address()).await.unwrap();
    gone.send(&bytes).await.unwrap();
    until_in_flight(&endpoint, 1).await;
    let mut one_too_many = Connection::open(server.address()).await.unwrap();
    let overloaded = one_too_many.ask(&waiting).await.unwrap();
    gone.reset().unwrap();
    until_in_flight(&endpoint, 0).await;
    let mut slow = Connection::open(server.address()).await.unwrap();
    slow.send(head).await.unwrap();
    for answer in [overloaded, slow.answer().await.unwrap()] {
        say(format!("answer {} {}", answer.status(), String::from_utf8_lossy(answer.body())));
    }
    let mut broken = Connection::open(server.address()).await.unwrap();
    broken.send(head).await.unwrap();
    until_in_flight(&endpoint, 1).await;
    broken.reset().unwrap();
    until_in_flight(&endpoint, 0).await;
    say(format!("endpoint {endpoint:?}"));
    server.stop().await;
    std::mem::take(&mut *outcomes.lock().unwrap())
}

/// *After* callbacks that a journal keeps, with methods that fail in every way.
async fn play_with_journal(adapter: &Adapter) -> Vec<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::builder().attempts(2).attempt_time(DEADLINE);
    let journal =
        journal.backoff(Duration::from_millis(1)..=Duration::from_millis(2)).open(folder.path()).await.unwrap();
    let outcomes = Arc::default();
    let endpoint = Endpoint::builder(Indiscreet)
        .app(APP, [TOKEN])
        .clock(FixedClock::new().reader())
        .observer(Gossip(Arc::clone(&outcomes)))
        .journal(&journal)
        .build()
        .unwrap();
    let feed = journal.feed(&endpoint);
    let server = adapter.start(endpoint.clone()).await;
    let mut connection = Connection::open(server.address()).await.unwrap();
    for command in ["C2C.CallbackAfterSendMsg", "Group.CallbackAfterSendMsg"] {
        let good = callback(command, message(command).to_string());
        let mut requests: Vec<_> =
            ["show", "fail", "panic", "late"].map(|order| good.clone().with("do", order)).into_iter().collect();
        requests.extend(odd_bodies(&message(command)).into_iter().step_by(7).map(|body| good.clone().body(body)));
        for request in requests {
            let answer = connection.ask(&request).await.unwrap();
            say(format!("answer {} {}", answer.status(), String::from_utf8_lossy(answer.body())));
        }
    }
    let all_finished = async {
        while journal.store().stats().await.unwrap().unfinished > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, all_finished).await.expect("every callback is done or a dead letter");
    feed.stop(PATIENCE).await;
    server.stop().await;
    say(format!("endpoint {endpoint:?} {journal:?}"));
    // The bodies are kept, as they have to be. What proves that a request is the service's is not.
    let records = journal.store().records(&Filter::default(), 0, 10_000).await.unwrap();
    assert!(!records.is_empty());
    for record in records {
        let kept = record.entry.query;
        assert!(!kept.to_lowercase().contains("sign") && Signer::find(&kept).is_none(), "{kept}");
        say(format!("endpoint {:?}", record.error));
    }
    std::mem::take(&mut *outcomes.lock().unwrap())
}

async fn until_in_flight(endpoint: &Endpoint, callbacks: usize) {
    let wait = async {
        while endpoint.in_flight() != callbacks {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{} are in flight", endpoint.in_flight()));
}

/// Checks all that was said by now.
fn check() {
    let said = SAID.lock().unwrap().clone();
    for what in &said {
        for secret in [TOKEN, PREVIOUS_TOKEN, OTHER_TOKEN, GIVEAWAY] {
            assert!(!what.contains(secret), "`{secret}` is in: {what}");
        }
        assert_eq!(Signer::find(what), None, "something like a signature");
        assert!(!what.contains("%62%"), "a signature in another coding: {what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_said_on_any_adapter_whatever_goes_wrong() {
    catch_all();
    for adapter in servers::all() {
        let mut outcomes = play(&adapter).await;
        outcomes.extend(play_with_journal(&adapter).await);
        for outcome in Outcome::ALL {
            // What a handler decides in good order is not what this is about.
            let is_decided = matches!(outcome, Outcome::Allow | Outcome::Refuse | Outcome::Partial | Outcome::Modify);
            let is_framework = matches!(outcome, Outcome::Incomplete);
            let was_there = outcomes.contains(outcome);
            assert!(was_there || is_decided || is_framework, "nothing ended as {outcome} on {}", adapter.name());
        }
        check();
    }
    let said = SAID.lock().unwrap().clone();
    for origin in ["span", "record", "event", "metric", "handler", "observer", "answer", "endpoint"] {
        assert!(said.iter().any(|what| what.starts_with(origin)), "nothing was caught of: {origin}");
    }
}

/// Fields that hold what people wrote.
const WORDS: [&str; 7] =
    ["MsgContent", "CloudCustomData", "TextContent", "CtxcbKeywords", "ApplyMsg", "AddWording", "FileUrl"];

/// Puts `TEXT` into all texts inside fields that hold what people wrote. Gives back whether there are any.
fn write_words(value: &mut Value, are_words: bool) -> bool {
    match value {
        Value::String(text) if are_words => {
            TEXT.clone_into(text);
            true
        }
        Value::Object(fields) => fields
            .iter_mut()
            .fold(false, |any, (key, value)| write_words(value, are_words || WORDS.contains(&key.as_str())) || any),
        Value::Array(items) => items.iter_mut().map(|item| write_words(item, are_words)).max().unwrap_or_default(),
        _ => false,
    }
}

fn shown<E: Event>(body: &Value) -> String {
    let event: E = serde_json::from_value(body.clone()).unwrap_or_else(|fault| panic!("{}: {fault}", E::COMMAND));
    assert!(serde_json::to_string(&event).unwrap().contains(GIVEAWAY), "{} does not keep the words", E::COMMAND);
    format!("{event:?}")
}

macro_rules! shown_by_command {
    ($($command:literal $method:ident $Event:ty;)*) => {
        fn shown_as(command: &str, body: &Value) -> String {
            match command {
                $( $command => shown::<$Event>(body), )*
                _ => panic!("no event has the command {command}"),
            }
        }
    };
}
each_callback!(shown_by_command);

#[test]
fn debug_of_an_event_does_not_show_what_people_wrote() {
    let mut commands = Vec::new();
    for (callback, variant, text) in sample::all() {
        let mut body: Value = serde_json::from_str(text).unwrap();
        if write_words(&mut body, false) {
            let shown = shown_as(callback.command, &body);
            assert!(!shown.contains(GIVEAWAY), "{} {variant}: {shown}", callback.command);
            commands.push(callback.command);
        }
    }
    commands.dedup();
    assert!(commands.len() >= 14, "{commands:?}");
}

#[test]
fn debug_of_what_is_configured_and_answered_does_not_show_secrets() {
    let builder = Endpoint::builder(Indiscreet).app(APP, [TOKEN]);
    let replacement = Replacement::body([Element::text(TEXT)]).unwrap().and_custom_data(TEXT);
    let padded = Endpoint::builder(Indiscreet).app(APP, [format!(" {TOKEN}")]).build().unwrap_err();
    for shown in [
        format!("{builder:?}"),
        format!("{:?}", builder.build().unwrap()),
        format!("{:?}", MessageDecision::<C2cCode>::Replace(replacement)),
        format!("{padded} {padded:?}"),
        format!("{:?}", Signer::new(TOKEN)),
    ] {
        assert!(!shown.contains(TOKEN) && !shown.contains(GIVEAWAY), "{shown}");
    }
}
