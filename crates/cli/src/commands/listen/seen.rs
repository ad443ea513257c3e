//! A callback that `listen` has seen and answered, and how it is shown.

use std::{
    fmt::{self, Write as _},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use clap::ValueEnum;
use http::Method;
use serde_json::{Value, json};
use tencent_im_callback::Callback;
use tencent_im_callback_testkit::{Answer, recording::Recorded};

use crate::{
    commands::verify::Line,
    decode::Decoded,
    diagnosis::{Finding, State},
    json::{self, Pretty},
    paint::{BAD, FAINT, GOOD, STRONG, WARN, word_style},
    untrusted_text::{excerpt, plain},
    when::{Took, date},
};

/// How callbacks are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// A line for each
    Compact,
    /// All of it, body and answer included
    Full,
    /// A JSON object on a line for each
    Json,
}

pub(super) struct Seen {
    pub(super) at: SystemTime,
    pub(super) method: Method,
    /// With the request's query, less `Sign`.
    pub(super) recorded: Recorded,
    pub(super) callback: Option<&'static Callback>,
    /// Its beginning, if it is long and not authentic.
    pub(super) body: Bytes,
    pub(super) body_length: usize,
    pub(super) is_authentic: bool,
    /// Whether there was anything to check it with.
    pub(super) is_checked: bool,
    pub(super) findings: Vec<Finding>,
    /// Whether the unread fields are listed on lines of their own.
    pub(super) lists_unread: bool,
    /// `None` where the command is not known.
    pub(super) decoded: Option<Result<Decoded, String>>,
    /// In place of an answer why there is none from where it was forwarded to.
    pub(super) answer: Result<Answer, String>,
    pub(super) took: Duration,
}

impl Seen {
    /// The command word, or what there is instead.
    pub(super) fn name(&self) -> String {
        match self.callback {
            Some(callback) => callback.command.to_owned(),
            None => match &*self.recorded.command() {
                "" if self.method != Method::POST => plain(self.method.as_str()),
                "" => "no command".to_owned(),
                command => plain(command),
            },
        }
    }

    pub(super) fn show(&self, output: Output) -> String {
        match output {
            Output::Compact => Compact(self).to_string(),
            Output::Full => Full(self).to_string(),
            Output::Json => json::line(&self.json()),
        }
    }

    fn faults(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.state == State::Bad)
    }

    /// The JSON paths of the fields that the event does not have.
    pub(super) fn unread(&self) -> &[String] {
        match &self.decoded {
            Some(Ok(decoded)) => &decoded.unread,
            _ => &[],
        }
    }

    /// Those that are listed on lines of their own.
    fn listed_unread(&self) -> &[String] {
        if self.lists_unread { self.unread() } else { &[] }
    }

    fn millis(&self) -> u64 {
        let since = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.recorded.parameter(name).filter(|value| !value.is_empty()).map(|value| plain(&value))
    }

    fn body_json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    fn json(&self) -> Value {
        let decoded = self.decoded.as_ref();
        let dropped = decoded.and_then(|decoded| decoded.as_ref().ok()).map(|decoded| {
            let paths = decoded.dropped.iter();
            paths.map(|field| json!({ "path": field.path(), "reason": field.reason() })).collect::<Vec<_>>()
        });
        let body = self.body_json().unwrap_or_else(|| String::from_utf8_lossy(&self.body).into());
        let answer = match &self.answer {
            Ok(answer) => json!({
                "status": answer.status().as_u16(),
                "word": answer.effect().word(),
                "decided": answer.effect(),
                "body": answer.json(),
            }),
            Err(error) => json!({ "error": error }),
        };
        json!({
            "at": self.millis(),
            "method": self.method.as_str(),
            "command": self.recorded.command(),
            "callback": self.callback.map(|callback| callback.method),
            "phase": self.callback.map(|callback| callback.phase.as_str()),
            "app": self.recorded.app_id(),
            "client_ip": self.recorded.parameter("ClientIP"),
            "platform": self.recorded.parameter("OptPlatform"),
            "request_id": self.recorded.parameter("RequestID"),
            "authentic": self.is_checked.then_some(self.is_authentic),
            "faults": self.faults().collect::<Vec<_>>(),
            "undecodable": decoded.and_then(|decoded| decoded.as_ref().err()),
            "dropped": dropped,
            "unread": decoded.and_then(|decoded| decoded.as_ref().ok()).map(|decoded| &decoded.unread),
            "identity": decoded.and_then(|decoded| decoded.as_ref().ok()).and_then(|decoded| decoded.identity.as_deref()),
            "body": body,
            "body_length": self.body_length,
            "answer": answer,
            "ms": (self.took.as_secs_f64() * 1e6).round() / 1e3,
        })
    }
}

struct Decision<'a>(&'a Seen);

impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.answer {
            Ok(answer) => {
                let style = word_style(answer.effect().word());
                write!(f, "{style}{}{style:#}", plain(&answer.effect().to_string()))
            }
            Err(error) => write!(f, "{BAD}not forwarded: {}{BAD:#}", plain(error)),
        }
    }
}

/// One line.
struct Compact<'a>(&'a Seen);

impl fmt::Display for Compact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.0;
        let date = date(seen.millis());
        let time = date.split(' ').nth(1).unwrap_or_default();
        write!(f, "{FAINT}{time:12}{FAINT:#}  {STRONG}{}{STRONG:#}", seen.name())?;
        if let Some(platform) = seen.parameter("OptPlatform") {
            write!(f, "  {platform}")?;
        }
        if !seen.is_authentic {
            write!(f, "  {BAD}not authentic{BAD:#}")?;
        }
        match &seen.decoded {
            Some(Err(_)) => write!(f, "  {BAD}undecodable{BAD:#}")?,
            Some(Ok(decoded)) => {
                for (count, word) in [(decoded.dropped.len(), "dropped"), (decoded.unread.len(), "unread")] {
                    if count > 0 {
                        write!(f, "  {WARN}{count} {word}{WARN:#}")?;
                    }
                }
            }
            None => {}
        }
        write!(f, "  {}  {FAINT}{}{FAINT:#}", Decision(seen), Took(seen.took))?;
        let brief = seen.body_json().map(|body| brief(&body)).unwrap_or_default();
        if !brief.is_empty() {
            write!(f, "  {FAINT}{brief}{FAINT:#}")?;
        }
        for path in seen.listed_unread() {
            write!(f, "\n{:14}{WARN}unread{WARN:#} {}", "", plain(path))?;
        }
        // The reason of a refusal is shown without the full output too.
        for fault in seen.faults().filter(|_| !seen.is_authentic) {
            write!(f, "\n{:14}{}", "", Line(fault).to_string().replace('\n', "\n              "))?;
        }
        Ok(())
    }
}

/// The plain fields of a body, as many as fit on a line.
fn brief(body: &Value) -> String {
    let mut line = String::new();
    add_fields(&mut line, "", body);
    line
}

/// Whether there was room for all of them.
fn add_fields(line: &mut String, path: &str, body: &Value) -> bool {
    const LENGTH: usize = 120;
    for (key, value) in body.as_object().into_iter().flatten() {
        let path = if path.is_empty() { plain(key) } else { format!("{path}.{}", plain(key)) };
        match value {
            Value::Object(_) if !add_fields(line, &path, value) => return false,
            Value::Object(_) | Value::Array(_) | Value::Null => continue,
            // The output has it already.
            _ if path == "CallbackCommand" => continue,
            _ => {}
        }
        let field = plain(&format!("{path}={value}"));
        if line.chars().count() + field.chars().count() > LENGTH {
            line.push_str(" ..");
            return false;
        }
        let space = if line.is_empty() { "" } else { " " };
        // Writing to a string does not fail.
        let _ = write!(line, "{space}{field}");
    }
    true
}

/// All of it.
struct Full<'a>(&'a Seen);

const MARGIN: &str = "           ";

impl fmt::Display for Full<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.0;
        let phase = seen.callback.map_or("unknown", |callback| callback.phase.as_str());
        writeln!(f, "{STRONG}{}{STRONG:#}  {phase}  {FAINT}{}{FAINT:#}", seen.name(), date(seen.millis()))?;
        if let Some(callback) = seen.callback {
            writeln!(f, "  method   {}({}) -> {}", callback.method, callback.event, callback.answer)?;
        }
        let from: Vec<_> = ["OptPlatform", "ClientIP"].iter().filter_map(|name| seen.parameter(name)).collect();
        let app = seen.parameter("SdkAppid").unwrap_or_else(|| "none".into());
        writeln!(f, "  app      {app}{}{}", if from.is_empty() { "" } else { ", from " }, from.join(" "))?;
        if let Some(request_id) = seen.parameter("RequestID") {
            writeln!(f, "  request  {FAINT}{request_id}{FAINT:#}")?;
        }
        match (seen.is_checked, seen.is_authentic) {
            (false, true) => writeln!(f, "  signed   {WARN}not checked: there is no token{WARN:#}")?,
            (true, true) => writeln!(f, "  signed   {GOOD}authentic{GOOD:#}")?,
            (_, false) => {
                writeln!(f, "  signed   {BAD}not authentic{BAD:#}")?;
                for fault in seen.faults() {
                    let fault = Line(fault).to_string().replace('\n', &format!("\n{MARGIN}"));
                    writeln!(f, "{MARGIN}{fault}")?;
                }
            }
        }
        match &seen.decoded {
            Some(Ok(decoded)) => {
                for field in &decoded.dropped {
                    writeln!(f, "  {WARN}dropped{WARN:#}  {}: {}", plain(field.path()), plain(field.reason()))?;
                }
                for path in &decoded.unread {
                    writeln!(f, "  {WARN}unread{WARN:#}   {}", plain(path))?;
                }
                if let Some(identity) = &decoded.identity {
                    writeln!(f, "  identity {FAINT}{}{FAINT:#}", plain(identity))?;
                }
            }
            Some(Err(error)) => writeln!(f, "  {BAD}fault{BAD:#}    {}", plain(error))?,
            None => {}
        }
        match seen.body_json() {
            Some(value) => {
                writeln!(f, "  body     {}", Pretty { value: &excerpt(&value), margin: MARGIN, times: true })?;
            }
            None if seen.body.is_empty() => writeln!(f, "  body     {FAINT}none{FAINT:#}")?,
            None => writeln!(f, "  body     {}", plain(&String::from_utf8_lossy(&seen.body)))?,
        }
        if seen.body.len() < seen.body_length {
            let (shown, length) = (seen.body.len(), seen.body_length);
            writeln!(f, "{MARGIN}{WARN}the first {shown} of {length} bytes{WARN:#}")?;
        }
        write!(f, "  answer   {} {FAINT}in {}{FAINT:#}", Decision(seen), Took(seen.took))?;
        if let Ok(answer) = &seen.answer {
            write!(f, "\n{MARGIN}{FAINT}{} {FAINT:#}", answer.status())?;
            match serde_json::from_slice(answer.body()) {
                Ok(value) => write!(f, "{}", Pretty { value: &excerpt(&value), margin: MARGIN, times: false })?,
                Err(_) => write!(f, "{}", plain(&String::from_utf8_lossy(answer.body())))?,
            }
            for remark in answer.remarks() {
                write!(f, "\n  {WARN}note{WARN:#}     {}", plain(remark))?;
            }
        }
        writeln!(f)
    }
}
