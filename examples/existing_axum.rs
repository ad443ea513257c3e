//! Callbacks in an axum application that is there already: it has a state, nested routers, a login on its other routes,
//! and a log of requests.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 API_KEY=secret cargo run --release --example existing-axum
//! curl -H 'Authorization: Bearer secret' http://127.0.0.1:8080/api/messages
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/hooks/tencent`. Three things matter:
//!
//! - The callback's route is outside of the login: the service proves itself by its signature.
//! - The span of a request has no query, since `Sign` in it is as good as a password for a minute.
//! - The handler has what it needs in its own fields, here the same `Arc` as the state of the router.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::get,
};
use examples::{Settings, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use tencent_im_callback::{CallbackHandler, Endpoint, async_trait, group};
use tower_http::trace::TraceLayer;

/// What the application has had before: its database, its caches, its keys.
struct App {
    api_key: String,
    messages: AtomicU64,
}

type Shared = Arc<App>;

/// The callbacks, on the same state.
struct Callbacks(Shared);

#[async_trait]
impl CallbackHandler for Callbacks {
    async fn group_after_send_msg(
        &self,
        _ctx: &tencent_im_callback::Context,
        _event: group::AfterSendMsg,
    ) -> tencent_im_callback::Result<()> {
        self.0.messages.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info,tower_http=debug");
    let settings = Settings::from_env()?;
    let api_key = env::var("API_KEY").context("API_KEY is not set")?;
    let app = Arc::new(App { api_key, messages: AtomicU64::new(0) });
    let endpoint = Endpoint::builder(Callbacks(Arc::clone(&app))).app(settings.app_id, settings.tokens).build()?;

    let api = Router::new()
        .route("/messages", get(messages))
        .route_layer(from_fn_with_state(Arc::clone(&app), login))
        .with_state(app);
    let hooks = Router::new().route("/tencent", tencent_im_callback_axum::route(endpoint.clone()));
    let router = Router::new()
        .nest("/api", api)
        .nest("/hooks", hooks)
        // Around everything. The span that tower-http makes by default has the whole URL.
        .layer(TraceLayer::new_for_http().make_span_with(tencent_im_callback_axum::make_span));

    let listener = connections::listen(&settings.listen)?;
    tracing::info!("listening on http://{}/hooks/tencent", listener.local_addr()?);
    connections::serve(listener, TowerToHyperService::new(router), stop_signal()?).await?;
    drain(&endpoint).await;
    Ok(())
}

async fn messages(State(app): State<Shared>) -> String {
    app.messages.load(Ordering::Relaxed).to_string()
}

/// Lets requests with the key of the application pass.
async fn login(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = authorization.and_then(|value| value.strip_prefix("Bearer "));
    if key == Some(app.api_key.as_str()) { next.run(request).await } else { StatusCode::UNAUTHORIZED.into_response() }
}
