//! Servers to be measured: `bench-axum <floor|hand|ours>`.
//!
//! `floor` reads the body and answers a constant; `hand` is the endpoint as a careful user writes it;
//! `ours` is the library's. They serve `POST /callback` on loopback, print one line when they are ready,
//! and are set up by `BENCH_PORT`, `BENCH_TOKEN`, `BENCH_SDKAPPID`, `BENCH_THREADS` and `BENCH_MAX_AGE`.

use std::{error::Error, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query, State},
    routing::post,
};
use benchmarks::{
    hand::{self, BODY_LIMIT},
    ours,
    server::{CONSTANT, Kind, on_tokio, ready, told},
    settings::Settings,
    waiting::Other,
};
use bytes::Bytes;
use http::StatusCode;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let (kind, settings) = told()?;
    on_tokio(&settings, serve(kind, &settings))
}

async fn serve(kind: Kind, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let router = match kind {
        Kind::Floor => Router::new().route("/callback", post(floor)),
        Kind::Hand => Router::new()
            .route("/callback", post(by_hand))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(Arc::new(hand::App::new(settings, Other::default()))),
        Kind::Ours => Router::new().route("/callback", tencent_im_callback_axum::route(ours::endpoint(settings)?)),
    };
    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
    ready(listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn floor(_: Bytes) -> &'static str {
    CONSTANT
}

async fn by_hand(
    State(app): State<Arc<hand::App>>,
    Query(query): Query<hand::Query>,
    body: Bytes,
) -> Result<Json<hand::Answer>, StatusCode> {
    app.answer(&query, &body).await.map(Json)
}
