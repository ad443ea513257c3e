//! A handler with a method for every callback, which records its arguments and returns the default.

use std::convert::Infallible;

use serde_json::{Value, json};
use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, Event, Result, UnknownAnswer, async_trait, each_callback,
};

use super::{Witness, handler::RecordingHandler};

/// Records every callback with its method.
#[derive(Debug, Clone)]
pub(crate) struct EveryMethod(RecordingHandler);

/// The default answers, for each callback in its own type.
struct Defaults;

impl CallbackHandler for Defaults {}

impl EveryMethod {
    /// A handler that signs its records with a name.
    pub(crate) const fn new(name: &'static str, witness: Witness) -> Self {
        Self(RecordingHandler::new(name, witness))
    }
}

macro_rules! every_method {
    ($($command:literal $method:ident $event:path;)*) => {
        #[async_trait]
        impl CallbackHandler for EveryMethod {
            $(
                async fn $method(&self, ctx: &Context, event: $event) -> Result<<$event as Event>::Answer> {
                    self.0.handle(ctx, stringify!($method), json!({ "event": event })).await?;
                    Defaults.$method(ctx, event).await
                }
            )*

            async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
                self.0.unknown(ctx).await
            }

            async fn undecodable(&self, ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
                self.0.undecodable(ctx, error).await
            }
        }

        /// The event of a command's body, as it is written again.
        pub(crate) fn event_of(command: &str, body: &str) -> Value {
            match command {
                $(
                    $command => {
                        let event: $event = serde_json::from_str(body).expect("a sample can be read");
                        serde_json::to_value(event).expect("an event can be written")
                    }
                )*
                other => panic!("no event for {other}"),
            }
        }
    };
}

each_callback!(every_method);
