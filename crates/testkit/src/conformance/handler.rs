//! The handler behind every endpoint of the suite: it records its callbacks and follows the orders in them.
//!
//! A request tells by two parameters of its own, which also shows that unknown parameters arrive:
//! `case`, the record to write to, and `do`, orders divided by commas:
//!
//! | order | |
//! | --- | --- |
//! | `wait` | until the case is released |
//! | `nap` | for 400 ms |
//! | `yield` | lets other tasks run once |
//! | `refuse`, `code` | refuse what is to be decided, plainly or with an own code |
//! | `take` | acknowledge a body that does not decode |
//! | `fail` | return an error |
//! | `panic-str`, `panic-string`, `panic-value` | panic with that kind of payload |
//! | `panic-loud` | panic with a payload that panics when it is dropped |
//! | `fail-loud`, `fail-mute` | return an error that panics when it is dropped, or when it is shown |
//! | `hold-loud` | keep a value that panics when it is dropped, for the next `wait` |
//! | `end-loud` | be a future that panics when it is dropped; of `group_after_topic_destroyed` alone |

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Poll, ready},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, Event, GroupCode, Result, UnknownAnswer, async_trait, group,
};

use crate::conformance::witness::{Visitor, Witness};

/// The error and the panics of the handler have this in them, which must not leave the process.
pub(crate) const SECRET: &str = "the handler's own secret";

/// The code and the text that `code` refuses with.
pub(crate) const OWN_CODE: (u32, &str) = (10_123, "no \"spam\", 不");

/// Records its callbacks and follows the orders in them.
#[derive(Debug, Clone)]
pub(crate) struct RecordingHandler {
    name: &'static str,
    witness: Witness,
}

impl RecordingHandler {
    /// A handler that signs its records with a name.
    pub(crate) const fn new(name: &'static str, witness: Witness) -> Self {
        Self { name, witness }
    }

    pub(crate) async fn handle(&self, ctx: &Context, method: &str, details: Value) -> Result<String> {
        let case = ctx.parameter("case").unwrap_or_default().into_owned();
        let orders = ctx.parameter("do").unwrap_or_default().into_owned();
        let mut call = self.describe(ctx);
        call.insert("method".into(), method.into());
        call.extend(details.as_object().cloned().unwrap_or_default());
        self.witness.note(&case, |record| record.calls.push(call.into()));
        let mut stay = Stay { witness: &self.witness, case: &case, has_finished: false };
        for order in orders.split(',') {
            match order {
                "wait" => self.witness.released(&case).await,
                "hold-loud" => {
                    let loud = Loud(1);
                    self.witness.released(&case).await;
                    std::mem::forget(loud);
                }
                "nap" => tokio::time::sleep(Duration::from_millis(400)).await,
                "yield" => tokio::task::yield_now().await,
                "fail" => Err(SECRET)?,
                "panic-str" => std::panic::panic_any(SECRET),
                "panic-string" => std::panic::panic_any(SECRET.to_owned()),
                "panic-value" => std::panic::panic_any(42),
                "panic-loud" => std::panic::panic_any(Loud(2)),
                "fail-loud" => Err(Loud(2))?,
                "fail-mute" => Err(Mute)?,
                _ => {}
            }
        }
        stay.has_finished = true;
        drop(stay);
        Ok(orders)
    }

    async fn decide(&self, ctx: &Context, method: &str, event: impl Event) -> Result<Decision<GroupCode>> {
        let orders = self.handle(ctx, method, json!({ "event": event })).await?;
        Ok(match orders.rsplit(',').next() {
            Some("refuse") => Decision::Refuse,
            Some("code") => Decision::refuse_with(GroupCode::try_new(OWN_CODE.0)?, OWN_CODE.1),
            _ => Decision::Allow,
        })
    }

    async fn acknowledge(&self, ctx: &Context, method: &str, event: impl Event) -> Result<()> {
        self.handle(ctx, method, json!({ "event": event })).await.map(drop)
    }

    fn describe(&self, ctx: &Context) -> Map<String, Value> {
        let parameters: Vec<_> = ctx
            .parameters()
            .filter(|(key, _)| key != "case" && key != "do")
            .map(|(key, value)| json!([key, value]))
            .collect();
        let dropped: Vec<_> = ctx.dropped_fields().iter().map(tencent_im_callback::DroppedField::path).collect();
        let description = json!({
            "handler": self.name,
            "app_id": ctx.app_id(),
            "command": ctx.command(),
            "client_ip": ctx.client_ip(),
            "platform": ctx.platform().map(|platform| platform.as_str().to_owned()),
            "platform_text": ctx.platform_text(),
            "parameters": parameters,
            "dropped": dropped,
            "body_length": ctx.body().len(),
            "visitor": ctx.extensions().get::<Visitor>().map(|visitor| visitor.0.as_str()),
            "has_time_left": !ctx.time_left().is_zero(),
        });
        description.as_object().cloned().unwrap_or_default()
    }
}

#[async_trait]
impl CallbackHandler for RecordingHandler {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        self.decide(ctx, "group_before_create_topic", event).await
    }

    async fn group_after_create_topic(&self, ctx: &Context, event: group::AfterCreateTopic) -> Result<()> {
        self.acknowledge(ctx, "group_after_create_topic", event).await
    }

    /// Written out, because what an `async fn` holds is gone when it has ended.
    fn group_after_topic_destroyed<'handler, 'ctx, 'method>(
        &'handler self,
        ctx: &'ctx Context,
        event: group::AfterTopicDestroyed,
    ) -> BoxFuture<'method, Result<()>>
    where
        'handler: 'method,
        'ctx: 'method,
        Self: 'method,
    {
        let is_loud = ctx.parameter("do").is_some_and(|orders| orders.contains("end-loud"));
        let future = Box::pin(self.acknowledge(ctx, "group_after_topic_destroyed", event));
        Box::pin(Ends { future, _loud: is_loud.then(|| Loud(2)) })
    }

    async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        self.acknowledge(ctx, "group_after_group_destroyed", event).await
    }

    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        let body = String::from_utf8_lossy(ctx.body());
        self.handle(ctx, "unknown", json!({ "body": body })).await?;
        Ok(UnknownAnswer::acknowledge())
    }

    async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        let body = String::from_utf8_lossy(ctx.body());
        let details = json!({ "body": body, "error": [error.command(), error.path()] });
        match self.handle(ctx, "undecodable", details).await?.as_str() {
            "take" => Ok(Decision::Allow),
            "refuse" => Ok(Decision::Refuse),
            _ => Err(error.into()),
        }
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Panics when it is dropped so many times: what it panics with is another one.
#[derive(Debug)]
struct Loud(u8);

impl Drop for Loud {
    fn drop(&mut self) {
        if self.0 > 0 {
            std::panic::panic_any(Self(self.0 - 1));
        }
    }
}

impl fmt::Display for Loud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }
}

impl std::error::Error for Loud {}

/// An error that panics when it is shown.
#[derive(Debug)]
struct Mute;

impl fmt::Display for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::panic::panic_any(SECRET)
    }
}

impl std::error::Error for Mute {}

/// A method that panics when it is dropped, before its end or after.
struct Ends<'a> {
    future: BoxFuture<'a, Result<()>>,
    _loud: Option<Loud>,
}

impl Future for Ends<'_> {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(ready!(self.future.as_mut().poll(cx)))
    }
}

/// A call in progress. It records when it is dropped before its end.
struct Stay<'a> {
    witness: &'a Witness,
    case: &'a str,
    has_finished: bool,
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        let has_finished = self.has_finished;
        self.witness.note(self.case, |record| {
            record.finished += usize::from(has_finished);
            record.dropped += usize::from(!has_finished);
        });
    }
}
