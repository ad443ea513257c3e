use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tencent_im_callback::CallbackHandler;

use crate::{
    program::{Listening, bare, command, finish, finish_with, run},
    server::{Server, builder},
};

const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// What the good server answers to five callbacks.
fn recording() -> (TempDir, PathBuf) {
    let server = Server::good();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let args = ["--forward-to", &server.url(), "--record", file.to_str().unwrap(), "--count", "5"];
    let listen = Listening::start(&args);
    run(&["send", &listen.url(), TOPIC]).exited(0);
    run(&["send", &listen.url(), TOPIC, "--set", "/Name=spam"]).exited(0);
    run(&["send", &listen.url(), "State.StateChange"]).exited(0);
    run(&["send", &listen.url(), "State.StateChange", "--time", "-90s"]).exited(1);
    run(&["send", &listen.url(), "State.StateChange", "--app", "7"]).exited(1);
    listen.ended();
    (folder, file)
}

/// Without the figures.
fn told(out: &str) -> String {
    let lines = out.lines().filter(|line| !line.trim_start().starts_with("time "));
    lines.flat_map(|line| [line.split(" in ").next().unwrap(), "\n"]).collect()
}

#[test]
fn the_same_receiver_answers_the_same() {
    let (_folder, file) = recording();
    let server = Server::good();
    let out = run(&["replay", file.to_str().unwrap(), &server.url(), "--diff"]).exited(0);
    assert_eq!(
        told(&out),
        "5 callbacks\n  1 time ack\n  1 time allow\n  2 times failed\n  1 time refuse\n  no answer has changed\n"
    );
}

#[test]
fn answers_that_have_changed_are_shown() {
    struct Lenient;
    impl CallbackHandler for Lenient {}

    let (_folder, file) = recording();
    let server = Server::of(&builder(Lenient).build().unwrap());
    let out = run(&["replay", file.to_str().unwrap(), &server.url(), "--diff"]).exited(1);
    assert_eq!(
        told(&out),
        "changed 2. Group.CallbackBeforeCreateTopic\n  /ErrorCode: 10123 became 0\n  \
         /ErrorInfo: \"no spam\" became \"\"\n5 callbacks\n  1 time ack\n  2 times allow\n  2 times failed\n  \
         1 of 5 answers has changed\n"
    );
    run(&["replay", file.to_str().unwrap(), &server.url()]).exited(0);
    let ignored = ["--diff", "--ignore", "/ErrorInfo", "--ignore", "/ErrorCode"];
    run(&[&["replay", file.to_str().unwrap(), &server.url()], &ignored[..]].concat()).exited(0);
}

#[test]
fn a_recording_comes_from_standard_input_too_and_goes_to_programs() {
    let (_folder, file) = recording();
    let server = Server::good();
    let replay = command(&["replay", "-", &server.url(), "--json", "--diff", "--filter", "topic", "--parallel", "4"]);
    let out = finish_with(replay, Some(&fs::read(&file).unwrap())).exited(0);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let words: Vec<_> =
        lines.iter().map(|line| (line["place"].as_u64().unwrap(), line["word"].as_str().unwrap())).collect();
    assert_eq!(words, [(1, "allow"), (2, "refuse")]);
}

#[test]
fn the_original_speed_keeps_the_time_between_callbacks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let line = |at: u64| {
        format!(
            r#"{{"at":{at},"query":"SdkAppid=1400000001&CallbackCommand=State.StateChange","signed":true,"body":{{}}}}"#
        )
    };
    fs::write(&file, format!("{}\n\n{}\n{}\n", line(1_000_000), line(1_000_300), line(1_000_700))).unwrap();
    let server = Server::good();
    let started = Instant::now();
    run(&["replay", file.to_str().unwrap(), &server.url(), "--speed", "original"]).exited(0);
    assert!(started.elapsed() >= Duration::from_millis(700));
}

#[test]
fn a_line_that_is_no_callback_is_left_out_and_told() {
    let (_folder, file) = recording();
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{whole}{}\n", &whole[..60])).unwrap();
    let server = Server::good();
    let ran = run(&["replay", file.to_str().unwrap(), &server.url()]);
    assert!(ran.err.starts_with("skipped line 6: "), "{}", ran.err);
    assert!(ran.exited(1).contains("  1 line is no callback\n"));
}

#[test]
fn what_cannot_be_played_is_told() {
    let (_folder, file) = recording();
    let file = file.to_str().unwrap();
    let port = Server::good().port();
    let err = run(&["replay", file, &format!(":{port}")]).complained(3);
    assert!(err.contains("Connection refused"), "{err}");
    let err = run(&["replay", "/no/such/file", ":1"]).complained(2);
    assert!(err.starts_with("error: /no/such/file: "), "{err}");
    let err = finish(bare(&["replay", file, ":1"])).complained(2);
    assert!(err.starts_with("error: no token is given\n"), "{err}");
}

#[test]
fn what_is_recorded_while_it_plays_is_not_played() {
    let (_folder, file) = recording();
    let server = Server::good();
    let file = file.to_str().unwrap();
    let listen = Listening::start(&["--forward-to", &server.url(), "--record", file, "--count", "5"]);
    assert!(run(&["replay", file, &listen.url()]).exited(0).starts_with("5 callbacks"));
    listen.ended();
    assert_eq!(fs::read_to_string(file).unwrap().lines().count(), 10);
}

#[test]
fn fields_that_this_version_does_not_read_are_counted_and_listed_if_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drift.jsonl");
    let listen = Listening::start(&["--record", file.to_str().unwrap(), "--count", "1"]);
    run(&["send", &listen.url(), TOPIC, "--insert", "/Category=hikes"]).exited(0);
    listen.ended();

    let server = Server::good();
    let out = run(&["replay", file.to_str().unwrap(), &server.url()]).exited(0);
    assert!(out.contains("1 with fields that this version does not read") && !out.contains("Category"), "{out}");
    let out = run(&["replay", file.to_str().unwrap(), &server.url(), "--strict"]).exited(1);
    assert!(out.contains("unread 1. Group.CallbackBeforeCreateTopic\n  Category\n"), "{out}");
    let line = run(&["replay", file.to_str().unwrap(), &server.url(), "--strict", "--json"]).json(1);
    assert_eq!(line["unread"], serde_json::json!(["Category"]));
}
