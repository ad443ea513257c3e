//! The output of `replay`.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use serde_json::json;
use tencent_im_callback::unread_fields;
use tencent_im_callback_testkit::recording::{Difference, Recorded};

use crate::{
    cli_error::{CliError, ExitStatus},
    decode::callback_of,
    exchange::Exchange,
    json,
    layout::Counted,
    paint::{BAD, FAINT, STRONG, WARN, word_style},
    progress::Progress,
    statistics::Times,
    untrusted_text::plain,
    when::Took,
};

pub(super) struct Report {
    diff: bool,
    strict: bool,
    json: bool,
    started: Instant,
    durations: Vec<Duration>,
    words: BTreeMap<&'static str, usize>,
    /// Lines that are no callbacks.
    pub(super) skipped: usize,
    changed: usize,
    /// The callbacks with fields that this version does not read.
    with_unread: usize,
    /// Why there was no answer, and how often.
    unanswered: BTreeMap<String, usize>,
}

/// The JSON paths of the fields of a recorded body that its event does not have.
fn unread(recorded: &Recorded) -> Vec<String> {
    let callback = callback_of(&recorded.command(), recorded.body());
    callback.map(|callback| unread_fields(callback, recorded.body())).unwrap_or_default()
}

impl Report {
    pub(super) fn new(diff: bool, strict: bool, json: bool) -> Self {
        Self {
            diff,
            strict,
            json,
            started: Instant::now(),
            durations: Vec::new(),
            words: BTreeMap::new(),
            skipped: 0,
            changed: 0,
            with_unread: 0,
            unanswered: BTreeMap::new(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.durations.len() + self.unanswered.values().sum::<usize>()
    }

    pub(super) fn answered(
        &mut self,
        place: usize,
        recorded: &Recorded,
        exchange: &Exchange,
        differences: Vec<Difference>,
        progress: &mut Progress,
    ) -> Result<(), CliError> {
        self.durations.push(exchange.took);
        *self.words.entry(exchange.word()).or_default() += 1;
        self.changed += usize::from(self.diff && !differences.is_empty());
        let unread = unread(recorded);
        self.with_unread += usize::from(!unread.is_empty());
        let lists_unread = self.strict && !unread.is_empty();
        let mut out = anstream::stdout();
        if self.json || lists_unread || (self.diff && !differences.is_empty()) {
            progress.clear();
        }
        if self.json {
            let found = |found: &Difference| json!({ "at": found.at, "before": found.before, "after": found.after });
            let line = json!({
                "place": place,
                "command": recorded.command(),
                "word": exchange.word(),
                "status": exchange.answer.status().as_u16(),
                "decided": exchange.answer.effect(),
                "ms": (exchange.took.as_secs_f64() * 1e6).round() / 1e3,
                "unread": unread,
                "differences": self.diff.then(|| differences.iter().map(found).collect::<Vec<_>>()),
            });
            writeln!(out, "{}", json::line(&line))?;
            return Ok(());
        }
        if self.diff && !differences.is_empty() {
            writeln!(out, "{WARN}changed{WARN:#} {place}. {STRONG}{}{STRONG:#}", plain(&recorded.command()))?;
            for difference in differences {
                writeln!(out, "  {}", plain(&difference.to_string()))?;
            }
        }
        if lists_unread {
            writeln!(out, "{WARN}unread{WARN:#} {place}. {STRONG}{}{STRONG:#}", plain(&recorded.command()))?;
            for path in unread {
                writeln!(out, "  {}", plain(&path))?;
            }
        }
        Ok(())
    }

    pub(super) fn unanswered(&mut self, place: usize, error: String, progress: &mut Progress) -> Result<(), CliError> {
        if self.json {
            progress.clear();
            writeln!(anstream::stdout(), "{}", json::line(&json!({ "place": place, "error": error })))?;
        }
        *self.unanswered.entry(error).or_default() += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<ExitStatus, CliError> {
        if let Some((error, _)) = self.unanswered.first_key_value()
            && self.durations.is_empty()
        {
            return Err(CliError::Unreachable(error.clone()));
        }
        if !self.json {
            self.sum_up()?;
        }
        let has_unread = self.strict && self.with_unread > 0;
        Ok(ExitStatus::met_if(self.changed == 0 && self.skipped == 0 && self.unanswered.is_empty() && !has_unread))
    }

    fn sum_up(&self) -> io::Result<()> {
        let mut out = anstream::stdout();
        let count = self.count();
        writeln!(
            out,
            "{STRONG}{}{STRONG:#} {FAINT}in {}{FAINT:#}",
            Counted(count, "callback"),
            Took(self.started.elapsed())
        )?;
        for (word, count) in &self.words {
            let style = word_style(word);
            writeln!(out, "  {} {style}{word}{style:#}", Counted(*count, "time"))?;
        }
        for (error, count) in &self.unanswered {
            writeln!(out, "  {} {BAD}{error}{BAD:#}", Counted(*count, "time"))?;
        }
        match self.skipped {
            0 => {}
            1 => writeln!(out, "  {WARN}1 line is no callback{WARN:#}")?,
            skipped => writeln!(out, "  {WARN}{skipped} lines are no callbacks{WARN:#}")?,
        }
        if let Some(times) = Times::of(self.durations.clone()) {
            writeln!(out, "  time    {times}")?;
        }
        match self.with_unread {
            0 => {}
            with_unread => writeln!(out, "  {WARN}{with_unread} with fields that this version does not read{WARN:#}")?,
        }
        match self.changed {
            0 if self.diff => writeln!(out, "  no answer has changed"),
            0 => Ok(()),
            1 => writeln!(out, "  {BAD}1 of {} has changed{BAD:#}", Counted(count, "answer")),
            changed => writeln!(out, "  {BAD}{changed} of {count} answers have changed{BAD:#}"),
        }
    }
}
