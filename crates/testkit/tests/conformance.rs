//! The suite finds out what is wrong with an adapter.

#![cfg(feature = "conformance")]

use std::{convert::Infallible, sync::Once, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tencent_im_callback::Endpoint;
use tencent_im_callback_testkit::conformance::{self, Adapter, Mount, Report, Server, VISIT};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};

/// What an adapter does to a request and its answer.
type Serve = fn(Endpoint, Request<Incoming>) -> Answering;
type Answering = std::pin::Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>;

async fn start(mount: Mount, serve: Serve) -> Server {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let running = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mount = mount.clone();
            let service = service_fn(move |request| answer(mount.clone(), request, serve));
            let http = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
            connections.spawn(http);
        }
    });
    let stop = running.abort_handle();
    Server::new(address, move || stop.abort(), async { drop(running.await) })
}

async fn answer(
    mount: Mount,
    mut request: Request<Incoming>,
    serve: Serve,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let visit = request.headers().get(VISIT).cloned();
    let _visit = mount.witness.enter(visit.as_ref().and_then(|visit| visit.to_str().ok()), request.extensions_mut());
    Ok(serve(mount.endpoint, request).await)
}

async fn report(serve: Serve) -> Report {
    silence();
    let adapter = Adapter::new("mine", move |mount| start(mount, serve));
    conformance::run(&adapter).await
}

/// The names of those that failed.
fn failed(report: &Report) -> Vec<&str> {
    report.failed.iter().map(|failure| failure.case.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_that_loses_the_query_fails_and_is_not_asked_to_the_end() {
    let report = report(|endpoint, mut request| {
        *request.uri_mut() = request.uri().path().parse().unwrap();
        Box::pin(async move { endpoint.serve(request).await.map(Full::new) })
    })
    .await;
    let failed = failed(&report);
    assert!(failed.contains(&"a_post_is_taken"), "{report}");
    assert!(report.skipped > 0, "{report}");
    assert!(report.played + report.skipped >= 460, "{report}");
    assert!(!report.has_passed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_that_answers_with_another_status_fails() {
    let report = report(|endpoint, request| {
        Box::pin(async move {
            let mut answer = endpoint.serve(request).await.map(Full::new);
            if answer.status() == 200 {
                *answer.status_mut() = hyper::StatusCode::CREATED;
            }
            answer
        })
    })
    .await;
    let failed = failed(&report);
    assert!(failed.contains(&"a_post_is_taken"), "{report}");
    assert!(!report.has_passed());
    let text = report.to_string();
    assert!(text.contains("--- mine: a_post_is_taken\n") && text.contains("201"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_that_loses_the_extensions_fails_one_case() {
    let report = report(|endpoint, mut request| {
        request.extensions_mut().clear();
        Box::pin(async move { endpoint.serve(request).await.map(Full::new) })
    })
    .await;
    assert_eq!(failed(&report), ["what_a_middleware_leaves_in_the_extensions_reaches_the_handler"], "{report}");
    assert!(report.played >= 460 && report.skipped == 0, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_that_collects_the_body_first_fails_where_bodies_are_slow_or_too_large() {
    let report = report(|endpoint, request| {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            // As some framework's extractor does, with its own idea of what is too long.
            match timeout(Duration::from_millis(300), body.collect()).await {
                Ok(Ok(body)) => {
                    let request = Request::from_parts(parts, Full::new(body.to_bytes()));
                    endpoint.serve(request).await.map(Full::new)
                }
                _ => Response::builder().status(400).body(Full::default()).unwrap(),
            }
        })
    })
    .await;
    let failed = failed(&report);
    for case in [
        "a_body_that_is_too_slow_is_answered_in_time",
        "a_body_far_too_large_is_refused_before_its_end",
        "the_time_for_the_body_is_part_of_the_budget",
    ] {
        assert!(failed.contains(&case), "{case} did not fail; {report}");
    }
    assert!(report.played >= 460, "{report}");
    assert!(failed.len() < 20, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_that_holds_on_to_the_future_fails_where_clients_disconnect() {
    let report = report(|endpoint, request| {
        Box::pin(async move {
            let answer = tokio::spawn(async move { endpoint.serve(request).await.map(Full::new) });
            answer.await.unwrap()
        })
    })
    .await;
    let fail = [
        "a_method_is_dropped_with_its_request_if_that_is_wanted",
        "a_method_that_panics_when_it_is_dropped_with_its_request_does_no_harm",
        "a_half_close_drops_a_method_where_the_framework_drops_the_request",
    ];
    assert_eq!(failed(&report), fail, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[should_panic(expected = "--- mine: a_post_is_taken")]
async fn a_report_of_failures_is_what_a_test_panics_with() {
    let answer = |_, _| -> Answering { Box::pin(async { Response::new(Full::default()) }) };
    report(answer).await.assert_passed();
}

#[test]
fn the_rules_of_adapters_show_the_program_of_the_documentation() {
    let rules = include_str!("../../README.md");
    let module = include_str!("../src/conformance.rs");
    let program = rules.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let docs =
        module.lines().filter_map(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    // But for what rustdoc hides.
    let docs: Vec<_> = docs.filter(|line| !line.starts_with("# ")).collect();
    assert!(docs.join("\n").contains(program), "this is not in the documentation of the module:\n{program}");
}

/// The handler of the suite panics on purpose, and failed cases are in the report.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !std::thread::current().name().is_some_and(|name| name.starts_with("tokio")) {
                print(panic);
            }
        }));
    });
}
