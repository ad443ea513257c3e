//! Layers, callbacks that are acknowledged at once, and spawned futures, on every adapter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tencent_im_callback::{
    Acknowledge, CallbackHandler, Context, Decision, Endpoint, EndpointBuilder, GroupCode, HandlerLayer, MethodAnswer,
    Next, Outcome, Result, async_trait, group,
};
use tencent_im_callback_testkit::{
    conformance::Connection,
    request::{APP_ID, TOKEN},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::{sync::Semaphore, time::timeout};

/// Its work ends when `go_on` has a permit for it.
#[derive(Clone)]
struct Handler {
    go_on: Arc<Semaphore>,
    ended: Arc<AtomicUsize>,
}

impl Handler {
    fn new() -> Self {
        Self { go_on: Arc::new(Semaphore::new(0)), ended: Arc::default() }
    }

    async fn work(self) -> Result<()> {
        self.go_on.acquire().await?.forget();
        self.ended.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Lets the work of so many callbacks end, and waits for it.
    async fn finish(&self, endpoint: &Endpoint, callbacks: usize, adapter: &str) {
        assert_eq!((endpoint.in_flight(), self.ended.load(Ordering::SeqCst)), (callbacks, 0), "{adapter}");
        self.go_on.add_permits(callbacks);
        timeout(PATIENCE, endpoint.drain()).await.expect("the work ends");
        assert_eq!(self.ended.load(Ordering::SeqCst), callbacks, "{adapter}");
    }
}

#[async_trait]
impl CallbackHandler for Handler {
    /// Works before it ends.
    async fn group_after_group_destroyed(&self, _: &Context, _: group::AfterGroupDestroyed) -> Result<()> {
        self.clone().work().await
    }

    /// Spawns its work.
    async fn group_after_create_topic(&self, ctx: &Context, _: group::AfterCreateTopic) -> Result<()> {
        ctx.spawn(self.clone().work());
        Ok(())
    }

    async fn group_before_create_topic(&self, _: &Context, _: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
        Ok(Decision::Refuse)
    }
}

fn builder(handler: &Handler) -> EndpointBuilder {
    Endpoint::builder(handler.clone()).app(APP_ID, TOKEN)
}

const CALLBACKS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_that_is_acknowledged_at_once_runs_to_its_end_after_the_server_has_stopped() {
    for adapter in servers::all() {
        let handler = Handler::new();
        let endpoint = builder(&handler).acknowledge(Acknowledge::AtOnce).build().unwrap();
        let server = adapter.start(endpoint.clone()).await;
        let mut connection = Connection::open(server.address()).await.unwrap();
        for _ in 0..CALLBACKS {
            let answer = connection.ask(&sample::<group::AfterGroupDestroyed>().request()).await.unwrap();
            assert_eq!(answer.status(), 200, "{}", adapter.name());
        }
        drop(connection);
        server.stop().await;
        handler.finish(&endpoint, CALLBACKS, adapter.name()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spawned_future_runs_to_its_end_after_the_server_has_stopped() {
    for adapter in servers::all() {
        let handler = Handler::new();
        let endpoint = builder(&handler).build().unwrap();
        let server = adapter.start(endpoint.clone()).await;
        let mut connection = Connection::open(server.address()).await.unwrap();
        for _ in 0..CALLBACKS {
            let answer = connection.ask(&sample::<group::AfterCreateTopic>().request()).await.unwrap();
            assert_eq!(answer.status(), 200, "{}", adapter.name());
        }
        drop(connection);
        server.stop().await;
        handler.finish(&endpoint, CALLBACKS, adapter.name()).await;
    }
}

/// Makes an error of a refusal.
struct NoRefusals;

#[async_trait]
impl HandlerLayer for NoRefusals {
    async fn call(&self, ctx: &Context, next: Next<'_>) -> Result<MethodAnswer> {
        assert_eq!(ctx.app_id(), APP_ID);
        tokio::time::sleep(Duration::from_millis(1)).await;
        let answer = next.run().await?;
        match answer.outcome() {
            Outcome::Refuse => Err("a refusal is an error here".into()),
            _ => Ok(answer),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layers_are_called_on_every_adapter() {
    for adapter in servers::all() {
        let endpoint = builder(&Handler::new()).layer(NoRefusals).build().unwrap();
        let server = adapter.start(endpoint.clone()).await;
        let mut connection = Connection::open(server.address()).await.unwrap();
        let refused = connection.ask(&sample::<group::BeforeCreateTopic>().request()).await.unwrap();
        let acknowledged = connection.ask(&sample::<group::AfterCreateGroup>().request()).await.unwrap();
        assert_eq!((refused.status().as_u16(), acknowledged.status().as_u16()), (500, 200), "{}", adapter.name());
        server.stop().await;
    }
}
