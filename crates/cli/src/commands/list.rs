//! `im-callback list`

use std::io::Write as _;

use clap::Args;
use serde::Serialize;
use tencent_im_callback::{CALLBACKS, Callback, Phase};

use crate::{
    answers::{page, summary, words},
    cli_error::{CliError, ExitStatus},
    json,
    paint::{FAINT, GOOD, STRONG, WARN},
};

/// Lists the callbacks: when each is sent, its method, what it can be answered with, the vendor's page
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  im-callback list                   all of them
  im-callback list before message    those with both words in their line, their summary or their titles
  im-callback list 群组              those whose Chinese title has this word
  im-callback list --json | jq -r '.[] | select(.phase == \"before\") | .command'")]
pub(crate) struct List {
    /// Only those that have each of these words somewhere, in any case
    #[arg(value_name = "WORD")]
    words: Vec<String>,
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
        let width = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
        let command = width(|row| row.command.len());
        let method = width(|row| row.method.len());
        let answers = width(|row| row.can_answer.join(", ").len());
        for row in &rows {
            let style = if row.phase == Phase::After.as_str() { GOOD } else { WARN };
            writeln!(
                out,
                "{STRONG}{:command$}{STRONG:#}  {style}{:6}{style:#}  {:method$}  {:answers$}  {FAINT}{}{FAINT:#}",
                row.command,
                row.phase,
                row.method,
                row.can_answer.join(", "),
                row.page,
            )?;
        }
        Ok(ExitStatus::Met)
    }
}
