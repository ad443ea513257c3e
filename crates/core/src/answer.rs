//! What a callback can be answered with.
//!
//! A method can only give an answer that the service understands at that point: what has happened
//! is acknowledged with `()`, what is about to happen is decided with a [`Decision`] or its kin.

mod code;
mod decision;
mod friend;
mod message;
mod signal;

pub use self::{
    code::{C2cCode, Code, FriendCode, GiftCode, GroupCode, OfficialAccountCode},
    decision::{Decision, InviteDecision, SubscribeDecision},
    friend::{FriendDecision, FriendRequest, FriendVerdict},
    message::{MessageDecision, Replacement},
    signal::SignalReply,
};
use crate::{Phase, wire::response::WireResponse};

/// What can go out on the wire.
pub(crate) trait Wire {
    /// The answer as it goes out.
    fn reply(self) -> WireResponse;
}

/// What stands as the answer type in a row of the table for event `E`.
pub(crate) trait Answer<E>: Wire + Sized + Send + 'static {
    const PHASE: Phase;

    /// What is answered where the app does not implement the method: whatever lets the service go on.
    fn unhandled(event: &E) -> Self;

    /// The answer that refuses all of what `event` asks for; `None` where nothing can be refused, or not without the
    /// event.
    fn refused(event: Option<&E>) -> Option<Self>;
}

impl Wire for () {
    fn reply(self) -> WireResponse {
        WireResponse::ACK
    }
}

impl<E> Answer<E> for () {
    const PHASE: Phase = Phase::After;

    fn unhandled(_: &E) -> Self {}

    fn refused(_: Option<&E>) -> Option<Self> {
        None
    }
}
