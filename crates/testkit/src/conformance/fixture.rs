//! What a case or scenario runs on: an endpoint behind a server of the adapter under test.

use tencent_im_callback::{Endpoint, EndpointBuilder};

use super::{
    Adapter, Connection, Mount, Server, Witness,
    answer::Answer,
    connection::PATIENCE,
    every::EveryMethod,
    handler::RecordingHandler,
    request::{APP, EVERY_APP, EVERY_TOKEN, OTHER_APP, OTHER_TOKEN, PREVIOUS_TOKEN, TOKEN, now},
};
use crate::Request;

/// What one case or scenario runs on: an adapter and a witness.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    /// The adapter under test.
    pub(crate) adapter: Adapter,
    /// Records what happens behind the endpoint.
    pub(crate) witness: Witness,
    /// What the case is called in its requests and records.
    pub(crate) id: &'static str,
}

/// An endpoint behind a server.
#[derive(Debug)]
pub(crate) struct TestServer {
    /// The endpoint.
    pub(crate) endpoint: Endpoint,
    server: Server,
}

impl Fixture {
    /// Starts a server with an endpoint that has the suite's apps and clock, and these settings.
    pub(crate) async fn start(&self, settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) -> TestServer {
        let handler = RecordingHandler::new("main", self.witness.clone());
        let other = RecordingHandler::new("other", self.witness.clone());
        let every = EveryMethod::new("every", self.witness.clone());
        let builder = Endpoint::builder(handler)
            .app(APP, [TOKEN, PREVIOUS_TOKEN])
            .app_with(OTHER_APP, [OTHER_TOKEN], other)
            .app_with(EVERY_APP, [EVERY_TOKEN], every)
            .clock(now);
        let endpoint = settings(builder).build().expect("the settings work");
        let mount = Mount { endpoint: endpoint.clone(), witness: self.witness.clone() };
        TestServer { endpoint, server: self.adapter.mount(mount).await }
    }
}

impl TestServer {
    /// A new connection to the server.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.server.address()).await.expect("the server accepts")
    }

    /// The answer to a request over a connection of its own.
    pub(crate) async fn ask(&self, request: &Request) -> Answer {
        self.connect().await.ask(request).await.expect("the server answers")
    }

    /// Waits for all callbacks, then stops the server.
    pub(crate) async fn stop(self) {
        self.drain().await;
        self.server.stop().await;
    }

    /// Stops the server with callbacks in flight or without.
    pub(crate) async fn stop_at_once(self) {
        self.server.stop().await;
    }

    /// [`Endpoint::drain`], but not forever.
    pub(crate) async fn drain(&self) {
        tokio::time::timeout(PATIENCE, self.endpoint.drain()).await.expect("all callbacks end");
    }
}
