//! The handler behind every endpoint of the suite: it records what it is given and does as it is told.
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

use std::{convert::Infallible, time::Duration};

use serde_json::{Map, Value, json};
use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, Event, GroupCode, Result, async_trait, group,
};

use crate::conformance::witness::{Visitor, Witness};

/// The error and the panics of the handler have this in them, which must not leave the process.
pub(crate) const SECRET: &str = "the handler's own secret";

/// The code and the text that `code` refuses with.
pub(crate) const OWN_CODE: (u32, &str) = (10_123, "no \"spam\", 不");

/// Records what it is given and does as it is told.
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
                "nap" => tokio::time::sleep(Duration::from_millis(400)).await,
                "yield" => tokio::task::yield_now().await,
                "fail" => Err(SECRET)?,
                "panic-str" => std::panic::panic_any(SECRET),
                "panic-string" => std::panic::panic_any(SECRET.to_owned()),
                "panic-value" => std::panic::panic_any(42),
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
            Some("code") => Decision::RefuseWith(GroupCode::try_new(OWN_CODE.0)?, OWN_CODE.1.into()),
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

    async fn group_after_topic_destroyed(&self, ctx: &Context, event: group::AfterTopicDestroyed) -> Result<()> {
        self.acknowledge(ctx, "group_after_topic_destroyed", event).await
    }

    async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        self.acknowledge(ctx, "group_after_group_destroyed", event).await
    }

    async fn unknown(&self, ctx: &Context) -> Result<()> {
        let body = String::from_utf8_lossy(ctx.body());
        self.handle(ctx, "unknown", json!({ "body": body })).await.map(drop)
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

/// A call under way; dropped before its end it tells so.
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
