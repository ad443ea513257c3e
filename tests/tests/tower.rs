//! The adapter for hyper is a service of tower as well, which axum and others can route to.

use axum::Router;
use http::StatusCode;
use tencent_im_callback::Endpoint;
use tests::{
    cases,
    client::Connection,
    handler::RecordingHandler,
    request::{APP, PATH, TOKEN},
    witness::Witness,
};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_service_can_be_routed_to() {
    let witness = Witness::default();
    let handler = RecordingHandler::new("main", witness.clone());
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(tests::request::NOW);
    let endpoint = Endpoint::builder(handler).app(APP, [TOKEN]).clock(move || now).build().unwrap();
    let router = Router::new().route_service(PATH, tencent_im_callback_hyper::service(endpoint));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { axum::serve(listener, router).await });

    let mut connection = Connection::open(address).await.unwrap();
    let good = cases::before_create_topic().tagged("tower");
    for (request, status) in [
        (good.clone(), StatusCode::OK),
        (good.clone().method("PUT"), StatusCode::METHOD_NOT_ALLOWED),
        (good.clone().forged(), StatusCode::UNAUTHORIZED),
        (good, StatusCode::OK),
    ] {
        assert_eq!(connection.ask(&request).await.unwrap().status, status);
    }
    assert_eq!(witness.record("tower").calls.len(), 2);
    server.abort();
}
