//! The way of one callback, from an HTTP request to an HTTP response.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Extensions, Method, Request, Response, StatusCode, request::Parts};
use http_body::Body;
use tokio::runtime::{Handle, RuntimeFlavor};

pub(crate) mod body;
mod builder;
mod clock;
mod deadline;
mod dispatch;
mod in_flight;
mod invocation;
pub(crate) mod panics;
mod place;
mod policy;
mod respond;
mod running;
mod runtime;
mod signature;
mod tokens;

pub use self::{
    body::BodyTooLarge,
    builder::EndpointBuilder,
    policy::{OnDisconnect, OnFailure},
    respond::Serving,
    tokens::IntoTokens,
};
use self::{
    clock::Clock,
    respond::{Answering, Refusal, ServingQuery},
};
pub(crate) use self::{
    deadline::{Deadline, NoTimer, Timers},
    place::{Gate, Place},
    runtime::Home,
};
use crate::{
    Callback, CallbackHandler, Context, Observer, Outcome, Report,
    endpoint::body::Whole,
    endpoint::dispatch::{AdmittedRequest, DynHandler},
    endpoint::in_flight::InFlight,
    endpoint::policy::Policies,
    endpoint::running::{Running, Work},
    endpoint::signature::{AuthError, Token},
    error::BoxError,
    observe,
    wire::query::{Malformed, Parameter, Query, Text, Values, decimal},
    wire::response::WireResponse,
};

/// Where callbacks come in: mount it with an adapter, or call it yourself.
///
/// It is cheap to clone, and all clones are one endpoint. Mounted in several places and frameworks at
/// once it hands every callback to the same handler.
#[derive(Clone)]
pub struct Endpoint(Arc<[Arc<Gate>]>);

/// What all clones of an endpoint share.
pub(crate) struct Shared {
    apps: Box<[App]>,
    policies: Policies,
    pub(crate) on_disconnect: OnDisconnect,
    deadline: Duration,
    freshness: Duration,
    body_limit: usize,
    clock: Clock,
    observer: Option<Box<dyn Observer>>,
    /// What methods belong to; `None` for the runtime that serves their request.
    pub(crate) home: Option<Home>,
    pub(crate) timers: Timers,
    /// The log says already that a method may end with a runtime that serves requests.
    told_bound: AtomicBool,
    /// By callback, whether the log says already that it comes and is not handled.
    warned_unhandled: Box<[AtomicBool]>,
    in_flight_limit: usize,
    in_flight: InFlight,
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
    /// request's extensions reach the handler. AdmittedRequest it within a tokio runtime; elsewhere there is no
    /// deadline, and a method is dropped when the future is.
    ///
    /// The time of the request runs from the call.
    pub fn handle(&self, request: Request<Bytes>) -> impl Future<Output = Response<Bytes>> + Send + use<> {
        self.handle_since(request, Instant::now())
    }

    /// [`handle`](Self::handle) for a request whose time began to run at `received_at`.
    pub fn handle_since(
        &self,
        request: Request<Bytes>,
        received_at: Instant,
    ) -> impl Future<Output = Response<Bytes>> + Send + use<> {
        let (Parts { method, uri, headers, extensions, .. }, body) = request.into_parts();
        Serving::new(self.answer(&method, uri.into(), extensions, Whole::new(body), received_at), headers)
    }

    /// Answers a request whose body is still to be read.
    ///
    /// The body is read up to [`body_limit`](Self::body_limit) and within the deadline; that of a
    /// request which is refused anyway is read without being stored, up to 4 MiB, so that the connection
    /// can be used again. Apart from that it is [`handle`](Self::handle), and its time runs from the call too.
    ///
    /// A body that ends with an error is answered with 413 if the error is a limit of a layer, see
    /// [`BodyTooLarge`](crate::BodyTooLarge), and with 400 otherwise. The log names the error.
    pub fn serve<B>(&self, request: Request<B>) -> Serving<B>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let (Parts { method, uri, headers, extensions, .. }, body) = request.into_parts();
        Serving::new(self.answer(&method, uri.into(), extensions, body, Instant::now()), headers)
    }

    /// [`serve`](Self::serve) for a framework that has other types than `http`'s, without making a URI of the query
    /// and headers of the answer first.
    ///
    /// `query` is what stands behind the `?` of the URL, as it came. The status and the body are the
    /// answer; it goes out with `Content-Type: application/json`, and a 405 with `Allow: POST`.
    pub fn serve_query<B>(
        &self,
        method: &Method,
        query: String,
        extensions: Extensions,
        body: B,
    ) -> impl Future<Output = (StatusCode, Bytes)> + use<B>
    where
        B: Body<Error: Into<BoxError>>,
    {
        ServingQuery { answering: self.answer(method, query.into(), extensions, body, Instant::now()) }
    }

    fn answer<B: Body>(
        &self,
        method: &Method,
        query: Text,
        extensions: Extensions,
        body: B,
        received_at: Instant,
    ) -> Answering<B> {
        let gate = Gate::of_thread(&self.0);
        let admitted = gate.admit(method, query, extensions, received_at);
        let admitted = admitted.map_err(|reply| Refusal { gate: Arc::clone(gate), reply, received_at });
        Answering::new(admitted, body)
    }

    /// What all clones share.
    fn inner(&self) -> &Shared {
        &self.0[0]
    }

    /// The largest body that is taken, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.inner().body_limit
    }

    /// How many callbacks are in flight, those included whose request is over.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.inner().in_flight.count()
    }

    /// Waits until no callback is in flight.
    ///
    /// On shutdown, after the server has stopped taking requests: it waits for the callbacks too whose
    /// client has hung up or whose time was up. A callback that comes meanwhile is waited for as well.
    /// Where the server ends its own runtimes when it stops, as actix-web does, these go on in the
    /// runtime that the endpoint was built in, or in that of [`EndpointBuilder::runtime`].
    pub async fn drain(&self) {
        self.inner().in_flight.ended().await;
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apps: Vec<_> = self.inner().apps.iter().map(|app| app.id).collect();
        f.debug_struct("Endpoint").field("apps", &apps).field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}

impl Gate {
    /// Checks all that can be checked without the body.
    fn admit(
        self: &Arc<Self>,
        method: &Method,
        text: Text,
        extensions: Extensions,
        received_at: Instant,
    ) -> Result<Box<AdmittedRequest>, WireResponse> {
        if method != Method::POST {
            return Err(WireResponse::METHOD);
        }
        let values = Values::parse(text.as_str()).map_err(malformed)?;
        let query = Query::new(text.as_str(), &values);
        let callback = Callback::find(query.command());
        let app = self.app(query).ok_or_else(|| self.of_no_app(query, callback, received_at))?;
        let App { id, tokens, .. } = &self.apps[app];
        let id = *id;
        if !tokens.is_empty() {
            let now = self.now(received_at)?;
            signature::verify(query, tokens, now, self.freshness).map_err(|doubt| unauthenticated(query, id, doubt))?;
        }
        let place = Place::take(self).ok_or_else(|| self.overloaded())?;
        let times = (received_at, self.deadline_of(received_at));
        let ctx = Context::new((app, id), (text, values), callback, extensions, times);
        Ok(Box::new(AdmittedRequest { place, ctx, fallback: None, redirected: false }))
    }
}

/// Starts the method that a request is for: there is an answer at once, unless it has to be waited for.
fn start(
    mut call: Box<AdmittedRequest>,
    body: Bytes,
    cx: &mut task::Context<'_>,
) -> Result<WireResponse, Box<Running>> {
    call.ctx.set_body(body);
    call.place.choose_runtime();
    let span = observe::span(&call.ctx);
    let method = span.in_scope(|| dispatch::start_callback(call));
    Running::start(Work { method, span }, cx)
}

// What is seldom needed stands apart, so that the usual way is short.

#[cold]
fn malformed(Malformed { parameter, reason }: Malformed) -> WireResponse {
    tracing::warn!(parameter, reason, "malformed query");
    WireResponse::MALFORMED
}

#[cold]
fn unauthenticated(query: Query<'_>, app_id: u64, doubt: AuthError) -> WireResponse {
    let command = observe::excerpt(query.command());
    tracing::warn!(app_id, command, reason = %doubt, hint = doubt.hint(), "not authenticated");
    WireResponse::UNAUTHENTICATED
}

impl Shared {
    pub(crate) fn handler(&self, ctx: &Context) -> &DynHandler {
        &self.apps[ctx.app].handler
    }

    pub(crate) fn policy(&self, callback: Option<&Callback>) -> OnFailure {
        self.policies.of(callback)
    }

    fn deadline_of(&self, received_at: Instant) -> Instant {
        received_at + self.deadline
    }

    fn app(&self, query: Query<'_>) -> Option<usize> {
        let id = decimal(query.get(Parameter::SdkAppid)?)?;
        self.apps.iter().position(|app| app.id == id)
    }

    #[cold]
    fn of_no_app(&self, query: Query<'_>, callback: Option<&Callback>, received_at: Instant) -> WireResponse {
        if callback.is_none() && query.get(Parameter::SdkAppid).is_none() {
            let now = match self.now(received_at) {
                Ok(now) => now,
                Err(reply) => return reply,
            };
            if self.is_signed_for_any_app(query, now) {
                tracing::info!("the console has checked the callback URL");
                return WireResponse::OK.with_outcome(Outcome::Check);
            }
        }
        let found = query.get(Parameter::SdkAppid).map(observe::excerpt);
        tracing::warn!(found, "the callback is for another application, or names none");
        WireResponse::WRONG_APP
    }

    #[cold]
    fn overloaded(&self) -> WireResponse {
        tracing::warn!(limit = self.in_flight_limit, "too many callbacks in flight");
        WireResponse::OVERLOADED
    }

    /// The console's own check of the URL names no application, and no command that anybody knows.
    fn is_signed_for_any_app(&self, query: Query<'_>, now: Duration) -> bool {
        let is_signed = |tokens: &[Token]| signature::verify(query, tokens, now, self.freshness).is_ok();
        self.apps.iter().any(|app| app.tokens.is_empty() || is_signed(&app.tokens))
    }

    /// What the clock shows, or the answer where it panics.
    fn now(&self, received_at: Instant) -> Result<Duration, WireResponse> {
        self.clock.now(received_at).map_err(|panic| {
            tracing::error!(panic, "the clock of the endpoint panicked");
            WireResponse::DEFER.with_outcome(Outcome::Panicked)
        })
    }

    /// A request is over: it was answered, or the client has given up.
    pub(crate) fn over(&self, report: impl FnOnce() -> Report) {
        observe::request_finished(report, self.observer.as_deref());
    }

    /// A method has ended whose request was over.
    pub(crate) fn ended_detached(&self, report: &Report) {
        observe::method_finished(report, report.elapsed.saturating_sub(self.deadline), self.observer.as_deref());
    }

    /// Says once that a method whose request is over may end too early: with the runtime of one thread.
    pub(crate) fn tell_bound(&self, serving: &Handle) {
        let is_bound = serving.runtime_flavor() == RuntimeFlavor::CurrentThread
            && self.home.as_ref().is_none_or(|home| home.runtime().id() != serving.id());
        if is_bound && !self.told_bound.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a method goes on although its request is over, and ends with the runtime of the thread that served it; \
                 build the endpoint within the runtime of the main program, or give that to EndpointBuilder::runtime"
            );
        }
    }

    pub(crate) fn warn_unhandled_once(&self, callback: Option<&Callback>, unhandled: bool) {
        let Some(callback) = callback.filter(|_| unhandled) else { return };
        if !self.warned_unhandled[callback.index].swap(true, Ordering::Relaxed) {
            tracing::warn!(
                command = callback.command,
                method = callback.method,
                "a callback comes for which the handler has no method; it is answered OK, and this is said once"
            );
        }
    }
}
