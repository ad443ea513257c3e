//! Runs a handler method: catches its panics, keeps its deadline, and lets it continue after its request.
//!
//! A method that is ready at once costs one poll. The timer is armed when the method first has to wait. A task is
//! spawned for the method only when the future of the request ends first.

use std::{
    future::pending,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::runtime::Handle;
use tracing::Span;

use super::{
    admitted::{AdmittedRequest, Source},
    deadline::{Deadline, NoTimer},
    invocation::{AnswerFuture, Invocation},
    panics::{caught, error_text},
    policy::OnDisconnect,
    shared::Shared,
};
use crate::{Outcome, Report, wire::response::WireResponse};

/// How the wait for a method ended.
enum Completion {
    /// With an answer, or the text of an error.
    Ended(Result<WireResponse, String>),
    Panicked(String),
    /// At the deadline. The method continues in a task of its own.
    Late,
    /// Without a timer for the deadline. The method continues in a task of its own.
    Untimed,
}

/// A method, and the span that it runs in.
pub(super) struct Work {
    pub(super) invocation: Invocation,
    pub(super) span: Span,
}

impl Work {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Completion> {
        let _entered = self.span.enter();
        // What the method opens has to belong to the runtime that the method may continue on.
        let _runtime = self.request().method_runtime().map(Handle::enter);
        let polled = caught(|| self.invocation.poll(cx));
        let completion = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(response))) => Completion::Ended(Ok(response)),
            Ok(Poll::Ready(Err(error))) => {
                let text = error_text(&*error);
                caught(|| drop(error)).map_or_else(Completion::Panicked, |()| Completion::Ended(Err(text)))
            }
            Err(panic) => Completion::Panicked(panic),
        };
        // The future is dropped now, because a panic of its drop is a panic of the method.
        let dropped = caught(|| drop_method(&mut self.invocation));
        Poll::Ready(dropped.map_or_else(Completion::Panicked, |()| completion))
    }

    fn request(&self) -> &AdmittedRequest {
        self.invocation.request()
    }

    fn shared(&self) -> &Shared {
        &self.request().shared
    }

    /// Makes the response of a method that has ended, and drops the method.
    fn finish(self, completion: Completion) -> WireResponse {
        let response = self.answer(completion);
        self.discard();
        response
    }

    /// Answers the callback, whose method continues in a task. Without a runtime for the task the method is given back.
    fn acknowledge(self) -> Result<WireResponse, Box<Self>> {
        let Some(runtime) = self.runtime_after(Handle::try_current().ok()) else { return Err(Box::new(self)) };
        let response = self.span.in_scope(|| self.report(WireResponse::ACK));
        runtime.spawn(Detached(Some(self)));
        Ok(response)
    }

    /// Drops the method and its request. A panic of the drop is logged; the response is made already.
    fn discard(self) {
        let span = self.span.clone();
        if let Err(panic) = caught(|| drop(self)) {
            tracing::error!(parent: &span, panic, "a value of a callback panicked when it was dropped");
        }
    }

    /// The runtime that the method can continue on when its request is over.
    fn runtime_after(&self, serving: Option<Handle>) -> Option<Handle> {
        let request = self.request();
        let method_runtime = request.shared.method_runtime.as_ref();
        if let Some(runtime) =
            method_runtime.filter(|runtime| request.method_runtime().is_some() && runtime.runs_tasks())
        {
            return Some(runtime.handle().clone());
        }
        serving.inspect(|serving| request.shared.warn_bound_once(serving))
    }

    /// Makes the response, and reports it.
    fn answer(&self, completion: Completion) -> WireResponse {
        let _entered = self.span.enter();
        let AdmittedRequest { ctx, fallback, .. } = self.request();
        let response = match completion {
            Completion::Ended(Ok(response)) => {
                self.shared().warn_unhandled_once(ctx);
                response
            }
            failed if self.request().source == Source::RequestToKeep => {
                WireResponse::DEFER.with_outcome(not_kept(&failed))
            }
            failed => fallback.clone().unwrap_or(WireResponse::DEFER).with_outcome(failure(&failed)),
        };
        self.report(response)
    }

    /// Reports the end of the request with this response.
    fn report(&self, response: WireResponse) -> WireResponse {
        let ctx = &self.request().ctx;
        self.shared()
            .report_request(|| Report::new(ctx.callback, &response, ctx.received_at()).with_app_id(ctx.app_id()));
        response
    }

    fn unanswered(&self, outcome: Outcome) -> Report {
        let ctx = &self.request().ctx;
        Report::unanswered(ctx.callback, outcome, ctx.received_at()).with_app_id(ctx.app_id())
    }

    fn finish_detached(&self, completion: &Completion) {
        let _entered = self.span.enter();
        let elapsed = self.request().ctx.received_at().elapsed();
        let outcome = match completion {
            Completion::Ended(Ok(response)) => {
                self.shared().warn_unhandled_once(&self.request().ctx);
                if !self.request().is_acknowledged_at_once {
                    tracing::info!(?elapsed, "a handler method has ended after its request");
                }
                response.summary().outcome
            }
            Completion::Ended(Err(error)) => {
                tracing::error!(?elapsed, error, "a handler method has failed after its request");
                Outcome::Failed
            }
            Completion::Panicked(panic) => {
                tracing::error!(?elapsed, panic, "a handler method has panicked after its request");
                Outcome::Panicked
            }
            Completion::Late | Completion::Untimed => return,
        };
        self.shared().report_detached(&self.unanswered(outcome));
    }
}

fn drop_method(method: &mut Invocation) {
    // Boxing a future without a size allocates nothing.
    method.with_dependent_mut(|_, method| *method = AnswerFuture::Ack(Box::pin(pending())));
}

/// Logs why a method has not given an answer.
#[cold]
fn failure(completion: &Completion) -> Outcome {
    match completion {
        Completion::Ended(result) => {
            let error = result.as_ref().err();
            tracing::error!(error, "a handler method failed");
            Outcome::Failed
        }
        Completion::Panicked(panic) => {
            tracing::error!(panic, "a handler method panicked");
            Outcome::Panicked
        }
        Completion::Late => {
            tracing::warn!("a handler method did not answer within the deadline; it continues");
            Outcome::Late
        }
        Completion::Untimed => {
            tracing::error!(
                "a handler method has to wait, and the runtime has no timer for the deadline; the method continues"
            );
            Outcome::Failed
        }
    }
}

/// Logs why a callback could not be kept in the journal.
#[cold]
fn not_kept(completion: &Completion) -> Outcome {
    let (outcome, reason) = match completion {
        Completion::Ended(Err(error)) => (Outcome::Failed, error.as_str()),
        Completion::Ended(Ok(_)) => (Outcome::Failed, "it has no reason"),
        Completion::Panicked(panic) => (Outcome::Panicked, panic.as_str()),
        Completion::Late => (Outcome::Late, "the deadline"),
        Completion::Untimed => (Outcome::Failed, "the runtime has no timer for the deadline"),
    };
    tracing::error!(reason, "a callback could not be kept in the journal; it is answered with 500");
    outcome
}

/// A method that was not ready at once and that the future of the request waits for.
pub(super) struct Running {
    work: Option<Work>,
    /// The runtime that serves the request, once there is one. A request may be dropped where none is entered.
    serving: Option<Handle>,
}

impl Running {
    /// Polls a method for the first time: `Err` if it has to be waited for.
    pub(super) fn start(
        mut work: Work,
        deadline: &mut Deadline,
        cx: &mut Context<'_>,
    ) -> Result<WireResponse, Box<Self>> {
        if work.request().is_acknowledged_at_once {
            match work.acknowledge() {
                Ok(response) => return Ok(response),
                Err(unacknowledged) => work = *unacknowledged,
            }
        }
        if let Poll::Ready(completion) = work.poll(cx) {
            return Ok(work.finish(completion));
        }
        // Boxed, because it is large, and needed only for methods that have to wait.
        let mut running = Box::new(Self { work: Some(work), serving: None });
        match running.wait(deadline, cx) {
            Poll::Ready(response) => Ok(response),
            Poll::Pending => Err(running),
        }
    }

    /// Ready at the deadline.
    fn wait(&mut self, deadline: &mut Deadline, cx: &mut Context<'_>) -> Poll<WireResponse> {
        let Some(work) = &self.work else { return Poll::Pending };
        if self.serving.is_none() {
            self.serving = Handle::try_current().ok();
        }
        // Without a runtime there is no timer and nothing to spawn the method on: it is waited for.
        let request = work.request();
        let completion = match ready!(deadline.poll(&request.shared.timers, request.method_runtime(), cx)) {
            Ok(()) => Completion::Late,
            Err(NoTimer) => Completion::Untimed,
        };
        let Some(work) = self.work.take() else { return Poll::Pending };
        let response = work.answer(completion);
        match work.runtime_after(self.serving.take()) {
            Some(runtime) => drop(runtime.spawn(Detached(Some(work)))),
            None => work.discard(),
        }
        Poll::Ready(response)
    }

    /// Polls the method; ready with its answer, or with that of the failure policy at the deadline.
    pub(super) fn poll(&mut self, deadline: &mut Deadline, cx: &mut Context<'_>) -> Poll<WireResponse> {
        let polled = self.work.as_mut().expect("a future must not be polled after it was ready").poll(cx);
        let Poll::Ready(completion) = polled else { return self.wait(deadline, cx) };
        let work = self.work.take().expect("it has just been polled");
        Poll::Ready(work.finish(completion))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        let span = work.span.clone();
        let _entered = span.enter();
        work.shared().report_request(|| work.unanswered(Outcome::ClientDisconnected));
        let runtime = match work.shared().on_disconnect {
            OnDisconnect::Finish => work.runtime_after(self.serving.take()),
            OnDisconnect::Drop => None,
        };
        if let Some(runtime) = runtime {
            tracing::info!("the client disconnected; the method continues");
            runtime.spawn(Detached(Some(work)));
        } else {
            tracing::warn!("the client disconnected and the method was dropped");
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
        let completion = ready!(work.poll(cx));
        if let Some(work) = self.0.take() {
            work.finish_detached(&completion);
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
                "the runtime was shut down while a callback was in flight; await Endpoint::drain before the shutdown"
            );
        }
    }
}
