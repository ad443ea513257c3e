//! The HTTP client: what it sends is what it was given, to the byte.
//!
//! It neither tidies the query nor follows redirects nor goes through proxies of the environment,
//! because the service does none of that either. It sends each request once.

mod timed;

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};

use self::timed::{Deadline, Timed};
use crate::{target::Target, untrusted_text::plain};

/// How much of an answer is read; an answer of the protocol has some hundred bytes.
const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

/// Sends requests to one endpoint, over connections that are kept as the service keeps them.
#[derive(Clone)]
pub(crate) struct Client(Arc<Shared>);

struct Shared {
    target: Target,
    timeout: Duration,
    is_keeping: bool,
    idle: Mutex<Vec<Connection>>,
    connections: AtomicUsize,
    #[cfg(feature = "tls")]
    tls: Option<tls::Connector>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// From the beginning, connecting included, to the end of the body.
    pub(crate) took: Duration,
}

/// Why nothing came back.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// The address cannot be connected to.
    #[error("{0}")]
    Unreachable(String),
    /// The connection was closed, or what came is not HTTP.
    #[error("no answer: {0}")]
    Broken(String),
    /// It takes too long.
    #[error("no answer within {}", crate::when::Took(*.0))]
    Late(Duration),
}

/// How an exchange over one connection ended without an answer.
enum Failed {
    /// The connection was found closed before a byte of the request was written.
    Unsent(Box<Request<Full<Bytes>>>),
    Sent(NoAnswer),
}

impl NoAnswer {
    pub(crate) fn broken(error: &dyn fmt::Display) -> Self {
        // A certificate, for example, may have any text in it.
        Self::Broken(plain(&error.to_string()))
    }
}

impl Client {
    /// A client that keeps its connections. An exchange, from connecting to the end of the body, takes `timeout` at
    /// most.
    pub(crate) fn new(target: Target, timeout: Duration) -> Result<Self, String> {
        Self::with(target, timeout, true)
    }

    /// A client that opens a connection for each request, so that no request suffers from one before it.
    pub(crate) fn without_keeping(target: Target, timeout: Duration) -> Result<Self, String> {
        Self::with(target, timeout, false)
    }

    fn with(target: Target, timeout: Duration, is_keeping: bool) -> Result<Self, String> {
        #[cfg(not(feature = "tls"))]
        if target.is_https {
            return Err("this build of im-callback cannot do https; it was built without the feature `tls`".into());
        }
        Ok(Self(Arc::new(Shared {
            #[cfg(feature = "tls")]
            tls: target.is_https.then(|| tls::Connector::new(&target)).transpose()?,
            target,
            timeout,
            is_keeping,
            idle: Mutex::default(),
            connections: AtomicUsize::new(0),
        })))
    }

    pub(crate) fn target(&self) -> &Target {
        &self.0.target
    }

    /// How many connections it took so far.
    pub(crate) fn connections(&self) -> usize {
        self.0.connections.load(Ordering::Relaxed)
    }

    /// Sends a request and reads its answer. The request is sent once: what is not answered may have been received.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Incoming, NoAnswer> {
        let (started, limit) = (Instant::now(), self.0.timeout);
        match timeout(limit, self.exchange(request, started)).await {
            Ok(Ok(incoming)) => Ok(incoming),
            // The stream fails at the deadline, whichever step reads from it or writes to it.
            Ok(Err(error)) if started.elapsed() < limit => Err(error),
            Ok(Err(_)) | Err(_) => Err(NoAnswer::Late(limit)),
        }
    }

    async fn exchange(&self, request: Request<Bytes>, started: Instant) -> Result<Incoming, NoAnswer> {
        let mut request = self.prepared(request)?;
        while let Some(connection) = self.kept() {
            match self.exchange_over(connection, request, started).await {
                Ok(incoming) => return Ok(incoming),
                Err(Failed::Unsent(unsent)) => request = *unsent,
                Err(Failed::Sent(error)) => return Err(error),
            }
        }
        let connection = self.connect(started).await?;
        self.exchange_over(connection, request, started).await.map_err(|failed| match failed {
            Failed::Unsent(_) => NoAnswer::Broken("the connection was closed at once".into()),
            Failed::Sent(error) => error,
        })
    }

    /// The request with the endpoint's path and host; before, it only knows its query.
    fn prepared(&self, request: Request<Bytes>) -> Result<Request<Full<Bytes>>, NoAnswer> {
        let (mut parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        parts.uri = self.0.target.with(query).parse().map_err(|error| NoAnswer::broken(&error))?;
        let host = HeaderValue::from_str(&self.0.target.authority).map_err(|error| NoAnswer::broken(&error))?;
        parts.headers.insert(header::HOST, host);
        Ok(Request::from_parts(parts, Full::new(body)))
    }

    async fn exchange_over(
        &self,
        mut connection: Connection,
        request: Request<Full<Bytes>>,
        started: Instant,
    ) -> Result<Incoming, Failed> {
        connection.deadline.set(started.checked_add(self.0.timeout));
        let response = connection.sender.try_send_request(request).await.map_err(|mut error| {
            // hyper gives back the request if it had not begun to write it.
            match error.take_message() {
                Some(unsent) => Failed::Unsent(Box::new(unsent)),
                None => Failed::Sent(NoAnswer::broken(&Causes(error.error()))),
            }
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_LIMIT).collect().await;
        let body = body.map_err(|error| Failed::Sent(NoAnswer::broken(&Causes(&*error))))?.to_bytes();
        let took = started.elapsed();
        // It is ready once it has taken note of the end of the answer, or never if it is closed.
        if self.0.is_keeping
            && connection.sender.ready().await.is_ok()
            && let Ok(mut idle) = self.0.idle.lock()
        {
            connection.deadline.set(None);
            idle.push(connection);
        }
        Ok(Incoming { status: parts.status, headers: parts.headers, body, took })
    }

    fn kept(&self) -> Option<Connection> {
        let mut idle = self.0.idle.lock().ok()?;
        std::iter::from_fn(|| idle.pop()).find(|connection| !connection.sender.is_closed())
    }

    async fn connect(&self, started: Instant) -> Result<Connection, NoAnswer> {
        let target = &self.0.target;
        let unreachable =
            |error: &dyn fmt::Display| NoAnswer::Unreachable(plain(&format!("{}: {error}", target.authority)));
        let stream =
            TcpStream::connect((target.host.as_str(), target.port)).await.map_err(|error| unreachable(&error))?;
        self.0.connections.fetch_add(1, Ordering::Relaxed);
        // Requests are small and written at once; waiting for more would only be measured.
        stream.set_nodelay(true).map_err(|error| unreachable(&error))?;
        let deadline = Deadline::default();
        deadline.set(started.checked_add(self.0.timeout));
        let stream = Timed { stream, deadline: deadline.clone() };
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.0.tls {
            return open(tls.connect(stream).await.map_err(|error| unreachable(&tls::Explained(error)))?, deadline)
                .await;
        }
        open(stream, deadline).await
    }
}

/// A connection that speaks HTTP. It ends when this is dropped, also while the other side sends without end.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    deadline: Deadline,
    driver: JoinHandle<hyper::Result<()>>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Speaks HTTP over a stream.
async fn open(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    deadline: Deadline,
) -> Result<Connection, NoAnswer> {
    let (sender, driver) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| NoAnswer::broken(&Causes(&error)))?;
    Ok(Connection { sender, deadline, driver: tokio::spawn(driver) })
}

/// An error with its causes on one line.
struct Causes<'a>(&'a dyn std::error::Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(feature = "tls")]
mod tls {
    //! Endpoints under `https:`, checked against the machine's own certificate authorities, or those
    //! that `SSL_CERT_FILE` names.

    use std::{fmt, io, sync::Arc};

    use tokio_rustls::{
        TlsConnector,
        client::TlsStream,
        rustls::{self, ClientConfig, RootCertStore, pki_types::ServerName},
    };

    use super::timed::Timed;
    use crate::target::Target;

    pub(super) struct Connector {
        connector: TlsConnector,
        name: ServerName<'static>,
    }

    /// An error of TLS, with the likely cause if the other side does not speak it.
    pub(super) struct Explained(pub(super) io::Error);

    impl fmt::Display for Explained {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let error = self.0.get_ref().and_then(|error| error.downcast_ref());
            if let Some(rustls::Error::InvalidMessage(_)) = error {
                return f.write_str("it does not speak TLS; use http:// if it speaks plain HTTP");
            }
            self.0.fmt(f)
        }
    }

    impl Connector {
        pub(super) fn new(target: &Target) -> Result<Self, String> {
            let name =
                ServerName::try_from(target.host.clone()).map_err(|error| format!("{}: {error}", target.host))?;
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err("no certificate authorities are found on this machine; name a file in SSL_CERT_FILE".into());
            }
            let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(Self { connector: Arc::new(config).into(), name })
        }

        pub(super) async fn connect(&self, stream: Timed) -> io::Result<TlsStream<Timed>> {
            self.connector.connect(self.name.clone(), stream).await
        }
    }
}
