//! A handler's method under way: guarded against panics, held to its deadline, and kept alive when
//! nobody waits for it any more.
//!
//! A method that is ready at once costs a poll: the timer is armed when it first has to wait, and a
//! task is made for it only when the request's own future ends before it does.

use std::{
    future::pending,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::runtime::Handle;
use tracing::Span;

use crate::{
    OnDisconnect, Outcome, Report,
    endpoint::dispatch::AdmittedRequest,
    endpoint::invocation::{AnswerFuture, Invocation},
    endpoint::{
        Deadline, NoTimer, Place,
        panics::{caught, error_text},
    },
    wire::response::WireResponse,
};

/// How a method ended, if it did.
enum Completion {
    /// With an answer, or the text of an error.
    Ended(Result<WireResponse, String>),
    Panicked(String),
    /// The time is up. The method goes on in a task of its own.
    Late,
    /// Nothing can tell when the time is up. The method goes on in a task of its own.
    Untimed,
}

/// A method, and what has to go along wherever it runs.
pub(crate) struct Work {
    pub(crate) method: Invocation,
    pub(crate) span: Span,
}

impl Work {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Completion> {
        let _entered = self.span.enter();
        // What the method opens has to live on where the method may go on.
        let _runtime = self.place().enter_runtime();
        let polled = caught(|| self.method.poll(cx));
        let settled = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(reply))) => Completion::Ended(Ok(reply)),
            Ok(Poll::Ready(Err(error))) => {
                let text = error_text(&*error);
                caught(|| drop(error)).map_or_else(Completion::Panicked, |()| Completion::Ended(Err(text)))
            }
            Err(panic) => Completion::Panicked(panic),
        };
        // What is left of the method is dropped now, because its panic is one of the method's.
        let dropped = caught(|| drop_method(&mut self.method));
        Poll::Ready(dropped.map_or_else(Completion::Panicked, |()| settled))
    }

    fn place(&self) -> &Place {
        &self.method.call().place
    }

    /// Gives the answer of a method that has ended, and leaves nothing behind.
    fn finish(self, settled: Completion) -> WireResponse {
        let reply = self.answer(settled);
        self.discard();
        reply
    }

    /// Drops all of it. What panics meanwhile costs nobody an answer any more.
    fn discard(self) {
        let span = self.span.clone();
        if let Err(panic) = caught(|| drop(self)) {
            tracing::error!(parent: &span, panic, "what a callback left behind panicked when it was dropped");
        }
    }

    /// The runtime that the method can go on in when its request is over.
    fn runtime_after(&self, serving: Option<Handle>) -> Option<Handle> {
        let place = self.place();
        if let Some(home) = place.home.as_ref().filter(|home| place.runtime().is_some() && home.is_driven()) {
            return Some(home.runtime().clone());
        }
        serving.inspect(|serving| place.tell_bound(serving))
    }

    /// Gives the answer, and tells of it.
    fn answer(&self, settled: Completion) -> WireResponse {
        let _entered = self.span.enter();
        let AdmittedRequest { place, ctx, fallback, .. } = self.method.call();
        let reply = match settled {
            Completion::Ended(Ok(reply)) => {
                place.warn_unhandled_once(ctx.callback, ctx.is_unhandled());
                reply
            }
            failed => fallback.clone().unwrap_or(WireResponse::DEFER).with_outcome(failure(&failed)),
        };
        place.over(|| Report::new(ctx.callback, &reply, ctx.received_at()).of_app(ctx.app_id()));
        reply
    }

    fn unanswered(&self, outcome: Outcome) -> Report {
        let ctx = &self.method.call().ctx;
        Report::unanswered(ctx.callback, outcome, ctx.received_at()).of_app(ctx.app_id())
    }

    fn ended_detached(&self, settled: &Completion) {
        let _entered = self.span.enter();
        let elapsed = self.method.call().ctx.received_at().elapsed();
        let outcome = match settled {
            Completion::Ended(Ok(reply)) => {
                tracing::info!(?elapsed, "a callback whose request was over has ended");
                reply.summary().outcome
            }
            Completion::Ended(Err(error)) => {
                tracing::error!(?elapsed, error, "a callback whose request was over has failed");
                Outcome::Failed
            }
            Completion::Panicked(panic) => {
                tracing::error!(?elapsed, panic, "a callback whose request was over has panicked");
                Outcome::Panicked
            }
            Completion::Late | Completion::Untimed => return,
        };
        self.place().ended_detached(&self.unanswered(outcome));
    }
}

fn drop_method(method: &mut Invocation) {
    // A future without a size takes no memory.
    method.with_dependent_mut(|_, method| *method = AnswerFuture::Ack(Box::pin(pending())));
}

/// Says in the log why a method has not given an answer.
#[cold]
fn failure(settled: &Completion) -> Outcome {
    match settled {
        Completion::Ended(result) => {
            let error = result.as_ref().err();
            tracing::error!(error, "a callback's method failed");
            Outcome::Failed
        }
        Completion::Panicked(panic) => {
            tracing::error!(panic, "a callback's method panicked");
            Outcome::Panicked
        }
        Completion::Late => {
            tracing::warn!("a callback's method did not answer in time; it goes on");
            Outcome::Late
        }
        Completion::Untimed => {
            tracing::error!(
                "a callback's method has to wait, and the runtime has no timer for its deadline; it goes on"
            );
            Outcome::Failed
        }
    }
}

/// A method that was not ready at once, as the request's own future waits for it.
pub(crate) struct Running {
    work: Option<Work>,
    deadline: Deadline,
    /// The runtime that serves the request, once there is one. A request may be dropped where none is entered.
    serving: Option<Handle>,
}

impl Running {
    /// Polls a method for the first time: there is an answer, or it has to be waited for.
    pub(crate) fn start(mut work: Work, cx: &mut Context<'_>) -> Result<WireResponse, Box<Self>> {
        if let Poll::Ready(settled) = work.poll(cx) {
            return Ok(work.finish(settled));
        }
        // Boxed, because it is large, and not there at all for a method that answers at once.
        let mut running = Box::new(Self { work: Some(work), deadline: Deadline::Idle, serving: None });
        match running.wait(cx) {
            Poll::Ready(reply) => Ok(reply),
            Poll::Pending => Err(running),
        }
    }

    /// Ready when the time is up.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<WireResponse> {
        let Some(work) = &self.work else { return Poll::Pending };
        if self.serving.is_none() {
            self.serving = Handle::try_current().ok();
        }
        let place = work.place();
        let deadline = work.method.call().ctx.deadline();
        // Without a runtime there is no timer and nothing to detach to: the method is waited for.
        let settled = match ready!(self.deadline.poll(&place.timers, place.runtime(), deadline, cx)) {
            Ok(()) => Completion::Late,
            Err(NoTimer) => Completion::Untimed,
        };
        let Some(work) = self.work.take() else { return Poll::Pending };
        let reply = work.answer(settled);
        match work.runtime_after(self.serving.take()) {
            Some(runtime) => drop(runtime.spawn(Detached(Some(work)))),
            None => work.discard(),
        }
        Poll::Ready(reply)
    }
}

impl Future for Running {
    type Output = WireResponse;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<WireResponse> {
        let polled = self.work.as_mut().expect("a future is not polled after it was ready").poll(cx);
        let Poll::Ready(settled) = polled else { return self.wait(cx) };
        let work = self.work.take().expect("it has just been polled");
        Poll::Ready(work.finish(settled))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        let span = work.span.clone();
        let _entered = span.enter();
        work.place().over(|| work.unanswered(Outcome::ClientDisconnected));
        let runtime = match work.place().on_disconnect {
            OnDisconnect::Finish => work.runtime_after(self.serving.take()),
            OnDisconnect::Drop => None,
        };
        if let Some(runtime) = runtime {
            tracing::info!("the client hung up; the callback goes on");
            runtime.spawn(Detached(Some(work)));
        } else {
            tracing::warn!("the client hung up and the callback was dropped");
            work.discard();
        }
    }
}

/// A method whose request is over.
struct Detached(Option<Work>);

impl Future for Detached {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(work) = &mut self.0 else { return Poll::Ready(()) };
        let settled = ready!(work.poll(cx));
        if let Some(work) = self.0.take() {
            work.ended_detached(&settled);
            work.discard();
        }
        Poll::Ready(())
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        if let Some(work) = &self.0 {
            tracing::error!(
                parent: &work.span,
                "the runtime was shut down while a callback was in flight; await `Endpoint::drain` before that"
            );
        }
    }
}
