use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::any};
use serde_json::{Value, json};
use tencent_im_callback::{
    CallbackHandler, Context, GroupCode, MessageDecision, Replacement, Result, async_trait, group,
};

use crate::{
    program::{APP, bare, command, finish, finish_with, run},
    server::{Server, Slow, builder, in_words, same, with_status},
};

const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// Without the figures, which are never twice the same.
fn without_time(out: &str) -> String {
    let is_time = |line: &&str| line.trim_start().starts_with("time ");
    out.lines().filter(|line| !is_time(line)).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn what_was_decided_is_shown() {
    let server = Server::good();
    let out = run(&["send", &server.url(), TOPIC]).exited(0);
    assert_eq!(without_time(&out), format!("{TOPIC}: allowed\n  status  200 OK\n"));
    assert!(out.contains(" % of the 2 s that the service waits"), "{out}");
    let out = run(&["send", &server.url(), "group_before_create_topic", "--set", "/Name=free spam"]).exited(0);
    assert_eq!(without_time(&out), format!("{TOPIC}: refused with code 10123: `no spam`\n  status  200 OK\n"));
}

#[test]
fn an_address_may_be_a_port() {
    let server = Server::good();
    run(&["send", &format!(":{}/callback", server.port()), "State.StateChange"]).exited(0);
    run(&["send", &format!("localhost:{}/callback?tenant=7", server.port()), "State.StateChange"]).exited(0);
}

#[test]
fn scripts_say_what_they_expect() {
    let server = Server::good();
    let spam = ["--set", "/Name=spam"];
    for (args, expect, status) in [
        (&[][..], "allow", 0),
        (&[], "ok", 0),
        (&[], "refuse", 1),
        (&spam, "refuse", 0),
        (&spam, "refuse=10123", 0),
        (&spam, "refuse=10124", 1),
        (&spam, "status=200", 0),
        (&spam, "discard", 1),
        (&["--unsigned"], "status=401", 0),
        (&["--unsigned"], "failed", 0),
        (&["--unsigned"], "ok", 1),
        (&["--time", "-61s"], "status=401", 0),
        (&["--time", "-55s"], "allow", 0),
        (&["--time", "+65s"], "status=401", 0),
        (&["--app", "5"], "status=403", 0),
    ] {
        let url = server.url();
        let args = [&["send", url.as_str(), TOPIC, "--expect", expect], args].concat();
        let ran = run(&args);
        let err = ran.err.clone();
        ran.exited(status);
        assert_eq!(err.contains(&format!("unexpected: {expect} was expected")), status == 1, "{args:?}: {err}");
    }
    // What the service takes for a failure is one without being told.
    run(&["send", &server.url(), TOPIC, "--unsigned"]).exited(1);
    let err = run(&["send", &server.url(), TOPIC, "--expect", "yes"]).complained(2);
    assert!(err.contains("it is one of: ok, allow, refuse,"), "{err}");
}

#[test]
fn friends_are_decided_one_by_one() {
    let server = Server::good();
    let out = run(&["send", &server.url(), "Sns.CallbackPrevFriendAdd", "--expect", "allow"]).exited(0);
    assert!(out.starts_with("Sns.CallbackPrevFriendAdd: mika_l allowed, odd_bird allowed\n"), "{out}");
}

#[test]
fn a_body_comes_from_a_file_or_standard_input_and_names_its_command() {
    let server = Server::good();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body.json");
    let body = json!({ "CallbackCommand": TOPIC, "Operator_Account": "ann", "Type": "Community", "Name": "spam" });
    std::fs::write(&file, body.to_string()).unwrap();
    let file = file.to_str().unwrap();
    run(&["send", &server.url(), "--body", file, "--expect", "refuse=10123"]).exited(0);
    run(&["send", &server.url(), "--body", file, "--set", "/Name=cats", "--expect", "allow"]).exited(0);
    let from_stdin = command(&["send", &server.url(), "--body", "-", "--expect", "refuse=10123"]);
    finish_with(from_stdin, Some(body.to_string().as_bytes())).exited(0);
    let broken = command(&["send", &server.url(), TOPIC, "--body", "-", "--expect", "status=500"]);
    finish_with(broken, Some(b"{")).exited(0);
    let nameless = command(&["send", &server.url(), "--body", "-"]);
    let err = finish_with(nameless, Some(b"{}")).complained(2);
    assert_eq!(err, "error: the body names no `CallbackCommand`\nhint: give the command too\n");
    let err = run(&["send", &server.url(), "--body", "/no/such/file"]).complained(2);
    assert!(err.starts_with("error: /no/such/file: "), "{err}");
}

#[test]
fn an_unknown_command_needs_a_body() {
    let server = Server::good();
    let err = run(&["send", &server.url(), "Group.CallbackBeforCreateTopic"]).complained(2);
    assert_eq!(
        err,
        "error: no callback has the command `Group.CallbackBeforCreateTopic`\n\
         hint: did you mean Group.CallbackBeforeCreateTopic?\n"
    );
    let unknown = command(&["send", &server.url(), "Weather.Today", "--body", "-", "--expect", "ack"]);
    let ran = finish_with(unknown, Some(b"{}"));
    assert_eq!(ran.err, "note: no callback has the command `Weather.Today`; it is sent as it is\n");
    ran.exited(0);
}

#[test]
fn an_answer_that_the_service_cannot_use_is_shown_as_it_is() {
    let endpoint = || builder(crate::server::App).build().unwrap();
    let wordy = Server::behind(endpoint(), same, in_words);
    let out = run(&["send", &wordy.url(), "State.StateChange"]).exited(1);
    assert_eq!(
        without_time(&out),
        "State.StateChange: failed with status 200: the body is not JSON: expected value at line 1 column 1\n  \
         status  200 OK\n  body    success\n"
    );
    let created = Server::behind(endpoint(), same, |answer| with_status(answer, StatusCode::CREATED));
    let out = run(&["send", &created.url(), "State.StateChange"]).exited(1);
    assert!(out.contains("the service takes every status but 200 for a failure"), "{out}");
}

#[test]
fn a_late_answer_is_none_to_the_service() {
    let endpoint = builder(Slow(Duration::from_millis(2100))).deadline(Duration::from_secs(9)).build().unwrap();
    let server = Server::of(&endpoint);
    let alarm = "Alert.RequestOverLimit";
    let out = run(&["send", &server.url(), alarm, "--expect", "ack"]).exited(1);
    assert!(out.starts_with("Alert.RequestOverLimit: too late; in time it would be acknowledged\n"), "{out}");
    run(&["send", &server.url(), alarm, "--expect", "late"]).exited(0);
    let out = run(&["send", &server.url(), alarm, "--timeout", "100ms"]).exited(1);
    assert_eq!(out, "Alert.RequestOverLimit: no answer within 100 ms\n");
    run(&["send", &server.url(), alarm, "--timeout", "100ms", "--expect", "late"]).exited(0);
}

#[test]
fn many_are_counted() {
    let server = Server::good();
    let summary = run(&["send", &server.url(), TOPIC, "--repeat", "200", "--parallel", "8", "--json"]).json(0);
    assert_eq!(summary["requests"], 200);
    assert_eq!(summary["decided"], json!([{ "word": "allow", "decided": "allowed", "count": 200, "expected": true }]));
    assert!(summary["times"]["p99_ms"].as_f64().unwrap() < 2000.0, "{summary}");
    let out = run(&["send", &server.url(), TOPIC, "--repeat", "20", "--expect", "refuse"]).exited(1);
    assert!(out.contains("20 requests, 1 at a time") && out.contains("  20 times allowed\n"), "{out}");
    assert!(out.contains("  20 are not refuse\n"), "{out}");
}

#[test]
fn programs_get_json() {
    let server = Server::good();
    let answer = run(&["send", &server.url(), TOPIC, "--set", "/Name=spam", "--json"]).json(0);
    assert_eq!(answer["word"], "refuse");
    assert_eq!(answer["decided"], json!({ "decided": "refused_with", "code": 10_123, "text": "no spam" }));
    assert_eq!(answer["answer"]["ErrorInfo"], "no spam");
    assert_eq!(answer["status"], 200);
}

#[test]
fn an_endpoint_that_is_not_there_is_told_from_one_that_is_wrong() {
    let port = Server::good().port();
    let url = format!("http://127.0.0.1:{port}/callback");
    let err = run(&["send", &url, TOPIC]).complained(3);
    assert!(err.starts_with(&format!("error: 127.0.0.1:{port}: Connection refused")), "{err}");
    let err = run(&["send", &url, TOPIC, "--repeat", "3"]).complained(3);
    assert!(err.contains("Connection refused"), "{err}");
    for (url, reason) in [
        ("ftp://localhost/", "the scheme is http or https, not ftp"),
        ("http://ann:secret@localhost/", "the service sends no user name and no password; leave them out"),
    ] {
        let err = run(&["send", url, TOPIC]).complained(2);
        assert!(err.contains(reason), "{err}");
    }
}

#[test]
fn what_is_missing_is_asked_for() {
    let err = finish(bare(&["send", ":9", TOPIC])).complained(2);
    assert!(err.contains("set IM_CALLBACK_TOKEN, or name a file"), "{err}");
    let err = finish(bare(&["send", ":9", TOPIC, "--unsigned"])).complained(2);
    assert_eq!(err, "error: no application is given\nhint: use `--app ID`, or set IM_CALLBACK_APP\n");
    for args in [&["send", ":9", TOPIC][..], &["doctor", ":9"]] {
        let err = finish(bare(args)).complained(2);
        let hints = "hint: use `--app ID`, or set IM_CALLBACK_APP\n\
                     hint: set IM_CALLBACK_TOKEN, or name a file that holds the token with `--token-file FILE`\n";
        assert_eq!(err, format!("error: neither an application nor a token is given\n{hints}"));
    }
    let server = Server::good();
    let app = APP.to_string();
    let unsigned = bare(&["send", &server.url(), TOPIC, "--unsigned", "--app", &app, "--expect", "status=401"]);
    finish(unsigned).exited(0);
}

#[test]
fn a_number_that_is_none_is_refused_with_what_is_wanted() {
    for (args, wanted) in [
        (["--app", "abc"], "it is the number of the application, its SDKAppID in the console"),
        (["--repeat", "0"], "it is a whole number, 1 or more"),
        (["--parallel", "many"], "it is a whole number, 1 or more"),
    ] {
        let err = run(&[&["send", ":9", TOPIC], &args[..]].concat()).complained(2);
        assert!(err.contains(wanted), "{err}");
    }
}

#[test]
fn a_receiver_that_removes_repetitions_sees_each() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&bodies);
    let server = Server::routed(Router::new().fallback(any(move |body: String| {
        let seen = Arc::clone(&seen);
        async move {
            seen.lock().unwrap().push(body);
            (StatusCode::OK, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#)
        }
    })));
    let sent = |args: &[&str]| {
        run(&[&["send", &server.url(), "C2C.CallbackAfterSendMsg", "--repeat", "5"], args].concat()).exited(0);
        let bodies = std::mem::take(&mut *bodies.lock().unwrap());
        let bodies: Vec<Value> = bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
        let mut keys: Vec<_> = bodies.iter().map(|body| body["MsgKey"].to_string()).collect();
        keys.sort();
        keys.dedup();
        (bodies, keys.len())
    };
    assert_eq!(sent(&[]).1, 5);
    assert_eq!(sent(&["--as-is"]).1, 1);
    // What the user sets is sent.
    let (bodies, keys) = sent(&["--set", "/MsgKey=1_2_3"]);
    assert_eq!((keys, &bodies[0]["MsgKey"]), (1, &json!("1_2_3")));
}

#[test]
fn a_field_in_the_wrong_case_is_refused_with_the_one_that_was_meant() {
    let server = Server::good();
    for command in [&["send", &server.url(), TOPIC][..], &["sample", TOPIC]] {
        let err = run(&[command, &["--set", "/name=spam"]].concat()).complained(2);
        assert_eq!(
            err,
            "error: `/name` cannot be set: there is no field `name`; `Name` may be meant\n\
             hint: `--insert` adds a field that the callback does not have\n"
        );
        let err = run(&[command, &["--set", "/Topic=spam"]].concat()).complained(2);
        assert!(err.starts_with("error: `/Topic` cannot be set: there is no field `Topic`\n"), "{err}");
        run(&[command, &["--insert", "/Topic=spam", "--insert", "/name=spam"]].concat()).exited(0);
        // A field that this sample does not have, but the event.
        run(&[command, &["--set", "/EventTime=1670574414123"]].concat()).exited(0);
    }
}

#[test]
fn a_replaced_message_is_shown() {
    struct Moderator;

    #[async_trait]
    impl CallbackHandler for Moderator {
        async fn group_before_send_msg(
            &self,
            _ctx: &Context,
            _event: group::BeforeSendMsg,
        ) -> Result<MessageDecision<GroupCode>> {
            Ok(MessageDecision::Replace(Replacement::text("a \u{1b}[31mkind word").and_custom_data("checked")))
        }
    }

    let server = Server::of(&builder(Moderator).build().unwrap());
    let out = run(&["send", &server.url(), "Group.CallbackBeforeSendMsg"]).exited(0);
    assert!(out.contains(r#""Text": "a \u001b[31mkind word""#), "{out}");
    assert!(out.contains("\n  CloudCustomData \"checked\"\n"), "{out}");
}

#[test]
fn a_wrong_path_is_told() {
    let server = Server::good();
    let url = server.url().replace("/callback", "/elsewhere");
    let out = run(&["send", &url, TOPIC]).exited(1);
    assert!(out.contains("\n  hint    check the path of the URL: the server has nothing there"), "{out}");
}
