//! `axum::serve` with the adapter for axum.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use tencent_im_callback_testkit::conformance::{Adapter, Mount, PATH, Server, Witness};
use tokio::{net::TcpListener, sync::oneshot};

/// The adapter for axum.
#[must_use]
pub fn adapter() -> Adapter {
    Adapter::new("axum", start)
}

async fn start(mount: Mount) -> Server {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let router = Router::new()
        .route(PATH, tencent_im_callback_axum::route(mount.endpoint))
        .layer(middleware::from_fn_with_state(mount.witness, watch));
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(async {
        let server = axum::serve(listener, router).with_graceful_shutdown(async { drop(stopped.await) });
        server.await.expect("serving fails only where accepting does");
    });
    Server::new(address, || drop(stop), async { ended.await.expect("a server ends well") })
}

async fn watch(State(witness): State<Witness>, mut request: Request, next: Next) -> Response {
    let _visit = super::enter(&witness, &mut request);
    next.run(request).await
}
