//! The receivers as processes: settings from the environment, an end by signal.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::{
    io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use tencent_im_callback_testkit::Signer;

/// The token of every receiver.
pub const TOKEN: &str = "a-token-that-nobody-else-knows";

/// The programs of this package.
pub const PROGRAMS: [&str; 4] = ["axum", "actix-web", "hyper", "observed"];

/// How long a test waits for something that has to happen.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A program of this package, without an environment.
pub fn program(name: &str) -> Command {
    // Cargo puts examples into a folder beside the binaries.
    let path = Path::new(env!("CARGO_BIN_EXE_demo")).with_file_name("examples").join(name);
    assert!(path.exists(), "not built when only some tests are; `cargo build -p examples --examples` does it");
    let mut command = Command::new(path);
    command.env_clear().stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A receiver as a process of its own.
pub struct Receiver {
    process: Child,
    log: Option<BufReader<ChildStderr>>,
    /// What was read of the log so far.
    pub seen: String,
    /// Where it listens.
    pub address: String,
    app_id: u64,
}

impl Receiver {
    /// Starts a program of [`PROGRAMS`].
    pub fn start(name: &str) -> Self {
        Self::start_with(name, &[])
    }

    /// Starts a program of [`PROGRAMS`] with more settings.
    pub fn start_with(name: &str, more: &[(&str, &str)]) -> Self {
        let settings = [
            ("SDK_APP_ID", "1"),
            ("CALLBACK_TOKEN", TOKEN),
            ("LISTEN", "127.0.0.1:0"),
            ("METRICS_LISTEN", "127.0.0.1:0"),
        ];
        let mut command = program(name);
        command.envs(settings).envs(more.iter().copied()).env("FORBIDDEN_WORDS", "casino");
        Self::spawn(name, command)
    }

    /// Starts a program that logs where it listens.
    pub fn spawn(name: &str, mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut seen = String::new();
        let address = loop {
            let start = seen.len();
            assert_ne!(log.read_line(&mut seen).unwrap(), 0, "{name} has ended: {seen}");
            let url = seen[start..].split_once("listening on ").and_then(|(_, url)| url.split_once("://"));
            if let Some((_, url)) = url {
                break url.split('/').next().unwrap().to_owned();
            }
        };
        Self { process, log: Some(log), seen, address, app_id: 1 }
    }

    /// Starts a program of the README, which does not say where it listens.
    pub fn start_of_readme(framework: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut command = program(&format!("readme-{framework}"));
        let process = command.env("CALLBACK_TOKEN", TOKEN).env("LISTEN", &address).stderr(Stdio::null()).spawn();
        let mut receiver =
            Self { process: process.unwrap(), log: None, seen: String::new(), address, app_id: 1_400_000_001 };
        let begin = Instant::now();
        while TcpStream::connect(&receiver.address).is_err() {
            assert!(receiver.process.try_wait().unwrap().is_none(), "{framework} has ended");
            assert!(begin.elapsed() < PATIENCE, "{framework} does not listen");
            thread::sleep(Duration::from_millis(10));
        }
        receiver
    }

    /// The query of a callback to it, signed now.
    pub fn signed(&self, command: &str) -> String {
        let (app_id, signature) = (self.app_id, Signer::new(TOKEN).query_at(SystemTime::now()));
        format!("SdkAppid={app_id}&CallbackCommand={command}&{signature}")
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    pub fn post(&self, query: &str, body: &str) -> String {
        let mut stream = self.connect();
        let (address, length) = (&self.address, body.len());
        write!(
            stream,
            "POST /callback?{query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The next line of its log with this text.
    pub fn log_line(&mut self, text: &str) -> String {
        let log = self.log.as_mut().unwrap();
        loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "it has ended: {}", self.seen);
            self.seen += &line;
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Closes the reading end of its log.
    pub fn close_log(&mut self) {
        drop(self.log.take());
    }

    /// Sends it a signal, say `TERM`.
    pub fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
    }

    /// Waits until it takes no connections any more.
    pub fn stops_listening(&self) {
        let begin = Instant::now();
        loop {
            match TcpStream::connect(&self.address) {
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
                // Accepted, or reset because the listener was closed with the connection in its queue.
                _ => {}
            }
            assert!(begin.elapsed() < PATIENCE, "it goes on listening");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for its end. Gives back how it ended, and its whole log.
    pub fn ended(mut self) -> (ExitStatus, String) {
        let mut seen = std::mem::take(&mut self.seen);
        if let Some(log) = &mut self.log {
            log.read_to_string(&mut seen).unwrap();
        }
        let begin = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return (status, seen);
            }
            assert!(begin.elapsed() < PATIENCE, "it does not end: {seen}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it as a service manager does. Gives back whether it called that a success, and its whole log.
    pub fn stop(self) -> (bool, String) {
        self.signal("TERM");
        let (status, log) = self.ended();
        (status.success(), log)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The query of a callback to a program of [`PROGRAMS`], signed now.
pub fn signed(command: &str) -> String {
    format!("SdkAppid=1&CallbackCommand={command}&{}", Signer::new(TOKEN).query_at(SystemTime::now()))
}
