//! An [`Endpoint`] of `tencent-im-callback` as a service for hyper, and for frameworks that accept tower services.
//!
//! ```no_run
//! # use tencent_im_callback::{CallbackHandler, Endpoint};
//! # struct App;
//! # impl CallbackHandler for App {}
//! use hyper::server::conn::http1;
//! use hyper_util::rt::{TokioIo, TokioTimer};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = Endpoint::builder(App).app(1_400_000_001, ["the token"]).build()?;
//! let service = tencent_im_callback_hyper::service(endpoint);
//! let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
//! let mut http = http1::Builder::new();
//! http.timer(TokioTimer::new()).half_close(true);
//! loop {
//!     let (stream, _) = listener.accept().await?;
//!     tokio::spawn(http.serve_connection(TokioIo::new(stream), service.clone()));
//! }
//! # }
//! ```
//!
//! The program of the README also stops at a signal, after it has answered the requests in flight.
//!
//! # Clients that close their writing side
//!
//! HTTP allows a client to close its writing side (TCP FIN) after its request, and to wait for the answer. hyper treats
//! such a client as disconnected and drops the request: if the body has not been read yet, no method is called. With
//! `half_close(true)` hyper answers the client. It then notices a disconnected client only when it writes the answer,
//! so [`OnDisconnect::Drop`](tencent_im_callback::OnDisconnect::Drop) has no effect, and the outcome is that of the
//! method. With the default, [`OnDisconnect::Finish`](tencent_im_callback::OnDisconnect::Finish), nothing else changes.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use tencent_im_callback::{BoxError, Endpoint, Serving};

/// The endpoint as a service, over any body, for every path that is routed to it.
///
/// ```
/// use http::{Request, StatusCode};
/// use http_body_util::Empty;
/// use hyper::service::Service;
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct App;
/// # impl CallbackHandler for App {}
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").build()?;
/// let service = tencent_im_callback_hyper::service(endpoint);
/// let unsigned = Request::post("/callback?SdkAppid=1400000001").body(Empty::<bytes::Bytes>::new())?;
/// assert_eq!(service.call(unsigned).await?.status(), StatusCode::UNAUTHORIZED);
/// # Ok(()) }
/// ```
///
/// The handler gets the request's extensions: [`Context::extensions`](tencent_im_callback::Context::extensions).
#[must_use]
pub fn service(endpoint: Endpoint) -> CallbackService {
    CallbackService(endpoint)
}

/// An [`Endpoint`] as a service of [hyper](hyper::service::Service) and of [tower](tower_service::Service).
///
/// It is always ready and never fails: every request is answered.
#[derive(Clone, Debug)]
pub struct CallbackService(Endpoint);

impl<B: Body<Error: Into<BoxError>>> hyper::service::Service<Request<B>> for CallbackService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture<B>;

    fn call(&self, request: Request<B>) -> ResponseFuture<B> {
        ResponseFuture { serving: self.0.serve(request) }
    }
}

impl<B: Body<Error: Into<BoxError>>> tower_service::Service<Request<B>> for CallbackService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture<B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture<B> {
        ResponseFuture { serving: self.0.serve(request) }
    }
}

pin_project! {
    /// The future of a [`CallbackService`], whose output is the HTTP response.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<B> {
        #[pin]
        serving: Serving<B>,
    }
}

impl<B: Body<Error: Into<BoxError>>> Future for ResponseFuture<B> {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().serving.poll(cx).map(|response| Ok(response.map(Full::new)))
    }
}
