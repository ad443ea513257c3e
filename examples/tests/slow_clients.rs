//! Clients that are slow, rude or mean, against the receivers as they are shipped: good callbacks are
//! answered in time meanwhile, and nothing of what the clients send is taken for something else.
#![cfg(unix)]

mod receiver;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    process::Command,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use receiver::{PATIENCE, PROGRAMS, Receiver, signed};
use tencent_im_callback::{CallbackHandler, Endpoint};

/// So many connections that say nothing, if this process may have as many files open.
const IDLE: usize = 2_000;
const SLOW: usize = 100;

/// What the service waits for an answer.
const IN_TIME: Duration = Duration::from_secs(2);

const BODY: &str = r#"{"Operator_Account":"a","Name":"Release notes"}"#;

/// One at a time: they need many file descriptors.
static TURN: Mutex<()> = Mutex::new(());

fn idle_connections() -> usize {
    let limit = Command::new("sh").args(["-c", "ulimit -n"]).output().unwrap().stdout;
    // Or `unlimited`.
    let limit = String::from_utf8_lossy(&limit).trim().parse().unwrap_or(usize::MAX);
    IDLE.min(limit.saturating_sub(500))
}

fn connect(receiver: &Receiver) -> TcpStream {
    let stream = TcpStream::connect(&receiver.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn head(length: &str) -> String {
    let query = signed("Group.CallbackBeforeCreateTopic");
    format!("POST /callback?{query} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n")
}

fn good() -> String {
    format!("{}{BODY}", head(&format!("Content-Length: {}", BODY.len())))
}

/// The status of the next answer, and its body with it, from a connection that may stay open.
fn answer(stream: &mut TcpStream, rest: &mut Vec<u8>) -> Option<u16> {
    loop {
        let text = String::from_utf8_lossy(rest).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.unwrap_or(0);
            if body.len() >= length {
                let status = head.split(' ').nth(1)?.parse().ok()?;
                *rest = body.as_bytes()[length..].to_vec();
                return Some(status);
            }
        }
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes) {
            Ok(0) => return None,
            Ok(read) => rest.extend_from_slice(&bytes[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

fn good_callbacks_are_answered_in_time(receiver: &Receiver, rounds: usize) {
    for _ in 0..rounds {
        let begin = Instant::now();
        let mut stream = connect(receiver);
        stream.write_all(good().as_bytes()).unwrap();
        assert_eq!(answer(&mut stream, &mut Vec::new()), Some(200));
        assert!(begin.elapsed() < IN_TIME, "answered after {:?}", begin.elapsed());
    }
}

/// Sends to each of many connections one byte after the other, until it is stopped.
fn trickle(mut streams: Vec<(TcpStream, Vec<u8>)>, is_over: &AtomicBool) {
    for at in 0.. {
        for (stream, bytes) in &mut streams {
            if let Some(byte) = bytes.get(at) {
                // The server may have had enough of it.
                let _ = stream.write_all(&[*byte]);
            }
        }
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn a_receiver_bears_bad_clients(name: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let receiver = Receiver::start(name);
    let idle: Vec<_> = (0..idle_connections()).map(|_| connect(&receiver)).collect();
    good_callbacks_are_answered_in_time(&receiver, 10);

    // Heads, bodies and chunks that arrive byte by byte.
    let is_over = Arc::new(AtomicBool::new(false));
    let slow = (0..SLOW).map(|number| {
        let mut stream = connect(&receiver);
        let begin = match number % 3 {
            0 => String::new(),
            1 => head("Content-Length: 1000"),
            _ => head("Transfer-Encoding: chunked"),
        };
        stream.write_all(begin.as_bytes()).unwrap();
        let rest = match number % 3 {
            0 => good().into_bytes(),
            1 => vec![b' '; 1_000],
            _ => b"1\r\n \r\n".repeat(1_000),
        };
        (stream, rest)
    });
    let slow: Vec<_> = slow.collect();
    let trickling = thread::spawn({
        let is_over = Arc::clone(&is_over);
        move || trickle(slow, &is_over)
    });
    good_callbacks_are_answered_in_time(&receiver, 10);

    // Uploads that are given up, in good order and not.
    for number in 0..200 {
        let mut stream = connect(&receiver);
        stream.write_all(head("Content-Length: 500000").as_bytes()).unwrap();
        stream.write_all(&[b' '; 5_000]).unwrap();
        if number % 2 == 0 {
            stream.shutdown(std::net::Shutdown::Both).unwrap();
        }
    }
    good_callbacks_are_answered_in_time(&receiver, 10);

    // A body without end: the time is up, or the limit is reached.
    let mut endless = connect(&receiver);
    endless.write_all(head("Transfer-Encoding: chunked").as_bytes()).unwrap();
    let mut upload = endless.try_clone().unwrap();
    let begin = Instant::now();
    let feeding = thread::spawn(move || {
        let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
        while begin.elapsed() < Duration::from_secs(10) && upload.write_all(&chunk).is_ok() {}
    });
    let status = answer(&mut endless, &mut Vec::new());
    assert!(matches!(status, Some(408 | 413) | None), "{name}: {status:?}");
    drop(endless.shutdown(std::net::Shutdown::Both));
    feeding.join().unwrap();

    // A length that is too large for the body, and one that is too small.
    let mut promising = connect(&receiver);
    let begin = Instant::now();
    promising.write_all(format!("{}{BODY}", head("Content-Length: 999")).as_bytes()).unwrap();
    assert_eq!(answer(&mut promising, &mut Vec::new()), Some(408), "{name}");
    assert!(begin.elapsed() < IN_TIME, "{name}: answered after {:?}", begin.elapsed());
    let mut short = connect(&receiver);
    short.write_all(format!("{}{{}}smuggled\r\n\r\n", head("Content-Length: 2")).as_bytes()).unwrap();
    let mut rest = Vec::new();
    assert_eq!(answer(&mut short, &mut rest), Some(500), "{name}: the body lacks what it must have");
    let next = answer(&mut short, &mut rest);
    assert!(matches!(next, Some(400) | None), "{name}: what follows is no request: {next:?}");

    // More requests than anybody waits for.
    let mut pipeline = connect(&receiver);
    pipeline.write_all(good().repeat(100).as_bytes()).unwrap();
    let mut rest = Vec::new();
    for _ in 0..100 {
        assert_eq!(answer(&mut pipeline, &mut rest), Some(200), "{name}");
    }
    good_callbacks_are_answered_in_time(&receiver, 10);

    is_over.store(true, Ordering::Relaxed);
    trickling.join().unwrap();
    drop(idle);
    let (is_success, log) = receiver.stop();
    assert!(is_success && !log.contains("panicked"), "{name}: {log}");
}

#[test]
fn a_body_without_end_is_not_read_on_after_its_answer() {
    // What the buffers of both sockets may hold.
    const BUFFERED: usize = 24 << 20;

    struct Nothing;

    impl CallbackHandler for Nothing {}

    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let default = Endpoint::builder(Nothing).unverified_app(1).build().unwrap();
    let most = 4 * default.body_limit() + BUFFERED;
    for name in PROGRAMS {
        let receiver = Receiver::start(name);
        for query in [
            "SdkAppid=1&CallbackCommand=Group.CallbackBeforeCreateTopic".to_owned(),
            signed("Group.CallbackBeforeCreateTopic"),
        ] {
            let mut stream = receiver.connect();
            let head = format!("POST /callback?{query} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
            let mut sent = 0;
            while sent <= most && stream.write_all(&chunk).is_ok() {
                sent += chunk.len();
            }
            assert!(sent <= most, "{name}: {} MiB were read", sent >> 20);
        }
        assert!(receiver.stop().0, "{name}");
    }
}

/// Elsewhere there is no such setting.
#[cfg(target_os = "linux")]
#[test]
fn a_client_that_reads_no_answers_is_cut_off() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let receivers = ["axum", "actix-web", "hyper"].map(|name| (name, Receiver::start(name)));
    thread::scope(|scope| {
        for (name, receiver) in &receivers {
            scope.spawn(move || {
                let mut stream = connect(receiver);
                stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
                let (requests, begin) = (good().repeat(100).into_bytes(), Instant::now());
                let mut sent = 0;
                loop {
                    match stream.write(&requests[sent % requests.len()..]) {
                        Ok(written) => sent += written,
                        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                        Err(_) => break,
                    }
                    assert!(begin.elapsed() < PATIENCE, "{name} keeps the connection");
                }
            });
        }
    });
    for (name, receiver) in receivers {
        good_callbacks_are_answered_in_time(&receiver, 10);
        assert!(receiver.stop().0, "{name}");
    }
}

#[test]
fn the_receiver_on_axum_bears_bad_clients() {
    a_receiver_bears_bad_clients("axum");
}

#[test]
fn the_receiver_on_actix_web_bears_bad_clients() {
    a_receiver_bears_bad_clients("actix-web");
}

#[test]
fn the_receiver_on_hyper_bears_bad_clients() {
    a_receiver_bears_bad_clients("hyper");
}
