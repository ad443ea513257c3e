//! The end of a request's time, as a timer of the runtime that serves the request.

use std::{
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll},
    time::Instant,
};

use tokio::{
    runtime::{Handle, Id},
    time::{Sleep, sleep_until},
};

use super::panics::caught;

/// The timers of the runtimes that serve an endpoint.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    /// A runtime that was built without them. tokio tells by a panic alone, which is provoked once and not again.
    missing_in: OnceLock<Id>,
}

impl Timers {
    /// Says in the log that a runtime has no timers, if it has none.
    pub(super) fn check(&self, runtime: &Handle) {
        let _entered = runtime.enter();
        drop(self.arm(runtime, Instant::now()));
    }

    /// A timer of the runtime that is entered, which is `runtime`.
    fn arm(&self, runtime: &Handle, at: Instant) -> Option<Pin<Box<Sleep>>> {
        if self.missing_in.get() == Some(&runtime.id()) {
            return None;
        }
        let timer = caught(|| Box::pin(sleep_until(at.into())));
        if timer.is_err() && self.missing_in.set(runtime.id()).is_ok() {
            tracing::error!(
                "the tokio runtime has no timers, so no deadline can be kept; build it with `enable_time` or `enable_all`"
            );
        }
        timer.ok()
    }
}

/// A timer that is armed when something has to be waited for.
pub(crate) enum Deadline {
    /// Nothing had to be waited for yet, or not within a runtime.
    Idle,
    // Boxed, because it is large and seldom there.
    Armed(Pin<Box<Sleep>>),
    /// There is a runtime, and no timer.
    Missing,
}

/// The runtime has no timers, or has ended.
pub(crate) struct NoTimer;

impl Deadline {
    /// Ready when the time is up, or when nothing will ever tell that it is.
    ///
    /// `other` is a runtime for where none is entered. Without any it is never ready: what comes is waited for.
    pub(crate) fn poll(
        &mut self,
        timers: &Timers,
        other: Option<&Handle>,
        at: Instant,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), NoTimer>> {
        if matches!(self, Self::Idle) {
            let timer = match (Handle::try_current(), other) {
                (Ok(serving), _) => timers.arm(&serving, at),
                (Err(_), Some(other)) => {
                    let _entered = other.enter();
                    timers.arm(other, at)
                }
                (Err(_), None) => return Poll::Pending,
            };
            *self = timer.map_or(Self::Missing, Self::Armed);
        }
        let Self::Armed(timer) = self else { return Poll::Ready(Err(NoTimer)) };
        // A timer panics when its runtime has ended.
        let Ok(polled) = caught(|| timer.as_mut().poll(cx)) else {
            *self = Self::Missing;
            return Poll::Ready(Err(NoTimer));
        };
        polled.map(Ok)
    }
}
