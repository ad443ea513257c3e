//! salvo takes tower services, with its feature `tower-compat`: `Router::with_path("callback").goal(service.compat())`.

use frameworks::with_length;
use salvo::prelude::TowerServiceCompat;
use salvo::{
    Depot, FlowCtrl, Handler, Listener as _, Request, Response, Router, Server as SalvoServer, async_trait,
    conn::{Acceptor as _, TcpListener},
    http::ReqBody,
};
use tencent_im_callback_testkit::conformance::{self, Adapter, Mount, PATH, Server, VISIT, Witness};
use tower::ServiceExt;

async fn start(mount: Mount) -> Server {
    let acceptor = TcpListener::new("127.0.0.1:0").bind().await;
    let address = acceptor.holdings()[0].local_addr.clone().into_std().unwrap();

    // The recipe.
    let service = tencent_im_callback_hyper::service(mount.endpoint);
    let service = ServiceExt::<http::Request<ReqBody>>::map_response(service, with_length);
    let handler = TowerServiceCompat::<ReqBody, _, _, _>::compat(service);
    let router = Router::with_path(PATH.trim_start_matches('/')).hoop(Watch(mount.witness)).goal(handler);

    let server = SalvoServer::new(acceptor);
    let handle = server.handle();
    let ended = tokio::spawn(server.serve(router));
    Server::new(address, move || handle.stop_graceful(None), async { ended.await.unwrap() })
}

/// A middleware, which puts data into the request.
struct Watch(Witness);

#[async_trait]
impl Handler for Watch {
    async fn handle(&self, request: &mut Request, depot: &mut Depot, response: &mut Response, flow: &mut FlowCtrl) {
        let visit = request.headers().get(VISIT).cloned();
        let visit = visit.as_ref().and_then(|visit| visit.to_str().ok());
        let _visit = self.0.enter(visit, request.extensions_mut());
        flow.call_next(request, depot, response).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn salvo_keeps_the_contract() {
    conformance::run(&Adapter::new("salvo", start)).await.assert_passed();
}
