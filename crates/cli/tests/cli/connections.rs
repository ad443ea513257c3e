//! What the program does with servers that send without end, and with connections that break.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    program::{APP, Listening, run},
    server::{Raw, acknowledge, read_request},
};

/// A recording of so many callbacks.
fn recording(callbacks: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let mut lines = String::new();
    for at in 0..callbacks {
        let query = format!("SdkAppid={APP}&CallbackCommand=State.StateChange");
        writeln!(lines, "{}", json!({ "at": at, "query": query, "signed": true, "body": {} })).unwrap();
    }
    fs::write(&file, lines).unwrap();
    (folder, file)
}

#[test]
fn every_command_gives_up_on_interim_responses_without_end() {
    let server = Raw::new(|mut stream| {
        read_request(&mut stream)?;
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n".repeat(50);
        loop {
            stream.write_all(hints.as_bytes())?;
        }
    });
    let (_folder, file) = recording(4);
    let (url, file) = (server.url(), file.to_str().unwrap().to_owned());
    let started = Instant::now();
    let out = run(&["send", &url, "State.StateChange", "--timeout", "200ms"]).exited(1);
    assert_eq!(out, "State.StateChange: no answer within 200 ms\n");
    let err = run(&["send", &url, "State.StateChange", "--timeout", "200ms", "--repeat", "3"]).complained(3);
    assert_eq!(err, "error: no answer within 200 ms\n");
    let err = run(&["replay", &file, &url, "--timeout", "200ms", "--parallel", "2"]).complained(3);
    assert_eq!(err, "error: no answer within 200 ms\n");
    let report = run(&["doctor", &url, "--timeout", "200ms", "--json"]).json(1);
    assert_eq!(report["findings"][0]["found"], "gets no answer within 200 ms");
    // Nine exchanges; without a limit on reading each takes seconds, and `replay` much longer.
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

/// A server that answers the first callback of each connection, and breaks the connection when it has read
/// the second. It counts the callbacks that arrive.
fn breaking() -> (Raw, Arc<AtomicUsize>) {
    let arrived = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&arrived);
    let server = Raw::new(move |mut stream| {
        for is_second in [false, true] {
            if !read_request(&mut stream)? {
                return Ok(());
            }
            count.fetch_add(1, Ordering::SeqCst);
            if !is_second {
                acknowledge(&mut stream)?;
            }
        }
        Ok(())
    });
    (server, arrived)
}

#[test]
fn a_callback_that_a_broken_connection_leaves_unanswered_is_not_sent_again() {
    let (server, arrived) = breaking();
    let summary = run(&["send", &server.url(), "State.StateChange", "--repeat", "10", "--json"]).json(1);
    assert_eq!(arrived.load(Ordering::SeqCst), 10);
    assert_eq!(summary["requests"], 10);
    assert_eq!(summary["unexpected"], 5);
    assert_eq!(summary["decided"][0]["count"], 5);
    let unanswered = summary["unanswered"].as_object().unwrap();
    assert!(unanswered.iter().all(|(error, count)| error.starts_with("no answer: ") && *count == 5), "{summary}");

    let (server, arrived) = breaking();
    let (_folder, file) = recording(10);
    let out = run(&["replay", file.to_str().unwrap(), &server.url()]).exited(1);
    assert_eq!(arrived.load(Ordering::SeqCst), 10);
    assert!(out.contains("  5 times ack\n  5 times no answer: "), "{out}");
}

#[test]
fn a_proxy_sends_a_callback_once_too() {
    let (server, arrived) = breaking();
    let listen = Listening::start(&["--forward-to", &server.url(), "--count", "4"]);
    for expect in ["ack", "status=502", "ack", "status=502"] {
        run(&["send", &listen.url(), "State.StateChange", "--expect", expect]).exited(0);
    }
    assert_eq!(arrived.load(Ordering::SeqCst), 4);
    assert_eq!(listen.ended().matches("not forwarded: no answer: ").count(), 2);
}

#[test]
fn a_connection_that_was_closed_between_two_callbacks_loses_none() {
    let arrived = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&arrived);
    let server = Raw::new(move |mut stream| {
        if read_request(&mut stream)? {
            count.fetch_add(1, Ordering::SeqCst);
            acknowledge(&mut stream)?;
        }
        Ok(())
    });
    let listen = Listening::start(&["--forward-to", &server.url(), "--count", "5"]);
    for _ in 0..5 {
        run(&["send", &listen.url(), "State.StateChange", "--expect", "ack"]).exited(0);
    }
    assert_eq!(arrived.load(Ordering::SeqCst), 5);
    assert_eq!(listen.ended().matches("acknowledged").count(), 5);
}
