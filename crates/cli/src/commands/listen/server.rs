//! The server behind `listen`. Anybody may connect to it, so all that it holds and waits for is bounded.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode, request::Parts};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};

use super::answer::{vendor, with_body};
use crate::reference::BODY_LIMIT;

const MIB: usize = 1024 * 1024;

/// How much is kept of a body that is only shown.
pub(super) const BEGINNING: usize = 64 * 1024;
/// How much is kept of all bodies together: of requests that are authentic, and of others.
const AUTHENTIC_BODIES: usize = 32 * MIB;
const OTHER_BODIES: usize = 8 * MIB;
/// How long a body may take; the service gives up after 2 s.
const BODY_TIME: Duration = Duration::from_secs(5);
/// How long a connection may do nothing, a head included.
const IDLE_TIME: Duration = Duration::from_secs(30);
/// How many connections there are at a time; others wait to be accepted.
const CONNECTIONS: usize = 128;
/// What hyper reads ahead on a connection, which bounds a head too.
const READ_AHEAD: usize = 64 * 1024;

/// What answers requests that have been read.
pub(super) trait Answerer: Send + Sync + 'static {
    /// How much of the body of a request with this head is kept.
    fn storage(&self, head: &Parts) -> impl Future<Output = Storage> + Send;

    fn answer(&self, request: Request<Body>) -> impl Future<Output = Response<Bytes>> + Send;

    /// A request is answered with this status because its body could not be read.
    fn unread(&self, status: StatusCode, why: &str);
}

/// How much of a body is kept, and at whose expense.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// The request is authentic.
    Authentic,
    /// The request is not, and is passed on all the same.
    Whole,
    /// The request is refused, so that its body is only shown.
    Beginning,
}

/// What is kept of a body.
pub(super) struct Body {
    pub(super) bytes: Bytes,
    /// How long it was.
    pub(super) length: usize,
}

/// What is left for bodies, in bytes.
struct BodyMemory {
    authentic: Arc<Semaphore>,
    others: Arc<Semaphore>,
}

/// Binds to the address, and returns the actual address, for an address with port 0.
pub(super) async fn bind(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves connections, for ever.
pub(super) async fn serve(listener: TcpListener, answerer: Arc<impl Answerer>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let memory = Arc::new(BodyMemory {
        authentic: Arc::new(Semaphore::new(AUTHENTIC_BODIES)),
        others: Arc::new(Semaphore::new(OTHER_BODIES)),
    });
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&connections).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Without file descriptors it fails at once, again and again.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (answerer, memory) = (Arc::clone(&answerer), Arc::clone(&memory));
        tokio::spawn(async move {
            serve_connection(stream, answerer, memory).await;
            drop(place);
        });
    }
}

/// How many requests of a connection have begun and ended.
#[derive(Default)]
struct Progress {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

async fn serve_connection(stream: TcpStream, answerer: Arc<impl Answerer>, memory: Arc<BodyMemory>) {
    let progress = Arc::new(Progress::default());
    let counted = Arc::clone(&progress);
    let service = service_fn(move |request: Request<Incoming>| {
        let (answerer, memory, progress) = (Arc::clone(&answerer), Arc::clone(&memory), Arc::clone(&counted));
        async move {
            progress.begun.fetch_add(1, Ordering::Relaxed);
            let response = answer(request, &*answerer, &memory).await;
            progress.ended.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(response.map(Full::new))
        }
    });
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(IDLE_TIME).max_buf_size(READ_AHEAD);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    let mut before = 0;
    loop {
        tokio::select! {
            // A connection that breaks is its client's affair.
            _ = &mut connection => return,
            () = sleep(IDLE_TIME) => {}
        }
        // hyper waits without end for a client that does not read its answers.
        let begun = progress.begun.load(Ordering::Relaxed);
        if begun == before && begun == progress.ended.load(Ordering::Relaxed) {
            return;
        }
        before = begun;
    }
}

async fn answer(request: Request<Incoming>, answerer: &impl Answerer, memory: &BodyMemory) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let storage = answerer.storage(&head).await;
    let read = timeout(BODY_TIME, read(body, storage, memory)).await;
    match read.unwrap_or(Err((StatusCode::REQUEST_TIMEOUT, "body too slow"))) {
        Ok((body, place)) => {
            let response = answerer.answer(Request::from_parts(head, body)).await;
            drop(place);
            response
        }
        Err((status, why)) => {
            answerer.unread(status, why);
            with_body(status, vendor("FAIL", status.as_u16().into(), why))
        }
    }
}

/// Reads a body to its end, and keeps of it what is to be kept.
async fn read(
    mut body: Incoming,
    storage: Storage,
    memory: &BodyMemory,
) -> Result<(Body, Option<OwnedSemaphorePermit>), (StatusCode, &'static str)> {
    let memory = if storage == Storage::Authentic { &memory.authentic } else { &memory.others };
    let kept_at_most = if storage == Storage::Beginning { BEGINNING } else { BODY_LIMIT };
    let mut held: Option<OwnedSemaphorePermit> = None;
    let (mut bytes, mut length) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| (StatusCode::BAD_REQUEST, "body broken off"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > BODY_LIMIT {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "body too large"));
        }
        let kept = &data[..data.len().min(kept_at_most - bytes.len())];
        let size = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        let Ok(more) = Arc::clone(memory).try_acquire_many_owned(size) else {
            return Err((StatusCode::SERVICE_UNAVAILABLE, "too many bodies at a time"));
        };
        match &mut held {
            Some(held) => held.merge(more),
            None => held = Some(more),
        }
        bytes.extend_from_slice(kept);
    }
    Ok((Body { bytes: bytes.freeze(), length }, held))
}
