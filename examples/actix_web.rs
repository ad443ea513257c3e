//! A receiver on actix-web.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN     # the console's; typed so, it is in no history
//! SDK_APP_ID=1400000001 FORBIDDEN_WORDS=casino,lottery cargo run --release --example actix-web
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/callback`; `LISTEN` is another address. The
//! console wants a public address, by HTTPS if it is to be safe: a reverse proxy's business. All
//! settings are in `src/settings.rs`.

use std::{net::TcpListener, num::NonZero, thread, time::Duration};

use actix_web::{App, HttpServer};
use anyhow::{Context as _, Result};
use examples::{Settings, Topics, connections, drain, log, stop_signal};
use tencent_im_callback::Endpoint;

#[actix_web::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let topics = Topics::new(settings.forbidden_words, settings.topics_per_creator);
    // Each worker has a runtime that ends with the server. Methods belong to the runtime in which the endpoint is
    // built: this one, which does not end before them.
    let endpoint = Endpoint::builder(topics).app(settings.app_id, settings.tokens).build()?;
    let listener =
        connections::listen(&settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    serve(listener, endpoint, stop_signal()?).await
}

/// Serves until `stop` is ready and every callback has its answer.
pub(crate) async fn serve(
    listener: TcpListener,
    endpoint: Endpoint,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let mounted = endpoint.clone();
    let app = move || App::new().service(tencent_im_callback_actix_web::resource("/callback", mounted.clone()));
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let server = HttpServer::new(app)
        // For the head of the first request of a connection; the endpoint's deadline is for bodies.
        .client_request_timeout(Duration::from_secs(5))
        // A body that is over the limit is not read on after its answer. By default it is, for a second.
        .client_disconnect_timeout(Duration::ZERO)
        // The service keeps its connections open; one that is closed at the moment when a callback
        // is sent loses that callback. The default is five seconds.
        .keep_alive(Duration::from_secs(75))
        // actix-web counts the connections of each worker. Their number bounds what clients can make the server hold,
        // and nothing else bounds how many wait in the middle of a second head.
        .workers(workers)
        .max_connections(connections::CONNECTIONS.div_ceil(workers))
        // What is in flight gets so many seconds once the server is to stop.
        .shutdown_timeout(10)
        .shutdown_signal(stop)
        .listen(listener)?
        .run();
    server.await?;
    drain(&endpoint).await;
    Ok(())
}
