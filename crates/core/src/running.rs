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
    time::Instant,
};

use tokio::{
    runtime::Handle,
    time::{Sleep, sleep_until},
};
use tracing::Span;

use crate::{
    Callback, Outcome, Report,
    endpoint::Place,
    reply::Reply,
    table::{BoxFuture, Ended},
};

/// How a method ended, if it did.
pub(crate) enum Settled {
    Ended(Ended),
    Panicked(String),
    /// The time is up. The method goes on in a task of its own.
    Late,
}

/// What is told about a method wherever it ends.
#[derive(Clone)]
pub(crate) struct About {
    pub(crate) callback: Option<&'static Callback>,
    pub(crate) app_id: u64,
    pub(crate) received_at: Instant,
    pub(crate) span: Span,
}

impl About {
    pub(crate) fn answered(&self, reply: &Reply) -> Report {
        Report::new(self.callback, reply, self.received_at).of_app(self.app_id)
    }

    fn unanswered(&self, outcome: Outcome) -> Report {
        Report::unanswered(self.callback, outcome, self.received_at).of_app(self.app_id)
    }
}

/// What is left when the request need not wait any more.
pub(crate) struct Over {
    pub(crate) settled: Settled,
    pub(crate) about: About,
    /// Where the request stands now: a method that goes on has taken its place with it.
    pub(crate) place: Place,
}

/// A method, and what has to go along wherever it runs.
pub(crate) struct Work {
    pub(crate) future: BoxFuture<'static, Ended>,
    pub(crate) about: About,
    /// Its place among the callbacks in flight, given back when it ends.
    pub(crate) place: Place,
}

impl Work {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Settled> {
        let _entered = self.about.span.enter();
        // What the method opens has to live on where the method may go on.
        let _runtime = self.place.runtime.as_ref().map(Handle::enter);
        // After a panic the future is dropped without another poll, so nobody sees what it left behind.
        match catch_unwind(AssertUnwindSafe(|| self.future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Settled::Ended),
            Err(panic) => Poll::Ready(Settled::Panicked(panic_text(&*panic))),
        }
    }

    fn over(self, settled: Settled) -> Over {
        Over { settled, about: self.about, place: self.place }
    }

    fn ended_detached(&self, settled: &Settled) {
        let _entered = self.about.span.enter();
        let elapsed = self.about.received_at.elapsed();
        let outcome = match settled {
            Settled::Ended(Ended { result: Ok(reply), .. }) => {
                tracing::info!(?elapsed, "a callback whose request was over has ended");
                reply.told().outcome
            }
            Settled::Ended(Ended { result: Err(error), .. }) => {
                tracing::error!(?elapsed, error = %error, "a callback whose request was over has failed");
                Outcome::Failed
            }
            Settled::Panicked(panic) => {
                tracing::error!(?elapsed, panic, "a callback whose request was over has panicked");
                Outcome::Panicked
            }
            Settled::Late => return,
        };
        self.place.ended_detached(&self.about.unanswered(outcome));
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is not text").to_owned()
}

/// A method that was not ready at once, as the request's own future waits for it.
pub(crate) struct Running {
    work: Option<Work>,
    deadline: Instant,
    outlives_request: bool,
    /// `None` as long as there is no runtime.
    waiting: Option<Waiting>,
}

struct Waiting {
    timer: Pin<Box<Sleep>>,
    // Kept because a request may be dropped where no runtime is entered.
    runtime: Handle,
}

impl Running {
    /// Polls a method for the first time: it is over, or has to be waited for.
    pub(crate) fn start(
        mut work: Work,
        deadline: Instant,
        outlives_request: bool,
        cx: &mut Context<'_>,
    ) -> Result<Over, Box<Self>> {
        if let Poll::Ready(settled) = work.poll(cx) {
            return Ok(work.over(settled));
        }
        let mut running = Box::new(Self { work: Some(work), deadline, outlives_request, waiting: None });
        match running.wait(cx) {
            Poll::Ready(over) => Ok(over),
            Poll::Pending => Err(running),
        }
    }

    /// Ready when the time is up.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Over> {
        let Some(work) = &self.work else { return Poll::Pending };
        if self.waiting.is_none() {
            let own = work.place.runtime.clone();
            // Without a runtime there is no timer and nothing to detach to: the method is waited for.
            let Some(runtime) = own.or_else(|| Handle::try_current().ok()) else { return Poll::Pending };
            let timer = {
                let _entered = runtime.enter();
                Box::pin(sleep_until(self.deadline.into()))
            };
            self.waiting = Some(Waiting { timer, runtime });
        }
        let Some(Waiting { timer, runtime }) = &mut self.waiting else { return Poll::Pending };
        ready!(timer.as_mut().poll(cx));
        let (about, place) = (work.about.clone(), work.place.left());
        runtime.spawn(Detached(self.work.take()));
        Poll::Ready(Over { settled: Settled::Late, about, place })
    }
}

impl Future for Running {
    type Output = Over;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Over> {
        let mut work = self.work.take().expect("a future is not polled after it was ready");
        if let Poll::Ready(settled) = work.poll(cx) {
            return Poll::Ready(work.over(settled));
        }
        self.work = Some(work);
        self.wait(cx)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        let span = work.about.span.clone();
        let _entered = span.enter();
        work.place.over(|| work.about.unanswered(Outcome::HungUp));
        match &self.waiting {
            Some(waiting) if self.outlives_request => {
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
                parent: &work.about.span,
                "the runtime was shut down while a callback was in flight; await `Endpoint::drain` before that"
            );
        }
    }
}
