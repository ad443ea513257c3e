//! Mounts an [`Endpoint`] of `tencent-im-callback` into actix-web.
//!
//! ```no_run
//! # use tencent_im_callback::{CallbackHandler, Endpoint};
//! # struct App;
//! # impl CallbackHandler for App {}
//! # #[actix_web::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").build()?;
//! let mounted = endpoint.clone();
//! actix_web::HttpServer::new(move || {
//!     actix_web::App::new().service(tencent_im_callback_actix_web::resource("/callback", mounted.clone()))
//! })
//! .bind(("0.0.0.0", 8080))?
//! .run()
//! .await?;
//! endpoint.drain().await;
//! # Ok(()) }
//! ```
//!
//! Each worker of actix-web has a runtime, which ends when the server stops. Methods belong to the runtime in which the
//! endpoint is built, so that they can continue after their request. Build the endpoint in `main`, as here, or set a
//! runtime with [`EndpointBuilder::runtime`](tencent_im_callback::EndpointBuilder::runtime).
//!
//! actix-web stops gracefully at SIGTERM, and at once at Ctrl-C, unless `HttpServer::shutdown_signal` is given: see the
//! program of the README.
//!
//! # Clients that disconnect
//!
//! actix-web continues a request when its client closes its writing side (TCP FIN), and drops the request when the
//! client resets the connection. Within the body, a request that is dropped has the outcome
//! [`Incomplete`](tencent_im_callback::Outcome::Incomplete). This matters where
//! [`OnDisconnect::Drop`](tencent_im_callback::OnDisconnect::Drop) is set.
//!
//! # Bodies that are too long
//!
//! The endpoint reads a body that is too long up to four times the limit, and 4 MiB at most. After the answer actix-web
//! itself reads and discards what the client sends, for the time of `HttpServer::client_disconnect_timeout`: one second
//! by default, which is gigabytes on a fast network. Set it to zero to close the connection after the answer, as hyper
//! does.

use std::{
    convert::Infallible,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use actix_web::{
    Error, HttpMessage, HttpResponse, Resource,
    body::{BodySize, BoxBody, MessageBody},
    dev::{self, ServiceRequest, ServiceResponse, fn_service},
    error::PayloadError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web,
};
use bytes::Bytes;
use futures_core::Stream;
use http::{Extensions, Method};
use http_body::Frame;
use tencent_im_callback::{BodyTooLarge, BoxError, Endpoint};

/// The endpoint as a resource under `path`, for [`actix_web::App::service`].
///
/// ```
/// # use tencent_im_callback::{CallbackHandler, Endpoint};
/// # struct Chats;
/// # impl CallbackHandler for Chats {}
/// let endpoint = Endpoint::builder(Chats).app(1_400_000_001, "the token").build()?;
/// let app = actix_web::App::new().service(tencent_im_callback_actix_web::resource("/callback", endpoint));
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
///
/// It accepts every HTTP method, because the endpoint answers wrong methods itself. It reads the body itself, so
/// actix-web's `PayloadConfig` has no effect: [`Endpoint::body_limit`] is the limit.
///
/// actix-web's request extensions cannot leave their thread. A middleware that passes values to
/// [`Context::extensions`](tencent_im_callback::Context::extensions) puts them into an [`http::Extensions`], and
/// inserts that into the request's extensions.
#[must_use]
pub fn resource(path: &str, endpoint: Endpoint) -> Resource {
    // Not a handler: its extractors would take apart the request piece by piece.
    web::resource(path).default_service(fn_service(move |request| answer(endpoint.clone(), request)))
}

fn answer(endpoint: Endpoint, request: ServiceRequest) -> impl Future<Output = Result<ServiceResponse, Error>> {
    let (request, mut payload) = request.into_parts();
    // Not an `async fn`: its future would have room for the request twice, whole and in parts.
    async move {
        let method = match request.method() {
            &actix_web::http::Method::POST => Method::POST,
            other => Method::from_bytes(other.as_str().as_bytes()).expect("both crates know the same methods"),
        };
        let extensions = request.extensions_mut().remove::<Extensions>().unwrap_or_default();
        let mut ended = false;
        let read = Payload { payload: &mut payload, ended: &mut ended };
        let query = request.query_string().to_owned();
        let answer = endpoint.serve_query(&method, query, extensions, read).await;
        let status = StatusCode::from_u16(answer.status().as_u16()).expect("both crates know the same status codes");
        let headers = answer.headers();
        let body = answer.into_body();
        let body = if ended { BoxBody::new(body) } else { BoxBody::new(HoldUnreadPayload { body, _payload: payload }) };
        let mut response = HttpResponse::with_body(status, body);
        for (name, value) in headers {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Ok(ServiceResponse::new(request, response))
    }
}

/// The answer to a request whose body has not been read to its end.
///
/// When the payload is dropped, actix-web reads the rest of a chunked body without a limit. While the response holds
/// the payload it does not, and closes the connection after the answer.
struct HoldUnreadPayload {
    body: Bytes,
    _payload: dev::Payload,
}

impl MessageBody for HoldUnreadPayload {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// A request's body while the endpoint reads it.
struct Payload<'a> {
    payload: &'a mut dev::Payload,
    /// Becomes true with the body's end.
    ended: &'a mut bool,
}

impl http_body::Body for Payload<'_> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let chunk = ready!(pin!(&mut *self.payload).poll_next(cx));
        *self.ended |= chunk.is_none();
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data).map_err(cause)))
    }
}

/// A limit that a middleware has on the body is a limit to the endpoint too.
fn cause(error: PayloadError) -> BoxError {
    match error {
        PayloadError::Overflow => BodyTooLarge.into(),
        error => error.into(),
    }
}
