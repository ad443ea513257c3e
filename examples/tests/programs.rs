//! The receivers as an operator runs them: settings from the environment, a callback over the network, an end by
//! signal.
#![cfg(unix)]

mod receiver;

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

use receiver::{PATIENCE, PROGRAMS, Receiver, TOKEN, program, signed};

fn a_receiver_decides_and_ends_in_peace(name: &str) {
    let receiver = Receiver::start(name);
    let query = signed("Group.CallbackBeforeCreateTopic");
    let answer = receiver.post(&query, r#"{"Operator_Account":"a","Name":"Casino night"}"#);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains(r#""ErrorCode":10123"#), "{answer}");
    let answer = receiver.post("SdkAppid=1&CallbackCommand=Group.CallbackBeforeCreateTopic", "{}");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");

    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
    assert!(log.contains("stopping"), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
    assert!(!log.contains("Sign="), "{log}");
}

#[test]
fn the_receiver_on_axum_decides_and_ends_in_peace() {
    a_receiver_decides_and_ends_in_peace("axum");
}

#[test]
fn the_receiver_on_actix_web_decides_and_ends_in_peace() {
    a_receiver_decides_and_ends_in_peace("actix-web");
}

#[test]
fn the_receiver_on_hyper_decides_and_ends_in_peace() {
    a_receiver_decides_and_ends_in_peace("hyper");
}

#[test]
fn the_receiver_that_can_be_watched_tells_what_has_come() {
    let receiver = Receiver::start("observed");
    let (_, pages) = receiver.seen.split_once("metrics on http://").expect("it says where its metrics are");
    let pages = pages.split('/').next().unwrap().to_owned();
    let command = "Group.CallbackBeforeCreateTopic";
    for name in ["Casino night", "Release notes", "Casino morning"] {
        let body = format!(r#"{{"Operator_Account":"a","Name":"{name}"}}"#);
        assert!(receiver.post(&signed(command), &body).starts_with("HTTP/1.1 200 "));
    }
    let forged = format!("SdkAppid=1&CallbackCommand={command}");
    assert!(receiver.post(&forged, "{}").starts_with("HTTP/1.1 401 "));

    let metrics = page(&pages, "/metrics");
    for line in [
        r#"tencent_im_callback_requests_total{command="Group.CallbackBeforeCreateTopic",outcome="refuse"} 2"#,
        r#"tencent_im_callback_requests_total{command="Group.CallbackBeforeCreateTopic",outcome="allow"} 1"#,
        r#"tencent_im_callback_requests_total{command="other",outcome="unauthenticated"} 1"#,
        r#"tencent_im_callback_request_seconds_bucket{command="Group.CallbackBeforeCreateTopic",outcome="allow",le="1.7"} 1"#,
        "tencent_im_callback_in_flight 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in {metrics}");
    }
    assert!(page(&pages, "/health").starts_with("HTTP/1.1 200 "));

    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
    assert!(log.contains(r#"callback{command="Group.CallbackBeforeCreateTopic" phase="before" app_id=1"#), "{log}");
    assert!(log.contains(r#"outcome="refuse""#), "{log}");
    for text in [&log, &metrics] {
        assert!(!text.contains(TOKEN) && !text.contains("Sign="), "{text}");
    }
}

#[test]
fn the_receiver_that_can_be_watched_shows_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("callbacks.journal");
    let receiver = Receiver::start_with("observed", &[("JOURNAL", journal.to_str().unwrap())]);
    let (_, pages) = receiver.seen.split_once("metrics on http://").expect("it says where its metrics are");
    let pages = pages.split('/').next().unwrap().to_owned();
    let answer = receiver.post(&signed("Group.CallbackAfterGroupDestroyed"), r#"{"GroupId":"g"}"#);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let lines = [
        r#"tencent_im_callback_requests_total{command="Group.CallbackAfterGroupDestroyed",outcome="kept"} 1"#,
        r#"tencent_im_callback_journal_appended_total{command="Group.CallbackAfterGroupDestroyed"} 1"#,
        r#"tencent_im_callback_journal_attempts_total{command="Group.CallbackAfterGroupDestroyed",outcome="done"} 1"#,
        "tencent_im_callback_journal_is_owner 1",
    ];
    let begin = Instant::now();
    loop {
        let metrics = page(&pages, "/metrics");
        let missing = lines.iter().find(|line| !metrics.lines().any(|found| found == **line));
        let Some(missing) = missing else { break };
        assert!(begin.elapsed() < PATIENCE, "{missing} is not in {metrics}");
        thread::sleep(Duration::from_millis(20));
    }
    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
    assert!(journal.join("journal.sqlite3").exists());
}

#[test]
fn a_client_that_closes_its_writing_side_gets_its_answer() {
    for name in PROGRAMS {
        let receiver = Receiver::start(name);
        for number in 0..50 {
            let mut stream = receiver.connect();
            let query = signed("Group.CallbackBeforeCreateTopic");
            let body = r#"{"Operator_Account":"a","Name":"Casino night"}"#;
            let length = body.len();
            write!(stream, "POST /callback?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
                .unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.contains(r#""ErrorCode":10123"#), "{name}, client {number}: {answer:?}");
        }
        let (is_success, log) = receiver.stop();
        assert!(is_success, "{name}: {log}");
    }
}

fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_missing_setting_is_named() {
    for name in PROGRAMS {
        let output = program(name).env("SDK_APP_ID", "1").output().unwrap();
        assert!(!output.status.success());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "Error: CALLBACK_TOKEN is not set\n", "{name}");
    }
}
