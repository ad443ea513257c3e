//! Webhook callbacks of Tencent Chat (formerly Instant Messaging), typed.
//!
//! Tencent notifies an app's backend of what happens in its chats, and asks before some actions, by
//! HTTP POST. Implement [`CallbackHandler`] on a type of yours, one async method for each callback
//! you care about, build an [`Endpoint`] from it and mount that with the adapter of your framework:
//! `tencent-im-callback-axum`, `tencent-im-callback-actix-web` or `tencent-im-callback-hyper`.
//!
//! ```
//! use tencent_im_callback::{CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group};
//!
//! const NO_SPAM: GroupCode = GroupCode::new(10_123);
//!
//! struct App;
//!
//! #[async_trait]
//! impl CallbackHandler for App {
//!     async fn group_before_create_topic(
//!         &self,
//!         _ctx: &Context,
//!         event: group::BeforeCreateTopic,
//!     ) -> Result<Decision<GroupCode>> {
//!         if event.name.contains("spam") {
//!             return Ok(Decision::refuse_with(NO_SPAM, "no spam"));
//!         }
//!         Ok(Decision::Allow)
//!     }
//! }
//!
//! let endpoint = Endpoint::builder(App).app(1_400_000_001, ["the token"]).build()?;
//! # Ok::<(), tencent_im_callback::BuildError>(())
//! ```
//!
//! What the endpoint does with a request, in this order, on every framework alike:
//!
//! | step | refused with |
//! | --- | --- |
//! | the method is POST | 405 |
//! | the body is within the limit, counted while it streams | 413 |
//! | the query can be read and names nothing twice | 400 |
//! | `SdkAppid` is an app of yours | 403 |
//! | `Sign` and `RequestTime` prove that Tencent sent it, now | 401 |
//! | the body decodes into the event of its command | [`CallbackHandler::undecodable`]; by default [`OnFailure`] for *before* callbacks, 400 for others |
//! | your method answers in time | [`OnFailure`] |
//!
//! A command that this version does not know goes to [`CallbackHandler::unknown`] and is answered
//! OK by default. The raw body is always in the [`Context`].
//!
//! # Mount it
//!
//! | framework | package | how |
//! | --- | --- | --- |
//! | axum | [`tencent-im-callback-axum`](https://docs.rs/tencent-im-callback-axum) | `Router::new().route("/callback", route(endpoint))` |
//! | actix-web | [`tencent-im-callback-actix-web`](https://docs.rs/tencent-im-callback-actix-web) | `App::new().service(resource("/callback", endpoint.clone()))` |
//! | hyper, and all that takes tower services | [`tencent-im-callback-hyper`](https://docs.rs/tencent-im-callback-hyper) | `http1::Builder::new().serve_connection(io, service(endpoint))` |
//! | any other | this one | [`Endpoint::serve`] for a body that streams, [`Endpoint::handle`] for bytes |
//!
//! # Beside it
//!
//! - [`tencent-im-callback-testkit`](https://docs.rs/tencent-im-callback-testkit): tests of your handler without a network,
//!   with a sample of every callback. [Guide](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/testing.md)
//! - [`tencent-im-callback-journal`](https://docs.rs/tencent-im-callback-journal): *after* callbacks on the disk before
//!   they are answered, and delivered until they succeed. [Guide](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/nothing-lost.md)
//! - [`tencent-im-callback-cli`](https://crates.io/crates/tencent-im-callback-cli): the command `im-callback`, which sends
//!   callbacks to a receiver, receives them and examines endpoints.
//!   [Guide](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/im-callback.md)
//! - [What is logged and counted](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/observing.md),
//!   [what is read, whatever is sent](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/reliability.md),
//!   [all callbacks with their answers](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/callbacks.md),
//!   [when it does not compile](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/when-it-does-not-compile.md),
//!   [upgrading](https://github.com/tencent-im-callback/tencent-im-callback/blob/main/docs/upgrading.md).
//!
#![cfg_attr(
    all(doc, not(doctest)),
    doc = "The [guides](_documentation) begin with [getting started](_documentation::getting_started)."
)]

#[macro_use]
mod handler;
// The guides are for rustdoc only. Their programs are tested where all their packages are: in the package `examples`.
#[cfg(all(doc, not(doctest)))]
pub mod _documentation;
mod answer;
mod box_future;
mod callback;
mod command;
mod context;
mod dropped_field;
mod endpoint;
mod error;
mod event;
mod events;
mod exchange;
mod journal;
mod key;
mod layer;
pub mod message;
mod observe;
mod outcome;
mod platform;
mod wire;

pub use async_trait::async_trait;

pub use crate::{
    answer::{
        AccountDecision, AgentAssignment, C2cCode, Code, Decision, FriendCode, FriendDecision, FriendRequest, GiftCode,
        GroupCode, InterfaceReply, InviteDecision, MessageDecision, OfficialAccountCode, Replacement, SignalReply,
        SubscribeDecision, UnknownAnswer,
    },
    callback::{Callback, Phase},
    command::Command,
    context::Context,
    dropped_field::DroppedField,
    endpoint::{
        Acknowledge, App, Apps, BodyTooLarge, Endpoint, EndpointBuilder, EndpointResponse, IntoTokens, OnDisconnect,
        OnFailure, ReceivedAt, Serving,
    },
    error::{
        BoxError, BuildError, CodeOutOfRange, ContentTooDeep, DecodeError, InvalidAnswer, InvalidReplacement, Result,
    },
    event::{Event, Identity},
    events::{
        alert, bot, c2c, call, chatbot, content, desk, follow, group, live, member::Member, mic, official_account,
        profile, push, recording, room, sns, state,
    },
    exchange::{Exchange, ExchangeObserver},
    handler::{CALLBACKS, CallbackHandler},
    journal::{Attempt, DeliveryError, Entry, Journal},
    key::Key,
    layer::{HandlerLayer, MethodAnswer, Next},
    observe::{Observer, Report},
    outcome::Outcome,
    platform::Platform,
    wire::enums::{OtherCode, OtherText},
    wire::time::{UnixMillis, UnixSeconds},
    wire::unread::unread_fields,
};
