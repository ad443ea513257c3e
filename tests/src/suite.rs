//! Plays all cases and scripts against one adapter.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant, SystemTime},
};

use tencent_im_callback::{Endpoint, EndpointBuilder};

use crate::{
    Adapter,
    case::Case,
    cases::{self, Chapter},
    client::{Answer, Connection, PATIENCE},
    every::EveryMethod,
    handler::RecordingHandler,
    request::{APP, EVERY_APP, EVERY_TOKEN, NOW, OTHER_APP, OTHER_TOKEN, PREVIOUS_TOKEN, Request, TOKEN},
    scripts::{self, Script},
    servers::{Mount, Server},
    witness::Witness,
};

/// How an adapter did.
#[derive(Debug)]
pub struct Report {
    /// Its name.
    pub adapter: &'static str,
    /// How many cases and scripts were played.
    pub played: usize,
    /// The names of those that failed, each with the reason.
    pub failed: Vec<(String, String)>,
    /// The answer to each case: status, headers but `Date`, body.
    pub answers: BTreeMap<String, String>,
    /// How long it took.
    pub elapsed: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { adapter, played, failed, elapsed, .. } = self;
        writeln!(f, "{adapter}: {played} cases and scripts in {elapsed:.1?}, {} failed", failed.len())?;
        failed.iter().try_for_each(|(name, reason)| writeln!(f, "\n--- {adapter}: {name}\n{reason}"))
    }
}

/// A stage for one case or script: an adapter, and who watches.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The adapter under test.
    pub adapter: Adapter,
    /// Who sees what happens behind the endpoint.
    pub witness: Witness,
    /// What the case is called in its requests and records.
    pub id: &'static str,
}

/// An endpoint behind a server.
#[derive(Debug)]
pub struct Stand {
    /// The endpoint.
    pub endpoint: Endpoint,
    server: Server,
}

impl Stage {
    /// Starts a server with an endpoint that has the suite's apps and clock, and these settings.
    pub async fn start(&self, settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) -> Stand {
        let handler = RecordingHandler::new("main", self.witness.clone());
        let other = RecordingHandler::new("other", self.witness.clone());
        let every = EveryMethod::new("every", self.witness.clone());
        let builder = Endpoint::builder(handler)
            .app(APP, [TOKEN, PREVIOUS_TOKEN])
            .app_with(OTHER_APP, [OTHER_TOKEN], other)
            .app_with(EVERY_APP, [EVERY_TOKEN], every)
            .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
        let endpoint = settings(builder).build().expect("the settings work");
        let mount = Mount { endpoint: endpoint.clone(), witness: self.witness.clone() };
        Stand { endpoint, server: (self.adapter.start)(mount).await }
    }
}

impl Stand {
    /// A new connection to the server.
    pub async fn connect(&self) -> Connection {
        Connection::open(self.server.address).await.expect("the server accepts")
    }

    /// The answer to a request over a connection of its own.
    pub async fn ask(&self, request: &Request) -> Answer {
        self.connect().await.ask(request).await.expect("the server answers")
    }

    /// Waits for all callbacks, then stops the server.
    pub async fn stop(self) {
        self.drain().await;
        self.server.stop().await;
    }

    /// Stops the server with callbacks in flight or without.
    pub async fn stop_at_once(self) {
        self.server.stop().await;
    }

    /// [`Endpoint::drain`], but not forever.
    pub async fn drain(&self) {
        tokio::time::timeout(PATIENCE, self.endpoint.drain()).await.expect("all callbacks end");
    }
}

/// Plays everything.
pub async fn run(adapter: Adapter) -> Report {
    let begin = Instant::now();
    let stage = Stage { adapter, witness: Witness::default(), id: "" };
    let mut report = Report {
        adapter: adapter.name,
        played: 0,
        failed: Vec::new(),
        answers: BTreeMap::new(),
        elapsed: begin.elapsed(),
    };
    for Chapter { settings, cases } in cases::chapters() {
        let stand = stage.start(settings).await;
        for case in cases {
            let name = case.name.to_string();
            let play = play(case, stand.connect().await, stage.witness.clone());
            if let Some(answer) = report.note(name.clone(), tokio::spawn(play).await) {
                let twin = report.answers.insert(name, normalised(&answer));
                assert_eq!(twin, None, "every case has a name of its own");
            }
        }
        stand.stop().await;
    }
    for Script { name, play } in scripts::all() {
        let outcome = tokio::spawn(play(Stage { id: name, ..stage.clone() })).await;
        report.note(name.to_owned(), outcome);
    }
    let stray = stage.witness.record("").calls;
    if !stray.is_empty() {
        report.failed.push(("every_call_of_the_handler_belongs_to_a_case".into(), format!("{stray:?}")));
    }
    report.elapsed = begin.elapsed();
    report
}

impl Report {
    fn note<T>(&mut self, name: String, outcome: Result<T, tokio::task::JoinError>) -> Option<T> {
        self.played += 1;
        let panic = match outcome {
            Ok(value) => return Some(value),
            Err(error) => error.into_panic(),
        };
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        self.failed.push((name, text.unwrap_or("a panic without text").to_owned()));
        None
    }
}

async fn play(case: Case, mut connection: Connection, witness: Witness) -> Answer {
    let answer = connection.ask(&case.request.clone().tagged(&case.name)).await.expect("an answer");
    case.check(&answer, &witness.record(&case.name));
    // Whatever came, the connection can be used again.
    let next = format!("{}/next", case.name);
    let good = cases::before_create_topic().tagged(&next);
    let case = Case::new(next.clone(), good).calls("group_before_create_topic");
    assert!(!answer.closes(), "the connection is to be closed");
    case.check(&connection.ask(&case.request).await.expect("an answer on the same connection"), &witness.record(&next));
    answer
}

/// An answer as text, without what may differ: the time, and the order of the headers.
fn normalised(answer: &Answer) -> String {
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "date").collect();
    headers.sort();
    let body = String::from_utf8_lossy(&answer.body);
    format!("{} {headers:?} {body}", answer.status)
}
