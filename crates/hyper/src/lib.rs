//! An [`Endpoint`] of `tencent-im-callback` as a service for hyper, and for whatever takes tower services.
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
//! loop {
//!     let (stream, _) = listener.accept().await?;
//!     let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service.clone());
//!     tokio::spawn(connection);
//! }
//! # }
//! ```

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tencent_im_callback::Endpoint;

/// The endpoint as a service, over any body, for every path that is routed to it.
///
/// What stands in the request's extensions is in the handler's
/// [`Context::extensions`](tencent_im_callback::Context::extensions).
#[must_use]
pub fn service(endpoint: Endpoint) -> CallbackService {
    CallbackService(endpoint)
}

/// An [`Endpoint`] as a service of [hyper](hyper::service::Service) and of [tower](tower_service::Service).
///
/// It is always ready and never fails: whatever comes is answered.
#[derive(Clone, Debug)]
pub struct CallbackService(Endpoint);

impl CallbackService {
    fn answer<B>(&self, request: Request<B>) -> ResponseFuture
    where
        B: Body<Data: Send, Error: Send> + Send + 'static,
    {
        ResponseFuture(Box::pin(self.0.serve(request)))
    }
}

impl<B> hyper::service::Service<Request<B>> for CallbackService
where
    B: Body<Data: Send, Error: Send> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn call(&self, request: Request<B>) -> ResponseFuture {
        self.answer(request)
    }
}

impl<B> tower_service::Service<Request<B>> for CallbackService
where
    B: Body<Data: Send, Error: Send> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        self.answer(request)
    }
}

/// The answer that a [`CallbackService`] is about to give.
#[must_use = "futures do nothing unless polled"]
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>);

impl Future for ResponseFuture {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(|response| Ok(response.map(Full::new)))
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
