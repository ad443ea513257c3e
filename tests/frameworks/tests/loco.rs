//! loco: its app is an axum app, so `Hooks::after_routes` adds the route of `tencent-im-callback-axum` to the router.
//!
//! It loses nothing: the query is as it was sent, the body streams, and extensions reach the handler. loco's middlewares
//! are around the routes of `Hooks::routes` and `Hooks::before_routes`, and not around this one. Leave it so: the
//! middleware `logger` writes the whole URI, so the log would contain the signature.

use axum::{Router, extract::Request, middleware};
use loco_rs::{
    Result,
    app::{AppContext, Hooks},
    bgworker::Queue,
    boot::{BootResult, StartMode, create_app, run_app},
    config::Config,
    controller::AppRoutes,
    environment::Environment,
    prelude::async_trait,
    task::Tasks,
};
use serde_json::json;
use tencent_im_callback_testkit::conformance::{self, Adapter, Mount, PATH, Server, VISIT};
use tokio::{net::TcpListener, sync::oneshot};

struct App;

#[async_trait]
impl Hooks for App {
    fn app_name() -> &'static str {
        "frameworks"
    }

    async fn boot(mode: StartMode, environment: &Environment, config: Config) -> Result<BootResult> {
        create_app::<Self>(mode, environment, config).await
    }

    fn routes(_: &AppContext) -> AppRoutes {
        AppRoutes::with_default_routes()
    }

    async fn after_routes(router: Router, ctx: &AppContext) -> Result<Router> {
        let mount = ctx.shared_store.get_ref::<Mount>().expect("the app has an endpoint").clone();

        // The recipe.
        let route = tencent_im_callback_axum::route(mount.endpoint);

        // A middleware, which puts data into the request.
        let watched = route.layer(middleware::from_fn(move |mut request: Request, next: middleware::Next| {
            let witness = mount.witness.clone();
            async move {
                let visit = request.headers().get(VISIT).cloned();
                let visit = visit.as_ref().and_then(|visit| visit.to_str().ok());
                let _visit = witness.enter(visit, request.extensions_mut());
                next.run(request).await
            }
        }));
        Ok(router.route(PATH, watched))
    }

    async fn connect_workers(_: &AppContext, _: &Queue) -> Result<()> {
        Ok(())
    }

    fn register_tasks(_: &mut Tasks) {}
}

async fn start(mount: Mount) -> Server {
    let logger = json!({ "enable": false, "level": "off", "format": "compact" });
    let server = json!({ "host": "http://127.0.0.1", "port": 0 });
    let config = serde_json::from_value(json!({ "logger": logger, "server": server })).unwrap();
    let ctx = AppContext::builder(Environment::Test, config).build();
    ctx.shared_store.insert(mount);
    let router = run_app::<App>(&StartMode::ServerOnly, ctx).await.unwrap().router.unwrap();

    // As `Hooks::serve`, which does not say its port and stops at a signal.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async { drop(stopped.await) });
    let ended = tokio::spawn(server.into_future());
    Server::new(address, || drop(stop), async { ended.await.unwrap().unwrap() })
}

#[tokio::test(flavor = "multi_thread")]
async fn loco_keeps_the_contract() {
    conformance::run(&Adapter::new("loco", start)).await.assert_passed();
}
