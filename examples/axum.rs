//! A receiver on axum.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN     # the console's; typed so, it is in no history
//! SDK_APP_ID=1400000001 FORBIDDEN_WORDS=casino,lottery cargo run --release --example axum
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/callback`; `LISTEN` is another address. The
//! console wants a public address, by HTTPS if it is to be safe: a reverse proxy's business. All
//! settings are in `src/settings.rs`.

use std::net::TcpListener;

use anyhow::{Context as _, Result};
use axum::Router;
use examples::{Settings, Topics, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use tencent_im_callback::Endpoint;

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let topics = Topics::new(settings.forbidden_words, settings.topics_per_creator);
    let endpoint = Endpoint::builder(topics).app(settings.app_id, settings.tokens).build()?;
    let listener =
        connections::listen(&settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    serve(listener, endpoint, stop_signal()?).await
}

/// Serves the endpoint until `stop` is ready and every callback has its answer.
pub(crate) async fn serve(listener: TcpListener, endpoint: Endpoint, stop: impl Future<Output = ()>) -> Result<()> {
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    // Not `axum::serve`, which lets a client take for ever over the head of its request.
    connections::serve(listener, TowerToHyperService::new(router), stop).await?;
    drain(&endpoint).await;
    Ok(())
}
