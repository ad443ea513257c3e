//! One line of a recording: a callback as JSON.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Recorded, RecordedAnswer, micros_of, millis_of, without_sign};

/// Why a line is no callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    field: Option<&'static str>,
    reason: String,
}

impl LineError {
    /// The field that is wrong; `None` if the whole line is.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "the field `{field}` {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl std::error::Error for LineError {}

#[derive(Serialize)]
struct Line<'a> {
    at: u64,
    method: &'a str,
    query: &'a str,
    signed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_us: Option<u64>,
}

/// A callback as one line, without the line break.
pub(super) fn write(recorded: &Recorded) -> String {
    let (body, body_base64) = content(&recorded.body);
    let answer = recorded.answer.as_ref();
    let (answer_body, answer_base64) = answer.map_or((None, None), |answer| content(&answer.body));
    let line = Line {
        at: millis_of(recorded.at),
        method: &recorded.method,
        query: &recorded.query,
        signed: recorded.is_signed,
        body,
        body_base64,
        status: answer.map(|answer| answer.status),
        answer: answer_body,
        answer_base64,
        took_us: answer.map(|answer| micros_of(answer.took)),
    };
    serde_json::to_string(&line).expect("a line has text keys and writes no errors of its own")
}

/// A body as JSON, or else in base64; as neither if it is empty.
fn content(body: &Bytes) -> (Option<Box<RawValue>>, Option<String>) {
    if body.is_empty() {
        return (None, None);
    }
    let json = std::str::from_utf8(body).ok().and_then(|text| RawValue::from_string(on_one_line(text)).ok());
    let base64 = json.is_none().then(|| STANDARD.encode(body));
    (json, base64)
}

/// Without the white space between tokens. Everything else stays as it is, whatever it is: what was
/// no JSON must not become JSON, and what was must keep its numbers and the order of its keys.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let (mut is_in_string, mut is_escaped) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if is_in_string {
            is_in_string = is_escaped || char != '"';
            is_escaped = char == '\\' && !is_escaped;
        } else if is_blank(char) {
            let is_between_words = |char: Option<char>| char.is_some_and(|char| !"{}[],:\"".contains(char));
            while chars.peek().copied().is_some_and(is_blank) {
                chars.next();
            }
            if is_between_words(line.chars().last()) && is_between_words(chars.peek().copied()) {
                line.push(' ');
            }
            continue;
        } else {
            is_in_string = char == '"';
        }
        line.push(char);
    }
    line
}

/// What JSON takes for white space.
const fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r')
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<Recorded, LineError> {
    let whole = |reason: String| LineError { field: None, reason };
    let line = std::str::from_utf8(line.trim_ascii()).map_err(|error| whole(format!("it is not UTF-8: {error}")))?;
    let fields: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(line).map_err(|error| whole(format!("it is not a JSON object: {}", placed(&error))))?;
    let fields = Fields(fields);

    let at: u64 = fields.required("at", "a time in Unix milliseconds")?;
    let at = UNIX_EPOCH
        .checked_add(Duration::from_millis(at))
        .ok_or_else(|| LineError { field: Some("at"), reason: format!("is {at}, which no clock can show") })?;
    let query: String = fields.required("query", "text")?;
    let method: Option<String> = fields.get("method", "text")?;
    if let Some(method) = &method
        && http::Method::from_bytes(method.as_bytes()).is_err()
    {
        return Err(LineError { field: Some("method"), reason: format!("is `{method}`, which is no HTTP method") });
    }
    let is_signed: Option<bool> = fields.get("signed", "true or false")?;
    let status: Option<u16> = fields.get("status", "an HTTP status")?;
    let took: Option<u64> = fields.get("took_us", "a time in microseconds")?;
    let answer = status
        .map(|status| {
            let body = fields.content("answer", "answer_base64")?;
            Ok(RecordedAnswer { status, body, took: Duration::from_micros(took.unwrap_or_default()) })
        })
        .transpose()?;
    // The line may have been written by hand, and a signature must not be in it.
    let (query, had_sign) = without_sign(&query);
    Ok(Recorded {
        at,
        method: method.unwrap_or_else(|| "POST".into()),
        query,
        is_signed: is_signed.unwrap_or(had_sign),
        body: fields.content("body", "body_base64")?,
        answer,
    })
}

struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    fn get<'a, T: Deserialize<'a>>(&'a self, field: &'static str, what: &str) -> Result<Option<T>, LineError> {
        let Some(raw) = self.0.get(field).filter(|raw| raw.get() != "null") else { return Ok(None) };
        let wrong =
            |_| LineError { field: Some(field), reason: format!("is {}, and not {what}", shortened(raw.get())) };
        serde_json::from_str(raw.get()).map(Some).map_err(wrong)
    }

    fn required<'a, T: Deserialize<'a>>(&'a self, field: &'static str, what: &str) -> Result<T, LineError> {
        self.get(field, what)?.ok_or_else(|| LineError { field: Some(field), reason: "is missing".into() })
    }

    /// A body: JSON in one field, or base64 in the other.
    fn content(&self, json: &'static str, base64: &'static str) -> Result<Bytes, LineError> {
        let encoded: Option<String> = self.get(base64, "text in base64")?;
        match (self.0.get(json), encoded) {
            (None, None) => Ok(Bytes::new()),
            (Some(raw), None) => Ok(Bytes::copy_from_slice(raw.get().as_bytes())),
            (None, Some(encoded)) => STANDARD
                .decode(encoded)
                .map(Bytes::from)
                .map_err(|error| LineError { field: Some(base64), reason: format!("is not base64: {error}") }),
            (Some(_), Some(_)) => Err(LineError {
                field: Some(base64),
                reason: format!("is given beside `{json}`; one of them is enough"),
            }),
        }
    }
}

/// The error with its column; it is all one line.
fn placed(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let what = message.rsplit_once(" at line ").map_or(&*message, |(what, _)| what);
    match error.column() {
        0 => what.to_owned(),
        column => format!("{what} at column {column}"),
    }
}

fn shortened(text: &str) -> String {
    const LENGTH: usize = 40;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("`{}..`", &text[..end]),
        None => format!("`{text}`"),
    }
}
