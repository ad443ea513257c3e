//! The programs of this package and of the README are stopped while clients send callbacks.
#![cfg(unix)]

mod receiver;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
};

use receiver::{PROGRAMS, Receiver};

const FRAMEWORKS: [&str; 3] = ["axum", "actix-web", "hyper"];

const CLIENTS: usize = 64;

const BODY: &str = r#"{"Operator_Account":"a","Name":"Release notes"}"#;

/// Sends the head of a callback, and waits until the server asks for the body.
fn begin(receiver: &Receiver) -> TcpStream {
    let mut stream = receiver.connect();
    let query = receiver.signed("Group.CallbackBeforeCreateTopic");
    let length = BODY.len();
    write!(
        stream,
        "POST /callback?{query} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut interim = vec![0; expected.len()];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(interim, expected);
    stream
}

fn every_client_is_answered(name: &str, receiver: Receiver, signal: &str) {
    let clients: Vec<_> = (0..CLIENTS).map(|_| begin(&receiver)).collect();
    // A client that never sends its request must not hold up the end for ever.
    let _idle = receiver.connect();
    receiver.signal(signal);
    receiver.stops_listening();
    for mut stream in clients {
        stream.write_all(BODY.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap_or_else(|error| panic!("{name}, {signal}: {error}"));
        assert!(answer.starts_with("HTTP/1.1 200 "), "{name}, {signal}: {answer:?}");
    }
    let (status, log) = receiver.ended();
    assert_eq!(status.code(), Some(0), "{name}, {signal}: {status}: {log}");
}

/// All at the same time: some wait for the idle client.
fn each_answers_every_client<'a>(programs: impl IntoIterator<Item = (&'a str, Receiver)>, signal: &str) {
    thread::scope(|scope| {
        for (name, receiver) in programs {
            scope.spawn(move || every_client_is_answered(name, receiver, signal));
        }
    });
}

#[test]
fn the_programs_answer_every_client_when_a_service_manager_stops_them() {
    each_answers_every_client(PROGRAMS.map(|name| (name, Receiver::start(name))), "TERM");
}

#[test]
fn the_programs_answer_every_client_at_ctrl_c() {
    each_answers_every_client(PROGRAMS.map(|name| (name, Receiver::start(name))), "INT");
}

#[test]
fn the_programs_of_the_readme_answer_every_client_when_a_service_manager_stops_them() {
    each_answers_every_client(FRAMEWORKS.map(|name| (name, Receiver::start_of_readme(name))), "TERM");
}

#[test]
fn the_programs_of_the_readme_answer_every_client_at_ctrl_c() {
    each_answers_every_client(FRAMEWORKS.map(|name| (name, Receiver::start_of_readme(name))), "INT");
}
