//! The output of `send`.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use http::StatusCode;
use serde_json::{Value, json};

use super::expect::Expect;
use crate::{
    cli_error::CliError,
    client::NoAnswer,
    exchange::{BUDGET, Exchange},
    json::Pretty,
    layout::Counted,
    paint::{BAD, FAINT, HINT, STRONG, WARN, word_style},
    statistics::Times,
    untrusted_text::{excerpt as excerpt_of, plain},
    when::Took,
};

/// One answer, for people.
pub(super) struct Shown<'a> {
    pub(super) command: &'a str,
    pub(super) exchange: &'a Result<Exchange, NoAnswer>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{STRONG}{}{STRONG:#}: ", plain(self.command))?;
        let exchange = match self.exchange {
            Ok(exchange) => exchange,
            Err(error) => return write!(f, "{BAD}{error}{BAD:#}"),
        };
        let answer = &exchange.answer;
        let style = word_style(exchange.word());
        if exchange.is_late() {
            write!(f, "{style}too late{style:#}; in time it would be ")?;
        }
        write!(f, "{style}{}{style:#}", plain(&answer.effect().to_string()))?;
        write!(f, "\n  status  {}", answer.status())?;
        write!(f, "\n  time    {}", Took(exchange.took))?;
        let share = exchange.took.as_secs_f64() / BUDGET.as_secs_f64() * 100.0;
        write!(f, "{FAINT}, {share:.1} % of the 2 s that the service waits{FAINT:#}")?;
        if answer.effect().word() == "modify" {
            for name in ["MsgBody", "CloudCustomData"] {
                let value = excerpt_of(&answer.json()[name]);
                if !value.is_null() {
                    write!(f, "\n  {WARN}{name}{WARN:#} {}", Pretty { value: &value, margin: "  ", times: false })?;
                }
            }
        }
        if answer.status() == StatusCode::NOT_FOUND {
            write!(f, "\n  {HINT}hint{HINT:#}    check the path of the URL: the server has nothing there")?;
        }
        for remark in answer.remarks() {
            write!(f, "\n  {WARN}note{WARN:#}    {}", plain(remark))?;
        }
        if !exchange.is_taken() && !answer.body().is_empty() {
            write!(f, "\n  body    {}", excerpt(answer.body()))?;
        }
        Ok(())
    }
}

/// The beginning of a body, on one line and without what a terminal would obey.
fn excerpt(body: &[u8]) -> String {
    const LENGTH: usize = 300;
    let text = String::from_utf8_lossy(body);
    let mut line = plain(&text.chars().take(LENGTH).collect::<String>());
    if text.chars().nth(LENGTH).is_some() {
        line.push_str(" ..");
    }
    line
}

/// One answer, for programs.
pub(super) fn json(command: &str, exchange: &Result<Exchange, NoAnswer>, is_met: bool) -> Value {
    match exchange {
        Ok(exchange) => {
            let answer = &exchange.answer;
            let body: Value = serde_json::from_slice(answer.body())
                .unwrap_or_else(|_| String::from_utf8_lossy(answer.body()).into_owned().into());
            json!({
                "command": command,
                "expected": is_met,
                "word": exchange.word(),
                "decided": answer.effect(),
                "status": answer.status().as_u16(),
                "ms": millis(exchange.took),
                "remarks": answer.remarks(),
                "answer": body,
            })
        }
        Err(error) => json!({ "command": command, "expected": is_met, "word": "late", "error": error.to_string() }),
    }
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Many answers, counted.
pub(super) struct Summary {
    command: String,
    expect: Expect,
    parallel: usize,
    started: Instant,
    took: Duration,
    /// By effect: its word, how often, and whether that was expected.
    effects: BTreeMap<String, (&'static str, usize, bool)>,
    unanswered: BTreeMap<String, usize>,
    unexpected: usize,
    is_interrupted: bool,
    durations: Vec<Duration>,
}

impl Summary {
    pub(super) fn new(command: &str, expect: Expect, parallel: usize) -> Self {
        Self {
            command: command.to_owned(),
            expect,
            parallel,
            started: Instant::now(),
            took: Duration::ZERO,
            effects: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            unexpected: 0,
            is_interrupted: false,
            durations: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, exchange: Result<Exchange, NoAnswer>) {
        let is_met = self.expect.is_met(&exchange);
        self.unexpected += usize::from(!is_met);
        match exchange {
            Ok(exchange) => {
                let text = match exchange.word() {
                    "late" => "too late".to_owned(),
                    _ => plain(&exchange.answer.effect().to_string()),
                };
                let (_, count, _) = self.effects.entry(text).or_insert((exchange.word(), 0, is_met));
                *count += 1;
                self.durations.push(exchange.took);
            }
            Err(error) => *self.unanswered.entry(error.to_string()).or_default() += 1,
        }
    }

    /// What there is when the user has had enough.
    pub(super) fn interrupted(mut self) -> Result<Self, CliError> {
        self.is_interrupted = true;
        self.finish()
    }

    /// Fails if no request was answered.
    pub(super) fn finish(mut self) -> Result<Self, CliError> {
        self.took = self.started.elapsed();
        match self.unanswered.first_key_value() {
            Some((error, _)) if self.durations.is_empty() => Err(CliError::Unreachable(error.clone())),
            _ => Ok(self),
        }
    }

    pub(super) const fn is_met(&self) -> bool {
        self.unexpected == 0 && !self.is_interrupted
    }

    pub(super) fn count(&self) -> usize {
        self.durations.len() + self.unanswered.values().sum::<usize>()
    }

    #[expect(clippy::cast_precision_loss, reason = "the numbers are too small for a rate to lose digits")]
    fn per_second(&self) -> f64 {
        (self.count() as f64 / self.took.as_secs_f64()).round()
    }

    pub(super) fn json(&self) -> Value {
        let decided: Vec<_> = self
            .effects
            .iter()
            .map(|(text, (word, count, is_met))| {
                json!({ "word": word, "decided": text, "count": count, "expected": is_met })
            })
            .collect();
        json!({
            "command": self.command,
            "requests": self.count(),
            "parallel": self.parallel,
            "seconds": self.took.as_secs_f64(),
            "per_second": self.per_second(),
            "unexpected": self.unexpected,
            "interrupted": self.is_interrupted,
            "decided": decided,
            "unanswered": self.unanswered,
            "times": Times::of(self.durations.clone()),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{STRONG}{}{STRONG:#}: {}, {} at a time, in {} {FAINT}({} per second){FAINT:#}",
            plain(&self.command),
            Counted(self.count(), "request"),
            self.parallel,
            Took(self.took),
            self.per_second(),
        )?;
        for (text, (word, count, _)) in &self.effects {
            let style = word_style(word);
            writeln!(f, "  {} {style}{text}{style:#}", Counted(*count, "time"))?;
        }
        for (error, count) in &self.unanswered {
            writeln!(f, "  {} {BAD}{error}{BAD:#}", Counted(*count, "time"))?;
        }
        if let Some(times) = Times::of(self.durations.clone()) {
            writeln!(f, "  time    {times}{FAINT}; the service waits 2 s{FAINT:#}")?;
        }
        if self.unexpected > 0 {
            let is = if self.unexpected == 1 { "is" } else { "are" };
            writeln!(f, "  {BAD}{} {is} not {}{BAD:#}", self.unexpected, self.expect)?;
        }
        Ok(())
    }
}
