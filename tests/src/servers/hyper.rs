//! A loop over hyper's HTTP/1 connections with the adapter for hyper.

use ::hyper::{Request, body::Incoming, server::conn::http1, service::Service as _, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

use super::{Adapter, BoxFuture, Mount, Server};
use crate::witness::VISITOR;

/// The adapter for hyper.
pub const ADAPTER: Adapter = Adapter { name: "hyper", start, drops_on_farewell: true };

fn start(mount: Mount) -> BoxFuture<Server> {
    Box::pin(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (stop, mut stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(async move {
            // Dropped with the loop, and all connections with it.
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => drop(connections.spawn(serve(stream, mount.clone()))),
                        Err(error) => panic!("cannot accept: {error}"),
                    },
                    _ = &mut stopped => return,
                }
            }
        });
        Server::new(address, || drop(stop), ended)
    })
}

async fn serve(stream: TcpStream, mount: Mount) {
    let Mount { endpoint, witness } = mount;
    let callbacks = tencent_im_callback_hyper::service(endpoint);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let query = request.uri().query().map(ToOwned::to_owned);
        let visitor = request.headers().get(VISITOR).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        let visit = witness.enter(query.as_deref(), visitor.as_deref(), request.extensions_mut());
        let answer = callbacks.call(request);
        async move {
            let _visit = visit;
            answer.await
        }
    });
    // An error is a client that hung up, which the cases do on purpose.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}
