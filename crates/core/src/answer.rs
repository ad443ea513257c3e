//! The types that a callback can be answered with.
//!
//! A method can only return an answer that the service understands at that point. An *after* callback is acknowledged
//! with `()`. A *before* callback is decided with [`Decision`], [`MessageDecision`], [`InviteDecision`],
//! [`SubscribeDecision`] or [`FriendDecision`]. A request for data is answered with
//! [`SignalReply`], [`InterfaceReply`] or [`AgentAssignment`], and an unknown command with [`UnknownAnswer`].

use std::future::ready;

mod assignment;
mod code;
mod decision;
mod friend;
mod interface;
mod message;
mod signal;
mod unknown;

pub use self::{
    assignment::AgentAssignment,
    code::{C2cCode, Code, FriendCode, GiftCode, GroupCode, OfficialAccountCode},
    decision::{Decision, InviteDecision, SubscribeDecision},
    friend::{AccountDecision, FriendDecision, FriendRequest},
    interface::InterfaceReply,
    message::{MessageDecision, Replacement},
    signal::SignalReply,
    unknown::UnknownAnswer,
};
use crate::{Context, Phase, Result, box_future::BoxFuture, wire::response::WireResponse};

/// An answer that has a wire form.
pub(crate) trait Wire {
    /// The response that is sent to the service.
    fn wire_response(self) -> WireResponse;
}

/// The answer type in the row of the table for event `E`.
pub(crate) trait Answer<E>: Wire + Sized + Send + 'static {
    const PHASE: Phase;

    /// The answer of a method that the application does not implement: it allows or acknowledges.
    fn unhandled(event: &E) -> Self;

    /// The future of a method that the application does not implement: ready with [`unhandled`](Self::unhandled), or
    /// `other_after` for an *after* callback.
    fn default_method<'a>(
        self,
        ctx: &Context,
        other_after: impl FnOnce() -> BoxFuture<'a, Result<()>>,
    ) -> BoxFuture<'a, Result<Self>> {
        let _ = other_after;
        ctx.mark_unhandled();
        Box::pin(ready(Ok(self)))
    }

    /// The answer that refuses all of what `event` asks for; `None` where nothing can be refused, or not without the
    /// event.
    fn refused(event: Option<&E>) -> Option<Self>;
}

impl Wire for () {
    fn wire_response(self) -> WireResponse {
        WireResponse::ACK
    }
}

impl<E> Answer<E> for () {
    const PHASE: Phase = Phase::After;

    fn unhandled(_: &E) -> Self {}

    fn default_method<'a>(
        self,
        _: &Context,
        other_after: impl FnOnce() -> BoxFuture<'a, Result<()>>,
    ) -> BoxFuture<'a, Result<()>> {
        other_after()
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        None
    }
}
