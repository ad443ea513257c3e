//! Starts the program, within bounds.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The application and the token of all tests.
pub(crate) const APP: u64 = 1_400_000_001;
pub(crate) const TOKEN: &str = "a-token-that-nobody-must-see";

/// No test takes that long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of running the program.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Its standard output, after it has exited with this status.
    #[track_caller]
    pub(crate) fn exited(self, status: i32) -> String {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.out.contains(TOKEN) && !self.err.contains(TOKEN), "the token is shown");
        self.out
    }

    /// Its standard error, after it has exited with this status.
    #[track_caller]
    pub(crate) fn complained(self, status: i32) -> String {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        assert!(!self.err.contains(TOKEN), "the token is shown");
        self.err
    }

    pub(crate) fn json(self, status: i32) -> serde_json::Value {
        let out = self.exited(status);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }
}

/// The program with its arguments, with application and token in the environment.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = bare(args);
    command.env("IM_CALLBACK_APP", APP.to_string()).env("IM_CALLBACK_TOKEN", TOKEN);
    command
}

/// The program with its arguments, with nothing in the environment that it would look at.
pub(crate) fn bare(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_im-callback"));
    command.args(args).stdin(Stdio::null());
    for name in ["IM_CALLBACK_APP", "IM_CALLBACK_TOKEN", "NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "SSL_CERT_FILE"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program with application and token in the environment.
pub(crate) fn run(args: &[&str]) -> Ran {
    finish(command(args))
}

/// Runs a command to its end.
pub(crate) fn finish(command: Command) -> Ran {
    finish_with(command, None)
}

/// Runs a command to its end, with this as its standard input.
pub(crate) fn finish_with(mut command: Command, input: Option<&[u8]>) -> Ran {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(input) = input {
        // It may have enough before it has read all.
        let _ = child.stdin.take().unwrap().write_all(input);
    }
    let (out, err) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
    let status = wait(&mut child);
    Ran { status: status.code().unwrap_or(-1), out: out.join().unwrap(), err: err.join().unwrap() }
}

fn read(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    })
}

fn wait(child: &mut Child) -> ExitStatus {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it runs for more than {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// `im-callback listen`, on a port of the system's choice.
pub(crate) struct Listening {
    child: Child,
    address: String,
    /// Its standard error after the first line.
    err: Arc<Mutex<String>>,
    out: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Listening {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_as(command(&[&["listen", "0"], args].concat()))
    }

    pub(crate) fn start_as(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().expect("it says where it listens").unwrap();
        let address = first.strip_prefix("listening on ").and_then(|rest| rest.strip_suffix("/, on every path"));
        let address = address.unwrap_or_else(|| panic!("{first}")).to_owned();
        let out = Arc::new(Mutex::new(String::new()));
        let err = Arc::new(Mutex::new(String::new()));
        let said = Arc::clone(&err);
        let (shown, mut stdout) = (Arc::clone(&out), BufReader::new(child.stdout.take().unwrap()));
        let readers = vec![
            thread::spawn(move || {
                for line in lines.map_while(Result::ok) {
                    said.lock().unwrap().push_str(&(line + "\n"));
                }
            }),
            thread::spawn(move || {
                let mut line = String::new();
                while stdout.read_line(&mut line).unwrap_or_default() > 0 {
                    shown.lock().unwrap().push_str(&std::mem::take(&mut line));
                }
            }),
        ];
        Self { child, address, err, out, readers }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/callback", self.address)
    }

    /// `ADDRESS:PORT`.
    pub(crate) fn address(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// The URL of the page, with its secret.
    pub(crate) fn page(&self) -> String {
        let started = Instant::now();
        loop {
            let err = self.err.lock().unwrap().clone();
            if let Some(url) = err.lines().find_map(|line| line.strip_prefix("page at ")) {
                return url.to_owned();
            }
            assert!(started.elapsed() < PATIENCE, "it has no page: {err}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// What the page's API answers to a GET.
    pub(crate) fn page_api(&self, path: &str) -> serde_json::Value {
        let answer = Api::of(&self.page()).get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// What it has shown, after it has ended by itself.
    pub(crate) fn ended(self) -> String {
        self.ended_with(0)
    }

    /// [`ended`](Self::ended) with this exit status.
    pub(crate) fn ended_with(mut self, expected: i32) -> String {
        let status = wait(&mut self.child);
        assert_eq!(status.code(), Some(expected), "{status}");
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        self.out.lock().unwrap().clone()
    }

    /// What it shows until it is asked to end, as Ctrl-C does.
    pub(crate) fn interrupted(self) -> String {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        self.ended()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client of the page's API, which sends each request unchanged.
pub(crate) struct Api {
    pub(crate) address: String,
    pub(crate) secret: String,
}

/// What it is answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Api {
    /// Of the URL that is printed.
    pub(crate) fn of(url: &str) -> Self {
        let (address, secret) = url.strip_prefix("http://").unwrap().split_once("/?secret=").unwrap();
        Self { address: address.to_owned(), secret: secret.to_owned() }
    }

    pub(crate) fn get(&self, path: &str) -> Answered {
        self.raw(&format!("GET /api/{path} HTTP/1.1\r\nHost: {}\r\n{}", self.address, self.bearer()), "")
    }

    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) -> Answered {
        let head = format!(
            "POST /api/{path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{}",
            self.address,
            self.bearer()
        );
        self.raw(&head, &body.to_string())
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.secret)
    }

    /// A head without its last line, and a body.
    pub(crate) fn raw(&self, head: &str, body: &str) -> Answered {
        let mut stream = std::net::TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        stream.write_all(format!("{head}{length}Connection: close\r\n\r\n{body}").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Answered { status, head: head.to_owned(), body: body.to_owned() }
    }
}
