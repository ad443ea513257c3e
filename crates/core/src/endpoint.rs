//! The endpoint: what an adapter mounts, and the entry points of a request.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Extensions, Method, Request, Response, request::Parts};
use http_body::Body;
use http_body_util::Full;

mod admission;
mod admitted;
mod apps;
mod apps_handle;
mod body;
mod builder;
mod deadline;
mod delivery;
mod dispatch;
mod in_flight;
mod invocation;
mod keep;
mod panics;
mod pending_exchange;
mod policy;
mod respond;
mod running;
mod runtime;
mod shared;
mod signature;
mod spawned;
mod tokens;
mod unanswered;

pub use self::{
    apps::App,
    apps_handle::Apps,
    body::BodyTooLarge,
    builder::EndpointBuilder,
    policy::{Acknowledge, OnDisconnect, OnFailure},
    respond::{EndpointResponse, Serving},
    tokens::IntoTokens,
};
pub(crate) use self::{
    body::causes,
    in_flight::InFlightPermit,
    panics::{caught, error_text},
    spawned::Spawned,
};
use self::{
    pending_exchange::PendingExchange,
    respond::{Refusal, Respond, ServingQuery},
    shared::Shared,
};
use crate::{Attempt, CallbackHandler, DeliveryError, Entry, error::BoxError, wire::query::RawQuery};

/// The receiver of callbacks: mount it with an adapter, or call it yourself.
///
/// It is cheap to clone, and all clones are one endpoint. Mounted in several places and frameworks at once, it passes
/// every callback to the same handler.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use tencent_im_callback::{CallbackHandler, Endpoint};
///
/// struct App;
///
/// impl CallbackHandler for App {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").build()?;
/// let forged = Request::post("/callback?SdkAppid=1400000001&CallbackCommand=State.StateChange").body(Bytes::new())?;
/// assert_eq!(endpoint.handle(forged).await.status(), 401);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[doc(alias = "webhook")]
pub struct Endpoint(Arc<Shared>);

/// The moment at which a request was received, for servers that know it better than the endpoint.
///
/// Put it into the request's extensions. The [deadline](EndpointBuilder::deadline) is then counted from this moment,
/// and not from the call of the endpoint.
///
/// ```
/// # use bytes::Bytes;
/// # use http::Request;
/// # use std::time::Instant;
/// # use tencent_im_callback::ReceivedAt;
/// # let accepted_at = Instant::now();
/// let mut request = Request::post("/callback").body(Bytes::new())?;
/// request.extensions_mut().insert(ReceivedAt(accepted_at));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceivedAt(pub Instant);

impl Endpoint {
    /// Begins an endpoint that passes its callbacks to `handler`: a handler, or an [`Arc`] or [`Box`] of one.
    pub fn builder(handler: impl CallbackHandler) -> EndpointBuilder {
        EndpointBuilder::new(Arc::new(handler))
    }

    /// Answers a request whose body has been read already.
    ///
    /// Every request is answered: the response has a status and the vendor's JSON. The handler gets the request's
    /// extensions. Call it within a tokio runtime. Without a runtime there is no deadline, and a method is dropped when
    /// the future is.
    ///
    /// The time of the request is counted from the call, or from [`ReceivedAt`].
    pub fn handle(&self, request: Request<Bytes>) -> impl Future<Output = Response<Bytes>> + Send + use<> {
        self.serve(request.map(Full::new))
    }

    /// Answers a request whose body is still to be read.
    ///
    /// The body is read up to [`body_limit`](Self::body_limit) and within the deadline. The body of a request that is
    /// refused anyway is read without being stored, up to 4 MiB, so that the connection can be used again. Apart from
    /// that it is [`handle`](Self::handle).
    ///
    /// When the body ends with an error, the status is 413 if the error is the limit of a layer, see
    /// [`BodyTooLarge`], and 400 otherwise. The error is logged.
    pub fn serve<B>(&self, request: Request<B>) -> Serving<B>
    where
        B: Body<Error: Into<BoxError>>,
    {
        let (Parts { method, uri, headers, extensions, .. }, body) = request.into_parts();
        Serving::new(self.respond(&method, uri.into(), extensions, body), headers)
    }

    /// [`serve`](Self::serve) for a framework with request and response types of its own: no URI has to be made of the
    /// query, and no headers of the response.
    ///
    /// `query` is what follows the `?` of the URL, as it was sent.
    pub fn serve_query<B>(
        &self,
        method: &Method,
        query: String,
        extensions: Extensions,
        body: B,
    ) -> impl Future<Output = EndpointResponse> + use<B>
    where
        B: Body<Error: Into<BoxError>>,
    {
        ServingQuery { respond: self.respond(method, query.into(), extensions, body) }
    }

    fn respond<B: Body>(&self, method: &Method, query: RawQuery, extensions: Extensions, body: B) -> Respond<B> {
        let received_at = extensions.get().map_or_else(Instant::now, |ReceivedAt(at)| *at);
        let shared = &self.0;
        let exchange = PendingExchange::begin(shared, method, query.as_str(), received_at);
        let admitted = admission::admit(shared, method, query, extensions, received_at).map_err(|response| Refusal {
            shared: Arc::clone(shared),
            response,
            received_at,
        });
        Respond::new(admitted, shared.deadline_for(received_at), body, exchange)
    }

    /// The largest body that is accepted, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.0.body_limit
    }

    /// The applications, to change them while the server runs.
    #[must_use]
    pub fn apps(&self) -> Apps {
        Apps::new(Arc::clone(&self.0))
    }

    /// Calls the method of an entry that a [`Journal`](crate::Journal) has kept, and waits for its end for at most `time`.
    ///
    /// The signature and its freshness are not checked again. The layers are called, [`Context::attempt`] is `attempt`, and
    /// [`Context::time_left`] is that of `time`. The call is not counted in [`in_flight`](Self::in_flight), and
    /// [`drain`](Self::drain) does not wait for it, so that a backlog never refuses a request. Call it within a tokio
    /// runtime with timers.
    ///
    /// [`Context::attempt`]: crate::Context::attempt
    /// [`Context::time_left`]: crate::Context::time_left
    #[doc(alias = "retry")]
    pub fn deliver(
        &self,
        entry: Entry,
        attempt: Attempt,
        time: Duration,
    ) -> impl Future<Output = Result<(), DeliveryError>> + Send + use<> {
        delivery::deliver(Arc::clone(&self.0), entry, attempt, time)
    }

    /// The number of callbacks in flight, including those whose request is over, and of the futures of
    /// [`Context::spawn`](crate::Context::spawn).
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.count()
    }

    /// Waits until no callback is in flight.
    ///
    /// Call it on shutdown, after the server has stopped accepting requests: it also waits for the callbacks whose
    /// client has disconnected or whose time was up, for the futures of [`Context::spawn`](crate::Context::spawn), and
    /// for callbacks that are sent meanwhile. Where the server ends
    /// its own runtimes when it stops, as actix-web does, methods continue in the runtime that the endpoint was built
    /// in, or in that of [`EndpointBuilder::runtime`].
    #[doc(alias = "graceful")]
    #[doc(alias = "shutdown")]
    pub async fn drain(&self) {
        self.0.in_flight.wait_idle().await;
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("apps", &self.0.apps.ids())
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}
