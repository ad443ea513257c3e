//! The endpoint as it is called without a server, and the settings that cannot work.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context as TaskContext, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{Extensions, Method, Request, Response};
use sha2::{Digest, Sha256};
use tencent_im_callback::{
    BuildError, CallbackHandler, Context, Endpoint, EndpointBuilder, OnFailure, ReceivedAt, Result, UnknownAnswer,
    async_trait,
};

const AFTER: &str = "Group.CallbackAfterGroupDestroyed";

/// Naps for as long as the parameter `nap` says, in milliseconds.
struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        if let Some(nap) = ctx.parameter("nap") {
            tokio::time::sleep(Duration::from_millis(nap.parse()?)).await;
        }
        Ok(UnknownAnswer::acknowledge())
    }
}

fn builder() -> EndpointBuilder {
    Endpoint::builder(App).unverified_app(1)
}

fn request(more: &str) -> Request<Bytes> {
    Request::post(format!("/?SdkAppid=1&CallbackCommand=X.Y{more}")).body(Bytes::from_static(b"{}")).unwrap()
}

/// Runs a future on this thread, without a runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

fn status(response: &Response<Bytes>) -> u16 {
    response.status().as_u16()
}

#[tokio::test]
async fn the_limit_counts_for_a_body_that_was_read_already() {
    let endpoint = builder().body_limit(2).build().unwrap();
    assert_eq!(endpoint.body_limit(), 2);
    assert_eq!(status(&endpoint.handle(request("")).await), 200);
    let too_large = || Request::post("/?SdkAppid=1").body(Bytes::from_static(b"{ }")).unwrap();
    assert_eq!(status(&endpoint.handle(too_large()).await), 413);
    let mut get = too_large();
    *get.method_mut() = Method::GET;
    assert_eq!(status(&endpoint.handle(get).await), 405);
}

#[tokio::test]
async fn a_framework_with_other_types_than_those_of_http_gets_the_same_answers() {
    let endpoint = builder().build().unwrap();
    let good = "SdkAppid=1&CallbackCommand=X.Y";
    let asked = [
        (Method::POST, good, "{}", 200),
        (Method::POST, "sdkappid=%31&CallbackCommand=X.Y&nap=1", "{}", 200),
        (Method::POST, "SdkAppid=1&CallbackCommand=Group.CallbackAfterGroupDestroyed", "{", 400),
        (Method::POST, "SdkAppid=1&SdkAppid=1", "{}", 400),
        (Method::POST, "SdkAppid=2", "{}", 403),
        (Method::POST, "", "{}", 200),
        (Method::PUT, good, "{}", 405),
    ];
    for (method, query, body, expected) in asked {
        let request = Request::builder().method(&method).uri(format!("/?{query}")).body(body.to_owned()).unwrap();
        let response = endpoint.serve(request).await;
        assert_eq!(status(&response), expected, "{method} {query}");
        let answer = endpoint.serve_query(&method, query.to_owned(), Extensions::new(), body.to_owned()).await;
        assert_eq!(answer.status(), response.status(), "{method} {query}");
        let headers = answer.headers().iter().map(|(name, value)| (*name, value.as_bytes()));
        assert!(headers.eq(response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()))));
        assert_eq!(answer.into_body(), response.into_body(), "{method} {query}");
    }
}

#[tokio::test]
async fn a_query_that_no_uri_has_room_for_is_refused() {
    let endpoint = builder().build().unwrap();
    let status = async |length: usize| {
        let mut query = "SdkAppid=1&CallbackCommand=X.Y&more=".to_owned();
        query.extend(std::iter::repeat_n('x', length - query.len()));
        let answer = endpoint.serve_query(&Method::POST, query, Extensions::new(), "{}".to_owned()).await;
        answer.status().as_u16()
    };
    assert_eq!((status(65_535).await, status(65_536).await), (200, 400));
}

#[tokio::test]
async fn the_systems_clock_is_seen_to_go_on() {
    let endpoint = Endpoint::builder(App).app(1, ["token"]).freshness(Duration::from_secs(1)).build().unwrap();
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let sign =
        Sha256::digest(format!("token{time}")).iter().fold(String::new(), |sign, byte| sign + &format!("{byte:02x}"));
    let signed = async || status(&endpoint.handle(request(&format!("&RequestTime={time}&Sign={sign}"))).await);
    assert_eq!(signed().await, 200);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(signed().await, 401);
}

#[tokio::test]
async fn a_future_of_the_endpoint_outlives_it_and_is_small() {
    fn size<F: Send + 'static>(_: &F) -> usize {
        size_of::<F>()
    }

    let endpoint = builder().build().unwrap();
    let served = endpoint.serve(request("").map(|_| "{}".to_owned()));
    let handled = endpoint.handle(request(""));
    drop(endpoint);
    // Frameworks move and box it.
    assert!(size(&served) <= 320 && size(&handled) <= 320, "{} and {}", size(&served), size(&handled));
    assert_eq!((status(&served.await), status(&handled.await)), (200, 200));
}

#[tokio::test]
async fn a_deadline_beyond_all_time_is_none() {
    let endpoint = builder().deadline(Duration::MAX).build().unwrap();
    assert_eq!(status(&endpoint.handle(request("&nap=5")).await), 200);
}

fn received_at(mut request: Request<Bytes>, at: Instant) -> Request<Bytes> {
    request.extensions_mut().insert(ReceivedAt(at));
    request
}

#[tokio::test]
async fn the_time_before_the_endpoint_was_asked_counts() {
    let endpoint = builder().deadline(Duration::from_millis(500)).build().unwrap();
    let Some(long_ago) = Instant::now().checked_sub(Duration::from_secs(1)) else { return };
    assert_eq!(status(&endpoint.handle(received_at(request("&nap=60000"), long_ago)).await), 500);
    assert_eq!(status(&endpoint.handle(received_at(request(""), long_ago)).await), 200, "a method that need not wait");
}

#[test]
fn without_a_runtime_a_method_that_need_not_wait_is_answered() {
    let endpoint = builder().build().unwrap();
    assert_eq!(status(&block_on(endpoint.handle(request("")))), 200);
    block_on(endpoint.drain());
}

#[test]
fn with_a_runtime_given_methods_have_their_timers_and_their_deadline_anywhere() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let endpoint = builder().runtime(runtime.handle().clone()).deadline(Duration::from_millis(200)).build().unwrap();
    assert_eq!(status(&block_on(endpoint.handle(request("&nap=5")))), 200);
    assert_eq!(status(&block_on(endpoint.handle(request("&nap=400")))), 500);
    assert_eq!(endpoint.in_flight(), 1, "the late method goes on");
    block_on(endpoint.drain());
    assert_eq!(endpoint.in_flight(), 0);
}

#[test]
fn settings_that_would_let_nothing_through_are_refused() {
    assert!(matches!(Endpoint::builder(App).build(), Err(BuildError::NoApp)));
    assert!(matches!(builder().app(1, ["token"]).build(), Err(BuildError::DuplicateApp { app_id: 1 })));
    assert!(matches!(builder().deadline(Duration::ZERO).build(), Err(BuildError::Zero { setting: "deadline" })));
    assert!(matches!(builder().body_limit(0).build(), Err(BuildError::Zero { setting: "body_limit" })));
    assert!(matches!(builder().in_flight_limit(0).build(), Err(BuildError::Zero { setting: "in_flight_limit" })));
}

#[test]
fn policies_that_no_answer_can_express_are_refused() {
    let refuse_after = builder().on_after_failure(OnFailure::Refuse).build();
    assert!(matches!(refuse_after, Err(BuildError::NotRefusable { .. })));
    let refuse_one = builder().on_failure_of(AFTER, OnFailure::Refuse).build();
    assert!(matches!(refuse_one, Err(BuildError::NotRefusable { command: AFTER })));
    let misspelt = builder().on_failure_of("Group.CallbackAfterGroupDestroy", OnFailure::Allow).build();
    assert!(
        matches!(misspelt, Err(BuildError::UnknownCommand { command }) if command == "Group.CallbackAfterGroupDestroy")
    );
    assert!(builder().on_failure(OnFailure::Refuse).on_failure_of(AFTER, OnFailure::Allow).build().is_ok());
}

/// A method can be written without `async`, and then something can go wrong before there is a future.
#[test]
fn a_method_that_panics_when_it_is_called_is_answered_as_one_that_panics_later() {
    struct AtOnce;

    impl CallbackHandler for AtOnce {
        fn unknown<'handler, 'ctx, 'method>(
            &'handler self,
            _: &'ctx Context,
        ) -> Pin<Box<dyn Future<Output = Result<UnknownAnswer>> + Send + 'method>>
        where
            'handler: 'method,
            'ctx: 'method,
            Self: 'method,
        {
            panic!("at once")
        }
    }

    for (policy, expected) in [(OnFailure::Allow, 200), (OnFailure::Refuse, 200), (OnFailure::Defer, 500)] {
        let builder = Endpoint::builder(AtOnce).unverified_app(1).on_unknown_failure(policy);
        let endpoint = builder.build().unwrap();
        assert_eq!(status(&block_on(endpoint.handle(request("")))), expected);
        assert_eq!(endpoint.in_flight(), 0);
    }
}

#[test]
fn a_callback_is_in_flight_until_all_that_came_with_it_is_gone() {
    struct Left(Endpoint, Arc<AtomicUsize>);

    impl Drop for Left {
        fn drop(&mut self) {
            self.1.store(self.0.in_flight(), Ordering::Relaxed);
        }
    }

    let endpoint = builder().build().unwrap();
    let in_flight = Arc::new(AtomicUsize::new(0));
    let mut request = request("");
    request.extensions_mut().insert(Arc::new(Left(endpoint.clone(), Arc::clone(&in_flight))));
    assert_eq!(status(&block_on(endpoint.handle(request))), 200);
    assert_eq!(in_flight.load(Ordering::Relaxed), 1);
    assert_eq!(endpoint.in_flight(), 0);
}
