//! Plays all cases and scripts against one adapter.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tencent_im_callback::{Endpoint, EndpointBuilder};

use super::{
    Adapter, Connection, Mount, Report, Server, Witness,
    answer::{Answer, normalised},
    case::Case,
    cases::{self, Chapter},
    connection::PATIENCE,
    every::EveryMethod,
    handler::RecordingHandler,
    request::{APP, EVERY_APP, EVERY_TOKEN, OTHER_APP, OTHER_TOKEN, PREVIOUS_TOKEN, TOKEN, now},
    scripts::{self, Script},
};
use crate::Request;

/// An adapter that fails most cases gets no more of them after this time: each might wait in vain for long.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

/// A stage for one case or script: an adapter, and who watches.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// The adapter under test.
    pub(crate) adapter: Adapter,
    /// Who sees what happens behind the endpoint.
    pub(crate) witness: Witness,
    /// What the case is called in its requests and records.
    pub(crate) id: &'static str,
}

/// An endpoint behind a server.
#[derive(Debug)]
pub(crate) struct Stand {
    /// The endpoint.
    pub(crate) endpoint: Endpoint,
    server: Server,
}

impl Stage {
    /// Starts a server with an endpoint that has the suite's apps and clock, and these settings.
    pub(crate) async fn start(&self, settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) -> Stand {
        let handler = RecordingHandler::new("main", self.witness.clone());
        let other = RecordingHandler::new("other", self.witness.clone());
        let every = EveryMethod::new("every", self.witness.clone());
        let builder = Endpoint::builder(handler)
            .app(APP, [TOKEN, PREVIOUS_TOKEN])
            .app_with(OTHER_APP, [OTHER_TOKEN], other)
            .app_with(EVERY_APP, [EVERY_TOKEN], every)
            .clock(now);
        let endpoint = settings(builder).build().expect("the settings work");
        let mount = Mount { endpoint: endpoint.clone(), witness: self.witness.clone() };
        Stand { endpoint, server: self.adapter.mount(mount).await }
    }
}

impl Stand {
    /// A new connection to the server.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.server.address()).await.expect("the server accepts")
    }

    /// The answer to a request over a connection of its own.
    pub(crate) async fn ask(&self, request: &Request) -> Answer {
        self.connect().await.ask(request).await.expect("the server answers")
    }

    /// Waits for all callbacks, then stops the server.
    pub(crate) async fn stop(self) {
        self.drain().await;
        self.server.stop().await;
    }

    /// Stops the server with callbacks in flight or without.
    pub(crate) async fn stop_at_once(self) {
        self.server.stop().await;
    }

    /// [`Endpoint::drain`], but not forever.
    pub(crate) async fn drain(&self) {
        tokio::time::timeout(PATIENCE, self.endpoint.drain()).await.expect("all callbacks end");
    }
}

/// Plays everything against an adapter.
///
/// It takes some ten seconds, most of it spent waiting, in a tokio runtime with timers and I/O. The handler behind
/// the endpoint fails and panics on purpose: what the panic hook writes of that is no fault. An adapter that fails
/// most of what is played is not asked to the end.
pub async fn run(adapter: &Adapter) -> Report {
    let begin = Instant::now();
    let stage = Stage { adapter: adapter.clone(), witness: Witness::default(), id: "" };
    let mut report = Report::new(adapter.name());
    let is_hopeless = |report: &Report| begin.elapsed() > LONG_ENOUGH && 2 * report.failed.len() > report.played;
    for Chapter { settings, cases } in cases::chapters() {
        let starting = stage.clone();
        let started = caught(async move { starting.start(settings).await }).await;
        let Some(stand) = report.note("a_server_can_be_started", started) else {
            report.skipped += cases.len();
            continue;
        };
        let stand = Arc::new(stand);
        for case in cases {
            if is_hopeless(&report) {
                report.skipped += 1;
                continue;
            }
            report.played += 1;
            let name = case.name.to_string();
            let play = play(case, Arc::clone(&stand), stage.witness.clone());
            if let Some(answer) = report.note(name.as_str(), caught(play).await) {
                report.answers.insert(name, normalised(&answer));
            }
        }
        let stopped = match Arc::into_inner(stand) {
            Some(stand) => caught(stand.stop()).await,
            None => Err("somebody still holds it".to_owned()),
        };
        report.note("a_server_can_be_stopped", stopped);
    }
    for Script { name, play } in scripts::all() {
        if is_hopeless(&report) {
            report.skipped += 1;
            continue;
        }
        report.played += 1;
        let outcome = caught(play(Stage { id: name, ..stage.clone() })).await;
        report.note(name, outcome);
    }
    let stray = stage.witness.record("").calls;
    let stray = if stray.is_empty() { Ok(()) } else { Err(format!("{stray:?}")) };
    report.note("every_call_of_the_handler_belongs_to_a_case", stray);
    report.elapsed = begin.elapsed();
    report
}

/// What becomes of some work, or the text of its panic.
async fn caught<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    tokio::spawn(work).await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => crate::watched::panic_text(&*panic),
        Err(error) => error.to_string(),
    })
}

async fn play(case: Case, stand: Arc<Stand>, witness: Witness) -> Answer {
    let mut connection = stand.connect().await;
    let answer = connection.ask(&case.request.clone().tagged(&case.name)).await.expect("an answer");
    case.check(&answer, &witness.record(&case.name));
    // Whatever came, the connection can be used again.
    let next = format!("{}/next", case.name);
    let good = cases::before_create_topic().tagged(&next);
    let case = Case::new(next.clone(), good).calls("group_before_create_topic");
    assert!(!connection.closes(), "the connection is to be closed");
    case.check(&connection.ask(&case.request).await.expect("an answer on the same connection"), &witness.record(&next));
    answer
}
