//! The call of a handler method, with what the method borrows: the handler and the context.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use self_cell::self_cell;
use tokio::runtime::Handle;

use crate::{
    AgentAssignment, C2cCode, Decision, FriendDecision, GiftCode, GroupCode, InterfaceReply, InviteDecision,
    MessageDecision, MethodAnswer, OfficialAccountCode, Outcome, Result, SignalReply, SubscribeDecision, UnknownAnswer,
    answer::Wire,
    box_future::BoxFuture,
    endpoint::{admitted::AdmittedRequest, unanswered::Unanswered},
    wire::response::WireResponse,
};

self_cell! {
    /// A request, and the future of the method that borrows from it.
    ///
    /// The request can be read while the method runs and after it. An `async` block around both would hide the request,
    /// so that a second reference to the endpoint would be needed.
    pub(super) struct Invocation {
        owner: Box<AdmittedRequest>,
        #[covariant]
        dependent: AnswerFuture,
    }
}

impl Invocation {
    /// Calls a method. A panic of the call itself is raised again when the future is polled.
    pub(super) fn start(
        request: Box<AdmittedRequest>,
        method: impl for<'a> FnOnce(&'a AdmittedRequest) -> AnswerFuture<'a>,
    ) -> Self {
        Self::new(request, |request| {
            let _runtime = request.method_runtime().map(Handle::enter);
            catch_unwind(AssertUnwindSafe(|| method(request)))
                .unwrap_or_else(|panic| AnswerFuture::Ack(Box::pin(async { resume_unwind(panic) })))
        })
    }

    pub(super) fn request(&self) -> &AdmittedRequest {
        self.borrow_owner()
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<WireResponse>> {
        self.with_dependent_mut(|_, method| Pin::new(method).poll(cx))
    }
}

/// Makes `AnswerFuture` with one variant for each type of answer: `Name(Answer),` becomes the variant `Name` of a
/// future of `Result<Answer>`, a `From` for that future, and an arm of `poll`.
macro_rules! methods {
    ($($Answer:ident($answer:ty),)*) => {
        /// The future of a method, by its type of answer. One type for all of them would need another box.
        pub(super) enum AnswerFuture<'a> {
            $($Answer(BoxFuture<'a, Result<$answer>>),)*
            /// The future of `unknown`.
            Unknown(BoxFuture<'a, Result<UnknownAnswer>>),
            /// The future of `undecodable`, and the answers it can choose from.
            Undecodable(BoxFuture<'a, Result<Decision<Infallible>>>, Unanswered),
            /// The journal that keeps the callback.
            Kept(BoxFuture<'a, Result<()>>),
            /// A method of any type of answer within the layers of the endpoint.
            Layered(BoxFuture<'a, Result<MethodAnswer>>),
        }

        $(
            impl<'a> From<BoxFuture<'a, Result<$answer>>> for AnswerFuture<'a> {
                fn from(future: BoxFuture<'a, Result<$answer>>) -> Self {
                    Self::$Answer(future)
                }
            }
        )*

        impl Future for AnswerFuture<'_> {
            type Output = Result<WireResponse>;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<WireResponse>> {
                Poll::Ready(match self.get_mut() {
                    $(Self::$Answer(future) => ready!(future.as_mut().poll(cx)).map(Wire::wire_response),)*
                    Self::Unknown(future) => ready!(future.as_mut().poll(cx)).map(Wire::wire_response),
                    Self::Undecodable(future, unanswered) => {
                        let response = match (ready!(future.as_mut().poll(cx)), &unanswered.refusal) {
                            (Ok(Decision::Allow), _) => WireResponse::OK,
                            (Ok(Decision::Refuse), Some(refusal)) => refusal.clone(),
                            (Ok(Decision::Refuse), None) => {
                                tracing::warn!("a callback that cannot be refused without its body was refused");
                                unanswered.otherwise.clone()
                            }
                            (Err(_), _) => unanswered.otherwise.clone(),
                        };
                        Ok(response.with_outcome(Outcome::Undecodable))
                    }
                    Self::Kept(future) => ready!(future.as_mut().poll(cx)).map(|()| WireResponse::KEPT),
                    Self::Layered(future) => ready!(future.as_mut().poll(cx)).map(|MethodAnswer(response)| response),
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
    Interface(InterfaceReply),
    Assignment(AgentAssignment),
}
