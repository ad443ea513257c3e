//! The runtime that methods belong to where servers have a runtime for each of their threads.
//!
//! What a method opens (timers, connections) ends with the runtime that is entered while the method runs. Each worker
//! of actix-web has a runtime, which ends when the server stops; the runtime of the main program continues. So the
//! worker polls methods within the runtime of the main program.

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

/// The runtime that was given for methods, or the one that the endpoint was built in.
pub(super) struct MethodRuntime {
    handle: Handle,
    is_given: bool,
    /// A task that never ends by itself. When it has ended, its runtime has ended.
    sentinel: JoinHandle<()>,
    probe: Mutex<Probe>,
    warned_ended: AtomicBool,
}

/// A task that ends as soon as its runtime runs tasks.
struct Probe {
    task: JoinHandle<()>,
    started_at: Instant,
    is_first: bool,
}

/// How long a task may wait for its turn on a runtime that runs tasks, and how long the result of a probe is used.
const PROBE_LIFETIME: Duration = Duration::from_secs(1);

impl MethodRuntime {
    /// The given runtime, or else the one that this is called in.
    pub(super) fn find(given: Option<Handle>) -> Option<Self> {
        let is_given = given.is_some();
        let handle = given.or_else(|| Handle::try_current().ok())?;
        let (sentinel, probe) = (handle.spawn(pending()), Mutex::new(Probe::start(&handle, true)));
        let runtime = Self { handle, is_given, sentinel, probe, warned_ended: AtomicBool::new(false) };
        // For the log line.
        runtime.is_alive();
        Some(runtime)
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether the runtime has not ended yet.
    pub(super) fn is_alive(&self) -> bool {
        let has_ended = self.sentinel.is_finished();
        if has_ended && self.is_given && !self.warned_ended.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "the runtime given to EndpointBuilder::runtime has ended; methods run on the runtime that serves requests"
            );
        }
        !has_ended
    }

    /// Whether a method whose request is served by the current runtime belongs to this one.
    pub(super) fn should_run_method(&self) -> bool {
        let Ok(serving) = Handle::try_current() else { return self.is_given && self.is_alive() };
        // A runtime of several threads is not a worker's: methods can stay there, unless a runtime was given.
        let is_eligible = self.is_given || serving.runtime_flavor() == RuntimeFlavor::CurrentThread;
        is_eligible && serving.id() != self.handle.id() && self.is_alive() && self.runs_tasks()
    }

    /// Whether the runtime runs its tasks: a runtime of one thread does so only while the program blocks on it.
    ///
    /// Only a task that gets its turn shows this. A probe that is young and has not ended yet is given the benefit of
    /// the doubt, if the probe before it has ended.
    pub(super) fn runs_tasks(&self) -> bool {
        if self.is_given || self.handle.runtime_flavor() != RuntimeFlavor::CurrentThread {
            return true;
        }
        let mut probe = self.probe.lock().unwrap_or_else(PoisonError::into_inner);
        let is_young = probe.started_at.elapsed() < PROBE_LIFETIME;
        let has_ended = probe.task.is_finished();
        if has_ended && !is_young {
            *probe = Probe::start(&self.handle, false);
        }
        has_ended || (is_young && !probe.is_first)
    }
}

impl Probe {
    fn start(runtime: &Handle, is_first: bool) -> Self {
        Self { task: runtime.spawn(async {}), started_at: Instant::now(), is_first }
    }
}

impl Drop for MethodRuntime {
    fn drop(&mut self) {
        self.sentinel.abort();
    }
}
