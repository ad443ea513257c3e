//! `im-callback list`

use std::{fmt, io::Write as _};

use anstyle::Style;
use clap::Args;
use serde::Serialize;
use tencent_im_callback::{CALLBACKS, Callback, Phase};

use crate::{
    answers::{page, summary, words},
    cli_error::{CliError, ExitStatus},
    json, layout,
    paint::{FAINT, GOOD, STRONG, WARN},
};

/// Lists the callbacks: when each is sent, what it is about, and what it can be answered with
#[derive(Args, Debug)]
#[command(after_long_help = "\
Each has its phase, the vendor's title and its answers; with --long a line has the method and the
vendor's page too. Words are looked for in all of that, in the summary and in both titles.

Examples:
  im-callback list
  im-callback list before message
  im-callback list 群组 --long
  im-callback list --json | jq -r '.[] | select(.phase == \"before\") | .command'")]
pub(crate) struct List {
    /// Only those that have each of these words somewhere, in any case
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// A line for each callback, with its method and the vendor's page
    #[arg(long, conflicts_with = "json")]
    long: bool,
    /// As JSON, with the event's type, a summary and the vendor's titles too
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    command: &'static str,
    phase: &'static str,
    method: &'static str,
    event: &'static str,
    answer: &'static str,
    can_answer: Vec<String>,
    page: &'static str,
    summary: &'static str,
    title: Option<&'static str>,
    title_zh: Option<&'static str>,
}

impl Row {
    fn new(callback: &Callback) -> Self {
        Self {
            command: callback.command,
            phase: callback.phase.as_str(),
            method: callback.method,
            event: callback.event,
            answer: callback.answer,
            can_answer: words(callback),
            page: page(callback),
            summary: summary(callback),
            title: callback.title,
            title_zh: callback.title_zh,
        }
    }

    /// What it is about: the vendor's title, or a summary if no page has one.
    fn title(&self) -> &'static str {
        self.title.unwrap_or(self.summary)
    }

    fn style(&self) -> Style {
        if self.phase == Phase::After.as_str() { GOOD } else { WARN }
    }

    fn has(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let fields = [self.command, self.phase, self.method, self.event, self.answer, self.page, self.summary];
        let titles = self.title.into_iter().chain(self.title_zh);
        fields.into_iter().chain(titles).any(|field| field.to_lowercase().contains(&word))
            || self.can_answer.iter().any(|answer| answer.contains(&word))
    }
}

impl List {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let mut rows: Vec<_> = CALLBACKS.iter().map(Row::new).collect();
        rows.retain(|row| self.words.iter().all(|word| row.has(word)));
        let mut out = anstream::stdout();
        if self.json {
            writeln!(out, "{}", json::indented(&rows)?)?;
            return Ok(ExitStatus::met_if(!rows.is_empty()));
        }
        if rows.is_empty() {
            return Err(CliError::usage(format!("no callback has the words `{}`", self.words.join(" "))));
        }
        if !self.long {
            let width = layout::width().min(WIDTH);
            rows.iter().try_for_each(|row| write!(out, "{}", Short { row, width }))?;
            return Ok(ExitStatus::Met);
        }
        let width = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
        let command = width(|row| row.command.len());
        let method = width(|row| row.method.len());
        let answers = width(|row| row.can_answer.join(", ").len());
        for row in &rows {
            let style = row.style();
            writeln!(
                out,
                "{STRONG}{:command$}{STRONG:#}  {style}{:6}{style:#}  {:method$}  {:answers$}  {FAINT}{}  {}{FAINT:#}",
                row.command,
                row.phase,
                row.method,
                row.can_answer.join(", "),
                row.page,
                row.title(),
            )?;
        }
        Ok(ExitStatus::Met)
    }
}

/// How wide a list is at most: a terminal is at least that wide.
const WIDTH: usize = 80;

/// A callback in two lines or a little more.
struct Short<'a> {
    row: &'a Row,
    width: usize,
}

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MARGIN: usize = 8;
        let Self { row, width } = self;
        let style = row.style();
        writeln!(f, "{style}{:6}{style:#}  {STRONG}{}{STRONG:#}", row.phase, row.command)?;
        writeln!(f, "{:MARGIN$}{}", "", layout::wrapped(row.title(), MARGIN, *width))?;
        let answers = layout::wrapped(&row.can_answer.join(", "), MARGIN, *width);
        writeln!(f, "{:MARGIN$}{FAINT}{answers}{FAINT:#}", "")
    }
}
