//! The number of callbacks in flight, with its limit, and the permit that a request holds while it is counted.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

#[cfg(feature = "metrics")]
const GAUGE: &str = "tencent_im_callback_in_flight";

/// The callbacks in flight of one endpoint.
pub(crate) struct InFlight {
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
pub(crate) struct InFlightPermit(Arc<InFlight>);

impl InFlightPermit {
    /// `None` when as many callbacks as allowed are in flight.
    pub(super) fn acquire(in_flight: &Arc<InFlight>) -> Option<Self> {
        in_flight.acquire().then(|| Self::counted(in_flight))
    }

    /// One more, for work that a callback in flight has begun. The limit refuses requests, and not their work.
    pub(super) fn another(&self) -> Self {
        self.0.add();
        Self::counted(&self.0)
    }

    /// The permit of a callback that has just been counted.
    fn counted(in_flight: &Arc<InFlight>) -> Self {
        #[cfg(feature = "metrics")]
        metrics::gauge!(GAUGE).increment(1);
        Self(Arc::clone(in_flight))
    }
}

impl Drop for InFlightPermit {
    fn drop(&mut self) {
        #[cfg(feature = "metrics")]
        metrics::gauge!(GAUGE).decrement(1);
        self.0.release();
    }
}
