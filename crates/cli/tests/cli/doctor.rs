use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::any,
};
use serde_json::Value;
use tencent_im_callback::Endpoint;

use crate::{
    program::{APP, TOKEN, command, finish, run},
    server::{App, Server, Slow, Strict, builder, in_words, same, with_query, with_status},
};

/// What `doctor` says, by check: its state and what was found.
struct Examined(Value);

impl Examined {
    #[track_caller]
    fn of(server: &Server, status: i32) -> Self {
        Self(run(&["doctor", &server.url(), "--json", "--requests", "10"]).json(status))
    }

    fn checks_in(&self, state: &str) -> Vec<&str> {
        let findings = self.0["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["state"] == state).map(|finding| finding["check"].as_str().unwrap()).collect()
    }

    /// Panics unless exactly these checks have failed, each with a fix.
    #[track_caller]
    fn failed(&self, checks: &[&str]) {
        assert_eq!(self.checks_in("failed"), checks, "{:#}", self.0);
        for finding in self.0["findings"].as_array().unwrap() {
            assert_eq!(finding["fix"].is_string(), ["failed", "warning"].contains(&finding["state"].as_str().unwrap()));
        }
    }

    #[track_caller]
    fn warned(&self, checks: &[&str]) {
        assert_eq!(self.checks_in("warning"), checks, "{:#}", self.0);
    }

    fn found(&self, check: &str) -> &str {
        let findings = self.0["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| finding["check"] == check)
            .map(|finding| finding["found"].as_str().unwrap())
            .next()
            .unwrap()
    }
}

fn good() -> Endpoint {
    builder(App).build().unwrap()
}

#[test]
fn a_good_endpoint_has_nothing_to_fear() {
    let server = Server::good();
    let examined = Examined::of(&server, 0);
    examined.failed(&[]);
    examined.warned(&[]);
    assert_eq!(examined.checks_in("ok").len(), 36);
    let out = run(&["doctor", &server.url(), "--strict", "--near-misses"]).exited(0);
    assert!(out.starts_with(&format!(
        "{}, application {APP}\n\na genuine callback\n  ok    signed           status 200",
        server.url()
    )));
    assert!(out.contains(" are answered as by the library\n") && out.ends_with("\n37 ok\n"), "{out}");
}

#[test]
fn one_that_checks_no_signature_is_found() {
    let server = Server::of(&Endpoint::builder(App).unverified_app(APP).build().unwrap());
    let examined = Examined::of(&server, 1);
    examined.failed(&["forged", "unsigned", "stale", "early", "milliseconds"]);
    examined.warned(&["digits"]);
}

#[test]
fn one_that_knows_no_time_is_found() {
    let ever = Duration::from_secs(u64::MAX / 4);
    Examined::of(&Server::of(&builder(App).freshness(ever).build().unwrap()), 1).failed(&[
        "stale",
        "early",
        "milliseconds",
    ]);
    // In one direction only.
    let ahead = builder(App).freshness(Duration::from_secs(600)).clock(|| SystemTime::now() + Duration::from_secs(500));
    let examined = Examined::of(&Server::of(&ahead.build().unwrap()), 1);
    examined.failed(&["early"]);
}

#[test]
fn one_that_takes_other_applications_callbacks_is_found() {
    // As one does that never looks at `SdkAppid`.
    let server = Server::behind(
        good(),
        |request| {
            with_query(request, |query| {
                let rest: Vec<_> = query.split('&').filter(|piece| !piece.starts_with("SdkAppid=")).collect();
                format!("SdkAppid={APP}&{}", rest.join("&"))
            })
        },
        same,
    );
    let examined = Examined::of(&server, 1);
    examined.failed(&["foreign", "no-app"]);
    examined.warned(&["doubled"]);
}

#[test]
fn one_that_answers_201_is_found() {
    let server = Server::behind(good(), same, |answer| with_status(answer, StatusCode::CREATED));
    let examined = Examined::of(&server, 1);
    examined.failed(&["signed"]);
    assert!(examined.found("signed").starts_with("status 201 in "));
}

#[test]
fn one_that_answers_in_words_is_found() {
    let examined = Examined::of(&Server::behind(good(), same, in_words), 1);
    examined.failed(&["answer"]);
    assert_eq!(examined.found("answer"), "the body is no JSON object");
    assert_eq!(examined.found("headers"), "`Content-Type: text/plain`");
}

#[test]
fn a_slow_one_is_found_and_does_not_keep_anybody_waiting() {
    let endpoint = builder(Slow(Duration::from_secs(3))).deadline(Duration::from_secs(9)).build().unwrap();
    let started = Instant::now();
    let examined = Examined::of(&Server::of(&endpoint), 1);
    examined.failed(&["latency", "burst"]);
    assert!(examined.found("latency").starts_with("2 one by one: p50 3.0"), "{}", examined.found("latency"));
    assert!(started.elapsed() < Duration::from_secs(45), "{:?}", started.elapsed());
}

#[test]
fn one_that_refuses_unknown_commands_is_found() {
    let examined = Examined::of(&Server::of(&builder(Strict).build().unwrap()), 1);
    examined.failed(&["unknown-command"]);
    assert_eq!(examined.found("unknown-command"), "an unknown command is answered with status 500");
}

#[test]
fn a_receiver_that_shows_its_secrets_is_found() {
    let server = Server::behind(good(), same, |answer| {
        if answer.status() == StatusCode::UNAUTHORIZED {
            return answer.map(|_| Body::from(format!("wrong signature for the token {TOKEN}")));
        }
        answer
    });
    // The program may report that the token is shown, but must not show it.
    let examined = Examined::of(&server, 1);
    examined.failed(&["secrets"]);
    assert_eq!(examined.found("secrets"), "an answer contains the token");
}

#[test]
fn a_proxy_that_changes_the_query_is_found() {
    // Decodes the query before it passes it on.
    let decoded = Server::behind(
        good(),
        |request| with_query(request, |query| query.replace("%26", "&").replace("%3D", "=")),
        same,
    );
    Examined::of(&decoded, 1).failed(&["decoded-once"]);
    // Cuts what is long.
    let cut = Server::behind(
        good(),
        |request| with_query(request, |query| query.chars().take(1024).collect()),
        |answer| answer,
    );
    let examined = Examined::of(&cut, 0);
    examined.failed(&[]);
    // Wants JSON to be called so, and has a limit that is too low.
    let picky = Server::routed(Router::new().fallback(any(|request: Request| async move {
        let headers = request.headers();
        if !headers.contains_key(header::CONTENT_TYPE) && request.method() == Method::POST {
            return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
        }
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if length.unwrap_or(0_usize) > 100_000 {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        good().serve(request).await.map(Body::from)
    })));
    let examined = Examined::of(&picky, 1);
    assert!(examined.checks_in("failed").starts_with(&["content-type", "large-body"]), "{:#}", examined.0);
}

#[test]
fn one_that_closes_connections_is_warned_about() {
    let server = Server::behind(good(), same, |mut answer| {
        answer.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
        answer
    });
    let examined = Examined::of(&server, 0);
    examined.warned(&["keep-alive"]);
    run(&["doctor", &server.url(), "--strict"]).exited(1);
    run(&["doctor", &server.url(), "--strict", "--skip", "keep-alive"]).exited(0);
}

#[test]
fn one_that_does_not_take_genuine_callbacks_is_told_why_and_nothing_else() {
    let clock = builder(App).clock(|| SystemTime::now() + Duration::from_secs(300));
    let other_token = Endpoint::builder(App).app(APP, ["another token"]);
    let other_app = Endpoint::builder(App).app(APP + 1, [TOKEN]);
    for (endpoint, fix) in [
        (clock, "check that the token here is the endpoint's, that its clock is right"),
        (other_token, "check that the token here is the endpoint's"),
        (other_app, "check that the endpoint is for application 1400000001"),
    ] {
        let examined = Examined::of(&Server::of(&endpoint.build().unwrap()), 1);
        examined.failed(&["signed"]);
        assert_eq!(examined.checks_in("skipped"), ["others"]);
        assert!(examined.0["findings"][0]["fix"].as_str().unwrap().starts_with(fix), "{:#}", examined.0);
    }
    let moved =
        Server::routed(Router::new().fallback(any(|| async { Redirect::permanent("https://example.com/callback") })));
    let examined = Examined::of(&moved, 1);
    assert!(examined.found("signed").ends_with("it is redirected to https://example.com/callback"), "{:#}", examined.0);
}

#[test]
fn a_clock_that_is_wrong_is_told_from_a_wrong_token() {
    // Its `Date` goes by the same clock as its check.
    let late = Duration::from_secs(300);
    let clock = builder(App).clock(move || SystemTime::now() - late).build().unwrap();
    let server = Server::behind(clock, same, move |mut answer| {
        let date = httpdate::fmt_http_date(SystemTime::now() - late);
        answer.headers_mut().insert(header::DATE, date.parse().unwrap());
        answer
    });
    let examined = Examined::of(&server, 1);
    examined.failed(&["signed"]);
    let fix = examined.0["findings"][0]["fix"].as_str().unwrap();
    assert!(fix.starts_with("set the endpoint's clock, which is 300 s behind"), "{fix}");
}

#[test]
fn one_that_asks_for_everything_gets_samples_of_what_is_named() {
    let server = Server::good();
    let args = [
        "doctor",
        &server.url(),
        "--json",
        "--command",
        "Group.CallbackBeforeCreateTopic",
        "--command",
        "sns_prev_friend_add",
    ];
    let examined = Examined(run(&args).json(0));
    assert!(examined.found("command").starts_with("Group.CallbackBeforeCreateTopic: allowed, status 200 in "));

    let confused = Server::behind(good(), same, |answer: Response| {
        answer.map(|_| Body::from(r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":99}"#))
    });
    let args = ["doctor", &confused.url(), "--json", "--command", "Group.CallbackBeforeCreateTopic"];
    let examined = Examined(run(&args).json(1));
    assert!(
        examined
            .found("command")
            .contains("the code 99 is none that Group.CallbackBeforeCreateTopic can be answered with")
    );
}

#[test]
fn only_alarms_are_sent_unless_others_are_named() {
    struct Counting(Arc<AtomicUsize>);

    impl tencent_im_callback::Observer for Counting {
        fn request_finished(&self, report: &tencent_im_callback::Report) {
            if report.callback.is_some_and(|callback| callback.command != "Alert.RequestOverLimit") {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    let others = Arc::new(AtomicUsize::new(0));
    let server = Server::of(&builder(App).observer(Counting(Arc::clone(&others))).build().unwrap());
    run(&["doctor", &server.url()]).exited(0);
    assert_eq!(others.load(Ordering::Relaxed), 0);
}

#[test]
fn what_is_not_there_is_told() {
    let port = Server::good().port();
    let err = run(&["doctor", &format!(":{port}")]).complained(3);
    assert!(err.contains("Connection refused"), "{err}");
    let err = run(&["doctor", ":1", "--skip", "forgd"]).complained(2);
    assert!(err.contains("a similar value exists: 'forged'"), "{err}");
}

#[test]
fn another_application_of_the_receiver_is_not_foreign() {
    let server = Server::of(&builder(App).app(APP + 1, [TOKEN]).build().unwrap());
    let examined = Examined::of(&server, 0);
    examined.failed(&[]);
    run(&["doctor", &server.url(), "--strict", "--near-misses"]).exited(0);
}

#[test]
fn the_report_breaks_between_words_at_the_width_of_the_terminal() {
    let server = Server::of(&Endpoint::builder(App).unverified_app(APP).build().unwrap());
    let mut doctor = command(&["doctor", &server.url(), "--requests", "1"]);
    doctor.env("COLUMNS", "60");
    let out = finish(doctor).exited(1);
    let url = server.url();
    assert!(out.lines().filter(|line| !line.starts_with(&url)).all(|line| line.chars().count() <= 60), "{out}");
}
