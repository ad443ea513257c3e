//! A handler's method under way, with what it borrows: the handler and the context.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    task::{Context, Poll, ready},
};

use self_cell::self_cell;

use crate::{
    C2cCode, Decision, FriendDecision, GiftCode, GroupCode, InviteDecision, MessageDecision, OfficialAccountCode,
    Outcome, Result, SignalReply, SubscribeDecision,
    answer::Wire,
    endpoint::dispatch::{AdmittedRequest, Unanswered},
    handler::rows::BoxFuture,
    wire::response::WireResponse,
};

self_cell! {
    /// A call, and the method that borrows from it.
    ///
    /// The call can be looked at while the method runs and is there again when it is over. An `async` block
    /// around both would hide it, so that a second reference to the endpoint would be needed.
    pub(crate) struct Invocation {
        owner: Box<AdmittedRequest>,
        #[covariant]
        dependent: AnswerFuture,
    }
}

impl Invocation {
    /// Calls a method. What panics already then does so when it is polled.
    pub(crate) fn by(
        call: Box<AdmittedRequest>,
        method: impl for<'a> FnOnce(&'a AdmittedRequest) -> AnswerFuture<'a>,
    ) -> Self {
        Self::new(call, |call| {
            let _runtime = call.place.enter_runtime();
            catch_unwind(AssertUnwindSafe(|| method(call)))
                .unwrap_or_else(|panic| AnswerFuture::Ack(Box::pin(async { resume_unwind(panic) })))
        })
    }

    pub(crate) fn call(&self) -> &AdmittedRequest {
        self.borrow_owner()
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<WireResponse>> {
        self.with_dependent_mut(|_, method| method.poll(cx))
    }
}

/// What the methods of [`CallbackHandler`](crate::CallbackHandler) return, by their answers.
macro_rules! methods {
    ($($Answer:ident($answer:ty),)*) => {
        /// The future of a method. Making one of all of them would take another box.
        pub(crate) enum AnswerFuture<'a> {
            $($Answer(BoxFuture<'a, Result<$answer>>),)*
            /// That for commands that are not known.
            Unknown(BoxFuture<'a, Result<()>>),
            /// That for bodies that cannot be read.
            Undecodable(BoxFuture<'a, Result<Decision<Infallible>>>, Unanswered),
        }

        $(
            impl<'a> From<BoxFuture<'a, Result<$answer>>> for AnswerFuture<'a> {
                fn from(future: BoxFuture<'a, Result<$answer>>) -> Self {
                    Self::$Answer(future)
                }
            }
        )*

        impl AnswerFuture<'_> {
            fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<WireResponse>> {
                Poll::Ready(match self {
                    $(Self::$Answer(future) => ready!(future.as_mut().poll(cx)).map(Wire::reply),)*
                    Self::Unknown(future) => {
                        ready!(future.as_mut().poll(cx)).map(|()| WireResponse::OK.with_outcome(Outcome::Unknown))
                    }
                    Self::Undecodable(future, unanswered) => {
                        let reply = match (ready!(future.as_mut().poll(cx)), &unanswered.refusal) {
                            (Ok(Decision::Allow), _) => WireResponse::OK,
                            (Ok(Decision::Refuse), Some(refusal)) => refusal.clone(),
                            (Ok(Decision::Refuse), None) => {
                                tracing::warn!("a callback that cannot be refused without its body was refused");
                                unanswered.otherwise.clone()
                            }
                            (Err(_), _) => unanswered.otherwise.clone(),
                        };
                        Ok(reply.with_outcome(Outcome::Undecodable))
                    }
                })
            }
        }
    };
}

methods! {
    Ack(()),
    Group(Decision<GroupCode>),
    Gift(Decision<GiftCode>),
    OfficialAccount(Decision<OfficialAccountCode>),
    GroupMessage(MessageDecision<GroupCode>),
    C2cMessage(MessageDecision<C2cCode>),
    OfficialAccountMessage(MessageDecision<OfficialAccountCode>),
    Invite(InviteDecision<GroupCode>),
    Friend(FriendDecision),
    Subscribe(SubscribeDecision),
    Signal(SignalReply),
}
