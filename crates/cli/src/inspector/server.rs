//! The server of the page: it has a port of its own, and only on the loopback interface.

use std::{convert::Infallible, net::TcpListener, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{Either, Full, channel::Channel};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{Notify, Semaphore},
    time::sleep,
};

use super::{Inspector, api, guard::secure};

/// The body of a response: whole, or a stream of events.
pub(super) type PageBody = Either<Full<Bytes>, Channel<Bytes>>;

/// How many connections there are at a time; others wait to be accepted.
const CONNECTIONS: usize = 64;

/// Serves the page, for ever.
pub(super) async fn serve(listener: TcpListener, inspector: Arc<Inspector>) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&connections).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let inspector = Arc::clone(&inspector);
        tokio::spawn(async move {
            serve_connection(stream, inspector).await;
            drop(place);
        });
    }
    Ok(())
}

/// What a connection and its stream of events tell each other.
#[derive(Default)]
pub(super) struct Line {
    /// The client does not read what it is sent: hyper would wait for it without end.
    pub(super) stuck: Notify,
    /// The connection has ended.
    pub(super) ended: Notify,
}

async fn serve_connection(stream: TcpStream, inspector: Arc<Inspector>) {
    let line = Arc::new(Line::default());
    let shared = Arc::clone(&line);
    let service = service_fn(move |request: Request<Incoming>| {
        let (inspector, line) = (Arc::clone(&inspector), Arc::clone(&shared));
        async move {
            let response = match inspector.guard.check(&request) {
                Ok(()) => api::respond(request, &inspector, &line).await,
                Err(refused) => *refused,
            };
            Ok::<_, Infallible>(secure(response))
        }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(30)).max_buf_size(64 * 1024);
    let connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // A connection that breaks is its client's affair.
        _ = connection => {}
        () = line.stuck.notified() => {}
    }
    line.ended.notify_one();
}

pub(super) fn text(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Response<PageBody> {
    let mut response = Response::new(Either::Left(Full::new(text.into())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

pub(super) fn json_of(value: &Value) -> Response<PageBody> {
    text(StatusCode::OK, "application/json", value.to_string())
}

/// What is wrong with a request, for people.
pub(super) fn problem(status: StatusCode, error: &str) -> Response<PageBody> {
    text(status, "application/json", json!({ "error": error }).to_string())
}
