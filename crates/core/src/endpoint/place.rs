//! What a request holds of its endpoint: the settings, and a place among the callbacks in flight.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::runtime::{EnterGuard, Handle};

use super::{Home, Shared};

/// A way to what all clones of an endpoint share.
///
/// There are several, because to hold on to something means to count, and all would count at one spot. They
/// lie apart in memory for the same reason.
#[repr(align(128))]
pub(crate) struct Gate {
    inner: Arc<Shared>,
    /// The lane that is counted in.
    lane: usize,
}

impl Gate {
    pub(super) fn all(inner: Shared) -> Arc<[Arc<Self>]> {
        let inner = Arc::new(inner);
        (0..inner.in_flight.lanes()).map(|lane| Arc::new(Self { inner: Arc::clone(&inner), lane })).collect()
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
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.inner
    }
}

/// A place among the callbacks in flight, until it is dropped.
pub(crate) struct Place {
    gate: Arc<Gate>,
    /// The method is polled within the runtime that methods belong to, and not in the one that serves the request.
    is_at_home: bool,
}

impl Place {
    /// `None` where there is no room.
    pub(super) fn take(gate: &Arc<Gate>) -> Option<Self> {
        gate.in_flight.enter(gate.lane).then(|| Self { gate: Arc::clone(gate), is_at_home: false })
    }

    /// Decides which runtime the method is polled in, before it is begun.
    pub(super) fn choose_runtime(&mut self) {
        self.is_at_home = self.home.as_ref().is_some_and(Home::is_wanted);
    }

    /// The runtime that the method is polled in, if it is another than the one that serves the request.
    pub(crate) fn runtime(&self) -> Option<&Handle> {
        let home = self.home.as_ref().filter(|_| self.is_at_home)?;
        home.is_alive().then(|| home.runtime())
    }

    /// Enters that runtime.
    pub(crate) fn enter_runtime(&self) -> Option<EnterGuard<'_>> {
        self.runtime().map(Handle::enter)
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
        self.in_flight.leave(self.lane);
    }
}
