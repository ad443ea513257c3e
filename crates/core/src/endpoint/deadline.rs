//! The deadline of a request: one timer, which is armed when the body or the method has to be waited for.

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
pub(super) struct Timers {
    /// A runtime without timers. tokio reports missing timers by a panic only, which is provoked once for each runtime.
    missing_in: OnceLock<Id>,
}

impl Timers {
    /// Logs that a runtime has no timers, if it has none.
    pub(super) fn check(&self, runtime: &Handle) {
        let _entered = runtime.enter();
        drop(self.arm(runtime, Instant::now()));
    }

    /// A timer of `runtime`, which is the entered runtime.
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

/// The moment at which a request has to be answered.
pub(super) struct Deadline {
    at: Instant,
    timer: Timer,
}

enum Timer {
    /// Nothing had to be waited for yet, or not within a runtime.
    Idle,
    // Boxed, because it is large and seldom there.
    Armed(Pin<Box<Sleep>>),
    /// The runtime has no timers, or has ended.
    Missing,
}

/// The runtime has no timers, or has ended.
pub(super) struct NoTimer;

impl Deadline {
    pub(super) const fn new(at: Instant) -> Self {
        Self { at, timer: Timer::Idle }
    }

    /// Ready when the time is up, or when no timer can say so.
    ///
    /// `other` is the runtime to use where none is entered. Without any runtime this is never ready.
    pub(super) fn poll(
        &mut self,
        timers: &Timers,
        other: Option<&Handle>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), NoTimer>> {
        if matches!(self.timer, Timer::Idle) {
            let timer = match (Handle::try_current(), other) {
                (Ok(serving), _) => timers.arm(&serving, self.at),
                (Err(_), Some(other)) => {
                    let _entered = other.enter();
                    timers.arm(other, self.at)
                }
                (Err(_), None) => return Poll::Pending,
            };
            self.timer = timer.map_or(Timer::Missing, Timer::Armed);
        }
        let Timer::Armed(timer) = &mut self.timer else { return Poll::Ready(Err(NoTimer)) };
        // A timer panics when its runtime has ended.
        let Ok(polled) = caught(|| timer.as_mut().poll(cx)) else {
            self.timer = Timer::Missing;
            return Poll::Ready(Err(NoTimer));
        };
        polled.map(Ok)
    }
}
