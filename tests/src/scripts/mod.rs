//! The scripts: what needs more than one request and its answer.

use crate::{servers::BoxFuture, suite::Stage};

/// A script.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// A sentence that is true if the script passes.
    pub name: &'static str,
    /// Plays it; it panics if something is not as it must be.
    pub play: fn(Stage) -> BoxFuture<()>,
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Script> {
    Vec::new()
}
