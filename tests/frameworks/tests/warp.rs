//! warp, by `Endpoint::handle`: a function of ten lines. warp reads the whole body before the endpoint sees the request,
//! so the limit of the body is warp's, and the deadline begins after the body.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use tencent_im_callback::{CallbackHandler, Endpoint, group};
use tencent_im_callback_testkit::{Signer, sample};
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
    let query = |token: &str| {
        let signature = Signer::new(token).query_at(std::time::SystemTime::now());
        format!("/callback?SdkAppid=1&CallbackCommand=Group.CallbackBeforeCreateTopic&{signature}")
    };
    let body = sample::<group::BeforeCreateTopic>().to_string();
    for (method, path, status) in [
        ("POST", query("the token"), StatusCode::OK),
        ("POST", query("another token"), StatusCode::UNAUTHORIZED),
        ("POST", query("the token") + "&SdkAppid=1", StatusCode::BAD_REQUEST),
        ("POST", "/callback".to_owned(), StatusCode::FORBIDDEN),
        ("GET", query("the token"), StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = warp::test::request().method(method).path(&path).body(&body).reply(&filter).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
}
