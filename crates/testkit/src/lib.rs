//! For testing receivers of Tencent Chat's callbacks: in process, without a public URL and without the vendor.
//!
//! ```toml
//! [dev-dependencies]
//! tencent-im-callback-testkit = "0.2"
//! # For `#[tokio::test]`; the `_blocking` methods need no runtime.
//! tokio = { version = "1", features = ["macros", "rt"] }
//! ```
//!
//! A [`Harness`] calls your handler and shows what the service would do. This is a whole test:
//!
//! ```
//! # use tencent_im_callback::{CallbackHandler, Context, Decision, GroupCode, Result, async_trait, group};
//! # const NO_SPAM: GroupCode = GroupCode::new(10_123);
//! # struct App;
//! # #[async_trait]
//! # impl CallbackHandler for App {
//! #     async fn group_before_create_topic(&self, _: &Context, event: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
//! #         if event.name.contains("spam") {
//! #             return Ok(Decision::refuse_with(NO_SPAM, "no spam"));
//! #         }
//! #         Ok(Decision::Allow)
//! #     }
//! # }
//! use tencent_im_callback_testkit::{Harness, sample};
//!
//! # /*
//! #[test]
//! # */
//! fn spam_is_refused() {
//!     let harness = Harness::new(App);
//!     let answer = harness.call_blocking(sample::<group::BeforeCreateTopic>().set("/Name", "spam"));
//!     answer.assert_refused_with(10_123);
//! }
//! # spam_is_refused();
//! ```
//!
//! In an asynchronous test it is `harness.call(..).await`, in any tokio runtime. When the assertion fails, it says
//! what was decided instead and why:
//!
//! ```text
//! expected Group.CallbackBeforeCreateTopic to be refused with code 10123
//!   decided: allowed
//!   status:  200 OK
//!   code:    0
//!   text:    ``
//!   body:    {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}
//!   method:  group_before_create_topic, which the handler leaves at its default
//! ```
//!
//! # What is in it
//!
//! | | |
//! | --- | --- |
//! | [`sample()`] | a body of every callback in every shape that is known, to be changed and read as its event |
//! | [`Harness::call`] | the method alone: an event in, its typed answer out |
//! | [`Harness::send`] | the whole way: a signed [`Request`] in, an [`Answer`] out |
//! | [`Request`] | a request as the service sends it, or with whatever can be wrong in one |
//! | [`Answer`], [`Effect`] | what the service makes of an HTTP answer, with assertions |
//! | [`FixedClock`], [`Signer`] | for an [`Endpoint`](tencent_im_callback::Endpoint) that you build yourself |
//! | [`near_miss`] | some two hundred requests that look good and are not, or do not and are |
//! | [`recording`] | recorded callbacks as regression tests |
//! | `recorder` | with the feature of this name: records the callbacks of a running endpoint in a file |
//! | `conformance` | with the feature of this name: the suite that every adapter has to pass |
//!
//! # A worked example
//!
//! A handler that keeps count, refuses by a word list, and lets friend requests through one by one:
//!
//! ```
//! use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
//!
//! use tencent_im_callback::{
//!     C2cCode, CallbackHandler, Context, FriendCode, FriendDecision, AccountDecision, MessageDecision, Replacement,
//!     Result, async_trait, c2c, message::{Content, Element}, sns,
//! };
//! use tencent_im_callback_testkit::{Harness, near_miss, sample};
//!
//! const BANNED: C2cCode = C2cCode::new(120_001);
//! const NOT_OPEN: FriendCode = FriendCode::new(38_011);
//!
//! struct App {
//!     banned: &'static str,
//!     refused: AtomicUsize,
//! }
//!
//! #[async_trait]
//! impl CallbackHandler for App {
//!     async fn c2c_before_send_msg(&self, _: &Context, event: c2c::BeforeSendMsg) -> Result<MessageDecision<C2cCode>> {
//!         let mut elements = event.msg_body;
//!         for element in &mut elements {
//!             let Content::Text(text) = element.content() else { continue };
//!             if text.text == self.banned {
//!                 self.refused.fetch_add(1, Ordering::Relaxed);
//!                 return Ok(MessageDecision::refuse_with(BANNED, "mind your words"));
//!             }
//!             if text.text.contains(self.banned) {
//!                 *element = Element::text("***");
//!                 return Ok(MessageDecision::Replace(Replacement::body(elements)?));
//!             }
//!         }
//!         Ok(MessageDecision::Allow)
//!     }
//!
//!     async fn sns_prev_friend_add(&self, _: &Context, event: sns::PrevFriendAdd) -> Result<FriendDecision> {
//!         Ok(FriendDecision::each(&event, |friend| match friend.to_account.as_str() {
//!             "odd_bird" => AccountDecision::refuse_with(NOT_OPEN, "not open to requests"),
//!             _ => AccountDecision::Allow,
//!         }))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let app = Arc::new(App { banned: "darn", refused: AtomicUsize::new(0) });
//! let harness = Harness::shared(Arc::clone(&app));
//!
//! // The method alone. What it returned is there with its type, too.
//! let message = |text: &str| sample::<c2c::BeforeSendMsg>().set("/MsgBody/0/MsgContent/Text", text);
//! let answer = harness.call(message("darn")).await;
//! answer.assert_refused_with(120_001).assert_text("mind your words");
//! assert!(matches!(answer.answer(), MessageDecision::RefuseWith { .. }));
//! assert_eq!(app.refused.load(Ordering::Relaxed), 1);
//!
//! // The whole way of a request, with its signature.
//! harness.send(message("well, darn")).await.assert_replaced_body([Element::text("***")]);
//! harness.send(message("well")).await.assert_allowed();
//! harness.send(message("darn").request().forged()).await.assert_status(401).assert_unhandled();
//!
//! // Account by account.
//! let answer = harness.send(sample::<sns::PrevFriendAdd>()).await;
//! answer.assert_account_allowed("mika_l").assert_account_refused_with("odd_bird", 38_011);
//!
//! // And nothing that only looks like a callback gets in.
//! for miss in near_miss::all(&message("well").request()) {
//!     if let Some(request) = miss.request() {
//!         miss.assert(&harness.send(request.clone()).await);
//!     }
//! }
//! # }
//! ```

mod answer;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod effect;
mod harness;
pub mod near_miss;
#[cfg(feature = "recorder")]
pub mod recorder;
pub mod recording;
pub mod request;
pub mod sample;
mod signer;
mod taken_codes;
mod watched;

pub use self::{
    answer::{Answer, Call, Ended},
    clock::FixedClock,
    effect::{AccountEffect, Choices, Effect},
    harness::{Called, Harness, Input},
    recording::Recording,
    request::Request,
    sample::{Sample, sample, samples},
    signer::Signer,
    watched::Callable,
};
