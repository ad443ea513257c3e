//! A server for each adapter, on a free port of the loopback interface.

use std::{fmt, net::SocketAddr, pin::Pin};

use tencent_im_callback::Endpoint;
use tokio::{task::JoinHandle, time::timeout};

use crate::{client::PATIENCE, witness::Witness};

pub mod actix_web;
pub mod axum;
pub mod hyper;

/// A future as a value.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An adapter under test: how to start a server with it, and what its framework is like.
#[derive(Debug, Clone, Copy)]
pub struct Adapter {
    /// Its name in reports.
    pub name: &'static str,
    /// Starts a server that answers at [`PATH`](crate::request::PATH), behind a middleware that calls
    /// [`Witness::enter`].
    pub start: fn(Mount) -> BoxFuture<Server>,
    /// Whether the framework drops a request when its client says farewell (TCP FIN) before the answer.
    pub drops_on_farewell: bool,
}

/// All adapters of the workspace.
pub const ALL: [Adapter; 3] = [axum::ADAPTER, actix_web::ADAPTER, hyper::ADAPTER];

/// What a server is to serve.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Where callbacks go.
    pub endpoint: Endpoint,
    /// Who is told of requests.
    pub witness: Witness,
}

/// A server that runs until it is stopped or dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<Box<dyn FnOnce() + Send + Sync>>,
    ended: JoinHandle<()>,
}

impl Server {
    /// A server that ends soon after `stop` was called, and then lets `ended` end.
    #[must_use]
    pub fn new(address: SocketAddr, stop: impl FnOnce() + Send + Sync + 'static, ended: JoinHandle<()>) -> Self {
        Self { address, stop: Some(Box::new(stop)), ended }
    }

    /// Stops it and waits until nothing of it is left.
    pub async fn stop(mut self) {
        self.stop_now();
        timeout(PATIENCE, &mut self.ended).await.expect("a server that is stopped ends").expect("a server ends well");
    }

    fn stop_now(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_now();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
