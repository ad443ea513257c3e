//! What came back, as a table and as a list of what is wrong with it.

use std::fmt::Write as _;

use examples::Entry;
use hyper::header;
use serde_json::Value;
use tencent_im_callback::{Callback, Phase};

use crate::{
    client::Answer,
    servers::Framework,
    steps::{Expected, Step},
};

/// A callback and what one framework answered.
pub(crate) struct Row {
    pub(crate) framework: Framework,
    pub(crate) step: Step,
    pub(crate) answer: Answer,
}

impl Row {
    fn body(&self) -> Option<Value> {
        serde_json::from_slice(self.answer.response.body()).ok()
    }

    /// What the answer means to the service.
    fn decision(&self) -> String {
        let body = self.body().unwrap_or_default();
        let text = body["ErrorInfo"].as_str().unwrap_or_default();
        if !self.answer.response.status().is_success() {
            return format!("failed: {text}");
        }
        let is_before = Callback::find(self.step.command).is_some_and(|callback| callback.phase == Phase::Before);
        match body["ErrorCode"].as_u64() {
            Some(0) if is_before => "allow".to_owned(),
            Some(0) => "acknowledged".to_owned(),
            Some(1) => "refuse".to_owned(),
            Some(code) => format!("refuse, {code}: {text}"),
            None => "not an answer".to_owned(),
        }
    }

    /// What is wrong with the answer, if anything is.
    fn fault(&self) -> Option<String> {
        let response = &self.answer.response;
        let Some(body) = self.body() else { return Some("the answer is not JSON".to_owned()) };
        let status = match &self.step.expected {
            Expected::Answer(_) => hyper::StatusCode::OK,
            Expected::Failure(status) => *status,
        };
        if response.status() != status {
            return Some(format!("the status is {}, not {status}", response.status()));
        }
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if header(header::CONTENT_TYPE) != Some("application/json") {
            return Some("the content type is not application/json".to_owned());
        }
        if header(header::CONTENT_LENGTH) != Some(response.body().len().to_string().as_str()) {
            return Some("the content length is not that of the answer".to_owned());
        }
        match &self.step.expected {
            Expected::Answer(expected) if body != *expected => Some(format!("the answer is {body}, not {expected}")),
            Expected::Failure(_) if body["ActionStatus"] != "FAIL" || body["ErrorCode"].as_u64() < Some(1) => {
                Some(format!("the answer is {body}, which reports no failure"))
            }
            _ => None,
        }
    }
}

/// A line for every answer that is not as the protocol asks.
pub(crate) fn faults(rows: &[Row]) -> Vec<String> {
    let describe = |row: &Row, fault| format!("{}, {}, on {}: {fault}", row.step.command, row.step.case, row.framework);
    rows.iter().filter_map(|row| row.fault().map(|fault| describe(row, fault))).collect()
}

/// The answers, in columns.
pub(crate) fn table(rows: &[Row]) -> String {
    const HEADINGS: [&str; 6] = ["callback", "case", "framework", "HTTP", "decision", "ms"];

    let cells = |row: &Row| {
        [
            row.step.command.to_owned(),
            row.step.case.to_owned(),
            row.framework.to_string(),
            row.answer.response.status().as_u16().to_string(),
            row.decision(),
            format!("{:.2}", row.answer.took.as_secs_f64() * 1_000.0),
        ]
    };
    let lines: Vec<_> = std::iter::once(HEADINGS.map(str::to_owned)).chain(rows.iter().map(cells)).collect();
    let widths: [usize; 6] =
        std::array::from_fn(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default());
    let mut text = String::new();
    for line in &lines {
        let (last, others) = line.split_last().expect("a line has six cells");
        for (cell, width) in others.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{last:>width$}", width = widths[5]);
    }
    text
}

/// What the handler has noted, a line each.
pub(crate) fn log(entries: &[Entry]) -> String {
    let mut text = String::from("\nThe handler's log, one for all three frameworks:\n");
    for entry in entries {
        let _ = writeln!(text, "  {entry}");
    }
    text
}
