//! The page's server without a browser: recordings, the API, and what it refuses.

use std::{
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use tencent_im_callback_testkit::recorder::Recorder;

use crate::{
    program::{Api, Listening, bare, command, finish, run},
    server::{App, Server, builder},
};

const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// `im-callback ui`, which ends with the test.
struct Shown {
    child: Child,
    api: Api,
}

impl Shown {
    fn start(args: &[&str]) -> Self {
        Self::start_as(command(&[&["ui", "--port", "0"], args].concat()))
    }

    fn start_as(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("page at ").unwrap_or_else(|| panic!("{line}"));
        Self { api: Api::of(url), child }
    }

    fn json(&self, path: &str) -> Value {
        let answer = self.api.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The rows, once there are so many.
    #[track_caller]
    fn rows(&self, count: usize) -> Vec<Value> {
        let started = Instant::now();
        loop {
            let rows = self.json("callbacks")["rows"].as_array().unwrap().clone();
            if rows.len() == count {
                return rows;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{count} rows are expected: {rows:?}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(name: &str, at: u64) -> String {
    format!(
        "{{\"at\":{at},\"query\":\"SdkAppid=1400000001&CallbackCommand={TOPIC}&tenant=hush&RequestTime={}\",\"signed\":true,\
         \"body\":{{\"CallbackCommand\":\"{TOPIC}\",\"Operator_Account\":\"a\",\"Name\":\"{name}\"}},\"status\":200,\
         \"answer\":{{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}},\"took_us\":900}}\n",
        at / 1000
    )
}

#[test]
fn a_recording_is_shown_and_followed_into_the_file_that_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.jsonl");
    // The last line is not whole yet.
    let (begun, rest) =
        line("third", 1_764_688_541_000).split_at(40).pipe(|(begun, rest)| (begun.to_owned(), rest.to_owned()));
    fs::write(&path, line("first", 1_764_688_540_000) + "no JSON\n" + &line("second", 1_764_688_540_500) + &begun)
        .unwrap();
    let shown = Shown::start(&[path.to_str().unwrap(), "--follow"]);
    let rows = shown.rows(2);
    assert_eq!((&rows[0]["brief"], &rows[1]["brief"]), (&"second".into(), &"first".into()));
    assert_eq!(shown.json("state")["lost"], 1);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(rest.as_bytes()).unwrap();
    assert_eq!(shown.rows(3)[0]["brief"], "third");
    // A recorder renames the file that is long enough; what was written to it at the last is not lost.
    file.write_all(line("fourth", 1_764_688_542_000).as_bytes()).unwrap();
    fs::rename(&path, folder.path().join("app.jsonl.1")).unwrap();
    fs::write(&path, line("fifth", 1_764_688_543_000)).unwrap();
    let names: Vec<_> = shown.rows(5).iter().map(|row| row["brief"].clone()).collect();
    assert_eq!(names, ["fifth", "fourth", "third", "second", "first"]);
    // Without a receiver nothing is sent.
    let sent: Value = serde_json::from_str(&shown.api.post("replay", &json!({ "ids": [1] })).body).unwrap();
    assert_eq!(sent["sent"][0]["error"], "there is no receiver: give one with --forward-to URL");
    // The own parameter of the URL is masked everywhere.
    for path in ["callbacks/1", "callbacks/1/copy", "recording"] {
        let answer = shown.api.get(path).body;
        assert!(answer.contains("tenant=***") && !answer.contains("hush"), "{path}: {answer}");
    }
    assert!(shown.api.get("recording?whole=1").body.contains("hush"));
}

#[test]
fn an_app_that_records_is_shown_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callbacks.jsonl");
    let recorder = Recorder::open(&path).unwrap();
    let app = Server::of(&builder(App).exchange_observer(recorder).build().unwrap());
    let shown = Shown::start(&[path.to_str().unwrap(), "--follow", "--forward-to", &app.url()]);
    run(&["send", &app.url(), TOPIC, "--set", "/Name=free spam"]).exited(0);
    run(&["send", &app.url(), TOPIC, "--time", "-90s", "--expect", "status=401"]).exited(0);
    let rows = shown.rows(2);
    assert_eq!(
        (&rows[1]["outcome"], &rows[1]["code"], &rows[1]["brief"]),
        (&"refuse".into(), &10_123.into(), &"free spam".into())
    );
    // A recording has no signature, and its `RequestTime` is compared with the time of then.
    assert_eq!(rows[0]["outcome"], "refused");
    assert!(rows[0]["fault"].as_str().unwrap().contains("RequestTime"), "{}", rows[0]);
    // A replay is recorded by the app like every other request.
    assert_eq!(shown.api.post("replay", &json!({ "ids": [1] })).status, 200);
    shown.rows(4);
}

/// A value, changed.
trait Pipe: Sized {
    fn pipe<T>(self, change: impl FnOnce(Self) -> T) -> T {
        change(self)
    }
}

impl<T> Pipe for T {}

#[test]
fn a_recording_is_sent_again_to_the_receiver_of_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("today.jsonl");
    fs::write(&path, line("free spam", 1_764_688_540_000) + &line("good", 1_764_688_541_000)).unwrap();
    let server = Server::good();
    let shown = Shown::start(&[path.to_str().unwrap(), "--forward-to", &server.url()]);
    shown.rows(2);
    let answer = shown.api.post("replay", &json!({ "q": "topic" }));
    let sent: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(
        sent["sent"],
        json!([{ "original": 1, "id": 3, "changed": 2 }, { "original": 2, "id": 4, "changed": 0 }])
    );
    let detail = shown.json("callbacks/3");
    assert_eq!(
        (&detail["origin"], &detail["original"], &detail["outcome"]),
        (&"replay".into(), &1.into(), &"refuse".into())
    );
    assert_eq!(detail["differences"][0], json!({ "at": "/ErrorCode", "before": "0", "after": "10123" }));
    assert_eq!(shown.json("diff?a=1&b=3&ignore=/ErrorCode,/ErrorInfo")["differences"], json!([]));
    // What was recorded can be shared without what people wrote, and replayed.
    let shared = shown.api.get("recording?q=is:file").body;
    assert!(!shared.contains("spam") && shared.contains("xxxx xxxx"), "{shared}");
    fs::write(&path, shared).unwrap();
    run(&["replay", path.to_str().unwrap(), &server.url(), "--diff"]).exited(0);
}

#[test]
fn a_test_in_any_language_sets_an_answer_and_waits_for_a_callback() {
    let secret = "a-secret-of-the-tests";
    let mut start = command(&["listen", "0", "--ui", "0"]);
    start.env("IM_CALLBACK_UI_SECRET", secret);
    let listen = Listening::start_as(start);
    let api = Api::of(&listen.page());
    assert_eq!(api.secret, secret);
    let set = json!({ "command": TOPIC, "answer": "refuse=10123,no spam", "once": true });
    assert_eq!(api.post("answers", &set).status, 200);
    let url = listen.url();
    let sender = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        run(&["send", &url, "State.StateChange"]).exited(0);
        run(&["send", &url, TOPIC, "--set", "/Name=from a test", "--expect", "refuse=10123"]).exited(0);
        run(&["send", &url, TOPIC, "--expect", "allow"]).exited(0);
    });
    let answer = api.get(&format!("wait?q=command:{TOPIC}&after=0&timeout_ms=30000"));
    let found: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&found["brief"], &found["code"]), (&"from a test".into(), &10_123.into()));
    sender.join().unwrap();
    let after = found["id"].as_u64().unwrap();
    let next = api.get(&format!("wait?q={TOPIC}&after={after}"));
    assert_eq!(serde_json::from_str::<Value>(&next.body).unwrap()["outcome"], "allow");
    assert_eq!(api.get("wait?q=No.Such&timeout_ms=10").status, 204);
    let error = |body: &Value| {
        let answer = api.post("answers", body);
        assert_eq!(answer.status, 400, "{}", answer.body);
        answer.body
    };
    assert!(error(&json!({ "command": TOPIC, "answer": "refuse=5" })).contains("can be answered with"));
    assert!(error(&json!({ "answer": "@/etc/passwd" })).contains("a file can be answered by `--answer` only"));
    assert!(error(&json!({ "answer": 5 })).contains("the body cannot be read"));
}

#[test]
fn a_delay_and_a_status_of_the_page_are_answered_before_the_receiver() {
    let server = Server::good();
    let listen = Listening::start(&["--ui", "0", "--forward-to", &server.url()]);
    let api = Api::of(&listen.page());
    assert_eq!(api.post("answers", &json!({ "answer": "status=503", "delay_ms": 30, "once": true })).status, 200);
    run(&["send", &listen.url(), TOPIC, "--expect", "status=503"]).exited(0);
    run(&["send", &listen.url(), TOPIC, "--set", "/Name=spam", "--expect", "refuse=10123"]).exited(0);
    // A callback that is not authentic uses no answer up.
    assert_eq!(api.post("answers", &json!({ "answer": "refuse", "once": true })).status, 200);
    run(&["send", &listen.url(), TOPIC, "--unsigned", "--expect", "status=401"]).exited(0);
    run(&["send", &listen.url(), TOPIC, "--expect", "refuse=1"]).exited(0);
    let detail: Value = serde_json::from_str(&api.get("wait?q=outcome:refused&after=0").body).unwrap();
    assert!(
        detail["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["state"] == "bad" && finding["about"] == "Sign")
    );
}

#[test]
fn the_stream_of_events_is_resumed_and_says_what_was_missed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.jsonl");
    let lines: String = (0..5100).map(|count| line(&count.to_string(), 1_764_688_540_000 + count)).collect();
    fs::write(&path, lines).unwrap();
    let shown = Shown::start(&[path.to_str().unwrap(), "--follow"]);
    let started = Instant::now();
    while shown.json("state")["evicted"] != 100 {
        assert!(started.elapsed() < Duration::from_secs(60), "{}", shown.json("state"));
        thread::sleep(Duration::from_millis(20));
    }
    let first = |head: &str| {
        let mut stream = std::net::TcpStream::connect(&shown.api.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!("GET /api/events?{head}Host: {}\r\n{}\r\n", shown.api.address, shown.api.bearer());
        stream.write_all(head.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let id = lines.find_map(|line| line.strip_prefix("id: ").map(str::to_owned)).unwrap();
        let data = lines.find_map(|line| line.strip_prefix("data: ").map(str::to_owned)).unwrap();
        (id, serde_json::from_str::<Value>(&data).unwrap())
    };
    let (id, rows) = first("q=text:5000 HTTP/1.1\r\n");
    assert_eq!(rows["missed"], 100, "the ring has the newest 5,000");
    let (_, resumed) = first(&format!(" HTTP/1.1\r\nLast-Event-ID: {id}\r\n"));
    assert_eq!((&resumed["missed"], resumed["rows"].as_array().unwrap().len()), (&0.into(), 200));
    let (_, latest) = first("after=5099-5099 HTTP/1.1\r\n");
    assert_eq!((&latest["rows"][0]["brief"], latest["rows"].as_array().unwrap().len()), (&"5099".into(), 1));
}

#[test]
fn only_this_machine_with_the_secret_is_answered_and_only_in_safe_ways() {
    let listen = Listening::start(&["--ui", "0"]);
    let api = Api::of(&listen.page());
    let host = format!("Host: {}\r\n", api.address);
    let status = |head: &str| api.raw(head, "").status;
    assert_eq!(status(&format!("GET / HTTP/1.1\r\n{host}")), 403);
    assert_eq!(status(&format!("GET /app.js HTTP/1.1\r\n{host}")), 403);
    assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: example.com\r\n{}", api.bearer())), 421);
    let page = api.raw(&format!("GET / HTTP/1.1\r\n{host}{}", api.bearer()), "");
    assert_eq!(page.status, 200);
    let head = page.head.to_lowercase();
    for header in [
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(!head.contains("access-control"), "{head}");
    let answer = api.raw(&format!("OPTIONS /api/replay HTTP/1.1\r\n{host}Origin: http://example.com\r\n"), "");
    assert_eq!(answer.status, 403);
    assert!(!answer.head.to_lowercase().contains("access-control"));
    for method in ["PUT", "DELETE", "PATCH"] {
        let head = format!("{method} /api/clear HTTP/1.1\r\n{host}Content-Type: application/json\r\n{}", api.bearer());
        assert_eq!(status(&head), 405, "{method}");
    }
    for path in ["replay", "clear", "send", "check", "nothing", "callbacks/1/copy/x"] {
        assert_eq!(api.get(path).status, 404, "{path}");
    }
    assert_eq!(api.post("nothing", &json!({})).status, 404);
    assert_eq!(api.post("callbacks/77", &json!({ "pinned": true })).status, 400);
    // The page is no path of the port that callbacks are sent to, and that may be public.
    for path in ["/?secret=", "/api/callbacks", "/app.js"] {
        let public = Api { address: listen.address().to_owned(), secret: api.secret.clone() };
        let answer = public.raw(&format!("GET {path} HTTP/1.1\r\nHost: a\r\n{}", public.bearer()), "");
        assert_eq!(answer.status, 405, "{path}");
        assert!(!answer.body.contains(&api.secret));
    }
}

#[test]
fn a_resent_request_goes_to_the_receiver_and_never_to_the_page() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let err =
        run(&["listen", "0", "--ui", &free, "--forward-to", &format!("localhost:{free}/api/clear")]).complained(2);
    assert!(err.contains("--forward-to is the page itself"), "{err}");
    let err = run(&["listen", &free, "--ui", "0", "--forward-to", &format!(":{free}")]).complained(2);
    assert!(err.contains("--forward-to is the address that is listened on"), "{err}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    fs::write(&path, "").unwrap();
    let file = path.to_str().unwrap();
    let err = run(&["ui", file, "--port", &free, "--forward-to", &format!("127.0.0.1:{free}")]).complained(2);
    assert!(err.contains("--forward-to is the page itself"), "{err}");
    let err = run(&["ui", "/no/such/file"]).complained(2);
    assert!(err.starts_with("error: /no/such/file: "), "{err}");
    let taken = Server::good();
    let err = run(&["ui", file, "--port", &taken.port().to_string()]).complained(2);
    assert!(err.contains("the page cannot be on port") && err.contains("takes a free port"), "{err}");
    let mut weak = bare(&["ui", file, "--port", "0"]);
    weak.env("IM_CALLBACK_UI_SECRET", "short");
    assert!(finish(weak).complained(2).contains("at least 16"));
}

/// What `listen` is marked by is the secret, which is nowhere in what is shown, recorded or forwarded.
#[test]
fn no_signature_and_no_secret_is_in_what_the_page_gives_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.jsonl");
    let listen = Listening::start(&["--ui", "0", "--record", path.to_str().unwrap()]);
    let api = Api::of(&listen.page());
    run(&["send", &listen.url(), TOPIC]).exited(0);
    assert_eq!(api.get("wait?after=0").status, 200);
    let sent = api.post("send", &json!({ "command": TOPIC, "body": "{\"Name\":\"a\"}", "platform": "iOS" }));
    assert_eq!(sent.status, 200, "{}", sent.body);
    for path in [
        "state",
        "callbacks",
        "callbacks/1",
        "callbacks/2",
        "callbacks/1/copy",
        "callbacks/2/copy",
        "recording?whole=1",
    ] {
        let answer = api.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(tencent_im_callback_testkit::Signer::find(&answer.body), None, "{path}");
        assert!(!answer.body.contains(&api.secret) && !answer.body.contains(crate::program::TOKEN), "{path}");
    }
    let recording = fs::read_to_string(&path).unwrap();
    assert_eq!(recording.lines().count(), 1, "what the page sends is not recorded: {recording}");
    // A stranger who makes up the mark is shown like all others.
    let head = format!(
        "POST /?SdkAppid=1&CallbackCommand={TOPIC} HTTP/1.1\r\nHost: a\r\nim-callback-resent: 0123456789abcdef\r\n"
    );
    let public = Api { address: listen.address().to_owned(), secret: String::new() };
    public.raw(&head, "{}");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
}
