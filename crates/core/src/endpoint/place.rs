//! What a request holds of its endpoint: the settings, and a place among the callbacks in flight.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::Inner;

/// A way to what all clones of an endpoint share.
///
/// There are several, because to hold on to something means to count, and all would count at one spot. They
/// lie apart in memory for the same reason.
#[repr(align(128))]
pub(crate) struct Gate {
    inner: Arc<Inner>,
    /// The lane that is counted in.
    lane: usize,
}

impl Gate {
    pub(super) fn all(inner: Inner) -> Arc<[Arc<Self>]> {
        let inner = Arc::new(inner);
        (0..inner.in_flight.lanes()).map(|lane| Arc::new(Self { inner: Arc::clone(&inner), lane })).collect()
    }

    /// One more in flight, if there is room.
    #[must_use]
    pub(super) fn enter(&self) -> bool {
        self.in_flight.enter(self.lane)
    }

    /// That of this thread, among as many as a power of two.
    pub(super) fn of_thread(gates: &[Arc<Self>]) -> &Arc<Self> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }

        &gates[THREAD.with(|thread| thread & (gates.len() - 1))]
    }
}

impl Deref for Gate {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

/// Where a request stands: before its endpoint, or among the callbacks in flight until it is dropped.
pub(crate) struct Place {
    gate: Arc<Gate>,
    is_taken: bool,
}

impl Place {
    /// A place that has been taken by [`Gate::enter`], or the one before it.
    pub(super) const fn new(gate: Arc<Gate>, is_taken: bool) -> Self {
        Self { gate, is_taken }
    }

    /// Where the request stands when its place is left to somebody else.
    pub(crate) fn left(&self) -> Self {
        Self::new(Arc::clone(&self.gate), false)
    }

    pub(crate) const fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }
}

impl Deref for Place {
    type Target = Gate;

    fn deref(&self) -> &Gate {
        &self.gate
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_taken {
            self.in_flight.leave(self.lane);
        }
    }
}
