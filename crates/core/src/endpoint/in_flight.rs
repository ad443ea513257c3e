//! The number of callbacks in flight, with its limit, and the permit that a request holds while it is counted.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

use super::shared::Shared;
use crate::observe;

/// The callbacks in flight of one endpoint.
pub(super) struct InFlight {
    count: AtomicUsize,
    limit: usize,
    /// Notified when the count becomes zero.
    idle: Notify,
}

impl InFlight {
    pub(super) fn new(limit: usize) -> Self {
        Self { count: AtomicUsize::new(0), limit, idle: Notify::new() }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Waits until no callback is in flight.
    pub(super) async fn wait_idle(&self) {
        loop {
            let mut idle = pin!(self.idle.notified());
            // Registered before the count is read, so that the end of the last callback is not missed.
            idle.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Counts one more, if the limit allows it.
    fn acquire(&self) -> bool {
        let add_one = |count| (count < self.limit).then_some(count + 1);
        self.count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, add_one).is_ok()
    }

    /// Counts one more in any case.
    fn add(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    fn release(&self) {
        if self.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.idle.notify_waiters();
        }
    }
}

/// One callback in flight, counted until this is dropped.
pub(crate) struct InFlightPermit(Arc<Shared>);

impl InFlightPermit {
    /// `None` when as many callbacks as allowed are in flight.
    pub(super) fn acquire(shared: &Arc<Shared>) -> Option<Self> {
        if !shared.in_flight.acquire() {
            return None;
        }
        observe::entered();
        Some(Self(Arc::clone(shared)))
    }

    /// One more, for work that a callback in flight has begun. The limit refuses requests, and not their work.
    pub(super) fn another(&self) -> Self {
        self.0.in_flight.add();
        observe::entered();
        Self(Arc::clone(&self.0))
    }

    /// The endpoint that counts the callback.
    pub(super) fn shared(&self) -> &Shared {
        &self.0
    }
}

impl Drop for InFlightPermit {
    fn drop(&mut self) {
        observe::left();
        self.0.in_flight.release();
    }
}
