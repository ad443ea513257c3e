//! `axum::serve` with the adapter for axum.

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use tokio::{net::TcpListener, sync::oneshot};

use super::{Adapter, BoxFuture, Mount, Server};
use crate::{
    request::PATH,
    witness::{VISITOR, Witness},
};

/// The adapter for axum.
pub const ADAPTER: Adapter = Adapter { name: "axum", start, drops_on_farewell: true };

fn start(mount: Mount) -> BoxFuture<Server> {
    Box::pin(async {
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
        Server::new(address, || drop(stop), ended)
    })
}

async fn watch(State(witness): State<Witness>, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().map(ToOwned::to_owned);
    let visitor = request.headers().get(VISITOR).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let _visit = witness.enter(query.as_deref(), visitor.as_deref(), request.extensions_mut());
    next.run(request).await
}
