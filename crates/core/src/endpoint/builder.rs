//! The settings of an endpoint, and the check of the settings.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, SystemTime},
};

use tokio::runtime::Handle;

use super::{
    Endpoint, IntoTokens, OnDisconnect, OnFailure,
    apps::{App, AppTable},
    deadline::Timers,
    in_flight::InFlight,
    policy::Policies,
    runtime::MethodRuntime,
    shared::{Clock, Shared},
};
use crate::{
    Acknowledge, BuildError, CALLBACKS, Callback, CallbackHandler, ExchangeObserver, HandlerLayer, Observer, Phase,
    handler::DynHandler,
    journal::{DynJournal, Journal},
    layer::DynLayer,
};

/// A year: longer than any client waits, and short enough to be added to every `Instant`.
const NO_DEADLINE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The settings of an [`Endpoint`].
///
/// ```
/// use std::time::Duration;
///
/// use tencent_im_callback::{Acknowledge, CallbackHandler, Endpoint, OnFailure};
///
/// struct App;
/// # impl CallbackHandler for App {}
///
/// let endpoint = Endpoint::builder(App)
///     .app(1_400_000_001, ["the new token", "the old token"])
///     .deadline(Duration::from_millis(1_500))
///     .on_failure(OnFailure::Refuse) // What cannot be decided is refused,
///     .on_failure_of("Group.CallbackBeforeCreateGroup", OnFailure::Allow) // but groups can always be created.
///     .acknowledge_of("State.StateChange", Acknowledge::AtOnce)
///     .body_limit(1024 * 1024)
///     .build()?;
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
#[must_use = "an endpoint is made by `build`"]
pub struct EndpointBuilder {
    handler: DynHandler,
    apps: Vec<App>,
    on_failure: OnFailure,
    on_after_failure: OnFailure,
    on_unknown_failure: OnFailure,
    on_failure_of: Vec<(String, OnFailure)>,
    acknowledge: Acknowledge,
    acknowledge_of: Vec<(String, Acknowledge)>,
    layers: Vec<DynLayer>,
    journal: Option<DynJournal>,
    on_disconnect: OnDisconnect,
    deadline: Duration,
    freshness: Duration,
    body_limit: usize,
    in_flight_limit: usize,
    clock: Option<Clock>,
    observer: Option<Box<dyn Observer>>,
    exchange_observer: Option<Box<dyn ExchangeObserver>>,
    runtime: Option<Handle>,
}

impl EndpointBuilder {
    pub(super) fn new(handler: DynHandler) -> Self {
        Self {
            handler,
            apps: Vec::new(),
            on_failure: OnFailure::Defer,
            on_after_failure: OnFailure::Defer,
            on_unknown_failure: OnFailure::Defer,
            on_failure_of: Vec::new(),
            acknowledge: Acknowledge::AfterMethod,
            acknowledge_of: Vec::new(),
            layers: Vec::new(),
            journal: None,
            on_disconnect: OnDisconnect::Finish,
            deadline: Duration::from_millis(1_700),
            freshness: Duration::from_secs(60),
            body_limit: 8 * 1024 * 1024,
            in_flight_limit: 10_000,
            clock: None,
            observer: None,
            exchange_observer: None,
            runtime: None,
        }
    }

    /// Accepts the callbacks of the application `app_id` that are signed with one of `tokens`.
    ///
    /// The token is set in the vendor's console: one text. While the token is being changed, give the new one and the
    /// old one, as an array or a `Vec`; [`IntoTokens`] lists what `tokens` can be. Call this once for each application.
    ///
    /// [`build`](Self::build) refuses a token that is empty, has fewer than four characters, begins or
    /// ends with white space, or is in quotes.
    #[doc(alias = "SdkAppid")]
    #[doc(alias = "Sign")]
    pub fn app(self, app_id: u64, tokens: impl IntoTokens) -> Self {
        self.register(App::new(app_id).tokens(tokens))
    }

    /// [`app`](Self::app) with a handler of its own.
    pub fn app_with(self, app_id: u64, tokens: impl IntoTokens, handler: impl CallbackHandler) -> Self {
        self.register(App::new(app_id).tokens(tokens).handler(handler))
    }

    /// Accepts the callbacks of the application `app_id` **without a check that Tencent sent them**.
    ///
    /// Everyone who knows the URL can then make up callbacks: the id of an application is not secret. Use it to try
    /// things out, and behind a proxy that checks the signature.
    pub fn unverified_app(self, app_id: u64) -> Self {
        self.register(App::unverified(app_id))
    }

    /// Accepts the callbacks of `app`, in place of the short forms [`app`](Self::app), [`app_with`](Self::app_with) and
    /// [`unverified_app`](Self::unverified_app).
    ///
    /// [`Endpoint::apps`] changes the applications while the server runs.
    pub fn register(mut self, app: App) -> Self {
        self.apps.push(app);
        self
    }

    /// The time until a request is answered: 1.7 seconds by default.
    ///
    /// It is counted from the moment at which the framework calls the endpoint, which is when the head of the request
    /// has arrived, or from [`ReceivedAt`](crate::ReceivedAt). It includes reading the body. The vendor waits two
    /// seconds, network time included, and asks once.
    #[doc(alias = "timeout")]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The answer to *before* callbacks whose method fails, panics or is late, and to those whose body cannot be read:
    /// [`OnFailure::Defer`] by default.
    ///
    /// With `panic = "abort"` in the profile of the program a panic is not answered: the process ends.
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// The answer to *after* callbacks and requests for data whose method fails, panics or is late: [`OnFailure::Defer`] by default.
    ///
    /// The vendor does not act on the answer. It may repeat the callback, if that is switched on in the console.
    /// [`Context::identity`](crate::Context::identity) finds repetitions.
    pub fn on_after_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_after_failure = on_failure;
        self
    }

    /// The answer to unknown commands when [`unknown`](CallbackHandler::unknown) fails, panics or is late:
    /// [`OnFailure::Defer`] by default.
    ///
    /// A later version of the protocol may have *before* callbacks that this version does not know, and cannot distinguish
    /// from *after* callbacks. [`OnFailure::Refuse`] answers with `ErrorCode` 1, which refuses an unknown *before* callback
    /// and has no effect on an unknown *after* callback.
    pub fn on_unknown_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_unknown_failure = on_failure;
        self
    }

    /// The failure policy of one callback, by its command word, in place of that of its phase.
    pub fn on_failure_of(mut self, command: impl Into<String>, on_failure: OnFailure) -> Self {
        self.on_failure_of.push((command.into(), on_failure));
        self
    }

    /// When *after* callbacks are answered: [`Acknowledge::AfterMethod`] by default.
    ///
    /// It has no effect on *before* callbacks and requests for data, nor on callbacks that
    /// [`unknown`](CallbackHandler::unknown) or [`undecodable`](CallbackHandler::undecodable) is called for.
    pub fn acknowledge(mut self, acknowledge: Acknowledge) -> Self {
        self.acknowledge = acknowledge;
        self
    }

    /// When one *after* callback is answered, by its command word, in place of [`acknowledge`](Self::acknowledge).
    pub fn acknowledge_of(mut self, command: impl Into<String>, acknowledge: Acknowledge) -> Self {
        self.acknowledge_of.push((command.into(), acknowledge));
        self
    }

    /// Keeps *after* callbacks in `journal` before they are answered, in place of a call of their methods.
    ///
    /// The journal calls the methods later, by [`Endpoint::deliver`]. Callbacks whose body cannot be read and callbacks with
    /// an unknown command are kept too, unless the command has `Before` or `Prev` in it. *Before* callbacks and requests for
    /// data are not kept. A callback that cannot be kept within the [deadline](Self::deadline) is answered with HTTP status
    /// 500, whatever [`on_after_failure`](Self::on_after_failure) is.
    pub fn journal(mut self, journal: &(impl Journal + Clone)) -> Self {
        self.journal = Some(Box::new(journal.clone()));
        self
    }

    /// Calls `layer` in place of every handler method, of all applications. Of several layers the first that was added
    /// is called first.
    pub fn layer(mut self, layer: impl HandlerLayer) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// Whether a method continues when the client disconnects before the method has ended: [`OnDisconnect::Finish`] by
    /// default.
    pub fn on_disconnect(mut self, on_disconnect: OnDisconnect) -> Self {
        self.on_disconnect = on_disconnect;
        self
    }

    /// The largest body that is accepted, in bytes: 8 MiB by default.
    ///
    /// The vendor documents no limit. The largest known body lists the members of a group that was
    /// disbanded, about 35 bytes each: 3.5 MB for a community of 100,000.
    ///
    /// An admitted callback may use this much memory until its method has ended. The body of a request that is refused
    /// by its query is read without being stored, up to four times the limit and never more than 4 MiB. The same holds
    /// for the part of a body beyond the limit. After that the connection is closed.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The most callbacks in flight at once: 10,000 by default. One more is answered 503 at once.
    ///
    /// A callback whose request is over is counted until its method has ended.
    pub fn in_flight_limit(mut self, callbacks: usize) -> Self {
        self.in_flight_limit = callbacks;
        self
    }

    /// The tokio runtime that methods belong to, if it is not the one that serves their request.
    ///
    /// The timers and connections that a method opens belong to this runtime, and a method whose request is over
    /// continues on it. This matters with servers that have a runtime for each of their threads and end it when they
    /// stop, as actix-web does: the method would end with that runtime.
    ///
    /// By default it is the runtime that [`build`](Self::build) is called in, for requests that a runtime of one thread
    /// serves. So a program that builds its endpoint in its `async fn main` need not set it, and [`Endpoint::drain`]
    /// waits for all methods there. If `build` is called outside of a runtime, or that runtime has ended, methods
    /// belong to the runtime that serves their request. This is logged once, when a method outlives its request there.
    ///
    /// Set it if the endpoint is built elsewhere, or to run all methods on one runtime. It has to run as long as the
    /// server: its end is logged, and methods then run on the runtime that serves their request. The deadline is always
    /// kept by the runtime that serves the request.
    ///
    /// Tests with `#[tokio::test]` have a runtime each. If they share an endpoint, a method that waits for a timer
    /// fails when the test ends in whose runtime the endpoint was built. Build an endpoint for each test, or build it
    /// outside of any runtime.
    pub fn runtime(mut self, runtime: Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// How far `RequestTime` may be from the clock, in both directions: 60 seconds by default, the end included.
    ///
    /// Only whole seconds are compared. Within this time, a party that has seen a signature can use it again.
    pub fn freshness(mut self, freshness: Duration) -> Self {
        self.freshness = freshness;
        self
    }

    /// The clock that `RequestTime` is compared with: the system's by default. For tests.
    ///
    /// When it panics the answer is HTTP status 500.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Box::new(now));
        self
    }

    /// Reports the end of every request to `observer`.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Gives every request with its response to `observer`: the messages of users are in it, and `Sign` is not.
    pub fn exchange_observer(mut self, observer: impl ExchangeObserver) -> Self {
        self.exchange_observer = Some(Box::new(observer));
        self
    }

    /// Makes the endpoint, or fails with the setting that cannot work.
    ///
    /// Call it within the tokio runtime of the main program, so that methods can outlive a server: see
    /// [`runtime`](Self::runtime). That runtime needs timers (`enable_time` or `enable_all`). Missing timers are
    /// logged, and a method that has to wait is then answered by its [`OnFailure`] at once.
    ///
    /// A program that is built with `panic = "abort"` ends when a method panics, without an answer. `build` logs that.
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
        let policies = self.policies()?;
        let apps = AppTable::new(self.apps, self.handler)?;
        let (method_runtime, timers) = (MethodRuntime::find(self.runtime), Timers::default());
        if cfg!(panic = "abort") {
            tracing::warn!(
                "this program is built with `panic = \"abort\"`: a method that panics ends the process, without an answer"
            );
        } else if let Some(runtime) = &method_runtime {
            // tokio panics where there are no timers.
            timers.check(runtime.handle());
        }
        Ok(Endpoint(Arc::new(Shared {
            apps,
            policies,
            layers: self.layers.into(),
            journal: self.journal,
            on_disconnect: self.on_disconnect,
            deadline: self.deadline.min(NO_DEADLINE),
            freshness: self.freshness,
            body_limit: self.body_limit,
            clock: self.clock,
            observer: self.observer,
            exchange_observer: self.exchange_observer,
            method_runtime,
            timers,
            warned_bound: AtomicBool::new(false),
            warned_unhandled: CALLBACKS.iter().map(|_| AtomicBool::new(false)).collect(),
            in_flight: Arc::new(InFlight::new(self.in_flight_limit)),
        })))
    }

    fn policies(&self) -> Result<Policies, BuildError> {
        let find = |command: &String| {
            Callback::find(command).ok_or_else(|| BuildError::UnknownCommand { command: command.clone() })
        };
        if self.on_after_failure == OnFailure::Refuse {
            let after = CALLBACKS.iter().find(|callback| callback.phase != Phase::Before);
            return Err(BuildError::NotRefusable { command: after.map_or("unknown", |callback| callback.command) });
        }
        let mut policies =
            Policies::new(self.on_failure, self.on_after_failure, self.on_unknown_failure, self.acknowledge);
        for (command, policy) in &self.on_failure_of {
            let callback = find(command)?;
            if *policy == OnFailure::Refuse && callback.phase != Phase::Before {
                return Err(BuildError::NotRefusable { command: callback.command });
            }
            policies.set(callback, *policy);
        }
        for (command, acknowledge) in &self.acknowledge_of {
            let callback = find(command)?;
            if callback.phase != Phase::After {
                return Err(BuildError::NotAfter { command: callback.command });
            }
            policies.set_acknowledge(callback, *acknowledge);
        }
        Ok(policies)
    }
}

impl fmt::Debug for EndpointBuilder {
    // By hand: the tokens are secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apps: Vec<_> = self.apps.iter().collect();
        f.debug_struct("EndpointBuilder").field("apps", &apps).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
