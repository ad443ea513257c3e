//! Callbacks that are lost before their method: by a limit of a middleware, and by clients that disconnect.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context as TaskContext, Poll},
    time::{Duration, SystemTime},
};

use actix_web::{App as ActixApp, HttpMessage as _, HttpServer, dev, error::PayloadError, middleware::from_fn, web};
use axum::{Router, body::Body, extract::Request as AxumRequest, middleware::Next};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use tencent_im_callback::group;
use tencent_im_callback::{CallbackHandler, Endpoint, EndpointBuilder, Observer, Outcome, Report};
use tencent_im_callback_testkit::{
    Request,
    conformance::Connection,
    request::{APP_ID, TOKEN},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::{net::TcpListener, time::timeout};

struct App;

impl CallbackHandler for App {}

/// Keeps how requests ended.
#[derive(Clone, Default)]
struct Outcomes(Arc<Mutex<Vec<Outcome>>>);

impl Observer for Outcomes {
    fn request_finished(&self, report: &Report) {
        self.0.lock().unwrap().push(report.outcome);
    }
}

impl Outcomes {
    fn builder(&self) -> EndpointBuilder {
        Endpoint::builder(App).app(APP_ID, TOKEN).observer(self.clone())
    }

    async fn until(&self, count: usize) -> Vec<Outcome> {
        let enough = async {
            while self.0.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let in_time = timeout(PATIENCE, enough).await.is_ok();
        let outcomes = self.0.lock().unwrap().clone();
        assert!(in_time, "{} of {count} requests were reported", outcomes.len());
        outcomes
    }
}

fn good() -> Request {
    sample::<group::BeforeCreateTopic>().request()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_of_a_middleware_is_a_413_on_axum() {
    let outcomes = Outcomes::default();
    let endpoint = outcomes.builder().build().unwrap();
    let limit = |request: AxumRequest, next: Next| async {
        // As `RequestBodyLimit` of tower-http does it, but for a `Content-Length` that says it at once.
        next.run(request.map(|body| Body::new(Limited::new(body, 500).boxed_unsync()))).await
    };
    let router = Router::new()
        .route("/callback", tencent_im_callback_axum::route(endpoint))
        .layer(axum::middleware::from_fn(limit));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { axum::serve(listener, router).await });
    for (length, status) in [(400, 200), (600, 413)] {
        let mut connection = Connection::open(address).await.unwrap();
        assert_eq!(connection.ask(&good().padded(length).chunked(100)).await.unwrap().status(), status);
    }
    assert_eq!(outcomes.until(2).await, [Outcome::Allow, Outcome::TooLarge]);
    server.abort();
}

/// A payload that a middleware limits.
struct Short {
    payload: dev::Payload,
    left: usize,
}

impl futures_core::Stream for Short {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        let chunk = Pin::new(&mut self.payload).poll_next(cx);
        chunk
            .map_ok(|chunk| {
                self.left = self.left.saturating_sub(chunk.len());
                chunk
            })
            .map(|chunk| if self.left == 0 { Some(Err(PayloadError::Overflow)) } else { chunk })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_of_a_middleware_is_a_413_on_actix_web() {
    let outcomes = Outcomes::default();
    let endpoint = outcomes.builder().build().unwrap();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let main = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let limit = |mut request: dev::ServiceRequest, next: actix_web::middleware::Next<_>| async move {
                    let payload = Short { payload: request.take_payload(), left: 500 };
                    request.set_payload(dev::Payload::Stream { payload: Box::pin(payload) });
                    next.call(request).await
                };
                let resource = tencent_im_callback_actix_web::resource("/callback", endpoint.clone());
                ActixApp::new().service(web::scope("").wrap(from_fn(limit)).service(resource))
            });
            let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
            let address = server.addrs()[0];
            let running = server.run();
            started.send((address, running.handle())).unwrap();
            running.await.unwrap();
        });
    });
    let (address, handle) = has_started.await.unwrap();
    for (length, status) in [(400, 200), (600, 413)] {
        let mut connection = Connection::open(address).await.unwrap();
        assert_eq!(connection.ask(&good().padded(length).chunked(100)).await.unwrap().status(), status);
    }
    assert_eq!(outcomes.until(2).await, [Outcome::Allow, Outcome::TooLarge]);
    handle.stop(false).await;
    tokio::task::spawn_blocking(move || main.join().unwrap()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_is_reported_whose_client_disconnects_within_its_body() {
    const REQUESTS: usize = 100;

    for adapter in servers::all() {
        for is_reset in [true, false] {
            for request in [good(), good().forged()] {
                let (outcomes, begun) = (Outcomes::default(), Arc::new(AtomicUsize::new(0)));
                let count = Arc::clone(&begun);
                // It is looked at once for each request, before the body.
                let clock = move || {
                    count.fetch_add(1, Ordering::SeqCst);
                    SystemTime::now()
                };
                let endpoint = outcomes.builder().deadline(Duration::from_secs(60)).clock(clock).build().unwrap();
                let server = adapter.start(endpoint.clone()).await;
                let bytes = request.to_wire("localhost");
                for number in 1..=REQUESTS {
                    let mut connection = Connection::open(server.address()).await.unwrap();
                    connection.send(&bytes[..bytes.len() - 1]).await.unwrap();
                    // Before that it is no request yet.
                    let is_begun = async {
                        while begun.load(Ordering::SeqCst) < number {
                            tokio::task::yield_now().await;
                        }
                    };
                    timeout(PATIENCE, is_begun).await.expect("it is begun");
                    if is_reset {
                        connection.reset().unwrap();
                    }
                }
                let reported = outcomes.until(REQUESTS).await;
                assert_eq!(reported.len(), REQUESTS, "{}", adapter.name());
                let is_expected = |outcome: &Outcome| [Outcome::Incomplete, Outcome::Unauthenticated].contains(outcome);
                assert!(reported.iter().all(is_expected), "{}: {reported:?}", adapter.name());
                assert_eq!(endpoint.in_flight(), 0, "{}", adapter.name());
                server.stop().await;
            }
        }
    }
}
