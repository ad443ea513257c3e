//! What is different for a person at a terminal.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};
use tencent_im_callback::{Observer, Report};

use crate::{
    program::{Listening, command, finish},
    server::{App, Server, Slow, builder},
};

const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// A terminal: what a test writes is typed, and what the program writes is on the screen.
struct Terminal {
    keys: File,
    inside: File,
}

impl Terminal {
    fn new() -> Self {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap();
        let inside = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        Self { keys: keys.into(), inside: inside.into() }
    }

    fn side(&self) -> Stdio {
        self.inside.try_clone().unwrap().into()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// What is on the screen once every program that writes to it has ended.
    fn screen(self) -> String {
        drop(self.inside);
        let (mut keys, mut screen) = (self.keys, Vec::new());
        // The end is an error here: nobody has the other side open.
        let _ = keys.read_to_end(&mut screen);
        String::from_utf8_lossy(&screen).into_owned()
    }
}

/// Counts the requests of a receiver.
struct Counting(Arc<AtomicUsize>, mpsc::Sender<usize>);

impl Observer for Counting {
    fn request_finished(&self, _: &Report) {
        let _ = self.1.send(self.0.fetch_add(1, Ordering::SeqCst) + 1);
    }
}

fn counting() -> (Counting, mpsc::Receiver<usize>) {
    let (tell, told) = mpsc::channel();
    (Counting(Arc::default(), tell), told)
}

#[test]
fn verify_says_what_it_waits_for() {
    let mut terminal = Terminal::new();
    let mut verify = command(&["verify"]);
    verify.stdin(terminal.side());
    terminal.press("Sign=1&RequestTime=1\n\u{4}");
    let ran = finish(verify);
    assert!(
        ran.err.starts_with(
            "note: reads a query, a URL or a line of an access log from the terminal; Ctrl-D on an empty line ends it\n"
        ),
        "{}",
        ran.err
    );
    ran.exited(1);
}

#[test]
fn enter_sends_the_last_callback_to_the_receiver_again() {
    let (observer, requests) = counting();
    let receiver = Server::of(&builder(App).observer(observer).build().unwrap());
    let mut terminal = Terminal::new();
    let mut listen = command(&["listen", "0", "--forward-to", &receiver.url(), "--count", "3"]);
    listen.stdin(terminal.side());
    let listen = Listening::start_as(listen);
    let mut send = command(&["send", &listen.url(), TOPIC, "--set", "/Name=spam"]);
    send.stdin(Stdio::null());
    finish(send).exited(0);
    assert_eq!(requests.recv().unwrap(), 1);
    for count in 2..=3 {
        terminal.press("\n");
        assert_eq!(requests.recv_timeout(Duration::from_secs(60)).unwrap(), count);
    }
    let out = listen.ended();
    assert_eq!(out.matches("refused with code 10123: `no spam`").count(), 3, "{out}");
}

#[test]
fn many_requests_have_a_bar_on_a_terminal() {
    let receiver = Server::of(&builder(Slow(Duration::from_millis(5))).build().unwrap());
    let terminal = Terminal::new();
    let mut send = command(&["send", &receiver.url(), "Alert.RequestOverLimit", "--repeat", "200"]);
    let status = send.stdout(Stdio::null()).stderr(terminal.side()).status().unwrap();
    drop(send);
    assert!(status.success());
    let screen = terminal.screen();
    assert!(screen.contains("] ") && screen.contains(" of 200"), "{screen:?}");
    assert!(screen.ends_with("\r\u{1b}[K"), "{screen:?}");
}

#[test]
fn an_interrupted_run_shows_the_answers_so_far() {
    let (observer, requests) = counting();
    let receiver = Server::of(&builder(App).observer(observer).build().unwrap());
    let mut send = command(&["send", &receiver.url(), TOPIC, "--repeat", "100000000"]);
    let child = send.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The handler of the signal is there before the first request.
    while requests.recv_timeout(Duration::from_secs(60)).unwrap() < 10 {}
    let (status, out, err) = interrupted(child);
    assert!(err.starts_with("interrupted after ") && err.ends_with(" of 100000000 requests\n"), "{err}");
    assert!(out.contains(" times allowed\n") && out.contains("time    p50"), "{out}");
    assert_eq!(status, Some(1));
}

/// Ends a program as Ctrl-C does: its status and its output.
fn interrupted(child: Child) -> (Option<i32>, String, String) {
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let ended = thread::spawn(move || child.wait_with_output().unwrap()).join().unwrap();
    (ended.status.code(), String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap())
}
