//! Plays all cases and scenarios against one adapter.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Adapter, Report, Witness,
    answer::{Answer, normalised},
    case::Case,
    cases::{self, CaseGroup},
    fixture::{Fixture, TestServer},
    scenarios::{self, Scenario},
};

/// An adapter that fails most cases gets no more of them after this time, because each might wait long.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

/// Plays everything against an adapter.
///
/// It takes some ten seconds, most of it spent waiting, in a tokio runtime with timers and I/O. The handler behind
/// the endpoint fails and panics on purpose: what the panic hook writes of that is no fault. An adapter that fails
/// most of what is played is not asked to the end.
pub async fn run(adapter: &Adapter) -> Report {
    let begin = Instant::now();
    let fixture = Fixture { adapter: adapter.clone(), witness: Witness::default(), id: "" };
    let mut report = Report::new(adapter.name());
    let is_hopeless = |report: &Report| begin.elapsed() > LONG_ENOUGH && 2 * report.failed.len() > report.played;
    for CaseGroup { settings, cases } in cases::groups() {
        let starting = fixture.clone();
        let started = caught(async move { starting.start(settings).await }).await;
        let Some(server) = report.note("a_server_can_be_started", started) else {
            report.skipped += cases.len();
            continue;
        };
        let server = Arc::new(server);
        for case in cases {
            if is_hopeless(&report) {
                report.skipped += 1;
                continue;
            }
            report.played += 1;
            let name = case.name.to_string();
            let play = play(case, Arc::clone(&server), fixture.witness.clone());
            if let Some(answer) = report.note(name.as_str(), caught(play).await) {
                report.answers.insert(name, normalised(&answer));
            }
        }
        let stopped = match Arc::into_inner(server) {
            Some(server) => caught(server.stop()).await,
            None => Err("it is still in use".to_owned()),
        };
        report.note("a_server_can_be_stopped", stopped);
    }
    for Scenario { name, play } in scenarios::all() {
        if is_hopeless(&report) {
            report.skipped += 1;
            continue;
        }
        report.played += 1;
        let outcome = caught(play(Fixture { id: name, ..fixture.clone() })).await;
        report.note(name, outcome);
    }
    let stray = fixture.witness.record("").calls;
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

async fn play(case: Case, server: Arc<TestServer>, witness: Witness) -> Answer {
    let mut connection = server.connect().await;
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
