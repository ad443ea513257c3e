//! Mounts an [`Endpoint`] of `tencent-im-callback` into axum.
//!
//! ```no_run
//! # use tencent_im_callback::{CallbackHandler, Endpoint};
//! # struct App;
//! # impl CallbackHandler for App {}
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = Endpoint::builder(App).app(1_400_000_001, ["the token"]).build()?;
//! let router = axum::Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
//! let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
//! axum::serve(listener, router).with_graceful_shutdown(async { tokio::signal::ctrl_c().await.unwrap() }).await?;
//! endpoint.drain().await;
//! # Ok(()) }
//! ```
//!
//! The program of the README also stops at SIGTERM, and bounds the time that stopping takes.
//!
//! # Clients that close their writing side
//!
//! HTTP allows a client to close its writing side (TCP FIN) after its request, and to wait for the answer.
//! `axum::serve` treats such a client as disconnected and drops the request, often before the endpoint sees it. Then no
//! method is called, and the request has no outcome. `axum::serve` has no setting for that.
//!
//! A router that is served with hyper's `http1::Builder` and `half_close(true)`, as in the example `axum` of the
//! repository, answers the client. hyper then notices a disconnected client only when it writes the answer, so
//! [`OnDisconnect::Drop`](tencent_im_callback::OnDisconnect::Drop) has no effect.

use axum::{
    body::Body,
    http::Request,
    routing::{MethodRouter, any_service},
};
use futures_util::FutureExt;
use tencent_im_callback::Endpoint;
use tracing::Span;

/// The endpoint as a route, for [`axum::Router::route`] under a path of your choice.
///
/// ```
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").build()?;
/// let router: axum::Router = axum::Router::new().route("/callback", tencent_im_callback_axum::route(endpoint));
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
///
/// It accepts every HTTP method, because the endpoint answers wrong methods itself. It reads the body itself, so axum's
/// `DefaultBodyLimit` has no effect: [`Endpoint::body_limit`] is the limit. The handler gets the request's extensions,
/// which a middleware can fill: [`Context::extensions`](tencent_im_callback::Context::extensions).
pub fn route<S>(endpoint: Endpoint) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    // A service and not a handler, which would box the future once more.
    any_service(tower::service_fn(move |request: Request<Body>| {
        endpoint.serve(request).map(|response| Ok(response.map(Body::from)))
    }))
}

/// The span of a request without its query, for `TraceLayer` of `tower-http`.
///
/// The span that `TraceLayer` makes by default has the whole URI, so the log would contain the signature. A reader of
/// the log could send callbacks with it for a minute. The span of this function has the same name and level, `request`
/// and `debug`, with the method, the path and the version.
///
/// ```
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// use tencent_im_callback_axum::{make_span, route};
/// use tower_http::trace::TraceLayer;
///
/// # struct App;
/// # impl CallbackHandler for App {}
/// # let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").build()?;
/// let router: axum::Router = axum::Router::new()
///     .route("/callback", route(endpoint))
///     .layer(TraceLayer::new_for_http().make_span_with(make_span));
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
pub fn make_span<B>(request: &Request<B>) -> Span {
    let (method, path, version) = (request.method(), request.uri().path(), request.version());
    tracing::debug_span!("request", %method, path, ?version)
}
