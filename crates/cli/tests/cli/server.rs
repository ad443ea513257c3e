//! Receivers on ports of the system's choice: good ones, and others with one thing wrong.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, Uri, header},
    response::Response,
    routing::any,
};
use tencent_im_callback::{
    CallbackHandler, Context, Decision, Endpoint, EndpointBuilder, GroupCode, Result, alert, async_trait, group,
};
use tokio::{net::TcpListener, sync::oneshot};

use crate::program::{APP, TOKEN};

const NO_SPAM: GroupCode = GroupCode::new(10_123);

/// The receiver of most tests: it wants no spam.
pub(crate) struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        if event.name.contains("spam") {
            return Ok(Decision::refuse_with(NO_SPAM, "no spam"));
        }
        Ok(Decision::Allow)
    }
}

/// A receiver that is slow about alarms.
pub(crate) struct Slow(pub(crate) Duration);

#[async_trait]
impl CallbackHandler for Slow {
    async fn alert_request_over_limit(&self, _ctx: &Context, _event: alert::RequestOverLimit) -> Result<()> {
        tokio::time::sleep(self.0).await;
        Ok(())
    }
}

/// A receiver that wants to know every command.
pub(crate) struct Strict;

#[async_trait]
impl CallbackHandler for Strict {
    async fn unknown(&self, ctx: &Context) -> Result<tencent_im_callback::UnknownAnswer> {
        Err(format!("`{}` is unknown", ctx.command()).into())
    }
}

pub(crate) fn builder(handler: impl CallbackHandler) -> EndpointBuilder {
    Endpoint::builder(handler).app(APP, [TOKEN])
}

/// A server that ends with the test.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// The receiver of most tests.
    pub(crate) fn good() -> Self {
        Self::of(&builder(App).build().unwrap())
    }

    pub(crate) fn of(endpoint: &Endpoint) -> Self {
        Self::routed(Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone())))
    }

    /// An endpoint behind something that changes requests on their way in and answers on their way out.
    pub(crate) fn behind(
        endpoint: Endpoint,
        change: impl Fn(Request) -> Request + Clone + Send + Sync + 'static,
        answer: impl Fn(Response) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::routed(Router::new().fallback(any(move |request: Request| {
            let (endpoint, request, answer) = (endpoint.clone(), change(request), answer.clone());
            async move { answer(endpoint.serve(request).await.map(Body::from)) }
        })))
    }

    pub(crate) fn routed(router: Router) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                // Not gracefully: a client that keeps its connections would be waited for.
                tokio::select! {
                    served = axum::serve(listener, router) => served.unwrap(),
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Self { address: told.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/callback", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

pub(crate) fn same<T>(thing: T) -> T {
    thing
}

/// A request with another query.
pub(crate) fn with_query(mut request: Request, change: impl Fn(&str) -> String) -> Request {
    let query = change(request.uri().query().unwrap_or_default());
    *request.uri_mut() = format!("/callback?{query}").parse::<Uri>().unwrap();
    request
}

/// An answer with another status.
pub(crate) fn with_status(mut response: Response, status: StatusCode) -> Response {
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}

/// An answer that is no JSON, where the endpoint has agreed.
pub(crate) fn in_words(response: Response) -> Response {
    if !response.status().is_success() {
        return response;
    }
    let mut response = response.map(|_| Body::from("success"));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain"));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

/// A server that does with each connection whatever a test wants, down to the bytes.
pub(crate) struct Raw {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Raw {
    /// Every connection gets a thread, which ends when the program has closed the connection.
    pub(crate) fn new(serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if is_stopped.load(Ordering::Relaxed) {
                    break;
                }
                let serve = serve.clone();
                thread::spawn(move || serve(stream));
            }
        });
        Self { address, stopped, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/callback", self.address)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // It waits for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Reads a request with a `Content-Length`; not one if the connection is closed before it.
pub(crate) fn read_request(stream: &mut TcpStream) -> io::Result<bool> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text.split("content-length:").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= head + 4 + length {
                return Ok(true);
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(false),
            read => bytes.extend(&buffer[..read]),
        }
    }
}

/// Acknowledges a callback, and keeps the connection.
pub(crate) fn acknowledge(stream: &mut TcpStream) -> io::Result<()> {
    let body = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + body).as_bytes())
}
