//! The receivers as processes: settings from the environment, an end by signal.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    time::SystemTime,
};

use tencent_im_callback_testkit::Signer;

/// The token of every receiver.
pub const TOKEN: &str = "a-token-that-nobody-else-knows";

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
    log: BufReader<ChildStderr>,
    /// What was read of the log so far.
    pub seen: String,
    /// Where it listens.
    pub address: String,
}

impl Receiver {
    pub fn start(name: &str) -> Self {
        let settings = [
            ("SDK_APP_ID", "1"),
            ("CALLBACK_TOKEN", TOKEN),
            ("LISTEN", "127.0.0.1:0"),
            ("METRICS_LISTEN", "127.0.0.1:0"),
        ];
        let mut process = program(name).envs(settings).env("FORBIDDEN_WORDS", "casino").spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut seen = String::new();
        let address = loop {
            let start = seen.len();
            assert_ne!(log.read_line(&mut seen).unwrap(), 0, "{name} has ended: {seen}");
            if let Some((_, url)) = seen[start..].split_once("listening on http://") {
                break url.split('/').next().unwrap().to_owned();
            }
        };
        Self { process, log, seen, address }
    }

    pub fn post(&self, query: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
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

    /// Ends it as a service manager does. Gives back whether it called that a success, and its whole log.
    pub fn stop(mut self) -> (bool, String) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.log.read_to_string(&mut self.seen).unwrap();
        (self.process.wait().unwrap().success(), self.seen)
    }
}

/// The query of a callback, signed now.
pub fn signed(command: &str) -> String {
    format!("SdkAppid=1&CallbackCommand={command}&{}", Signer::new(TOKEN).query_at(SystemTime::now()))
}
