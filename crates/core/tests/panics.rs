//! What panics while it is dropped or shown is a panic like any other: an answer by the policy, one report, no place
//! lost.

use std::{
    fmt,
    panic::panic_any,
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{
    CallbackHandler, Context, Endpoint, EndpointBuilder, Observer, OnFailure, Outcome, Report, Result, UnknownAnswer,
};

/// Panics when it is dropped so many times: what it panics with is another one.
#[derive(Debug)]
struct Loud(u8);

impl Drop for Loud {
    fn drop(&mut self) {
        if self.0 > 0 {
            panic_any(Self(self.0 - 1));
        }
    }
}

impl fmt::Display for Loud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("loud")
    }
}

impl std::error::Error for Loud {}

/// Panics when it is shown.
#[derive(Debug)]
struct Mute;

impl fmt::Display for Mute {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic_any(Loud(2))
    }
}

impl std::error::Error for Mute {}

/// A method that ends at its second turn as `order` says, and panics when it is dropped if it holds a [`Loud`].
struct Method {
    order: String,
    turns: u8,
    _loud: Option<Loud>,
}

impl Future for Method {
    type Output = Result<UnknownAnswer>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Result<UnknownAnswer>> {
        if self.turns > 0 {
            self.turns -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match self.order.as_str() {
            "panic" => panic_any(Loud(3)),
            "fail" => Poll::Ready(Err(Loud(3).into())),
            "mute" => Poll::Ready(Err(Mute.into())),
            "late" => Poll::Pending,
            _ => Poll::Ready(Ok(UnknownAnswer::acknowledge())),
        }
    }
}

impl Method {
    fn new(order: &str, turns: u8) -> Self {
        let (order, is_loud) = order.strip_suffix("-loud").map_or((order, false), |order| (order, true));
        Self { order: order.to_owned(), turns, _loud: is_loud.then(|| Loud(3)) }
    }
}

/// Its one method does what the parameter `do` says, after so many turns as `turns`.
struct App;

impl CallbackHandler for App {
    fn unknown<'handler, 'ctx, 'method>(
        &'handler self,
        ctx: &'ctx Context,
    ) -> Pin<Box<dyn Future<Output = Result<UnknownAnswer>> + Send + 'method>>
    where
        'handler: 'method,
        'ctx: 'method,
        Self: 'method,
    {
        let order = ctx.parameter("do").unwrap_or_default();
        let turns = ctx.parameter("turns").map_or(0, |turns| turns.parse().unwrap());
        if order == "at-once" {
            panic_any(Loud(3));
        }
        Box::pin(Method::new(&order, turns))
    }
}

/// How a request ended, and the status of its answer.
type End = (Outcome, Option<u16>);

/// Keeps how requests ended, and panics with something that panics again.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<End>>>);

impl Observer for Reports {
    fn request_finished(&self, report: &Report) {
        self.0.lock().unwrap().push((report.outcome, report.status.map(|status| status.as_u16())));
        panic_any(Loud(3));
    }

    fn method_finished(&self, report: &Report, _: Duration) {
        self.0.lock().unwrap().push((report.outcome, None));
        panic_any(Loud(3));
    }
}

fn builder(reports: &Reports) -> EndpointBuilder {
    Endpoint::builder(App).unverified_app(1).observer(reports.clone())
}

fn request(order: &str, turns: u8) -> Request<Bytes> {
    let uri = format!("/?SdkAppid=1&CallbackCommand=X.Y&do={order}&turns={turns}");
    Request::post(uri).body(Bytes::from_static(b"{}")).unwrap()
}

#[tokio::test]
async fn each_is_answered_by_the_policy_and_reported_once() {
    for (order, outcome) in [
        ("at-once", Outcome::Panicked),
        ("panic", Outcome::Panicked),
        ("panic-loud", Outcome::Panicked),
        ("fail", Outcome::Panicked),
        ("fail-loud", Outcome::Panicked),
        ("mute", Outcome::Failed),
        ("mute-loud", Outcome::Panicked),
        ("end-loud", Outcome::Panicked),
    ] {
        for turns in [0, 1, 3] {
            for (policy, status) in [(OnFailure::Defer, 500), (OnFailure::Allow, 200)] {
                let reports = Reports::default();
                let endpoint = builder(&reports).on_unknown_failure(policy).build().unwrap();
                let answer = endpoint.handle(request(order, turns)).await;
                assert_eq!(answer.status(), status, "{order}, {turns} turns");
                assert_eq!(*reports.0.lock().unwrap(), [(outcome, Some(status))], "{order}, {turns} turns");
                assert_eq!(endpoint.in_flight(), 0, "{order}, {turns} turns");
            }
        }
    }
}

#[tokio::test]
async fn a_late_method_may_do_so_too() {
    for (order, outcome) in
        [("panic-loud", Outcome::Panicked), ("fail", Outcome::Panicked), ("end-loud", Outcome::Panicked)]
    {
        let reports = Reports::default();
        let endpoint = builder(&reports).build().unwrap();
        // Its client disconnects: the method continues by itself.
        let mut answer = Box::pin(endpoint.handle(request(order, 5)));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(answer.as_mut().poll(&mut cx).is_pending());
        drop(answer);
        endpoint.drain().await;
        assert_eq!(*reports.0.lock().unwrap(), [(Outcome::ClientDisconnected, None), (outcome, None)], "{order}");
    }
}

#[tokio::test]
async fn what_a_request_left_behind_may_panic_when_it_is_dropped() {
    let reports = Reports::default();
    let endpoint = builder(&reports).build().unwrap();
    let mut request = request("end", 1);
    request.extensions_mut().insert(Arc::new(Loud(3)));
    assert_eq!(endpoint.handle(request).await.status(), 200);
    assert_eq!(endpoint.in_flight(), 0);
}

#[tokio::test]
async fn a_clock_that_panics_is_a_500_and_reported() {
    for path in ["/?SdkAppid=1&CallbackCommand=X.Y&Sign=0&RequestTime=1", "/?Sign=0&RequestTime=1"] {
        let reports = Reports::default();
        let builder = Endpoint::builder(App).app(1, "the token").observer(reports.clone());
        let endpoint = builder.clock(|| panic_any(Loud(3))).build().unwrap();
        let sign = "0".repeat(64);
        let request = Request::post(path.replace("Sign=0", &format!("Sign={sign}"))).body(Bytes::new()).unwrap();
        assert_eq!(endpoint.handle(request).await.status(), 500);
        assert_eq!(*reports.0.lock().unwrap(), [(Outcome::Panicked, Some(500))]);
    }
}
