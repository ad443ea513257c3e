//! A receiver on axum that can be watched: a log, a page for Prometheus, and a page that shows
//! whether it is well.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 FORBIDDEN_WORDS=casino,lottery cargo run --release --example observed
//! curl http://127.0.0.1:9090/metrics
//! curl -i http://127.0.0.1:9090/health
//! ```
//!
//! With `JOURNAL=callbacks.journal` *after* callbacks are kept in that folder, and the metrics of the journal are shown too.
//!
//! `METRICS_LISTEN` is another address for the two pages. It is not the callbacks' own, which the
//! whole internet can reach. What the log and the metrics are made of is in `docs/observing.md`.

use std::{
    env, future,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::{Router, http::StatusCode, routing::get};
use examples::{Settings, Topics, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tencent_im_callback::{Endpoint, Observer, Outcome, Report};
use tencent_im_callback_journal::Journal;

/// After so many callbacks in a row that its methods could not answer, the program calls itself ill.
const FAILURES: u32 = 5;

/// Bounds of the buckets in seconds, close to each other around the deadline and the vendor's two seconds.
const BUCKETS: [f64; 9] = [0.001, 0.01, 0.1, 0.5, 1.0, 1.5, 1.7, 2.0, 5.0];

/// Counts the callbacks since the last one that a method has answered.
///
/// The endpoint has one clone, as its observer, and the page the other.
#[derive(Debug, Clone, Default)]
struct Health(Arc<AtomicU32>);

impl Observer for Health {
    fn request_finished(&self, report: &Report) {
        match report.outcome {
            Outcome::Failed | Outcome::Panicked | Outcome::Late => {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
            // A sender without a token must not be able to make the program look healthy.
            _ if report.app_id.is_some() => self.0.store(0, Ordering::Relaxed),
            _ => {}
        }
    }
}

impl Health {
    fn status(&self) -> StatusCode {
        if self.0.load(Ordering::Relaxed) < FAILURES { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    // With `debug` there is a line for every callback.
    let _log = log("info,tencent_im_callback=debug");
    let settings = Settings::from_env()?;
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
        .install_recorder()?;
    let health = Health::default();
    let topics = Topics::new(settings.forbidden_words, settings.topics_per_creator);
    let mut builder = Endpoint::builder(topics).app(settings.app_id, settings.tokens).observer(health.clone());
    let journal = match env::var("JOURNAL") {
        Ok(folder) => Some(Journal::open(folder).await?),
        Err(_) => None,
    };
    if let Some(journal) = &journal {
        builder = builder.journal(journal);
    }
    let endpoint = builder.build()?;
    let feed = journal.map(|journal| journal.feed(&endpoint));

    let pages = listen(&env::var("METRICS_LISTEN").unwrap_or_else(|_| "127.0.0.1:9090".to_owned()))?;
    tracing::info!("metrics on http://{}/metrics", pages.local_addr()?);
    let callbacks = listen(&settings.listen)?;
    tracing::info!("listening on http://{}/callback", callbacks.local_addr()?);

    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    tokio::select! {
        ended = connections::serve(callbacks, TowerToHyperService::new(router), stop_signal()?) => ended?,
        ended = serve_pages(pages, metrics, health) => ended?,
    }
    drain(&endpoint).await;
    if let Some(feed) = feed {
        feed.stop(Duration::from_secs(20)).await;
    }
    Ok(())
}

fn listen(address: &str) -> Result<TcpListener> {
    connections::listen(address).with_context(|| format!("cannot listen on {address}"))
}

/// Serves the pages for those who watch, as long as it is polled.
async fn serve_pages(listener: TcpListener, metrics: PrometheusHandle, health: Health) -> Result<()> {
    let upkeep = metrics.clone();
    let router = Router::new()
        .route("/metrics", get(async move || metrics.render()))
        .route("/health", get(async move || health.status()));
    tokio::select! {
        ended = connections::serve(listener, TowerToHyperService::new(router), future::pending()) => ended?,
        () = keep_up(upkeep) => {}
    }
    Ok(())
}

/// Histograms keep every value until they are read. This bounds them while they are not read.
async fn keep_up(metrics: PrometheusHandle) {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}
