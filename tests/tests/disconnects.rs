//! What remains of a client that disconnects within its body, on every adapter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tencent_im_callback::{CallbackHandler, Endpoint, EndpointBuilder, Observer, Outcome, Report, group};
use tencent_im_callback_testkit::{
    conformance::{Adapter, Connection},
    request::{APP_ID, TOKEN},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

const CLIENTS: usize = 100;

struct App;

impl CallbackHandler for App {}

#[derive(Clone, Default)]
struct Counter {
    requests: Arc<AtomicUsize>,
    incomplete: Arc<AtomicUsize>,
}

impl Observer for Counter {
    fn request_finished(&self, report: &Report) {
        if report.outcome == Outcome::Incomplete {
            self.incomplete.fetch_add(1, Ordering::SeqCst);
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
    }
}

/// Resets a hundred connections, each within the body of a request that the server has begun to read.
async fn each_is_reported(adapter: &Adapter, settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) {
    let counter = Counter::default();
    let endpoint = settings(Endpoint::builder(App).app(APP_ID, [TOKEN]).observer(counter.clone())).build().unwrap();
    let server = adapter.start(endpoint.clone()).await;
    for _ in 0..CLIENTS {
        let mut connection = Connection::open(server.address()).await.unwrap();
        let wire = sample::<group::BeforeCreateTopic>().request().to_wire("localhost");
        connection.send(&wire[..wire.len() - 10]).await.unwrap();
        let begun = async {
            while endpoint.in_flight() == 0 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, begun).await.expect("it is being read");
        connection.reset().unwrap();
        timeout(PATIENCE, endpoint.drain()).await.expect("it is given up");
    }
    server.stop().await;
    let (requests, incomplete) = (counter.requests.load(Ordering::SeqCst), counter.incomplete.load(Ordering::SeqCst));
    assert_eq!((requests, incomplete), (CLIENTS, CLIENTS), "{}", adapter.name());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_whose_connection_is_reset_within_its_body_is_reported_once() {
    for adapter in servers::all() {
        each_is_reported(&adapter, |builder| builder).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reset_within_a_body_is_reported_with_a_runtime_of_ones_own_too() {
    for adapter in servers::all() {
        each_is_reported(&adapter, |builder| builder.runtime(Handle::current())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_whose_client_closes_its_writing_side_is_reported_once() {
    // Not axum: `axum::serve` may drop such a request before its router passes the request on.
    for adapter in [servers::actix_web::adapter(), servers::hyper::adapter()] {
        let counter = Counter::default();
        let endpoint = Endpoint::builder(App).app(APP_ID, [TOKEN]).observer(counter.clone()).build().unwrap();
        let server = adapter.start(endpoint.clone()).await;
        for number in 1..=CLIENTS {
            let mut connection = Connection::open(server.address()).await.unwrap();
            let wire = sample::<group::BeforeCreateTopic>().request().to_wire("localhost");
            connection.send(&wire).await.unwrap();
            connection.finish_sending().await.unwrap();
            let reported = async {
                while counter.requests.load(Ordering::SeqCst) < number {
                    sleep(Duration::from_millis(1)).await;
                }
            };
            timeout(PATIENCE, reported).await.unwrap_or_else(|_| panic!("{}: client {number}", adapter.name()));
        }
        timeout(PATIENCE, endpoint.drain()).await.expect("all methods end");
        server.stop().await;
        assert_eq!(counter.requests.load(Ordering::SeqCst), CLIENTS, "{}", adapter.name());
    }
}
