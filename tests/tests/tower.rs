//! The adapter for hyper is a service of tower as well, which axum and others can route to.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::Router;
use http::{Method, StatusCode};
use tencent_im_callback::{CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group};
use tencent_im_callback_testkit::{
    Answer,
    conformance::Connection,
    request::{APP_ID, TOKEN},
    sample,
};
use tokio::net::TcpListener;

#[derive(Default)]
struct App(AtomicUsize);

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(&self, _: &Context, _: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Decision::Refuse)
    }
}

#[tokio::test]
async fn the_service_can_be_routed_to() {
    let app = Arc::<App>::default();
    let endpoint = Endpoint::builder(Arc::clone(&app)).app(APP_ID, [TOKEN]).build().unwrap();
    let router = Router::new().route_service("/callback", tencent_im_callback_hyper::service(endpoint));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { axum::serve(listener, router).await });

    let mut connection = Connection::open(address).await.unwrap();
    let good = sample::<group::BeforeCreateTopic>().request();
    for (request, status) in [
        (good.clone(), StatusCode::OK),
        (good.clone().method(Method::PUT), StatusCode::METHOD_NOT_ALLOWED),
        (good.clone().forged(), StatusCode::UNAUTHORIZED),
        (good, StatusCode::OK),
    ] {
        let answer = Answer::read(request.command(), connection.ask(&request).await.unwrap());
        answer.assert_status(status.as_u16());
        if status == StatusCode::OK {
            answer.assert_refused();
        }
    }
    assert_eq!(app.0.load(Ordering::SeqCst), 2);
    server.abort();
}
