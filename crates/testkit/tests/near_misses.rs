//! Every near miss of every sample of every callback, against an endpoint in process.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tencent_im_callback::{CallbackHandler, Endpoint, Outcome, Report, group};
use tencent_im_callback_testkit::{
    Answer, Harness, Request,
    near_miss::{self, Receiver},
    sample,
};

struct App;

impl CallbackHandler for App {}

/// Counts the requests that ended as no near miss may.
#[derive(Clone, Default)]
struct Faults(Arc<AtomicUsize>);

impl tencent_im_callback::Observer for Faults {
    fn request_finished(&self, report: &Report) {
        if matches!(report.outcome, Outcome::Panicked | Outcome::Failed | Outcome::Late) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn every_near_miss_of_every_sample_is_answered_as_it_must_be() {
    let broken = Faults::default();
    let observer = broken.clone();
    // A limit that all samples are within and that does not make the bodies at the limit slow.
    let limit = 128 * 1024;
    let receiver = Receiver::default().body_limit(limit).foreign_app(7).foreign_token("the other's token");
    let harness = Harness::configured(App, |endpoint| {
        endpoint.body_limit(limit).app(8, ["the other's token"]).observer(observer)
    });
    let (mut samples, mut seen, mut wrong) = (0, 0, Vec::new());
    for (callback, variant, body) in sample::all() {
        let good = Request::new(callback.command, body).at(harness.clock().now());
        harness.send(good.clone()).await.assert_status(200).assert_handled_by(callback.method);
        samples += 1;
        for miss in receiver.near_misses(&good) {
            let Some(request) = miss.request() else { continue };
            let answer = harness.send(request.clone()).await;
            seen += 1;
            if let Some(fault) = miss.fault(&answer) {
                wrong.push(format!("{}.{variant}, {}: {fault}\n{answer}", callback.command, miss.name()));
            }
        }
    }
    let count = wrong.len();
    wrong.truncate(10);
    assert!(wrong.is_empty(), "{count} of {seen} near misses are answered wrongly:\n{}", wrong.join("\n"));
    assert_eq!(broken.0.load(Ordering::Relaxed), 0);
    assert!(samples >= 150 && seen >= 150 * samples, "only {seen} near misses of {samples} samples");
    println!("{seen} near misses of {samples} samples");
}

#[tokio::test]
async fn the_names_are_unique_and_the_usual_receiver_has_all_of_them() {
    let harness = Harness::new(App);
    let mut names = std::collections::BTreeSet::new();
    for miss in near_miss::all(&sample::<group::BeforeCreateTopic>().request()) {
        if let Some(request) = miss.request() {
            miss.assert(&harness.send(request.clone()).await);
        }
        assert!(names.insert(miss.name().to_owned()), "{miss} is there twice");
    }
    assert!(names.len() > 200, "only {}", names.len());
}

#[tokio::test]
async fn a_receiver_that_believes_anybody_is_found_out() {
    let endpoint = Endpoint::builder(App).unverified_app(tencent_im_callback_testkit::request::APP_ID).build().unwrap();
    let mut found = Vec::new();
    for miss in near_miss::all(&sample::<group::BeforeCreateTopic>().request()) {
        let Some(request) = miss.request() else { continue };
        let response = endpoint.handle(request.build().unwrap()).await;
        if let Some(fault) = miss.fault(&Answer::read(request.command(), response)) {
            found.push((miss.name().to_owned(), fault));
        }
    }
    for name in ["forged", "unsigned", "stale by 61 s", "`RequestTime` in milliseconds"] {
        let fault = found.iter().find(|(found, _)| found == name).map(|(_, fault)| fault.as_str());
        assert_eq!(fault, Some("the status is 200, not 401"), "{name}");
    }
    assert!(!found.iter().any(|(name, _)| name == "other app"));
}

#[tokio::test]
#[should_panic(expected = "Group.CallbackBeforeCreateTopic, forged: the status is 200, not 401\n  decided: allowed")]
async fn a_near_miss_that_is_answered_wrongly_is_told() {
    let topic = sample::<group::BeforeCreateTopic>().request();
    let answer = Harness::new(App).send(topic.clone()).await;
    let misses = near_miss::all(&topic);
    misses.iter().find(|miss| miss.name() == "forged").unwrap().assert(&answer);
}
