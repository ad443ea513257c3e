//! The server behind `listen`.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::answer::{vendor, with_body};

/// Bodies over this are not looked at: those of the service have some hundred kilobytes at most.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What answers requests that have been read.
pub(super) trait Answerer: Send + Sync + 'static {
    fn answer(&self, request: Request<Bytes>) -> impl Future<Output = Response<Bytes>> + Send;
}

/// Binds to the address and tells what it has become, for an address with port 0.
pub(super) async fn bind(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves connections, for ever.
pub(super) async fn serve(listener: TcpListener, answerer: Arc<impl Answerer>) {
    loop {
        // What fails is a connection that is gone again, or too many of them: the next may be fine.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve_connection(stream, Arc::clone(&answerer)));
        } else {
            tokio::task::yield_now().await;
        }
    }
}

async fn serve_connection(stream: TcpStream, answerer: Arc<impl Answerer>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answerer = Arc::clone(&answerer);
        async move { Ok::<_, Infallible>(answer(request, &*answerer).await.map(Full::new)) }
    });
    let mut server = http1::Builder::new();
    // A connection that breaks is its client's affair.
    let _ = server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, answerer: &impl Answerer) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => answerer.answer(Request::from_parts(parts, body.to_bytes())).await,
        Err(_) => with_body(StatusCode::PAYLOAD_TOO_LARGE, vendor("FAIL", 413, "body too large or broken off")),
    }
}
