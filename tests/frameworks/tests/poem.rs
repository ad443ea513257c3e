//! poem takes tower services, with its feature `tower-compat`: `at("/callback", service.compat())`. The query is as it was
//! sent, the body streams, and extensions of the request reach the handler. The bridge loses the length of an answer;
//! `with_length` writes it into the head.

use frameworks::{PoemBody, with_length};
use poem::{
    Endpoint, Request, Response, Route, Server as PoemServer,
    endpoint::{BoxEndpoint, EndpointExt as _, TowerCompatExt as _},
    listener::TcpAcceptor,
};
use tencent_im_callback_testkit::conformance::{self, Adapter, Mount, PATH, Server, VISIT, Witness};
use tokio::{net::TcpListener, sync::oneshot};
use tower::ServiceExt;

async fn start(mount: Mount) -> Server {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();

    // The recipe.
    let service = tencent_im_callback_hyper::service(mount.endpoint);
    let endpoint = ServiceExt::<http::Request<PoemBody>>::map_response(service, with_length).compat();

    let app = Route::new().at(PATH, Watched { inner: endpoint.boxed(), witness: mount.witness });
    let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(async {
        let server = PoemServer::new_with_acceptor(acceptor);
        server.run_with_graceful_shutdown(app, async { drop(stopped.await) }, None).await.unwrap();
    });
    Server::new(address, || drop(stop), async { ended.await.unwrap() })
}

/// A middleware, which puts data into the request.
struct Watched {
    inner: BoxEndpoint<'static, Response>,
    witness: Witness,
}

impl Endpoint for Watched {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let visit = request.headers().get(VISIT).cloned();
        let visit = visit.as_ref().and_then(|visit| visit.to_str().ok());
        let _visit = self.witness.enter(visit, request.extensions_mut());
        self.inner.call(request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn poem_keeps_the_contract() {
    conformance::run(&Adapter::new("poem", start).cancels_on_half_close(false)).await.assert_passed();
}
