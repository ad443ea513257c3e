//! xitca-web takes tower services, with its feature `tower-http-compat`:
//! `at("/callback", TowerHttpCompat::new(service))`. The query is as it was sent, the body streams, and extensions of
//! the request reach the handler.
//!
//! It does not keep the whole contract when a client disconnects, so the suite is not played. Its HTTP/1 server does
//! not read from a connection while a request is served. So it does not notice that the client is gone: the request
//! ends with its answer or its deadline, and `OnDisconnect::Drop` has no effect. And where the client disconnects
//! within its body, the body ends as if it were whole. Half a body is no JSON, so the handler gets it by `undecodable`.

use frameworks::requests;
use http::Request;
use tencent_im_callback::{CallbackHandler, Endpoint, group};
use tencent_im_callback_testkit::sample;
use xitca_web::{
    App as XitcaApp,
    body::RequestBody,
    http::RequestExt,
    service::{Service as _, tower_http_compat::TowerHttpCompat},
};

struct App;

impl CallbackHandler for App {}

#[tokio::test]
async fn a_callback_is_answered_through_xitca_web() {
    let endpoint = Endpoint::builder(App).app(1, "the token").build().unwrap();

    // The recipe.
    let service = TowerHttpCompat::new(tencent_im_callback_hyper::service(endpoint));
    let app = XitcaApp::new().at("/callback", service);

    let app = app.finish().call(()).await.unwrap();
    let body = sample::<group::BeforeCreateTopic>().to_string();
    for (method, path, status) in requests() {
        let body = RequestExt::default().map_body(|()| RequestBody::from(body.clone()));
        let request = Request::builder().method(method.clone()).uri(&path).body(body).unwrap();
        let answer = app.call(request).await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/json");
    }
}
