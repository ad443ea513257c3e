//! A server to be measured: `bench-server <hyper|axum|actix-web> <floor|hand|ours>`.
//!
//! `floor` reads the body and answers a constant; `hand` is the endpoint as a careful user writes it;
//! `ours` is the library's. It serves `POST /callback` on loopback, prints one line when it is ready,
//! and is set up by `BENCH_PORT`, `BENCH_TOKEN`, `BENCH_SDKAPPID`, `BENCH_THREADS` and `BENCH_MAX_AGE`.

use std::{env, error::Error, net::SocketAddr};

use benchmarks::settings::Settings;

#[path = "bench-server/actix_web.rs"]
mod on_actix_web;
#[path = "bench-server/axum.rs"]
mod on_axum;
#[path = "bench-server/hyper.rs"]
mod on_hyper;

/// What is answered where nothing is looked at.
const CONSTANT: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

#[derive(Clone, Copy)]
enum Kind {
    Floor,
    Hand,
    Ours,
}

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: bench-server <hyper|axum|actix-web> <floor|hand|ours>";
    let words: Vec<_> = env::args().skip(1).collect();
    let [framework, kind] = words.as_slice() else { return Err(usage.into()) };
    let kind = match kind.as_str() {
        "floor" => Kind::Floor,
        "hand" => Kind::Hand,
        "ours" => Kind::Ours,
        _ => return Err(usage.into()),
    };
    let settings = Settings::from_env()?;
    match framework.as_str() {
        "hyper" => on_tokio(&settings, on_hyper::serve(kind, settings.clone())),
        "axum" => on_tokio(&settings, on_axum::serve(kind, settings.clone())),
        "actix-web" => on_actix_web::serve(kind, &settings),
        _ => Err(usage.into()),
    }
}

/// Runs a server on the runtime that `#[tokio::main]` makes.
fn on_tokio(
    settings: &Settings,
    server: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(settings.threads).enable_all().build()?.block_on(server)
}

fn ready(address: SocketAddr) {
    println!("listening on {address}");
}
