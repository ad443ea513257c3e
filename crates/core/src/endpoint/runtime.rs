//! The runtime that methods belong to where servers have a runtime for each of their threads.
//!
//! What a method opens ends with the runtime that is entered meanwhile. actix-web's workers have one each, which ends
//! when the server stops; the one of the main program goes on. So methods are polled within that one, by the worker.

use std::{
    future::pending,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::JoinHandle,
};

/// A runtime that was given for methods, or the one that the endpoint was built in.
pub(crate) struct Home {
    runtime: Handle,
    is_given: bool,
    /// A task that never ends by itself: when it has ended, its runtime has.
    life: JoinHandle<()>,
    pulse: Mutex<Pulse>,
    has_told_end: AtomicBool,
}

/// A task that ends when its runtime runs.
struct Pulse {
    beat: JoinHandle<()>,
    begun_at: Instant,
    /// There was none before it.
    is_first: bool,
}

/// How long a task may wait for its turn on a runtime that runs, and how old the last one may become.
const PATIENCE: Duration = Duration::from_secs(1);

impl Home {
    /// The one given, or else the one that this is called in.
    pub(super) fn find(given: Option<Handle>) -> Option<Self> {
        let is_given = given.is_some();
        let runtime = given.or_else(|| Handle::try_current().ok())?;
        let (life, pulse) = (runtime.spawn(pending()), Mutex::new(Pulse::of(&runtime, true)));
        let home = Self { runtime, is_given, life, pulse, has_told_end: AtomicBool::new(false) };
        home.is_alive();
        Some(home)
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Whether it has not ended yet.
    pub(crate) fn is_alive(&self) -> bool {
        let has_ended = self.life.is_finished();
        if has_ended && self.is_given && !self.has_told_end.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "the runtime that EndpointBuilder::runtime was given has ended; methods run on the one that serves them"
            );
        }
        !has_ended
    }

    /// Whether a method belongs to it whose request is served here.
    pub(super) fn is_wanted(&self) -> bool {
        let Ok(serving) = Handle::try_current() else { return self.is_given && self.is_alive() };
        // A runtime of several threads is no worker's: it is as good as the one that was not given.
        let is_apt = self.is_given || serving.runtime_flavor() == RuntimeFlavor::CurrentThread;
        is_apt && serving.id() != self.runtime.id() && self.is_alive() && self.is_driven()
    }

    /// Whether something runs its tasks: a runtime of one thread does so only while the program blocks on it.
    ///
    /// Nothing tells but a task that has its turn. The last one has had it, or may still have it, as the one before.
    pub(crate) fn is_driven(&self) -> bool {
        if self.is_given || self.runtime.runtime_flavor() != RuntimeFlavor::CurrentThread {
            return true;
        }
        let mut pulse = self.pulse.lock().unwrap_or_else(PoisonError::into_inner);
        let is_young = pulse.begun_at.elapsed() < PATIENCE;
        let has_beaten = pulse.beat.is_finished();
        if has_beaten && !is_young {
            *pulse = Pulse::of(&self.runtime, false);
        }
        has_beaten || (is_young && !pulse.is_first)
    }
}

impl Pulse {
    fn of(runtime: &Handle, is_first: bool) -> Self {
        Self { beat: runtime.spawn(async {}), begun_at: Instant::now(), is_first }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.life.abort();
    }
}
