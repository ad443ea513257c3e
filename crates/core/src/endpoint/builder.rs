//! The settings of an endpoint, and what cannot be built.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, SystemTime},
};

use tokio::runtime::Handle;

use super::{App, Clock, Endpoint, Gate, Home, IntoTokens, Shared, Timers, tokens};
use crate::{
    BuildError, CALLBACKS, Callback, CallbackHandler, Observer, OnDisconnect, OnFailure, Phase,
    endpoint::dispatch::DynHandler, endpoint::in_flight::InFlight, endpoint::policy::Policies,
};

/// Longer than anybody waits, and still short enough to be added to every moment.
const NO_DEADLINE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The settings of an [`Endpoint`].
#[must_use = "an endpoint is made by `build`"]
pub struct EndpointBuilder {
    handler: DynHandler,
    apps: Vec<AppSettings>,
    on_failure: OnFailure,
    on_after_failure: OnFailure,
    on_failure_of: Vec<(String, OnFailure)>,
    on_disconnect: OnDisconnect,
    deadline: Duration,
    freshness: Duration,
    body_limit: usize,
    in_flight_limit: usize,
    clock: Clock,
    observer: Option<Box<dyn Observer>>,
    runtime: Option<Handle>,
}

struct AppSettings {
    id: u64,
    /// `None` for a receiver that checks no signature.
    tokens: Option<Vec<String>>,
    handler: Option<DynHandler>,
}

impl EndpointBuilder {
    pub(super) fn new(handler: DynHandler) -> Self {
        Self {
            handler,
            apps: Vec::new(),
            on_failure: OnFailure::Defer,
            on_after_failure: OnFailure::Defer,
            on_failure_of: Vec::new(),
            on_disconnect: OnDisconnect::Finish,
            deadline: Duration::from_millis(1_700),
            freshness: Duration::from_secs(60),
            body_limit: 8 * 1024 * 1024,
            in_flight_limit: 10_000,
            clock: Clock::System,
            observer: None,
            runtime: None,
        }
    }

    /// Takes the callbacks of the application `app_id`, signed with one of `tokens`.
    ///
    /// The token is the one set in the vendor's console: one text. While it is being changed give both,
    /// the new one and the old, as an array or a `Vec`; [`IntoTokens`] says what else `tokens` can be.
    /// Call it once for each application.
    ///
    /// [`build`](Self::build) refuses a token that is empty, has fewer than four characters, begins or
    /// ends with white space, or is in quotes.
    pub fn app(self, app_id: u64, tokens: impl IntoTokens) -> Self {
        self.add(app_id, Some(tokens.into_texts()), None)
    }

    /// [`app`](Self::app) whose callbacks go to a handler of its own.
    pub fn app_with(self, app_id: u64, tokens: impl IntoTokens, handler: impl CallbackHandler) -> Self {
        self.add(app_id, Some(tokens.into_texts()), Some(Arc::new(handler)))
    }

    /// Takes the callbacks of the application `app_id` **without checking that Tencent sent them**.
    ///
    /// Anybody who knows the URL can then make up callbacks: an application's id is no secret. It is
    /// for trying things out, and for receivers behind a proxy that checks the signature itself.
    pub fn unverified_app(self, app_id: u64) -> Self {
        self.add(app_id, None, None)
    }

    /// How long the answer may take: 1.7 seconds by default.
    ///
    /// The time runs from the moment at which the framework hands the request over, which is as soon as
    /// its head is there; reading the body is within it. The vendor waits two seconds, the way there and
    /// back included, and asks once.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// What is answered for *before* callbacks whose method fails, panics or is late, and for those whose body cannot be
    /// read: [`OnFailure::Defer`] by default.
    ///
    /// A panic is answered only in a program that unwinds: with `panic = "abort"` in its profile the process
    /// ends.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// What is answered for all other callbacks whose method fails, panics or is late: [`OnFailure::Defer`] by default.
    ///
    /// The vendor does not act on the answer; it may send the callback again if that is switched on in
    /// the console. [`Context::identity`](crate::Context::identity) finds repetitions.
    pub fn on_after_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_after_failure = on_failure;
        self
    }

    /// The failure policy of one callback, by its command word, in place of that of its phase.
    pub fn on_failure_of(mut self, command: impl Into<String>, on_failure: OnFailure) -> Self {
        self.on_failure_of.push((command.into(), on_failure));
        self
    }

    /// Whether a method goes on when the client hangs up before it has ended: [`OnDisconnect::Finish`] by default.
    pub fn on_disconnect(mut self, on_disconnect: OnDisconnect) -> Self {
        self.on_disconnect = on_disconnect;
        self
    }

    /// The largest body that is taken, in bytes: 8 MiB by default.
    ///
    /// The vendor documents no limit. The largest known body lists the members of a group that was
    /// disbanded, about 35 bytes each: 3.5 MB for a community of 100,000.
    ///
    /// A callback that is let in may take so much memory until its method has ended. A request that is
    /// refused by its query takes none: its body is read without being stored, up to four times the limit
    /// and never more than 4 MiB. So it is with what a body has beyond the limit. What is sent on even then
    /// is not read, and the connection is closed.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How many callbacks may be in flight at once: 10,000 by default. One more is answered 503 at once.
    ///
    /// Callbacks whose request is over count until their method has ended.
    pub fn in_flight_limit(mut self, callbacks: usize) -> Self {
        self.in_flight_limit = callbacks;
        self
    }

    /// The tokio runtime that methods belong to, where it is not the one that serves their request.
    ///
    /// The timers and connections that a method opens are this runtime's, and on it a method goes on
    /// whose request is over. It matters where a server has a runtime for each of its threads and ends it
    /// when it stops, as actix-web does: a method would end with it.
    ///
    /// By default it is the runtime that [`build`](Self::build) is called in, for requests that a runtime
    /// of one thread serves, for as long as it runs. So a program that builds its endpoint in its
    /// `async fn main` need not say anything, and [`Endpoint::drain`] waits there for all methods. Where
    /// `build` is called outside of a runtime, or that one has ended, methods belong to the runtime that
    /// serves their request. The log says so once, when a method outlives its request there.
    ///
    /// Give one where the endpoint is built elsewhere, or to have all methods on one runtime. It has to
    /// run for as long as callbacks come: when it has ended the log says so, and methods run where they are
    /// served. The deadline is always kept by the runtime that serves the request.
    ///
    /// Tests that share an endpoint and have a runtime each, as `#[tokio::test]` gives them, are no
    /// program of this kind. A method that waits for a timer fails when the test ends in whose runtime the
    /// endpoint was built. Build one for each test, or build it outside of any runtime.
    pub fn runtime(mut self, runtime: Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// How far `RequestTime` may be from the clock, in both directions: 60 seconds by default, the end included.
    ///
    /// Whole seconds count. A signature can be used again by whoever has seen it for as long as this.
    pub fn freshness(mut self, freshness: Duration) -> Self {
        self.freshness = freshness;
        self
    }

    /// The clock that `RequestTime` is compared with: the system's by default. For tests.
    ///
    /// When it panics the answer is HTTP status 500.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Given(Box::new(now));
        self
    }

    /// Tells `observer` how every request ends, for those who count or log in their own way.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Makes the endpoint, or tells which setting cannot work.
    ///
    /// Call it within the tokio runtime of the main program, which methods then outlive a server on: see
    /// [`runtime`](Self::runtime). That runtime needs timers (`enable_time` or `enable_all`), which the log
    /// says if it has none: a method that has to wait is answered by its [`OnFailure`] then, at once.
    ///
    /// A program that is built with `panic = "abort"` ends when a method panics, without an answer. The
    /// log says so here.
    pub fn build(self) -> Result<Endpoint, BuildError> {
        for (setting, is_zero) in [
            ("deadline", self.deadline.is_zero()),
            ("body_limit", self.body_limit == 0),
            ("in_flight_limit", self.in_flight_limit == 0),
        ] {
            if is_zero {
                return Err(BuildError::Zero { setting });
            }
        }
        if self.apps.is_empty() {
            return Err(BuildError::NoApp);
        }
        let policies = self.policies()?;
        let mut apps: Vec<App> = Vec::new();
        for AppSettings { id, tokens, handler } in self.apps {
            if apps.iter().any(|app| app.id == id) {
                return Err(BuildError::DuplicateApp { app_id: id });
            }
            let tokens = tokens.map(|tokens| tokens::checked(id, &tokens)).transpose()?.unwrap_or_default();
            apps.push(App { id, tokens, handler: handler.unwrap_or_else(|| Arc::clone(&self.handler)) });
        }
        let (home, timers) = (Home::find(self.runtime), Timers::default());
        if cfg!(panic = "abort") {
            tracing::warn!(
                "this program is built with `panic = \"abort\"`: a method that panics ends the process, without an answer"
            );
        } else if let Some(home) = &home {
            // tokio panics where there are no timers.
            timers.check(home.runtime());
        }
        Ok(Endpoint(Gate::all(Shared {
            apps: apps.into(),
            policies,
            on_disconnect: self.on_disconnect,
            deadline: self.deadline.min(NO_DEADLINE),
            freshness: self.freshness,
            body_limit: self.body_limit,
            clock: self.clock,
            observer: self.observer,
            home,
            timers,
            told_bound: AtomicBool::new(false),
            warned_unhandled: CALLBACKS.iter().map(|_| AtomicBool::new(false)).collect(),
            in_flight_limit: self.in_flight_limit,
            in_flight: InFlight::new(self.in_flight_limit),
        })))
    }

    fn add(mut self, id: u64, tokens: Option<Vec<String>>, handler: Option<DynHandler>) -> Self {
        self.apps.push(AppSettings { id, tokens, handler });
        self
    }

    fn policies(&self) -> Result<Policies, BuildError> {
        let refusable = |callback: &Callback, policy| policy != OnFailure::Refuse || callback.phase == Phase::Before;
        if self.on_after_failure == OnFailure::Refuse {
            let after = CALLBACKS.iter().find(|callback| callback.phase != Phase::Before);
            return Err(BuildError::NotRefusable { command: after.map_or("unknown", |callback| callback.command) });
        }
        let mut policies = Policies::new(self.on_failure, self.on_after_failure);
        for (command, policy) in &self.on_failure_of {
            let callback =
                Callback::find(command).ok_or_else(|| BuildError::UnknownCommand { command: command.clone() })?;
            if !refusable(callback, *policy) {
                return Err(BuildError::NotRefusable { command: callback.command });
            }
            policies.set(callback, *policy);
        }
        Ok(policies)
    }
}

impl fmt::Debug for EndpointBuilder {
    // By hand: the tokens are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apps: Vec<_> = self.apps.iter().map(|app| app.id).collect();
        f.debug_struct("EndpointBuilder").field("apps", &apps).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
