//! An adapter as the suite sees it: how a server with it is started and stopped.

use std::{
    fmt,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use tencent_im_callback::Endpoint;
use tokio::time::timeout;

use super::{Witness, connection::PATIENCE};

/// A future as a value.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An adapter under test: how to start a server with it, and what its framework is like.
#[derive(Clone)]
pub struct Adapter {
    name: Arc<str>,
    start: Arc<dyn Fn(Mount) -> BoxFuture<Server> + Send + Sync>,
    cancels_on_half_close: bool,
}

impl Adapter {
    /// An adapter with a name for reports, and how a server is started with it.
    ///
    /// The server listens on a port of the loopback interface that the system chooses, has the
    /// [endpoint](Mount::endpoint) mounted at [`PATH`](super::PATH), and before it a middleware that calls
    /// [`Witness::enter`]. It is started some hundred times, each time with another endpoint.
    #[must_use]
    pub fn new<F, S>(name: impl Into<String>, start: F) -> Self
    where
        F: Fn(Mount) -> S + Send + Sync + 'static,
        S: Future<Output = Server> + Send + 'static,
    {
        let start = move |mount| -> BoxFuture<Server> { Box::pin(start(mount)) };
        Self { name: name.into().into(), start: Arc::new(start), cancels_on_half_close: true }
    }

    /// Whether the framework drops a request when its client says farewell (TCP FIN) before the answer.
    ///
    /// Most do, and this is the default. Others take it as the end of the requests and
    /// continue with the one that they have. At a reset (TCP RST) all have to drop it.
    #[must_use]
    pub fn cancels_on_half_close(self, drops: bool) -> Self {
        Self { cancels_on_half_close: drops, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts a server with it around an endpoint of your own, for tests beside the suite.
    pub async fn start(&self, endpoint: Endpoint) -> Server {
        self.mount(Mount { endpoint, witness: Witness::default() }).await
    }

    pub(crate) async fn mount(&self, mount: Mount) -> Server {
        (self.start)(mount).await
    }

    pub(crate) const fn is_cancelling_on_half_close(&self) -> bool {
        self.cancels_on_half_close
    }
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, cancels_on_half_close, .. } = self;
        f.debug_struct("Adapter")
            .field("name", name)
            .field("cancels_on_half_close", cancels_on_half_close)
            .finish_non_exhaustive()
    }
}

/// What a server is to serve.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Mount {
    /// Where callbacks go, by way of the adapter.
    pub endpoint: Endpoint,
    /// Records requests, by a middleware before the adapter.
    pub witness: Witness,
}

/// A server that runs until it is stopped or dropped.
pub struct Server {
    address: SocketAddr,
    // Behind a lock only so that a server can be shared though neither of the two can.
    ending: Mutex<Ending>,
}

struct Ending {
    stop: Option<Box<dyn FnOnce() + Send>>,
    ended: Option<BoxFuture<()>>,
}

impl Server {
    /// A server that listens at `address`, ends soon after `stop` was called, and then lets `ended` end.
    ///
    /// Where ending goes wrong, `ended` panics.
    #[must_use]
    pub fn new(
        address: SocketAddr,
        stop: impl FnOnce() + Send + 'static,
        ended: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let ending = Ending { stop: Some(Box::new(stop)), ended: Some(Box::pin(ended)) };
        Self { address, ending: Mutex::new(ending) }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it and waits until nothing of it is left.
    ///
    /// # Panics
    /// When it does not end in time, or not well.
    pub async fn stop(mut self) {
        let ending = self.ending();
        let (stop, ended) = (ending.stop.take(), ending.ended.take());
        if let Some(stop) = stop {
            stop();
        }
        if let Some(ended) = ended {
            timeout(PATIENCE, ended).await.expect("a server that is stopped ends");
        }
    }

    fn ending(&mut self) -> &mut Ending {
        self.ending.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.ending().stop.take() {
            stop();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
