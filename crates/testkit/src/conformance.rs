//! The suite that every adapter has to pass: some 460 requests and scenarios over real sockets, so that an endpoint
//! cannot tell which framework it is mounted in.
//!
//! ```toml
//! [dev-dependencies]
//! tencent-im-callback-testkit = { version = "0.2", features = ["conformance"] }
//! ```
//!
//! An adapter brings requests to [`Endpoint::serve`](tencent_im_callback::Endpoint::serve) and the answers back, and
//! decides nothing. The suite looks at that from both ends: at what a client gets, and at what reaches the handler.
//! Whatever it finds is what users of the framework would find, later.
//!
//! What it asks for, in groups: the method, the query and every sample of the protocol arrive as they were sent, with
//! what a middleware has put into the request's extensions; status, headers and body of the answer are read, over a
//! connection that can be used again; bodies are streamed, so that one that is too large, too slow or cut off is
//! answered when that is known; a client that disconnects ends the request and not the method; callbacks in flight are
//! bounded and waited for.
//!
//! # An adapter's test
//!
//! It says how a server is started with the adapter, on a port of its own, with a middleware that lets the [`Witness`]
//! see each request. This is all of it for an adapter of hyper's; what is tested is the last line of `answer`.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
//! use hyper_util::rt::{TokioIo, TokioTimer};
//! use tencent_im_callback_testkit::conformance::{self, Adapter, Mount, Server, VISIT};
//! use tokio::{net::TcpListener, task::JoinSet};
//!
//! async fn start(mount: Mount) -> Server {
//!     let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
//!     let address = listener.local_addr().unwrap();
//!     let running = tokio::spawn(async move {
//!         let mut connections = JoinSet::new();
//!         loop {
//!             let (stream, _) = listener.accept().await.unwrap();
//!             let mount = mount.clone();
//!             let service = service_fn(move |request| answer(mount.clone(), request));
//!             let http = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
//!             connections.spawn(http);
//!         }
//!     });
//!     let stop = running.abort_handle();
//!     Server::new(address, move || stop.abort(), async { drop(running.await) })
//! }
//!
//! async fn answer(mount: Mount, mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
//!     // The middleware.
//!     let visit = request.headers().get(VISIT).cloned();
//!     let visit = visit.as_ref().and_then(|visit| visit.to_str().ok());
//!     let _visit = mount.witness.enter(visit, request.extensions_mut());
//!     // The adapter.
//!     Ok(mount.endpoint.serve(request).await.map(Full::new))
//! }
//!
//! # /*
//! #[tokio::test(flavor = "multi_thread")]
//! # */
//! # #[tokio::main]
//! async fn the_adapter_keeps_the_contract() {
//!     conformance::run(&Adapter::new("mine", start)).await.assert_passed();
//! }
//! # the_adapter_keeps_the_contract();
//! ```
//!
//! # When something fails
//!
//! [`Report`] has the names of the cases, which are sentences, and what was otherwise:
//!
//! ```text
//! mine: 460 cases and scenarios in 12.1s, 1 failed
//!
//! --- mine: what_a_middleware_leaves_in_the_extensions_reaches_the_handler
//! expected {"visitor":"what_a_middleware_leaves_in_the_extensions_reaches_the_handler"}
//!      found {"app_id":1400000001,"method":"group_before_create_topic","visitor":null, ..}
//! ```
//!
//! [`Adapter::start`] and [`Connection`] are for tests of your own beside the suite, such as the [near
//! misses](crate::near_miss).

mod adapter;
mod answer;
mod case;
mod cases;
mod connection;
mod every;
mod fixture;
mod handler;
mod report;
mod request;
mod scenarios;
mod suite;
mod witness;

pub use self::{
    adapter::{Adapter, Mount, Server},
    connection::Connection,
    report::{Failure, Report},
    suite::run,
    witness::{VISIT, Visit, Witness},
};

/// The path that a server has to answer at.
pub const PATH: &str = "/callback";

/// The tokens of the suite's applications. None of them may turn up in anything that is logged meanwhile, nor may
/// what [`Signer::find`](crate::Signer::find) finds.
pub const TOKENS: [&str; 4] = [request::TOKEN, request::PREVIOUS_TOKEN, request::OTHER_TOKEN, request::EVERY_TOKEN];
