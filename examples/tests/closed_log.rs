//! The reader of the programs' output has gone.
#![cfg(unix)]

mod receiver;

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

use receiver::{PROGRAMS, Receiver, signed};

const TOPIC: &str = r#"{"GroupId":"g","TopicId":"t","Operator_Account":"a","Name":"Release notes"}"#;

#[test]
fn the_programs_continue_when_their_log_is_not_read() {
    for name in PROGRAMS {
        let mut receiver = Receiver::start(name);
        receiver.close_log();
        for number in 0..20 {
            // A line of the program's own, then a warning of the library's, then a method that refuses.
            let created = TOPIC.replace(r#""t""#, &format!(r#""t{number}""#));
            let answer = receiver.post(&signed("Group.CallbackAfterCreateTopic"), &created);
            assert!(answer.starts_with("HTTP/1.1 200 "), "{name}: {answer}");
            let answer = receiver.post("SdkAppid=1&CallbackCommand=Group.CallbackAfterCreateTopic&Sign=x", &created);
            assert!(answer.starts_with("HTTP/1.1 401 "), "{name}: {answer}");
            let refused = TOPIC.replace("Release notes", "Casino night");
            let answer = receiver.post(&signed("Group.CallbackBeforeCreateTopic"), &refused);
            assert!(answer.contains(r#""ErrorCode":10123"#), "{name}: {answer}");
        }
        receiver.signal("TERM");
        let (status, _) = receiver.ended();
        assert_eq!(status.code(), Some(0), "{name}: {status}");
    }
}

#[test]
fn the_programs_go_on_when_their_log_is_open_and_not_read() {
    for name in PROGRAMS {
        let receiver = Receiver::start(name);
        // A warning each, in all several times what a pipe holds.
        for _ in 0..1_500 {
            let answer = receiver.post("SdkAppid=1&CallbackCommand=Group.CallbackAfterCreateTopic&Sign=x", TOPIC);
            assert!(answer.starts_with("HTTP/1.1 401 "), "{name}: {answer}");
        }
        let answer = receiver.post(&signed("Group.CallbackAfterCreateTopic"), TOPIC);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{name}: {answer}");
        receiver.signal("TERM");
        let (status, log) = receiver.ended();
        assert_eq!(status.code(), Some(0), "{name}: {status}");
        assert!(log.len() > 128 * 1024, "{name}: a log of {} bytes", log.len());
    }
}

#[test]
fn the_demonstration_continues_when_its_output_is_not_read() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    demo.arg("--serve").env("RUST_LOG", "info").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut demo = demo.spawn().unwrap();
    drop(demo.stderr.take());
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut calls = Vec::new();
    for line in lines.by_ref().take_while(|line| !line.starts_with("Enter")) {
        if let Some((_, rest)) = line.split_once("curl -w '\\n' -d '") {
            let (body, rest) = rest.split_once("' 'http://").unwrap();
            let (address, query) = rest.trim_end_matches('\'').split_once("/callback?").unwrap();
            calls.push((address.to_owned(), query.to_owned(), body.to_owned()));
        }
    }
    drop(lines);
    assert!(calls.len() >= 7, "{calls:?}");
    for (address, query, body) in calls {
        let mut stream = TcpStream::connect(&address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /callback?{query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{query}: {answer}");
    }
    // It writes the lines again, which are not read.
    demo.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let id = demo.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(demo.wait().unwrap().code(), Some(0));
}
