//! A handler's method under way: guarded against panics, held to its deadline, and kept alive when
//! nobody waits for it any more.
//!
//! A method that is ready at once costs a poll: the timer is armed when it first has to wait, and a
//! task is made for it only when the request's own future ends before it does.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    runtime::Handle,
    time::{Sleep, sleep_until},
};
use tracing::Span;

use crate::{OnHangUp, Outcome, Report, endpoint::Place, error::BoxError, method::Begun, reply::Reply, table::Call};

/// How a method ended, if it did.
enum Settled {
    Ended(Result<Reply, BoxError>),
    Panicked(String),
    /// The time is up. The method goes on in a task of its own.
    Late,
}

/// A method, and what has to go along wherever it runs.
pub(crate) struct Work {
    pub(crate) method: Begun,
    pub(crate) span: Span,
}

impl Work {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Settled> {
        let _entered = self.span.enter();
        // What the method opens has to live on where the method may go on.
        let _runtime = self.place().enter_runtime();
        // After a panic the future is dropped without another poll, so nobody sees what it left behind.
        match catch_unwind(AssertUnwindSafe(|| self.method.poll(cx))) {
            Ok(poll) => poll.map(Settled::Ended),
            Err(panic) => Poll::Ready(Settled::Panicked(panic_text(&*panic))),
        }
    }

    fn place(&self) -> &Place {
        &self.method.call().place
    }

    /// Gives the answer, and tells of it.
    fn answer(&self, settled: Settled) -> Reply {
        let _entered = self.span.enter();
        let Call { place, ctx, fallback, .. } = self.method.call();
        let reply = match settled {
            Settled::Ended(Ok(reply)) => {
                place.tell_default(ctx.callback, ctx.is_at_default());
                reply
            }
            failed => fallback.clone().unwrap_or(Reply::DEFER).with_outcome(failure(&failed)),
        };
        place.over(|| Report::new(ctx.callback, &reply, ctx.received_at()).of_app(ctx.app_id()));
        reply
    }

    fn unanswered(&self, outcome: Outcome) -> Report {
        let ctx = &self.method.call().ctx;
        Report::unanswered(ctx.callback, outcome, ctx.received_at()).of_app(ctx.app_id())
    }

    fn ended_detached(&self, settled: &Settled) {
        let _entered = self.span.enter();
        let elapsed = self.method.call().ctx.received_at().elapsed();
        let outcome = match settled {
            Settled::Ended(Ok(reply)) => {
                tracing::info!(?elapsed, "a callback whose request was over has ended");
                reply.told().outcome
            }
            Settled::Ended(Err(error)) => {
                tracing::error!(?elapsed, error = %error, "a callback whose request was over has failed");
                Outcome::Failed
            }
            Settled::Panicked(panic) => {
                tracing::error!(?elapsed, panic, "a callback whose request was over has panicked");
                Outcome::Panicked
            }
            Settled::Late => return,
        };
        self.place().ended_detached(&self.unanswered(outcome));
    }
}

/// Says in the log why a method has not given an answer.
#[cold]
fn failure(settled: &Settled) -> Outcome {
    match settled {
        Settled::Ended(result) => {
            let error = result.as_ref().err().map(tracing::field::display);
            tracing::error!(error, "a callback's method failed");
            Outcome::Failed
        }
        Settled::Panicked(panic) => {
            tracing::error!(panic, "a callback's method panicked");
            Outcome::Panicked
        }
        Settled::Late => {
            tracing::warn!("a callback's method did not answer in time; it goes on");
            Outcome::Late
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is not text").to_owned()
}

/// A method that was not ready at once, as the request's own future waits for it.
pub(crate) struct Running {
    work: Option<Work>,
    /// `None` as long as there is no runtime.
    waiting: Option<Waiting>,
}

struct Waiting {
    timer: Pin<Box<Sleep>>,
    // Kept because a request may be dropped where no runtime is entered.
    runtime: Handle,
}

impl Running {
    /// Polls a method for the first time: there is an answer, or it has to be waited for.
    pub(crate) fn start(mut work: Work, cx: &mut Context<'_>) -> Result<Reply, Box<Self>> {
        if let Poll::Ready(settled) = work.poll(cx) {
            return Ok(work.answer(settled));
        }
        // Boxed, because it is large, and not there at all for a method that answers at once.
        let mut running = Box::new(Self { work: Some(work), waiting: None });
        match running.wait(cx) {
            Poll::Ready(reply) => Ok(reply),
            Poll::Pending => Err(running),
        }
    }

    /// Ready when the time is up.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Reply> {
        let Some(work) = &self.work else { return Poll::Pending };
        if self.waiting.is_none() {
            let own = work.place().runtime.clone();
            // Without a runtime there is no timer and nothing to detach to: the method is waited for.
            let Some(runtime) = own.or_else(|| Handle::try_current().ok()) else { return Poll::Pending };
            let timer = {
                let _entered = runtime.enter();
                Box::pin(sleep_until(work.method.call().ctx.deadline().into()))
            };
            self.waiting = Some(Waiting { timer, runtime });
        }
        let Some(Waiting { timer, runtime }) = &mut self.waiting else { return Poll::Pending };
        ready!(timer.as_mut().poll(cx));
        let Some(work) = self.work.take() else { return Poll::Pending };
        let reply = work.answer(Settled::Late);
        runtime.spawn(Detached(Some(work)));
        Poll::Ready(reply)
    }
}

impl Future for Running {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let work = self.work.as_mut().expect("a future is not polled after it was ready");
        if let Poll::Ready(settled) = work.poll(cx) {
            let reply = work.answer(settled);
            self.work = None;
            return Poll::Ready(reply);
        }
        self.wait(cx)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        let span = work.span.clone();
        let _entered = span.enter();
        work.place().over(|| work.unanswered(Outcome::HungUp));
        match &self.waiting {
            Some(waiting) if work.place().on_hang_up == OnHangUp::Finish => {
                tracing::info!("the client hung up; the callback goes on");
                waiting.runtime.spawn(Detached(Some(work)));
            }
            _ => tracing::warn!("the client hung up and the callback was dropped"),
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
