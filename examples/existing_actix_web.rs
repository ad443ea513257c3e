//! Callbacks in an actix-web application that is there already: it has data, scopes, a login on its other routes, and a
//! log of requests.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 API_KEY=secret cargo run --release --example existing-actix-web
//! curl -H 'Authorization: Bearer secret' http://127.0.0.1:8080/api/messages
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/hooks/tencent`. Three things matter:
//!
//! - The callback's resource is outside of the scope with the login: the service proves itself by its signature.
//! - The log has the path and not the query, since `Sign` in it is as good as a password for a minute. actix-web's
//!   `Logger` writes the query by default; with the format `%s %D` and its `%U` it does not.
//! - The endpoint is built once, outside of the closure that each worker calls.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::{Next, from_fn},
    web,
};
use anyhow::{Context as _, Result};
use examples::{Settings, connections, drain, log, stop_signal};
use tencent_im_callback::{CallbackHandler, Endpoint, async_trait, group};
use tencent_im_callback_actix_web::resource;

/// What the application has had before: its database, its caches, its keys.
struct Shared {
    api_key: String,
    messages: AtomicU64,
}

/// The callbacks, on the same data.
struct Callbacks(Arc<Shared>);

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

#[actix_web::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let api_key = env::var("API_KEY").context("API_KEY is not set")?;
    let shared = Arc::new(Shared { api_key, messages: AtomicU64::new(0) });
    let endpoint = Endpoint::builder(Callbacks(Arc::clone(&shared))).app(settings.app_id, settings.tokens).build()?;
    let listener = connections::listen(&settings.listen)?;
    tracing::info!("listening on http://{}/hooks/tencent", listener.local_addr()?);

    let (data, mounted) = (web::Data::from(shared), endpoint.clone());
    let app = move || {
        let api = web::scope("/api").wrap(from_fn(login)).route("/messages", web::get().to(messages));
        let hooks = web::scope("/hooks").service(resource("/tencent", mounted.clone()));
        App::new().app_data(data.clone()).wrap(from_fn(log_request)).service(api).service(hooks)
    };
    HttpServer::new(app)
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(10)
        .shutdown_signal(stop_signal()?)
        .listen(listener)?
        .run()
        .await?;
    drain(&endpoint).await;
    Ok(())
}

async fn messages(shared: web::Data<Shared>) -> String {
    shared.messages.load(Ordering::Relaxed).to_string()
}

/// Lets requests with the key of the application pass.
async fn login(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let key = request.app_data::<web::Data<Shared>>().map(|shared| format!("Bearer {}", shared.api_key));
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if key.is_some() && authorization == key.as_deref() {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request.into_response(HttpResponse::Unauthorized()).map_into_right_body())
}

async fn log_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let response = next.call(request).await?;
    tracing::info!(%method, path, status = response.status().as_u16(), "request");
    Ok(response)
}
