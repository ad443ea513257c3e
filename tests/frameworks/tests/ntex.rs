//! ntex, by `Endpoint::handle`: a function of a dozen lines. ntex has the URI and the method of `http`, and its own map
//! of headers. The query is as it was sent. The feature `tokio` of ntex is needed: the endpoint uses the runtime.
//!
//! ntex reads the whole body before the endpoint sees the request, so the limit of the body is that of `PayloadConfig`,
//! and the deadline begins after the body. A body above the limit gets ntex's own answer. Extensions do not reach the
//! handler: those of ntex are not those of `http`, and need not be `Send`.

use bytes::Bytes;
use frameworks::requests;
use http::Request;
use ntex::web::{
    App as NtexApp, DefaultError, HttpRequest, HttpResponse, Resource, resource, test,
    types::{PayloadConfig, State},
};
use tencent_im_callback::{CallbackHandler, Endpoint, group};
use tencent_im_callback_testkit::sample;

// The recipe: `App::new().service(route(endpoint))`.
fn route(endpoint: Endpoint) -> Resource<DefaultError> {
    resource("/callback").state(endpoint).state(PayloadConfig::new(8 * 1024 * 1024)).to(callback)
}

async fn callback(endpoint: State<Endpoint>, request: HttpRequest, body: ntex::util::Bytes) -> HttpResponse {
    let mut callback = Request::new(Bytes::from_owner(body));
    *callback.method_mut() = request.method().clone();
    *callback.uri_mut() = request.uri().clone();
    for (name, value) in request.headers() {
        callback.headers_mut().append(name, value.into());
    }
    let (parts, body) = endpoint.handle(callback).await.into_parts();
    let mut response = HttpResponse::build(parts.status);
    for (name, value) in &parts.headers {
        response.header(name, value);
    }
    response.body(body.to_vec())
}

struct App;

impl CallbackHandler for App {}

#[ntex::test]
async fn a_callback_is_answered_through_ntex() {
    let endpoint = Endpoint::builder(App).app(1, "the token").build().unwrap();
    let app = test::init_service(NtexApp::new().service(route(endpoint))).await;
    let body = sample::<group::BeforeCreateTopic>().to_string();
    for (method, path, status) in requests() {
        let request = test::TestRequest::with_uri(&path).method(method.clone()).set_payload(body.clone());
        let answer = test::call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(answer.headers().get("content-type").unwrap(), "application/json");
    }
}
