//! The settings of an endpoint, and what cannot be built.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, SystemTime},
};

use tokio::runtime::Handle;

use super::{App, Clock, Endpoint, Gate, Home, Inner, IntoTokens, Timers, tokens};
use crate::{
    CALLBACKS, Callback, CallbackHandler, Error, Observer, OnFailure, OnHangUp, Phase, failure::Policies,
    in_flight::InFlight, table::DynHandler,
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
    on_hang_up: OnHangUp,
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
            on_hang_up: OnHangUp::Finish,
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

    /// What is answered for *before* callbacks whose method fails, panics or is late: [`OnFailure::Defer`] by default.
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

    /// Whether a method goes on when the client hangs up before it has ended: [`OnHangUp::Finish`] by default.
    pub fn on_hang_up(mut self, on_hang_up: OnHangUp) -> Self {
        self.on_hang_up = on_hang_up;
        self
    }

    /// The largest body that is taken, in bytes: 1 MiB by default.
    ///
    /// The vendor documents no limit. The largest known bodies list a group's members, about 40 bytes each.
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

    /// The tokio runtime that methods belong to: by default that on which their request is served.
    ///
    /// The timers and connections that a method opens are this runtime's, and on it a method goes on
    /// whose request is over. It is for servers that run a runtime on each of their threads and end it
    /// when they stop, as actix-web does: give the one of the main program, so that methods outlive the
    /// server and [`Endpoint::drain`] can wait for them. It has to run for as long as callbacks come.
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
    pub fn build(self) -> Result<Endpoint, Error> {
        for (setting, is_zero) in [
            ("deadline", self.deadline.is_zero()),
            ("body_limit", self.body_limit == 0),
            ("in_flight_limit", self.in_flight_limit == 0),
        ] {
            if is_zero {
                return Err(Error::Zero { setting });
            }
        }
        if self.apps.is_empty() {
            return Err(Error::NoApp);
        }
        let policies = self.policies()?;
        let mut apps: Vec<App> = Vec::new();
        for AppSettings { id, tokens, handler } in self.apps {
            if apps.iter().any(|app| app.id == id) {
                return Err(Error::DuplicateApp { app_id: id });
            }
            let tokens = tokens.map(|tokens| tokens::checked(id, &tokens)).transpose()?.unwrap_or_default();
            apps.push(App { id, tokens, handler: handler.unwrap_or_else(|| Arc::clone(&self.handler)) });
        }
        if cfg!(panic = "abort") {
            tracing::warn!(
                "this program is built with `panic = \"abort\"`: a method that panics ends the process, without an answer"
            );
        }
        let (home, timers) = (Home::find(self.runtime), Timers::default());
        if let Some(home) = &home {
            timers.check(home.runtime());
        }
        Ok(Endpoint(Gate::all(Inner {
            apps: apps.into(),
            policies,
            on_hang_up: self.on_hang_up,
            deadline: self.deadline.min(NO_DEADLINE),
            freshness: self.freshness,
            body_limit: self.body_limit,
            clock: self.clock,
            observer: self.observer,
            home,
            timers,
            told_bound: AtomicBool::new(false),
            told_default: CALLBACKS.iter().map(|_| AtomicBool::new(false)).collect(),
            in_flight_limit: self.in_flight_limit,
            in_flight: InFlight::new(self.in_flight_limit),
        })))
    }

    fn add(mut self, id: u64, tokens: Option<Vec<String>>, handler: Option<DynHandler>) -> Self {
        self.apps.push(AppSettings { id, tokens, handler });
        self
    }

    fn policies(&self) -> Result<Policies, Error> {
        let refusable = |callback: &Callback, policy| policy != OnFailure::Refuse || callback.phase == Phase::Before;
        if self.on_after_failure == OnFailure::Refuse {
            let after = CALLBACKS.iter().find(|callback| callback.phase != Phase::Before);
            return Err(Error::NotRefusable { command: after.map_or("unknown", |callback| callback.command) });
        }
        let mut policies = Policies::new(self.on_failure, self.on_after_failure);
        for (command, policy) in &self.on_failure_of {
            let callback = Callback::find(command).ok_or_else(|| Error::UnknownCommand { command: command.clone() })?;
            if !refusable(callback, *policy) {
                return Err(Error::NotRefusable { command: callback.command });
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
