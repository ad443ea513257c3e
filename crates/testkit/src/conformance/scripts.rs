//! The scripts: what takes more than one request and its answer.

use std::{io, time::Duration};

use super::{
    Connection, Witness,
    adapter::BoxFuture,
    answer::Answer,
    case::Case,
    cases,
    suite::{Stage, Stand},
};
use crate::Request;

mod bodies;
mod clock;
mod connections;
mod deadline;
mod hang_up;
mod in_flight;

/// A script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// A sentence that is true if the script passes.
    pub(crate) name: &'static str,
    /// Plays it; it panics if something is not as it must be.
    pub(crate) play: fn(Stage) -> BoxFuture<()>,
}

/// All of them.
pub(crate) fn all() -> Vec<Script> {
    [bodies::SCRIPTS, clock::SCRIPTS, connections::SCRIPTS, deadline::SCRIPTS, hang_up::SCRIPTS, in_flight::SCRIPTS]
        .concat()
}

/// The functions of a file as its scripts.
macro_rules! scripts {
    ($($name:ident),* $(,)?) => {
        pub(super) const SCRIPTS: &[super::Script] = &[$(
            super::Script { name: stringify!($name), play: |stage| Box::pin($name(stage)) }
        ),*];
    };
}
use scripts;

/// A budget that is soon used up, and still long enough for a machine that has much to do.
const SHORT: Duration = Duration::from_millis(150);

/// Longer than any answer takes that does not wait for something.
const AT_ONCE: Duration = Duration::from_millis(1_200);

/// Somebody asks for a topic; the handler carries out `orders`.
fn ordered(id: &str, orders: &str) -> Request {
    cases::before_create_topic().order(orders).tagged(id)
}

/// A good request over this connection is answered as it should.
async fn works(connection: &mut Connection, witness: &Witness, id: &str) {
    let case = Case::new(id.to_owned(), cases::before_create_topic().tagged(id)).calls("group_before_create_topic");
    let answer = connection.ask(&case.request).await.expect("an answer");
    case.check(&answer, &witness.record(id));
}

/// After an answer that came before the request had been sent: the connection is closed, or the rest of the
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

/// Waits until so many callbacks are in flight; nobody is told of that.
async fn until_in_flight(stand: &Stand, callbacks: usize) {
    let wait = async {
        while stand.endpoint.in_flight() != callbacks {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let found = || stand.endpoint.in_flight();
    assert!(tokio::time::timeout(super::connection::PATIENCE, wait).await.is_ok(), "{} are in flight", found());
}
