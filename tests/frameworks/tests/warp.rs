//! warp, by `Endpoint::handle`: a function of ten lines. warp reads the whole body before the endpoint sees the request,
//! so the limit of the body is warp's, and the deadline begins after the body.

use bytes::Bytes;
use frameworks::requests;
use http::{Method, Request};
use tencent_im_callback::{CallbackHandler, Endpoint, group};
use tencent_im_callback_testkit::sample;
use warp::{Filter, Rejection, Reply};

// The recipe.
fn callback(endpoint: Endpoint) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    let request = warp::method().and(query).and(warp::header::headers_cloned()).and(warp::body::bytes());
    let request = request.map(|method: Method, query: String, headers, body: Bytes| {
        let mut request = Request::builder().method(method).uri(format!("/?{query}")).body(body).unwrap_or_default();
        *request.headers_mut() = headers;
        request
    });
    let limit = warp::body::content_length_limit(8 * 1024 * 1024);
    warp::path!("callback").and(limit.or(warp::any()).unify()).and(request).then(move |request| {
        let endpoint = endpoint.clone();
        async move { endpoint.handle(request).await }
    })
}

struct App;

impl CallbackHandler for App {}

#[tokio::test]
async fn a_callback_is_answered_through_warp() {
    let endpoint = Endpoint::builder(App).app(1, "the token").build().unwrap();
    let filter = callback(endpoint);
    let body = sample::<group::BeforeCreateTopic>().to_string();
    for (method, path, status) in requests() {
        let answer = warp::test::request().method(method.as_str()).path(&path).body(&body).reply(&filter).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
}
