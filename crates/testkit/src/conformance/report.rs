//! What the suite has found out.

use std::{collections::BTreeMap, fmt, time::Duration};

/// How an adapter did.
///
/// Shown with `{}` it has every case that failed, and why.
#[derive(Debug, Clone)]
#[must_use = "nothing fails by itself: `assert_passed` panics where something has failed"]
#[non_exhaustive]
pub struct Report {
    /// The adapter's name.
    pub adapter: String,
    /// How many cases and scenarios were played.
    pub played: usize,
    /// How many were not, because most of what was played had failed.
    pub skipped: usize,
    /// Those that failed.
    pub failed: Vec<Failure>,
    /// The answer to each case that has passed: status, headers but `Date`, and body. What two adapters answer is
    /// the same.
    pub answers: BTreeMap<String, String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// A case or scenario that failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Failure {
    /// Its name, a sentence that would be true if it had passed.
    pub case: String,
    /// What was otherwise.
    pub reason: String,
}

impl Report {
    pub(crate) fn new(adapter: &str) -> Self {
        Self {
            adapter: adapter.to_owned(),
            played: 0,
            skipped: 0,
            failed: Vec::new(),
            answers: BTreeMap::new(),
            elapsed: Duration::ZERO,
        }
    }

    /// Whether the adapter keeps the contract: everything was played, and nothing has failed.
    #[must_use]
    pub const fn has_passed(&self) -> bool {
        self.failed.is_empty() && self.skipped == 0
    }

    /// Panics with the whole report unless the adapter keeps the contract.
    ///
    /// # Panics
    /// When something has failed.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.has_passed(), "{self}");
    }

    /// Notes down how something ended: its value, or why it failed.
    pub(crate) fn note<T>(&mut self, case: impl Into<String>, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|reason| self.failed.push(Failure { case: case.into(), reason })).ok()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { adapter, played, skipped, failed, elapsed, .. } = self;
        writeln!(f, "{adapter}: {played} cases and scenarios in {elapsed:.1?}, {} failed", failed.len())?;
        for Failure { case, reason } in failed {
            writeln!(f, "\n--- {adapter}: {case}\n{reason}")?;
        }
        if *skipped > 0 {
            writeln!(f, "\n{skipped} more were not played, because most had failed")?;
        }
        Ok(())
    }
}
