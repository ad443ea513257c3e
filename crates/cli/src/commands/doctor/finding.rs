//! What `doctor` has found, as a table.

use std::fmt;

use anstyle::Style;
use serde::Serialize;

use crate::{
    layout::{self, Counted},
    paint::{BAD, FAINT, GOOD, HINT, STRONG, WARN},
    untrusted_text::plain,
};

/// The result of one check.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    /// The check's name, for `--skip` and for programs.
    pub(super) check: &'static str,
    pub(super) group: &'static str,
    pub(super) state: State,
    /// What the endpoint did.
    pub(super) found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    /// It works, and may not always.
    Warning,
    /// Callbacks are lost, or what is no callback is taken for one.
    Failed,
    /// It could not be looked at.
    Skipped,
}

impl State {
    const fn word(self) -> (&'static str, Style) {
        match self {
            Self::Ok => ("ok", GOOD),
            Self::Warning => ("warn", WARN),
            Self::Failed => ("FAIL", BAD),
            Self::Skipped => ("skip", FAINT),
        }
    }
}

impl Finding {
    pub(super) fn new(check: &'static str, group: &'static str, state: State, found: impl Into<String>) -> Self {
        Self { check, group, state, found: found.into(), fix: None }
    }

    pub(super) fn ok(check: &'static str, group: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, group, State::Ok, found)
    }

    pub(super) fn skipped(check: &'static str, group: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, group, State::Skipped, found)
    }

    pub(super) fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

/// All findings, by group.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) url: String,
    pub(super) app: u64,
    pub(super) ok: usize,
    pub(super) warnings: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    pub(super) findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(url: String, app: u64, findings: Vec<Finding>) -> Self {
        let count = |state| findings.iter().filter(|finding| finding.state == state).count();
        Self {
            url,
            app,
            ok: count(State::Ok),
            warnings: count(State::Warning),
            failed: count(State::Failed),
            skipped: count(State::Skipped),
            findings,
        }
    }
}

/// Where the third column begins.
const MARGIN: usize = 25;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{STRONG}{}{STRONG:#}, application {}", plain(&self.url), self.app)?;
        let mut group = "";
        let width = layout::width();
        for finding in &self.findings {
            if finding.group != group {
                group = finding.group;
                writeln!(f, "\n{STRONG}{group}{STRONG:#}")?;
            }
            let (word, style) = finding.state.word();
            let found = layout::wrapped(&plain(&finding.found), MARGIN, width);
            writeln!(f, "  {style}{word:4}{style:#}  {:15}  {found}", finding.check)?;
            if let Some(fix) = &finding.fix {
                let fix = layout::wrapped(&format!("fix: {}", plain(fix)), MARGIN, width);
                let (fix, text) = fix.split_at("fix:".len());
                writeln!(f, "{:MARGIN$}{HINT}{fix}{HINT:#}{text}", "")?;
            }
        }
        let Self { ok, warnings, failed, skipped, .. } = self;
        write!(f, "\n{GOOD}{ok} ok{GOOD:#}")?;
        for (count, what, style) in [
            (*warnings, Counted(*warnings, "warning").to_string(), WARN),
            (*failed, format!("{failed} failed"), BAD),
            (*skipped, format!("{skipped} skipped"), FAINT),
        ] {
            if count > 0 {
                write!(f, ", {style}{what}{style:#}")?;
            }
        }
        Ok(())
    }
}
