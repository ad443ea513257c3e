//! Every near miss of every sample of every callback, against an endpoint in process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tencent_im_callback::{CallbackHandler, Outcome, Report};
use tencent_im_callback_testkit::{
    Harness, Request,
    near_miss::{self, Input, Reaches, Receiver},
    sample,
};

struct App;

impl CallbackHandler for App {}

/// Counts the requests that ended as no near miss may.
#[derive(Clone, Default)]
struct Faults(Arc<AtomicUsize>);

impl tencent_im_callback::Observer for Faults {
    fn request_over(&self, report: &Report) {
        if matches!(report.outcome, Outcome::Panicked | Outcome::Failed | Outcome::Late) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn every_near_miss_of_every_sample_is_answered_as_it_must_be() {
    let faults = Faults::default();
    let observer = faults.clone();
    // A limit that all samples are within and that does not make the bodies at the limit slow.
    let limit = 128 * 1024;
    let receiver = Receiver::default().body_limit(limit).foreign_app(7).foreign_token("the other's token");
    let harness = Harness::configured(App, |endpoint| {
        endpoint.body_limit(limit).app(8, ["the other's token"]).observer(observer)
    });
    let (mut samples, mut seen, mut faulty) = (0, 0, Vec::new());
    for (callback, variant, body) in sample::all() {
        let good = Request::new(callback.command, body).at(harness.clock().now());
        harness.send(good.clone()).await.assert_status(200).assert_handled_by(callback.method);
        samples += 1;
        for miss in receiver.near_misses(&good) {
            let Some(request) = miss.request() else { continue };
            let answer = harness.send(request.clone()).await;
            seen += 1;
            if let Some(fault) = miss.fault(&answer) {
                faulty.push(format!("{}.{variant}, {}: {fault}\n{answer}", callback.command, miss.name()));
            }
        }
    }
    let count = faulty.len();
    faulty.truncate(10);
    assert!(faulty.is_empty(), "{count} of {seen} near misses are answered wrongly:\n{}", faulty.join("\n"));
    assert_eq!(faults.0.load(Ordering::Relaxed), 0);
    assert!(samples >= 150 && seen >= 150 * samples, "only {seen} near misses of {samples} samples");
    println!("{seen} near misses of {samples} samples");
}
