//! What strangers can make `listen` hold and do. What it holds is in `/proc`.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    program::{APP, Listening, TOKEN, bare, command, run},
    server::Raw,
};

const HEAD: &str = "POST /?SdkAppid=1400000001&CallbackCommand=State.StateChange HTTP/1.1\r\nHost: a\r\n";

/// The most memory that a process has had so far, in KiB.
pub(crate) fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// How many file descriptors a process has.
fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

/// How long a process has been running on a processor, in its clock's ticks.
fn ticks(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = status.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// Waits until that is so.
#[track_caller]
fn wait_until(is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "it ends before that");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends so much of a body that lacks its last byte; what is answered, to the end of the connection.
fn send_most_of(address: &str, length: usize) -> String {
    let mut answer = Vec::new();
    let sent = || -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(40)))?;
        write!(stream, "{HEAD}Content-Length: {}\r\n\r\n", length + 1)?;
        stream.write_all(&vec![b' '; length])?;
        stream.read_to_end(&mut answer)?;
        Ok(())
    }();
    match sent {
        Ok(()) => String::from_utf8(answer).unwrap(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn bodies_without_a_signature_are_not_held_and_not_waited_for() {
    let listen = Listening::start(&[]);
    let address = listen.address();
    let answers: Vec<_> = thread::scope(|scope| {
        let senders: Vec<_> = (0..50).map(|_| scope.spawn(|| send_most_of(address, 4_000_000))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    for answer in answers {
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body too slow"), "{answer}");
    }
    // They have sent 200 MB.
    let peak = peak_memory(listen.process());
    assert!(peak < 80_000, "{peak} KiB");
    run(&["send", &listen.url(), "State.StateChange", "--expect", "ack"]).exited(0);
}

#[test]
fn bodies_that_are_believed_or_passed_on_are_held_up_to_a_bound() {
    let forwarding_to = Raw::new(|_| Ok(()));
    let mut believing = bare(&["listen", "0"]);
    believing.env("IM_CALLBACK_APP", APP.to_string());
    let forwarding = command(&["listen", "0", "--forward-to", &forwarding_to.url()]);
    for listen in [Listening::start_as(believing), Listening::start_as(forwarding)] {
        let address = listen.address();
        let refused = thread::scope(|scope| {
            let senders: Vec<_> = (0..50).map(|_| scope.spawn(|| send_most_of(address, 7_000_000))).collect();
            // What is refused is refused before the body's end: the answer may be lost with the connection.
            senders.into_iter().filter_map(|sender| (!sender.join().unwrap().contains(" 408 ")).then_some(())).count()
        });
        assert!(refused >= 40, "{refused}");
        let peak = peak_memory(listen.process());
        assert!(peak < 150_000, "{peak} KiB");
        wait_until(|| descriptors(listen.process()) < 30);
    }
}

#[test]
fn a_long_body_without_a_signature_is_shown_and_recorded_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let body = folder.path().join("body");
    fs::write(&body, format!(r#"{{"CallbackCommand":"State.StateChange","Padding":"{}"}}"#, "x".repeat(300_000)))
        .unwrap();
    let body = body.to_str().unwrap();
    let args = ["--output", "json", "--count", "2", "--record", file.to_str().unwrap()];
    let listen = Listening::start(&args);
    run(&["send", &listen.url(), "--body", body, "--unsigned", "--expect", "status=401"]).exited(0);
    // One that is authentic is whole.
    run(&["send", &listen.url(), "--body", body]).exited(1);
    let shown: Vec<Value> = listen.ended().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let length = fs::metadata(body).unwrap().len();
    assert_eq!(shown[0]["body_length"], length);
    assert_eq!(shown[0]["body"].as_str().unwrap().len(), 65_536);
    assert_eq!(shown[1]["body"]["Padding"].as_str().unwrap().len(), 300_000);
    let recorded = fs::read_to_string(&file).unwrap();
    assert!(recorded.lines().next().unwrap().len() < 100_000);

    let listen = Listening::start(&["--output", "full", "--count", "1"]);
    run(&["send", &listen.url(), "--body", body, "--unsigned", "--expect", "status=401"]).exited(0);
    let out = listen.ended();
    assert!(out.contains(&format!("\n           the first 65536 of {length} bytes\n")), "{out}");
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let listen = Listening::start(&[]);
    let mut stream = TcpStream::connect(listen.address()).unwrap();
    write!(stream, "{HEAD}Transfer-Encoding: chunked\r\n\r\n").unwrap();
    // 8 MiB and a byte, and the connection is read to its end, so that the answer is not lost.
    let chunk = [b"10000\r\n".as_slice(), &vec![b' '; 65_536], b"\r\n"].concat();
    for _ in 0..128 {
        stream.write_all(&chunk).unwrap();
    }
    stream.write_all(b"1\r\n \r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn there_are_so_many_connections_and_no_more() {
    let listen = Listening::start(&[]);
    let own = descriptors(listen.process());
    let mut strangers: Vec<_> = (0..200).map(|_| TcpStream::connect(listen.address()).unwrap()).collect();
    wait_until(|| descriptors(listen.process()) >= own + 128);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| run(&["send", &listen.url(), "State.StateChange", "--timeout", "30s"]));
        for _ in 0..20 {
            assert!(descriptors(listen.process()) <= own + 129);
            thread::sleep(Duration::from_millis(10));
        }
        strangers.clear();
        assert!(waiting.join().unwrap().out.contains("acknowledged"));
    });
    run(&["send", &listen.url(), "State.StateChange", "--expect", "ack"]).exited(0);
}

#[test]
fn it_waits_for_file_descriptors_without_work() {
    let mut limited = Command::new("bash");
    limited.args(["-c", "ulimit -n 24; exec \"$0\" listen 0", env!("CARGO_BIN_EXE_im-callback")]);
    limited.env("IM_CALLBACK_APP", APP.to_string()).env("IM_CALLBACK_TOKEN", TOKEN);
    let listen = Listening::start_as(limited);
    let strangers: Vec<_> = (0..40).map(|_| TcpStream::connect(listen.address()).unwrap()).collect();
    // The lowest that is free is taken, so that none is left now.
    wait_until(|| fs::exists(format!("/proc/{}/fd/23", listen.process())).unwrap());
    let before = ticks(listen.process());
    thread::sleep(Duration::from_secs(2));
    // Of 200 ticks, most of which it takes when it tries again and again.
    let taken = ticks(listen.process()) - before;
    assert!(taken < 20, "{taken}");
    drop(strangers);
    let late = ["send", &listen.url(), "State.StateChange", "--timeout", "30s"];
    assert!(run(&late).out.contains("acknowledged"));
}
