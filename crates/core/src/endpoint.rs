//! The way of one callback, from an HTTP request to an HTTP response.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{self, Poll, ready},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Extensions, Method, Request, Response, StatusCode, request::Parts};
use http_body::Body;
use tokio::runtime::Handle;

mod answering;
mod builder;
mod clock;
mod place;

pub(crate) use self::place::{Gate, Place};
pub use self::{answering::Serving, builder::EndpointBuilder};
use self::{
    answering::{Answering, ServingQuery},
    clock::Clock,
};
use crate::{
    Callback, CallbackHandler, Context, Observer, OnFailure, OnHangUp, Outcome, Report,
    auth::{self, Doubt, Token},
    body::{Read, Whole},
    failure::Policies,
    in_flight::InFlight,
    observe,
    query::{Malformed, Parameter, Query, Text, decimal},
    reply::Reply,
    running::{About, Over, Running, Settled, Work},
    table::{Call, DynHandler, Ended, Started, start_unknown},
};

/// Where callbacks come in: mount it with an adapter, or call it yourself.
///
/// It is cheap to clone, and all clones are one endpoint. Mounted in several places and frameworks at
/// once it hands every callback to the same handler.
#[derive(Clone)]
pub struct Endpoint(Arc<[Arc<Gate>]>);

/// What all clones of an endpoint share.
pub(crate) struct Inner {
    apps: Box<[App]>,
    policies: Policies,
    on_hang_up: OnHangUp,
    deadline: Duration,
    freshness: Duration,
    body_limit: usize,
    clock: Clock,
    observer: Option<Box<dyn Observer>>,
    /// What methods belong to; `None` for the runtime that serves their request.
    pub(crate) runtime: Option<Handle>,
    /// By callback, whether the log says already that it comes and is not handled.
    told_default: Box<[AtomicBool]>,
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
    /// request's extensions reach the handler. Call it within a tokio runtime; elsewhere there is no
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
    /// request which is refused anyway is read without being stored, so that the connection can be used
    /// again. Apart from that it is [`handle`](Self::handle), and its time runs from the call too.
    pub fn serve<B: Body>(&self, request: Request<B>) -> Serving<B> {
        let (Parts { method, uri, headers, extensions, .. }, body) = request.into_parts();
        Serving::new(self.answer(&method, uri.into(), extensions, body, Instant::now()), headers)
    }

    /// [`serve`](Self::serve) for a framework that has other types than `http`'s, without making a URI of the query
    /// and headers of the answer first.
    ///
    /// `query` is what stands behind the `?` of the URL, as it came. The status and the body are the
    /// answer; it goes out with `Content-Type: application/json`, and a 405 with `Allow: POST`.
    pub fn serve_query<B: Body>(
        &self,
        method: &Method,
        query: String,
        extensions: Extensions,
        body: B,
    ) -> impl Future<Output = (StatusCode, Bytes)> + use<B> {
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
        let place = Place::new(Arc::clone(gate), admitted.is_ok());
        Answering::new(place, admitted, body, received_at)
    }

    /// What all clones share.
    fn inner(&self) -> &Inner {
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
    /// Where the server ends its own runtimes when it stops, as actix-web does,
    /// [`EndpointBuilder::runtime`] keeps these alive.
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

/// Goes on with what the head of a request has led to and what its body has; none came in time if it is `None`.
///
/// There is an answer at once, unless the method has to be waited for.
fn begin(
    place: Place,
    admitted: Result<Box<Context>, Reply>,
    read: Option<Read>,
    received_at: Instant,
    cx: &mut task::Context<'_>,
) -> Result<Reply, UnderWay> {
    let refusal = match (read, admitted) {
        (Some(Read::Whole(body)), Ok(ctx)) => return start(place, ctx, body, cx),
        // The steps of the way have an order, and the first that fails decides.
        (_, Err(refusal)) if refusal.told().outcome == Outcome::MethodNotAllowed => refusal,
        (None, _) => Reply::TOO_SLOW,
        (Some(Read::TooLarge), _) => Reply::TOO_LARGE,
        (Some(Read::Whole(_) | Read::BrokenOff), Err(refusal)) => refusal,
        (Some(Read::BrokenOff), Ok(_)) => Reply::INCOMPLETE,
    };
    place.over(|| Report::new(None, &refusal, received_at));
    Ok(refusal)
}

impl Gate {
    /// Checks all that can be checked without the body. A request that is admitted has taken a place.
    ///
    /// Its context is in a box from here on, because it is handed on from one to the next, and moving all of it takes
    /// longer.
    fn admit(
        &self,
        method: &Method,
        query: Text,
        extensions: Extensions,
        received_at: Instant,
    ) -> Result<Box<Context>, Reply> {
        if method != Method::POST {
            return Err(Reply::METHOD);
        }
        let query = Query::parse(query).map_err(malformed)?;
        let callback = Callback::find(query.command());
        let app = self.app(&query).ok_or_else(|| self.of_no_app(&query, callback, received_at))?;
        let App { id, tokens, .. } = &self.apps[app];
        let id = *id;
        self.verify(&query, tokens, received_at).map_err(|doubt| unauthenticated(&query, id, doubt))?;
        let times = (received_at, self.deadline_of(received_at));
        let ctx = Box::new(Context::new((app, id), query, callback, extensions, times));
        if self.enter() { Ok(ctx) } else { Err(self.overloaded()) }
    }
}

/// Starts the method that a request is for.
fn start(place: Place, mut ctx: Box<Context>, body: Bytes, cx: &mut task::Context<'_>) -> Result<Reply, UnderWay> {
    ctx.set_body(body);
    let (callback, app_id, received_at, deadline) = (ctx.callback, ctx.app_id(), ctx.received_at(), ctx.deadline());
    let span = observe::span(&ctx);
    let call = Call { gate: Arc::clone(place.gate()), ctx, redirected: false };
    let Started { callback, work, fallback } = span.in_scope(|| match callback {
        Some(callback) => (callback.start)(call),
        None => start_unknown(call),
    });
    let outlives_request = place.on_hang_up == OnHangUp::Finish;
    let work = Work { future: work, about: About { callback, app_id, received_at, span }, place };
    match Running::start(work, deadline, outlives_request, cx) {
        Ok(over) => Ok(over.reply(fallback)),
        Err(running) => Err(UnderWay { running, fallback }),
    }
}

/// A callback whose method has been started, until there is an answer.
struct UnderWay {
    // Boxed, because it is large, and not there at all for a method that answers at once.
    running: Box<Running>,
    /// The answer if the method fails to give one.
    fallback: Option<Reply>,
}

impl Future for UnderWay {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Reply> {
        let over = ready!(Pin::new(&mut self.running).poll(cx));
        Poll::Ready(over.reply(self.fallback.take()))
    }
}

impl Over {
    fn reply(self, fallback: Option<Reply>) -> Reply {
        let Self { settled, about, place } = self;
        let _entered = about.span.enter();
        let reply = match settled {
            Settled::Ended(Ended { result: Ok(reply), at_default }) => {
                place.tell_default(about.callback, at_default);
                reply
            }
            failed => fallback.unwrap_or(Reply::DEFER).with_outcome(failure(&failed)),
        };
        place.over(|| about.answered(&reply));
        reply
    }
}

// What is seldom needed stands apart, so that the usual way is short.

#[cold]
fn malformed(Malformed { parameter, reason }: Malformed) -> Reply {
    tracing::warn!(parameter, reason, "malformed query");
    Reply::MALFORMED
}

#[cold]
fn unauthenticated(query: &Query, app_id: u64, doubt: Doubt) -> Reply {
    let command = observe::excerpt(query.command());
    tracing::warn!(app_id, command, reason = %doubt, hint = doubt.hint(), "not authenticated");
    Reply::UNAUTHENTICATED
}

/// Says in the log why a method has not given an answer.
#[cold]
fn failure(settled: &Settled) -> Outcome {
    match settled {
        Settled::Ended(Ended { result, .. }) => {
            let error = result.as_ref().err().map(tracing::field::display);
            tracing::error!(error, "a callback's method failed");
            Outcome::Failed
        }
        Settled::Panicked(panic) => {
            tracing::error!(panic, "a callback's method panicked");
            Outcome::Panicked
        }
        Settled::Late => {
            tracing::warn!("a callback's method did not answer in time; it goes on");
            Outcome::Late
        }
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
        let id = decimal(query.get(Parameter::SdkAppid)?)?;
        self.apps.iter().position(|app| app.id == id)
    }

    #[cold]
    fn of_no_app(&self, query: &Query, callback: Option<&Callback>, received_at: Instant) -> Reply {
        if callback.is_none() && self.is_check(query, received_at) {
            tracing::info!("the console has checked the callback URL");
            return Reply::OK.with_outcome(Outcome::Check);
        }
        let found = query.get(Parameter::SdkAppid).map(observe::excerpt);
        tracing::warn!(found, "the callback is for another application, or names none");
        Reply::WRONG_APP
    }

    #[cold]
    fn overloaded(&self) -> Reply {
        tracing::warn!(limit = self.in_flight_limit, "too many callbacks in flight");
        Reply::OVERLOADED
    }

    /// The console's own check of the URL names no application, and no command that anybody knows.
    fn is_check(&self, query: &Query, received_at: Instant) -> bool {
        query.get(Parameter::SdkAppid).is_none()
            && self.apps.iter().any(|app| self.verify(query, &app.tokens, received_at).is_ok())
    }

    fn verify(&self, query: &Query, tokens: &[Token], received_at: Instant) -> Result<(), Doubt> {
        if tokens.is_empty() {
            return Ok(());
        }
        auth::verify(query, tokens, self.clock.now(received_at), self.freshness)
    }

    /// A request is over: it was answered, or the client has given up.
    pub(crate) fn over(&self, report: impl FnOnce() -> Report) {
        observe::request_over(report, self.observer.as_deref());
    }

    /// A method has ended whose request was over.
    pub(crate) fn ended_detached(&self, report: &Report) {
        observe::method_over(report, report.elapsed.saturating_sub(self.deadline), self.observer.as_deref());
    }

    fn tell_default(&self, callback: Option<&Callback>, at_default: bool) {
        let Some(callback) = callback.filter(|_| at_default) else { return };
        if !self.told_default[callback.index].swap(true, Ordering::Relaxed) {
            tracing::warn!(
                command = callback.command,
                method = callback.method,
                "a callback comes for which the handler has no method; it is answered OK, and this is said once"
            );
        }
    }
}
