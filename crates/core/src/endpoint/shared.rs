//! What all clones of an endpoint share: its settings, its applications and what it counts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tokio::runtime::{Handle, RuntimeFlavor};

use super::{
    apps::AppTable,
    deadline::Timers,
    in_flight::InFlight,
    panics::caught,
    policy::{OnDisconnect, OnFailure, Policies},
    runtime::MethodRuntime,
};
use crate::{
    Callback, Context, ExchangeObserver, Observer, Outcome, Report, journal::DynJournal, layer::DynLayer, observe,
    wire::response::WireResponse,
};

pub(super) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

pub(super) struct Shared {
    pub(super) apps: AppTable,
    pub(super) policies: Policies,
    pub(super) journal: Option<DynJournal>,
    /// The outermost first.
    pub(super) layers: Box<[DynLayer]>,
    pub(super) on_disconnect: OnDisconnect,
    pub(super) deadline: Duration,
    pub(super) freshness: Duration,
    pub(super) body_limit: usize,
    /// `None` for the system's clock.
    pub(super) clock: Option<Clock>,
    pub(super) observer: Option<Box<dyn Observer>>,
    pub(super) exchange_observer: Option<Box<dyn ExchangeObserver>>,
    /// The runtime that methods belong to; `None` for the runtime that serves their request.
    pub(super) method_runtime: Option<MethodRuntime>,
    pub(super) timers: Timers,
    /// Whether it is logged already that a method may end with a runtime that serves requests.
    pub(super) warned_bound: AtomicBool,
    /// By callback: whether it is logged already that the handler has no method for it.
    pub(super) warned_unhandled: Box<[AtomicBool]>,
    pub(super) in_flight: Arc<InFlight>,
}

impl Shared {
    pub(super) fn policy(&self, callback: Option<&Callback>) -> OnFailure {
        self.policies.for_callback(callback)
    }

    pub(super) fn deadline_for(&self, received_at: Instant) -> Instant {
        received_at + self.deadline
    }

    /// The time since the beginning of 1970; when the clock of the app panics, the response to the request.
    pub(super) fn now(&self) -> Result<Duration, WireResponse> {
        let now = match &self.clock {
            None => SystemTime::now(),
            Some(clock) => caught(clock).map_err(|panic| {
                tracing::error!(panic, "the clock of the endpoint panicked");
                WireResponse::DEFER.with_outcome(Outcome::Panicked)
            })?,
        };
        Ok(now.duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// Reports the end of a request: it was answered, or the client has disconnected.
    pub(super) fn report_request(&self, report: impl FnOnce() -> Report) {
        observe::request_finished(report, self.observer.as_deref());
    }

    /// Reports the end of a method whose request ended before.
    pub(super) fn report_detached(&self, report: &Report) {
        observe::method_finished(report, report.elapsed.saturating_sub(self.deadline), self.observer.as_deref());
    }

    /// Reports the end of a method that a journal has called.
    pub(super) fn report_delivery(&self, report: &Report) {
        observe::method_finished(report, Duration::ZERO, self.observer.as_deref());
    }

    /// Logs once that a method whose request is over may end too early: with the runtime of one thread.
    pub(super) fn warn_bound_once(&self, serving: &Handle) {
        let is_bound = serving.runtime_flavor() == RuntimeFlavor::CurrentThread
            && self.method_runtime.as_ref().is_none_or(|runtime| runtime.handle().id() != serving.id());
        if is_bound && !self.warned_bound.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a method continues after its request and ends with the runtime of the thread that served it; \
                 build the endpoint within the runtime of the main program, or give that to EndpointBuilder::runtime"
            );
        }
    }

    /// Logs once for each callback that the handler has no method for it.
    pub(super) fn warn_unhandled_once(&self, ctx: &Context) {
        let Some(callback) = ctx.callback.filter(|_| ctx.is_unhandled()) else { return };
        if !self.warned_unhandled[callback.index].swap(true, Ordering::Relaxed) {
            tracing::warn!(
                command = callback.command,
                method = callback.method,
                "no handler method for this callback; answered with the default (logged once)"
            );
        }
    }
}
