//! The scenarios: what takes more than one request and its answer.

use std::{io, time::Duration};

use super::{
    Connection, Witness,
    adapter::BoxFuture,
    answer::Answer,
    case::Case,
    cases,
    fixture::{Fixture, TestServer},
};
use crate::Request;

mod bodies;
mod clock;
mod connections;
mod deadline;
mod disconnect;
mod in_flight;

/// A scenario.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    /// A sentence that is true if the scenario passes.
    pub(crate) name: &'static str,
    /// Plays it; it panics if something is not as it must be.
    pub(crate) play: fn(Fixture) -> BoxFuture<()>,
}

/// All of them.
pub(crate) fn all() -> Vec<Scenario> {
    [
        bodies::SCENARIOS,
        clock::SCENARIOS,
        connections::SCENARIOS,
        deadline::SCENARIOS,
        disconnect::SCENARIOS,
        in_flight::SCENARIOS,
    ]
    .concat()
}

/// The functions of a file as its scenarios.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        pub(super) const SCENARIOS: &[super::Scenario] = &[$(
            super::Scenario { name: stringify!($name), play: |fixture| Box::pin($name(fixture)) }
        ),*];
    };
}
use scenarios;

/// A budget that is soon used up, and still long enough for a machine that has much to do.
const SHORT: Duration = Duration::from_millis(150);

/// Longer than any answer takes that does not wait for something.
const AT_ONCE: Duration = Duration::from_millis(1_200);

/// A user creates a topic; the handler follows `orders`.
fn ordered(id: &str, orders: &str) -> Request {
    cases::before_create_topic().order(orders).tagged(id)
}

/// A good request over this connection is answered as it should.
async fn works(connection: &mut Connection, witness: &Witness, id: &str) {
    let case = Case::new(id.to_owned(), cases::before_create_topic().tagged(id)).calls("group_before_create_topic");
    let answer = connection.ask(&case.request).await.expect("an answer");
    case.check(&answer, &witness.record(id));
}

/// After an answer that was sent before the whole request was: the connection is closed, or the rest of the
/// request is passed over and the next one answered. Nothing of the rest may be taken for a request.
async fn works_or_is_closed(mut connection: Connection, rest: &[u8], witness: &Witness, id: &str) {
    let request = cases::before_create_topic().tagged(id);
    let sent = async {
        connection.send(rest).await?;
        connection.send(&request.to_bytes()).await
    };
    // A connection that is closed may tell so here or there.
    let answer: io::Result<Answer> = match sent.await {
        Ok(()) => connection.answer().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => {
            Case::new(id.to_owned(), request).calls("group_before_create_topic").check(&answer, &witness.record(id));
        }
        Err(error) => {
            let is_closed = matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
            );
            assert!(is_closed, "{error}");
            assert!(witness.record(id).calls.is_empty(), "called and not answered");
        }
    }
}

/// Waits until so many callbacks are in flight, by asking again and again.
async fn until_in_flight(server: &TestServer, callbacks: usize) {
    let wait = async {
        while server.endpoint.in_flight() != callbacks {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let found = || server.endpoint.in_flight();
    assert!(tokio::time::timeout(super::connection::PATIENCE, wait).await.is_ok(), "{} are in flight", found());
}
