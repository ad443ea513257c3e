//! The observer of exchanges: it gets what was sent and what was answered, and can change neither.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request};
use tencent_im_callback::{CallbackHandler, Endpoint, Exchange, ExchangeObserver};

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Exchange>>>);

impl ExchangeObserver for Seen {
    fn exchange_finished(&self, exchange: Exchange) {
        self.0.lock().unwrap().push(exchange);
    }
}

struct Panics;

impl ExchangeObserver for Panics {
    fn exchange_finished(&self, _exchange: Exchange) {
        panic!("on purpose");
    }
}

struct Silent;

impl CallbackHandler for Silent {}

const QUERY: &str = "SdkAppid=1&CallbackCommand=Group.CallbackAfterGroupDestroyed&%53ign=00&tenant=secret";
const BODY: &str = r#"{"GroupId":"the group"}"#;

async fn send(endpoint: &Endpoint, method: Method, query: &str) -> http::Response<Bytes> {
    let request = Request::builder().method(method).uri(format!("/?{query}")).body(Bytes::from(BODY)).unwrap();
    endpoint.handle(request).await
}

#[tokio::test]
async fn each_answered_request_is_given_with_its_answer_and_without_its_signature() {
    let seen = Seen::default();
    let endpoint = Endpoint::builder(Silent).unverified_app(1).exchange_observer(seen.clone()).build().unwrap();
    let answer = send(&endpoint, Method::POST, QUERY).await;
    send(&endpoint, Method::GET, "SdkAppid=1").await;
    let seen = seen.0.lock().unwrap();
    let [first, second] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!(first.query, "SdkAppid=1&CallbackCommand=Group.CallbackAfterGroupDestroyed&tenant=secret");
    assert_eq!((first.is_signed, &first.body, first.status.as_u16()), (true, &Bytes::from(BODY), 200));
    assert_eq!(&first.answer, answer.body());
    // The body of a request that is refused by its query is not stored.
    assert_eq!((second.is_signed, second.body.len(), second.status.as_u16()), (false, 0, 405));
    assert_eq!(second.method, Method::GET);
    let debug = format!("{first:?}");
    assert!(!debug.contains("the group") && !debug.contains("secret"), "{debug}");
}

#[tokio::test]
async fn a_panic_of_the_observer_changes_no_answer() {
    let endpoint = Endpoint::builder(Silent).unverified_app(1).exchange_observer(Panics).build().unwrap();
    assert_eq!(send(&endpoint, Method::POST, QUERY).await.status(), 200);
}
