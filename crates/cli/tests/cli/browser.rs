//! A real browser: Debian's `chromium`, driven through `chromedriver`.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::Once,
    time::{Duration, Instant},
};

use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};

/// How often an element is looked for again that the page has replaced.
const TRIES: usize = 20;

/// A browser that ends with the test.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
    client: Client,
}

impl Browser {
    /// A window of this size. `None` where there is no browser, which is said once; where `CI` is set, a panic.
    pub(crate) async fn start(width: u32, height: u32) -> Option<Self> {
        static SAID: Once = Once::new();
        let is_there =
            |program: &str| Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success());
        if !is_there("chromedriver") {
            assert!(
                std::env::var_os("CI").is_none(),
                "chromedriver is missing: install `chromium` and `chromium-driver`"
            );
            SAID.call_once(|| {
                // Not by `eprintln!`, which a test that passes keeps for itself.
                let line =
                    "LEFT OUT: the tests of the page in a browser; they need Debian's `chromium` and `chromium-driver`";
                let _ = writeln!(std::io::stderr(), "{line}");
            });
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver says its port");
        // Its output is read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let args = [
            "--headless=new".to_owned(),
            // The tests may run as root, in a container without a large /dev/shm.
            "--no-sandbox".into(),
            "--disable-dev-shm-usage".into(),
            "--disable-gpu".into(),
            "--hide-scrollbars".into(),
            "--lang=en-GB".into(),
            // The name of another website that points to this machine.
            "--host-resolver-rules=MAP rebound.example 127.0.0.1".into(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        let client = match client {
            Ok(client) => client,
            Err(error) => {
                let _ = driver.kill();
                let _ = driver.wait();
                panic!("the browser does not start: {error}");
            }
        };
        let session = client.session_id().await.unwrap().unwrap();
        Some(Self { driver, port, session, _profile: profile, client })
    }

    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script again and again until it returns something that is true.
    #[track_caller]
    pub(crate) fn until(&self, script: &str) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            let started = Instant::now();
            loop {
                let value = self.run(script).await;
                if !matches!(value, Value::Null | Value::Bool(false)) && value != "" && value != 0 {
                    return value;
                }
                if started.elapsed() > Duration::from_secs(30) {
                    let page = self.run("return document.body.innerText").await;
                    panic!("{place}: it does not come true: {script}\n{}", page.as_str().unwrap_or_default());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Types into the page, or into what has its focus.
    pub(crate) async fn keys(&self, keys: &str) {
        // The page may replace the element between the two.
        for _ in 0..TRIES {
            match self.client.active_element().await.unwrap().send_keys(keys).await {
                Err(error) if error.is_stale_element_reference() => {}
                typed => return typed.unwrap(),
            }
        }
        panic!("the element that has the focus is replaced all the time");
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self.client.wait().for_element(fantoccini::Locator::Css(selector)).await;
        element.unwrap_or_else(|error| panic!("{selector}: {error}")).click().await.unwrap();
    }

    /// The text of an element.
    pub(crate) async fn text(&self, selector: &str) -> String {
        for _ in 0..TRIES {
            let element = self.client.wait().for_element(fantoccini::Locator::Css(selector)).await;
            match element.unwrap_or_else(|error| panic!("{selector}: {error}")).text().await {
                Err(error) if error.is_stale_element_reference() => {}
                text => return text.unwrap(),
            }
        }
        panic!("{selector} is replaced all the time");
    }

    pub(crate) async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// A command of the browser's own protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let path = format!("/session/{}/goog/cdp/execute", self.session);
        self.driver("POST", &path, &json!({ "cmd": command, "params": parameters }))
    }

    /// What the browser's console has now: errors of scripts, refused loads, and whatever a page writes there.
    pub(crate) fn console(&self) -> Vec<String> {
        let entries = self.driver("POST", &format!("/session/{}/se/log", self.session), &json!({ "type": "browser" }));
        let entries = entries.as_array().unwrap_or_else(|| panic!("{entries}"));
        entries.iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// A request to chromedriver for what the client has no method for.
    fn driver(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = request(self.port, method, path, &body.to_string()).unwrap();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str::<Value>(body).unwrap_or_else(|error| panic!("{error}: {answer}"))["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends the browser too, which would outlive its driver.
        let _ = request(self.port, "DELETE", &format!("/session/{}", self.session), "");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// One request on a connection of its own, and all that is answered.
fn request(port: u16, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    // The driver keeps the connection, whatever it is asked.
    let mut answer = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.to_lowercase().split_once("content-length:").map(|(_, rest)| rest.trim_start().to_owned());
            let length = length.and_then(|rest| rest.split("\r\n").next()?.trim().parse::<usize>().ok());
            if length.is_none_or(|length| body.len() >= length) {
                return Ok(text.into_owned());
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Ok(text.into_owned()),
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
}
