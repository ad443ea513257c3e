//! Work after the answer: callbacks that are acknowledged at once, and futures that methods spawn.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{
    Acknowledge, BuildError, CallbackHandler, Context, Endpoint, EndpointBuilder, Observer, Outcome, Report, Result,
    async_trait, group,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

mod log;
use log::Log;

const DESTROYED: &str = "Group.CallbackAfterGroupDestroyed";
const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// Its method does what the parameter `do` says.
#[derive(Clone, Default)]
struct App {
    ended: Arc<AtomicUsize>,
    go_on: Arc<Notify>,
}

impl App {
    fn ended(&self) -> usize {
        self.ended.load(Ordering::SeqCst)
    }

    async fn work(self, order: String) -> Result<()> {
        match order.as_str() {
            "fail" => return Err("the work fails".into()),
            "panic" => panic!("the work panics"),
            "wait" => self.go_on.notified().await,
            "forever" => pending().await,
            "slow" => sleep(Duration::from_secs(60)).await,
            _ => {}
        }
        self.ended.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_group_destroyed(&self, ctx: &Context, _: group::AfterGroupDestroyed) -> Result<()> {
        if let Some(order) = ctx.parameter("spawn") {
            ctx.spawn(self.clone().work(order.into_owned()));
        }
        match ctx.parameter("do") {
            Some(order) => self.clone().work(order.into_owned()).await,
            None => Ok(()),
        }
    }
}

/// Notes how requests and methods ended.
#[derive(Clone, Default)]
struct Ends(Arc<Mutex<Vec<(&'static str, Outcome)>>>);

impl Observer for Ends {
    fn request_finished(&self, report: &Report) {
        self.0.lock().unwrap().push(("request", report.outcome));
    }

    fn method_finished(&self, report: &Report, _: Duration) {
        self.0.lock().unwrap().push(("method", report.outcome));
    }
}

fn request(parameters: &str) -> Request<Bytes> {
    let uri = format!("/?SdkAppid=1&CallbackCommand={DESTROYED}{parameters}");
    Request::post(uri).body(Bytes::from_static(br#"{"GroupId":"g"}"#)).unwrap()
}

fn builder(app: &App) -> EndpointBuilder {
    Endpoint::builder(app.clone()).unverified_app(1)
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_is_acknowledged_at_once_is_answered_before_its_method_ends() {
    let (app, ends) = (App::default(), Ends::default());
    let endpoint = builder(&app).acknowledge(Acknowledge::AtOnce).observer(ends.clone()).build().unwrap();
    assert_eq!(endpoint.handle(request("&do=slow")).await.status(), 200);
    assert_eq!((endpoint.in_flight(), app.ended()), (1, 0));
    endpoint.drain().await;
    assert_eq!((endpoint.in_flight(), app.ended()), (0, 1), "the method has no deadline");

    for (order, outcome) in [("fail", Outcome::Failed), ("panic", Outcome::Panicked), ("nothing", Outcome::Ack)] {
        ends.0.lock().unwrap().clear();
        assert_eq!(endpoint.handle(request(&format!("&do={order}"))).await.status(), 200, "{order}");
        endpoint.drain().await;
        assert_eq!(*ends.0.lock().unwrap(), [("request", Outcome::Ack), ("method", outcome)], "{order}");
    }
}

#[tokio::test]
async fn callbacks_acknowledged_at_once_are_bounded_by_the_limit_in_flight() {
    let app = App::default();
    let endpoint = builder(&app).acknowledge(Acknowledge::AtOnce).in_flight_limit(2).build().unwrap();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(endpoint.handle(request("&do=wait")).await.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 503]);
    // Both tasks have to wait before they are notified.
    while app.ended() < 2 {
        app.go_on.notify_one();
        tokio::task::yield_now().await;
    }
    endpoint.drain().await;
}

#[tokio::test]
async fn one_command_can_have_its_own_acknowledgement() {
    let app = App::default();
    let at_once = builder(&app).acknowledge_of(DESTROYED, Acknowledge::AtOnce).build().unwrap();
    assert_eq!(at_once.handle(request("&do=fail")).await.status(), 200);
    let builder = builder(&app).acknowledge(Acknowledge::AtOnce).acknowledge_of(DESTROYED, Acknowledge::AfterMethod);
    assert_eq!(builder.build().unwrap().handle(request("&do=fail")).await.status(), 500);
}

#[test]
fn only_after_callbacks_can_be_acknowledged_at_once() {
    let set = |command: &str| {
        let builder = builder(&App::default()).acknowledge_of(command, Acknowledge::AtOnce);
        builder.build().expect_err("it cannot be set")
    };
    assert_eq!(set(TOPIC), BuildError::NotAfter { command: TOPIC });
    assert_eq!(set("X.Y"), BuildError::UnknownCommand { command: "X.Y".to_owned() });
}

#[tokio::test]
async fn an_undecodable_callback_is_not_acknowledged_at_once() {
    let endpoint = builder(&App::default()).acknowledge(Acknowledge::AtOnce).build().unwrap();
    assert_eq!(endpoint.handle(request("").map(|_| Bytes::from_static(b"no JSON"))).await.status(), 400);
}

#[test]
fn without_a_runtime_the_method_is_called_before_the_answer() {
    let app = App::default();
    let endpoint = builder(&app).acknowledge(Acknowledge::AtOnce).build().unwrap();
    let mut answer = std::pin::pin!(endpoint.handle(request("&do=nothing")));
    let polled = answer.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    assert!(matches!(polled, std::task::Poll::Ready(response) if response.status() == 200));
    assert_eq!(app.ended(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_spawned_future_is_in_flight_until_it_has_ended() {
    let app = App::default();
    let endpoint = builder(&app).in_flight_limit(1).build().unwrap();
    assert_eq!(endpoint.handle(request("&spawn=slow")).await.status(), 200);
    assert_eq!((endpoint.in_flight(), app.ended()), (1, 0));
    assert_eq!(endpoint.handle(request("")).await.status(), 503, "the limit counts the future");
    endpoint.drain().await;
    assert_eq!((endpoint.in_flight(), app.ended()), (0, 1));
}

#[test]
fn the_failure_of_a_spawned_future_is_logged_and_changes_no_answer() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let endpoint = builder(&App::default()).build().unwrap();
            for order in ["fail", "panic"] {
                assert_eq!(endpoint.handle(request(&format!("&spawn={order}"))).await.status(), 200);
                timeout(Duration::from_secs(8), endpoint.drain()).await.unwrap();
            }
            assert_eq!(endpoint.handle(request("&spawn=forever")).await.status(), 200);
        });
        drop(runtime);
    });
    let lines = log.0.lock().unwrap();
    let expected = [
        ("a future that a handler method spawned failed", "the work fails"),
        ("a future that a handler method spawned panicked", "the work panics"),
        ("the runtime was shut down while a spawned future was in flight", "drain"),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, (message, detail)) in lines.iter().zip(expected) {
        assert!(line.contains(message) && line.contains(detail), "{line}");
    }
}
