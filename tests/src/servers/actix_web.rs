//! actix-web's `HttpServer`, with a system and threads of its own, with the adapter for actix-web.

use std::time::Duration;

use actix_web::{App, Error, HttpMessage, HttpServer, body::MessageBody, dev, middleware, rt::System};
use http::Extensions;
use tencent_im_callback_testkit::conformance::{Adapter, Mount, PATH, Server, VISIT, Witness};
use tokio::sync::oneshot;

/// The adapter for actix-web.
#[must_use]
pub fn adapter() -> Adapter {
    Adapter::new("actix-web", start).cancels_on_half_close(false)
}

async fn start(mount: Mount) -> Server {
    let (started, has_started) = oneshot::channel();
    let ended = tokio::task::spawn_blocking(move || {
        System::new().block_on(async {
            let server = HttpServer::new(move || {
                let witness = mount.witness.clone();
                App::new()
                    .wrap(middleware::from_fn(move |request, next| watch(witness.clone(), request, next)))
                    .service(tencent_im_callback_actix_web::resource(PATH, mount.endpoint.clone()))
            });
            let server = server
                .workers(1)
                .disable_signals()
                // How long it discards what is sent after an early answer.
                .client_disconnect_timeout(Duration::from_millis(200))
                .bind(("127.0.0.1", 0))
                .expect("there is a free port");
            let address = server.addrs()[0];
            let running = server.run();
            // The receiver is gone only if the suite was cut short.
            let _ = started.send((address, running.handle()));
            running.await.expect("serving fails only where accepting does");
        });
    });
    let (address, handle) = has_started.await.expect("the server starts");
    let ended = async { ended.await.expect("a server ends well") };
    // The order is given by the call; awaiting it would only wait for it to be carried out.
    Server::new(address, move || drop(handle.stop(false)), ended)
}

async fn watch(
    witness: Witness,
    request: dev::ServiceRequest,
    next: middleware::Next<impl MessageBody>,
) -> Result<dev::ServiceResponse<impl MessageBody>, Error> {
    let visit = request.headers().get(VISIT).and_then(|visit| visit.to_str().ok());
    let mut extensions = Extensions::new();
    let _visit = witness.enter(visit, &mut extensions);
    request.extensions_mut().insert(extensions);
    next.call(request).await
}
