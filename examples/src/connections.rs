//! Serving HTTP/1 with the bounds that a server on the internet needs.
//!
//! For what is a service of hyper, and so for axum's routers too: `axum::serve` has no setting for
//! any of these bounds. The endpoint itself bounds the time of a body.

use std::{convert::Infallible, io, net, pin::pin, sync::Arc, time::Duration};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    server::conn::http1,
    service::Service,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tencent_im_callback::BoxError;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

/// How long the head of a request may take.
///
/// hyper counts the pause before it as well, and the service keeps its connections open: one that is
/// closed at the moment when a callback is sent loses that callback. Hence more than a few seconds.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// How many connections there may be at once. Slow ones are bounded by their number, then.
pub const CONNECTIONS: usize = 10_000;

/// How much is read of a connection before it is handled, and so how long the head of a request may be.
///
/// hyper's default is about 400 KiB, which any client can make the server hold for each connection.
pub const READ_BUFFER: usize = 16 * 1024;

/// How long a client may leave its answers unread.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long connections may take to end once the server is to stop.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Listens on an address, for connections that are closed when their client does not read its answers.
///
/// Neither hyper nor actix-web has a time limit for writing, but Linux has one. Connections inherit it from the
/// listener.
pub fn listen(address: &str) -> io::Result<net::TcpListener> {
    let listener = net::TcpListener::bind(address)?;
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(&listener).set_tcp_user_timeout(Some(WRITE_TIMEOUT))?;
    Ok(listener)
}

/// Serves the connections of `listener` until `stop` is ready and their last requests are answered.
pub async fn serve<S, B>(listener: net::TcpListener, service: S, stop: impl Future<Output = ()>) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let mut http = http1::Builder::new();
    // Without a timer hyper waits for a head for ever.
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(READ_BUFFER);
    // A client that closes its writing side after its request still waits for the answer. The price: hyper does not
    // notice that a client has gone before it writes the answer, so `OnDisconnect::Drop` would have no effect.
    http.half_close(true);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, place) = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended before its time");
            }
            drop(place);
        });
    }
    drop(listener);
    if timeout(STOP_TIMEOUT, connections.shutdown()).await.is_err() {
        tracing::warn!("stopping although connections are open");
    }
    Ok(())
}

/// The next connection, once there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) => {
                // Often for want of file descriptors, and then at once again.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
