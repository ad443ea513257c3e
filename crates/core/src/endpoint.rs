//! The way of one callback, from an HTTP request to an HTTP response.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{Extensions, Method, Request, Response, request::Parts};
use http_body::Body;
use tokio::sync::Notify;
use tracing::{Span, field::Empty};

use crate::{
    CALLBACKS, Callback, CallbackHandler, Context, Error, OnFailure, OnHangUp, Phase,
    auth::{self, Token},
    body::{self, Read},
    failure::Policies,
    outcome::Outcome,
    query::{Parameter, Query},
    reply::Reply,
    running::{Place, Running, Settled, Work},
    table::{Call, DynHandler, Started, start_unknown},
};

/// Where callbacks come in: mount it with an adapter, or call it yourself.
///
/// It is cheap to clone, and all clones are one endpoint. Mounted in several places and frameworks at
/// once it hands every callback to the same handler.
#[derive(Clone)]
pub struct Endpoint(Arc<Inner>);

/// What all clones of an endpoint share.
pub(crate) struct Inner {
    apps: Box<[App]>,
    policies: Policies,
    on_hang_up: OnHangUp,
    deadline: Duration,
    freshness: Duration,
    body_limit: usize,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    in_flight_limit: usize,
    in_flight: AtomicUsize,
    /// Told when the last callback in flight has ended.
    idle: Notify,
}

struct App {
    id: u64,
    /// Empty for a receiver that checks no signature.
    tokens: Box<[Token]>,
    handler: DynHandler,
}

impl Endpoint {
    /// Begins an endpoint that hands its callbacks to `handler`.
    pub fn builder(handler: impl CallbackHandler) -> EndpointBuilder {
        Self::shared(Arc::new(handler))
    }

    /// Begins an endpoint whose handler the app keeps a hold of.
    pub fn shared<H: CallbackHandler>(handler: Arc<H>) -> EndpointBuilder {
        EndpointBuilder::new(handler)
    }

    /// Answers a request whose body has been read already.
    ///
    /// It always answers, whatever came: the response has a status and the vendor's JSON. The
    /// request's extensions reach the handler. Call it within a tokio runtime; elsewhere there is no
    /// deadline, and a method is dropped when the future is.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.handle_since(request, Instant::now()).await
    }

    /// [`handle`](Self::handle) for a request whose time began to run at `received_at`.
    pub async fn handle_since(&self, request: Request<Bytes>, received_at: Instant) -> Response<Bytes> {
        let (mut parts, body) = request.into_parts();
        let reply = match self.admit(&mut parts, received_at) {
            Err(refusal) if refusal.outcome == Outcome::Method => refusal,
            _ if body.len() > self.body_limit() => self.0.too_large(received_at),
            Err(refusal) => refusal,
            Ok(admitted) => admitted.run(body, parts.extensions).await,
        };
        reply.into_response(parts.headers)
    }

    /// Answers a request whose body is still to be read.
    ///
    /// The body is read up to [`body_limit`](Self::body_limit) and within the deadline; that of a
    /// request which is refused anyway is read without being stored, so that the connection can be used
    /// again. Apart from that it is [`handle`](Self::handle).
    pub async fn serve<B: Body>(&self, request: Request<B>) -> Response<Bytes> {
        let received_at = Instant::now();
        let (mut parts, body) = request.into_parts();
        let admitted = self.admit(&mut parts, received_at);
        let read = body::read(body, self.body_limit(), admitted.is_ok());
        let reply = match (within(self.0.deadline_of(received_at), read).await, admitted) {
            (_, Err(refusal)) if refusal.outcome == Outcome::Method => refusal,
            (None, _) => self.0.too_slow(received_at),
            (Some(Read::TooLarge), _) => self.0.too_large(received_at),
            (_, Err(refusal)) => refusal,
            (Some(Read::BrokenOff), Ok(_)) => Reply::BROKEN_OFF,
            (Some(Read::Whole(body)), Ok(admitted)) => admitted.run(body, parts.extensions).await,
        };
        reply.into_response(parts.headers)
    }

    /// The largest body that is taken, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.0.body_limit
    }

    /// How many callbacks are in flight, those included whose request is over.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::Acquire)
    }

    /// Waits until no callback is in flight.
    ///
    /// On shutdown, after the server has stopped taking requests: it waits for the callbacks too whose
    /// client has hung up or whose time was up. A callback that comes meanwhile is waited for as well.
    pub async fn drain(&self) {
        loop {
            let mut idle = pin!(self.0.idle.notified());
            // Registered before the count is read, so that the last one to leave is not missed.
            idle.as_mut().enable();
            if self.in_flight() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// Checks all that can be checked without the body.
    fn admit(&self, parts: &mut Parts, received_at: Instant) -> Result<Admitted, Reply> {
        let inner = &self.0;
        if parts.method != Method::POST {
            return Err(inner.refused(Reply::METHOD, received_at));
        }
        let query = match Query::parse(std::mem::take(&mut parts.uri)) {
            Ok(query) => query,
            Err(malformed) => {
                tracing::warn!(parameter = malformed.parameter, reason = malformed.reason, "malformed query");
                return Err(inner.refused(Reply::MALFORMED, received_at));
            }
        };
        let callback = Callback::find(query.command());
        let app = match inner.app(&query) {
            Some(app) => app,
            None if callback.is_none() && inner.is_check(&query) => {
                tracing::info!("the console has checked the callback URL");
                return Err(inner.refused(Reply::OK.as_outcome(Outcome::Check), received_at));
            }
            None => {
                let found = query.get(Parameter::SdkAppid);
                tracing::warn!(found, "the callback is for another application, or names none");
                return Err(inner.refused(Reply::WRONG_APP, received_at));
            }
        };
        let App { id, tokens, .. } = &inner.apps[app];
        if let Err(doubt) = inner.verify(&query, tokens) {
            tracing::warn!(app_id = id, command = query.command(), reason = %doubt, hint = doubt.hint(), "not authenticated");
            return Err(inner.refused(Reply::UNAUTHENTICATED, received_at));
        }
        let Some(place) = Inner::enter(inner) else {
            tracing::warn!(limit = inner.in_flight_limit, "too many callbacks in flight");
            return Err(inner.refused(Reply::OVERLOADED, received_at));
        };
        Ok(Admitted { place, query, app: (app, *id), callback, received_at })
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let apps: Vec<_> = self.0.apps.iter().map(|app| app.id).collect();
        f.debug_struct("Endpoint").field("apps", &apps).field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}

/// Waits for `future` until `deadline`. The timer is armed only if it has to wait.
async fn within<F: Future>(deadline: Instant, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let first = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
    if let Poll::Ready(output) = first {
        return Some(output);
    }
    tokio::time::timeout_at(deadline.into(), future).await.ok()
}

/// A request that may go on to its handler once its body is there.
struct Admitted {
    place: Place,
    query: Query,
    /// Its place among the endpoint's apps, and its id.
    app: (usize, u64),
    callback: Option<&'static Callback>,
    received_at: Instant,
}

impl Admitted {
    async fn run(self, body: Bytes, extensions: Extensions) -> Reply {
        let Self { place, query, app, callback, received_at } = self;
        let inner = Arc::clone(&place.0);
        let deadline = inner.deadline_of(received_at);
        let span = tracing::info_span!(
            "callback",
            command = query.command(),
            phase = callback.map(|callback| callback.phase.as_str()),
            app_id = app.1,
            platform = query.get(Parameter::OptPlatform),
            outcome = Empty,
            code = Empty,
            elapsed_us = Empty,
        );
        let ctx = Context::new(app, query, body, extensions, (received_at, deadline));
        let call = Call { endpoint: Arc::clone(&inner), ctx, redirected: false };
        let Started { callback, work, fallback } = span.in_scope(|| match callback {
            Some(callback) => (callback.start)(call),
            None => start_unknown(call),
        });
        let work = Work { future: work, callback, received_at, span: span.clone(), place };
        let outlives_request = inner.on_hang_up == OnHangUp::Finish;
        let settled = Running::new(work, deadline, outlives_request).await;
        let _entered = span.enter();
        let outcome = match &settled {
            Settled::Ended(ended) => match &ended.result {
                Ok(reply) => return inner.ended(reply.clone(), callback, ended.at_default, received_at),
                Err(error) => {
                    tracing::error!(error = %error, "a callback's method failed");
                    Outcome::Failed
                }
            },
            Settled::Panicked(panic) => {
                tracing::error!(panic, "a callback's method panicked");
                Outcome::Panicked
            }
            Settled::Late => {
                tracing::warn!("a callback's method did not answer in time; it goes on");
                Outcome::Late
            }
        };
        let reply = fallback.unwrap_or(Reply::DEFER).as_outcome(outcome);
        inner.ended(reply, callback, false, received_at)
    }
}

impl Inner {
    pub(crate) fn handler(&self, ctx: &Context) -> &DynHandler {
        &self.apps[ctx.app].handler
    }

    pub(crate) fn policy(&self, callback: Option<&Callback>) -> OnFailure {
        self.policies.of(callback)
    }

    fn deadline_of(&self, received_at: Instant) -> Instant {
        received_at + self.deadline
    }

    fn app(&self, query: &Query) -> Option<usize> {
        let id = query.get(Parameter::SdkAppid)?;
        // `parse` would take a sign as well.
        let id: u64 = id.bytes().all(|byte| byte.is_ascii_digit()).then(|| id.parse().ok())??;
        self.apps.iter().position(|app| app.id == id)
    }

    /// The console's own check of the URL names no application, and no command that anybody knows.
    fn is_check(&self, query: &Query) -> bool {
        query.get(Parameter::SdkAppid).is_none() && self.apps.iter().any(|app| self.verify(query, &app.tokens).is_ok())
    }

    fn verify(&self, query: &Query, tokens: &[Token]) -> Result<(), auth::Doubt> {
        if tokens.is_empty() {
            return Ok(());
        }
        let now = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        auth::verify(query, tokens, now, self.freshness)
    }

    fn enter(this: &Arc<Self>) -> Option<Place> {
        let place = Place(Arc::clone(this));
        (this.in_flight.fetch_add(1, Ordering::Relaxed) < this.in_flight_limit).then_some(place)
    }

    /// Gives back a place among the callbacks in flight.
    pub(crate) fn leave(&self) {
        if self.in_flight.fetch_sub(1, Ordering::Release) == 1 {
            self.idle.notify_waiters();
        }
    }

    fn too_large(&self, received_at: Instant) -> Reply {
        tracing::warn!(limit = self.body_limit, "a body is over the limit");
        self.refused(Reply::TOO_LARGE, received_at)
    }

    fn too_slow(&self, received_at: Instant) -> Reply {
        tracing::warn!("a body did not arrive in time");
        self.refused(Reply::TOO_SLOW, received_at)
    }

    /// A request that reached no handler.
    fn refused(&self, reply: Reply, received_at: Instant) -> Reply {
        tracing::debug!(outcome = reply.outcome.as_str(), elapsed = ?received_at.elapsed(), "request refused");
        reply
    }

    /// A callback that was answered.
    fn ended(&self, reply: Reply, callback: Option<&Callback>, at_default: bool, received_at: Instant) -> Reply {
        let _ = (callback, at_default);
        let span = Span::current();
        span.record("outcome", reply.outcome.as_str());
        span.record("code", reply.code);
        span.record("elapsed_us", u64::try_from(received_at.elapsed().as_micros()).unwrap_or(u64::MAX));
        tracing::debug!("callback answered");
        reply
    }

    /// A callback whose method ended when its request was over.
    pub(crate) fn ended_detached(&self, work: &Work, settled: &Settled, why: &'static str) {
        let elapsed = work.received_at.elapsed();
        let command = work.callback.map(|callback| callback.command);
        let _entered = work.span.enter();
        match settled {
            Settled::Panicked(panic) => tracing::error!(command, why, ?elapsed, panic, "a detached callback panicked"),
            Settled::Ended(ended) => match &ended.result {
                Ok(_) => {
                    tracing::info!(command, why, ?elapsed, late_by = ?elapsed.saturating_sub(self.deadline), "a detached callback has ended")
                }
                Err(error) => tracing::error!(command, why, ?elapsed, error = %error, "a detached callback failed"),
            },
            Settled::Late => {}
        }
    }
}

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
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

struct AppSettings {
    id: u64,
    /// `None` for a receiver that checks no signature.
    tokens: Option<Vec<String>>,
    handler: Option<DynHandler>,
}

impl EndpointBuilder {
    fn new(handler: DynHandler) -> Self {
        Self {
            handler,
            apps: Vec::new(),
            on_failure: OnFailure::Defer,
            on_after_failure: OnFailure::Defer,
            on_failure_of: Vec::new(),
            on_hang_up: OnHangUp::Finish,
            deadline: Duration::from_millis(1_700),
            freshness: Duration::from_secs(60),
            body_limit: 1024 * 1024,
            in_flight_limit: 10_000,
            clock: Box::new(SystemTime::now),
        }
    }

    /// Takes the callbacks of the application `app_id`, signed with one of `tokens`.
    ///
    /// The token is the one set in the vendor's console. While it is being changed give both, the new
    /// one and the old. Call it once for each application.
    pub fn app<T: Into<String>>(self, app_id: u64, tokens: impl IntoIterator<Item = T>) -> Self {
        self.add(app_id, Some(tokens.into_iter().map(Into::into).collect()), None)
    }

    /// [`app`](Self::app) whose callbacks go to a handler of its own.
    pub fn app_with<T: Into<String>>(
        self,
        app_id: u64,
        tokens: impl IntoIterator<Item = T>,
        handler: impl CallbackHandler,
    ) -> Self {
        self.add(app_id, Some(tokens.into_iter().map(Into::into).collect()), Some(Arc::new(handler)))
    }

    /// Takes the callbacks of the application `app_id` **without checking that Tencent sent them**.
    ///
    /// Anybody who knows the URL can then make up callbacks: an application's id is no secret. It is
    /// for trying things out, and for receivers behind a proxy that checks the signature itself.
    pub fn unverified_app(self, app_id: u64) -> Self {
        self.add(app_id, None, None)
    }

    /// How long the answer may take, from the first byte of the request: 1.7 seconds by default.
    ///
    /// The vendor waits two seconds, the way there and back included, and asks once.
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
    /// the console.
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

    /// How far `RequestTime` may be from the clock, in both directions: 60 seconds by default, the end included.
    ///
    /// Whole seconds count. A signature can be used again by whoever has seen it for as long as this.
    pub fn freshness(mut self, freshness: Duration) -> Self {
        self.freshness = freshness;
        self
    }

    /// The clock that `RequestTime` is compared with: the system's by default. For tests.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(now);
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
            let tokens = match tokens {
                None => Box::default(),
                Some(tokens) if tokens.is_empty() => return Err(Error::NoToken { app_id: id }),
                Some(tokens) => tokens.iter().map(|token| Token::new(id, token)).collect::<Result<_, _>>()?,
            };
            apps.push(App { id, tokens, handler: handler.unwrap_or_else(|| Arc::clone(&self.handler)) });
        }
        Ok(Endpoint(Arc::new(Inner {
            apps: apps.into(),
            policies,
            on_hang_up: self.on_hang_up,
            deadline: self.deadline,
            freshness: self.freshness,
            body_limit: self.body_limit,
            clock: self.clock,
            in_flight_limit: self.in_flight_limit,
            in_flight: AtomicUsize::new(0),
            idle: Notify::new(),
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

impl std::fmt::Debug for EndpointBuilder {
    // By hand: the tokens are secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let apps: Vec<_> = self.apps.iter().map(|app| app.id).collect();
        f.debug_struct("EndpointBuilder").field("apps", &apps).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
