//! A loop over hyper's HTTP/1 connections with the adapter for hyper.

use ::hyper::{Request, body::Incoming, server::conn::http1, service::Service as _, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tencent_im_callback_testkit::conformance::{Adapter, Mount, Server};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinSet,
};

/// The adapter for hyper.
#[must_use]
pub fn adapter() -> Adapter {
    Adapter::new("hyper", start)
}

async fn start(mount: Mount) -> Server {
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
                // What has ended is forgotten, or a long run would keep every connection there ever was.
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                _ = &mut stopped => return,
            }
        }
    });
    Server::new(address, || drop(stop), async { ended.await.expect("a server ends well") })
}

async fn serve(stream: TcpStream, mount: Mount) {
    let callbacks = tencent_im_callback_hyper::service(mount.endpoint);
    let service = service_fn(move |mut request: Request<Incoming>| {
        let visit = super::enter(&mount.witness, &mut request);
        let answer = callbacks.call(request);
        async move {
            let _visit = visit;
            answer.await
        }
    });
    // Without `half_close`, with which hyper notices no reset while a method runs: the suite asks for that.
    // An error is a client that disconnected, which the cases do on purpose.
    let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}
