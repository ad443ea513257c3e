//! actix-web's `HttpServer`, with a system and threads of its own, with the adapter for actix-web.

use std::time::Duration;

use actix_web::{App, Error, HttpMessage, HttpServer, body::MessageBody, dev, middleware, rt::System};
use http::Extensions;
use tokio::sync::oneshot;

use super::{Adapter, BoxFuture, Mount, Server};
use crate::{
    request::PATH,
    witness::{VISITOR, Witness},
};

/// The adapter for actix-web.
pub const ADAPTER: Adapter = Adapter { name: "actix-web", start, drops_on_farewell: false };

fn start(mount: Mount) -> BoxFuture<Server> {
    Box::pin(async {
        let (started, has_started) = oneshot::channel();
        let ended = tokio::task::spawn_blocking(|| {
            System::new().block_on(async {
                let Mount { endpoint, witness } = mount;
                let server = HttpServer::new(move || {
                    let witness = witness.clone();
                    App::new()
                        .wrap(middleware::from_fn(move |request, next| watch(witness.clone(), request, next)))
                        .service(tencent_im_callback_actix_web::resource(PATH, endpoint.clone()))
                });
                let server = server
                    .workers(1)
                    .disable_signals()
                    // So long it passes over what comes after an answer that was given early.
                    .client_disconnect_timeout(Duration::from_millis(200))
                    .bind(("127.0.0.1", 0))
                    .expect("there is a free port");
                let address = server.addrs()[0];
                let running = server.run();
                // Nobody is there to hear it only if the suite was cut short.
                let _ = started.send((address, running.handle()));
                running.await.expect("serving fails only where accepting does");
            });
        });
        let (address, handle) = has_started.await.expect("the server starts");
        // The order is given by the call; awaiting it would only wait for it to be carried out.
        Server::new(address, move || drop(handle.stop(false)), ended)
    })
}

async fn watch(
    witness: Witness,
    request: dev::ServiceRequest,
    next: middleware::Next<impl MessageBody>,
) -> Result<dev::ServiceResponse<impl MessageBody>, Error> {
    let query = request.uri().query().map(ToOwned::to_owned);
    let visitor = request.headers().get(VISITOR).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let mut extensions = Extensions::new();
    let _visit = witness.enter(query.as_deref(), visitor.as_deref(), &mut extensions);
    request.extensions_mut().insert(extensions);
    next.call(request).await
}
