//! What happened behind the endpoint: which calls its handler got, how they ended, and which requests
//! are over, case by case.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use http::Extensions;
use serde_json::Value;
use tokio::{sync::watch, time::timeout};

use super::connection::PATIENCE;

/// The request header whose value a server's middleware has to give to [`Witness::enter`].
pub const VISIT: &str = "x-conformance";

/// What the middleware of every server leaves in the request's extensions for the handler.
#[derive(Debug, Clone)]
pub(crate) struct Visitor(pub(crate) String);

/// Watches the requests that a server has under way, from a middleware before the adapter.
// It also keeps the records of all cases, and notifies waiters when one of them changes.
#[derive(Debug, Clone, Default)]
pub struct Witness(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    records: Mutex<HashMap<String, Record>>,
    changed: watch::Sender<()>,
}

/// What is known about one case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// What the handler's methods were given, as JSON.
    pub(crate) calls: Vec<Value>,
    /// How many of the calls came to their end.
    pub(crate) finished: usize,
    /// How many of the calls were dropped before that, or panicked.
    pub(crate) dropped: usize,
    /// How many requests the server has done with: answered, or dropped.
    pub(crate) requests_over: usize,
    /// Methods that wait for it continue.
    pub(crate) released: bool,
}

impl Witness {
    /// What is known about a case by now.
    pub(crate) fn record(&self, case: &str) -> Record {
        self.0.records.lock().unwrap().get(case).cloned().unwrap_or_default()
    }

    /// Lets the waiting methods of a case continue.
    pub(crate) fn release(&self, case: &str) {
        self.note(case, |record| record.released = true);
    }

    /// Waits until something is true of a case.
    pub(crate) async fn until(&self, case: &str, what: &str, is_so: impl Fn(&Record) -> bool) -> Record {
        let in_time = timeout(PATIENCE, self.wait(case, is_so)).await.is_ok();
        let record = self.record(case);
        assert!(in_time, "did not happen: {what}; {record:?}");
        record
    }

    /// Waits until a case is released, for a method with that order.
    pub(crate) async fn released(&self, case: &str) {
        // Longer than anybody waits for the method, so that its end is not taken for what was waited for.
        let in_time = timeout(3 * PATIENCE, self.wait(case, |record| record.released)).await.is_ok();
        assert!(in_time, "`{case}` was not released");
    }

    async fn wait(&self, case: &str, is_so: impl Fn(&Record) -> bool) {
        let mut changes = self.0.changed.subscribe();
        while !self.0.records.lock().unwrap().get(case).is_some_and(&is_so) {
            changes.changed().await.expect("the witness holds the sender");
        }
    }

    /// Begins a request, in a server's middleware.
    ///
    /// `visit` is the value of the request's header [`VISIT`], if it has one. `extensions` are those that the
    /// adapter hands on to the handler, which has to find there what this puts into them.
    ///
    /// The request is over when what is returned is dropped: the middleware holds it until it has the answer, or
    /// is dropped itself because the client has disconnected.
    pub fn enter(&self, visit: Option<&str>, extensions: &mut Extensions) -> Visit {
        if let Some(visit) = visit {
            extensions.insert(Visitor(visit.to_owned()));
        }
        Visit { witness: self.clone(), case: visit.unwrap_or_default().to_owned() }
    }

    pub(crate) fn note(&self, case: &str, change: impl FnOnce(&mut Record)) {
        change(self.0.records.lock().unwrap().entry(case.to_owned()).or_default());
        self.0.changed.send_replace(());
    }
}

/// A request that a server has under way; dropped when it is over.
#[derive(Debug)]
#[must_use = "the request is over when this is dropped"]
pub struct Visit {
    witness: Witness,
    case: String,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.witness.note(&self.case, |record| record.requests_over += 1);
    }
}
