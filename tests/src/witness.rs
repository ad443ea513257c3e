//! What happened behind the endpoint: which calls its handler got, how they ended, and which requests
//! are over, case by case.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use http::Extensions;
use serde_json::Value;
use tokio::{sync::watch, time::timeout};

use crate::client::PATIENCE;

/// The header whose value the server's middleware puts into the request's extensions.
pub const VISITOR: &str = "x-visitor";

/// What the middleware of every server leaves in the request's extensions for the handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor(pub String);

/// Keeps the records of all cases, and tells who waits when one of them changes.
#[derive(Debug, Clone, Default)]
pub struct Witness(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    records: Mutex<HashMap<String, Record>>,
    changed: watch::Sender<()>,
}

/// What is known about one case.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// What the handler's methods were given, as JSON.
    pub calls: Vec<Value>,
    /// How many of the calls came to their end.
    pub finished: usize,
    /// How many of the calls were dropped before that, or panicked.
    pub dropped: usize,
    /// How many requests the server has done with: answered, or dropped.
    pub requests_over: usize,
    /// Methods that wait for it go on.
    pub released: bool,
}

impl Witness {
    /// What is known about a case by now.
    #[must_use]
    pub fn record(&self, case: &str) -> Record {
        self.0.records.lock().unwrap().get(case).cloned().unwrap_or_default()
    }

    /// Lets the methods of a case go on that wait for it.
    pub fn release(&self, case: &str) {
        self.note(case, |record| record.released = true);
    }

    /// Waits until something is true of a case.
    pub async fn until(&self, case: &str, what: &str, is_so: impl Fn(&Record) -> bool) -> Record {
        let in_time = timeout(PATIENCE, self.wait(case, is_so)).await.is_ok();
        let record = self.record(case);
        assert!(in_time, "waited in vain for: {what}; {record:?}");
        record
    }

    /// Waits until a case is released, for a method that is told to.
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

    /// Begins a request, in a server's middleware: puts the visitor into the extensions if there is one.
    ///
    /// The request is over when what is returned is dropped.
    #[must_use]
    pub fn enter(&self, query: Option<&str>, visitor: Option<&str>, extensions: &mut Extensions) -> Visit {
        if let Some(visitor) = visitor {
            extensions.insert(Visitor(visitor.to_owned()));
        }
        let pieces = query.unwrap_or_default().split('&');
        let case = pieces.filter_map(|piece| piece.strip_prefix("case=")).next_back();
        Visit { witness: self.clone(), case: case.unwrap_or_default().to_owned() }
    }

    pub(crate) fn note(&self, case: &str, change: impl FnOnce(&mut Record)) {
        change(self.0.records.lock().unwrap().entry(case.to_owned()).or_default());
        self.0.changed.send_replace(());
    }
}

/// A request that a server has under way.
#[derive(Debug)]
pub struct Visit {
    witness: Witness,
    case: String,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.witness.note(&self.case, |record| record.requests_over += 1);
    }
}
