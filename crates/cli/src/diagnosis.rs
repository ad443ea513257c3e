//! What is wrong with the query of a callback, and what usually causes it.

mod pieces;
mod sign;

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tencent_im_callback::Callback;

pub(crate) use self::pieces::decoded;
use self::pieces::{Pieces, Value};
use crate::{command_word, credentials::Token, when};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The parameter, or `query` for the whole.
    pub(crate) about: &'static str,
    pub(crate) state: State,
    /// What was found.
    pub(crate) found: String,
    /// What usually causes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// Worth knowing; a receiver does not mind.
    Note,
    /// A receiver refuses the request for it.
    Bad,
}

impl Finding {
    fn ok(about: &'static str, found: impl Into<String>) -> Self {
        Self { about, state: State::Ok, found: found.into(), cause: None }
    }

    fn note(about: &'static str, found: impl Into<String>) -> Self {
        Self { state: State::Note, ..Self::ok(about, found) }
    }

    fn bad(about: &'static str, found: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { about, state: State::Bad, found: found.into(), cause: Some(cause.into()) }
    }

    /// The signature is still good, and so a secret.
    pub(crate) fn warning(seconds: u64) -> Self {
        Self::note(
            "Sign",
            format!("is good for another {seconds} s: with this line anyone can send callbacks until then"),
        )
    }

    fn because(self, cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }
}

/// How far `RequestTime` may be from the clock, in seconds.
pub(crate) const WINDOW: u64 = 60;

/// Goes through a query as a receiver of `app` with `tokens` does, and beyond the first mistake.
pub(crate) fn diagnose(query: &str, app: Option<u64>, tokens: &[Token], now: SystemTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (query, repair) = pieces::repaired(query);
    findings.extend(repair);
    let pieces = Pieces::of(&query);
    findings.extend(pieces.faults());
    findings.push(app_id(&pieces, app));
    findings.push(command(&pieces));
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if tokens.is_empty() && pieces.get("Sign").is_absent() && pieces.get("RequestTime").is_absent() {
        findings.push(Finding::note("Sign", "none; and there is no token that it could be checked with"));
    } else {
        findings.push(request_time(&pieces, now));
        findings.push(sign::sign(&pieces, tokens));
    }
    let others = pieces.others();
    if !others.is_empty() {
        findings.push(Finding::note("query", format!("unknown parameters, which do no harm: {}", others.join(", "))));
    }
    findings
}

fn app_id(pieces: &Pieces, app: Option<u64>) -> Finding {
    let about = "SdkAppid";
    let is_check = match pieces.get("CallbackCommand") {
        Value::Absent => true,
        Value::Text(command) => Callback::find(&command).is_none(),
        Value::Undecodable(_) => false,
    };
    let found = match pieces.get(about) {
        Value::Absent if is_check => {
            return Finding::note(about, "is missing, as in the console's check of the URL");
        }
        Value::Absent => {
            return Finding::bad(about, "is missing", "every callback has it; a proxy may cut the query");
        }
        Value::Undecodable(raw) => return undecodable(about, raw),
        Value::Text(text) => text,
    };
    let number = found.bytes().all(|byte| byte.is_ascii_digit()).then(|| found.parse::<u64>().ok()).flatten();
    match (number, app) {
        (None, _) => Finding::bad(
            about,
            format!("`{found}` is not a number"),
            twice_encoded_or(&found, "it was changed on the way"),
        ),
        (Some(number), Some(app)) if number != app => Finding::bad(
            about,
            format!("{number}, and not {app}"),
            "the callback is for another application: its console has this receiver's URL",
        ),
        (Some(number), Some(_)) => Finding::ok(about, number.to_string()),
        (Some(number), None) => Finding::note(about, format!("{number}; with what to compare it was not said")),
    }
}

fn command(pieces: &Pieces) -> Finding {
    let about = "CallbackCommand";
    let value = match pieces.get(about) {
        Value::Absent => pieces.get("WebhookCommand"),
        value => value,
    };
    match value {
        Value::Absent => Finding::note(about, "is missing; the console's check of the URL may lack it"),
        Value::Undecodable(raw) => undecodable(about, raw),
        Value::Text(command) if Callback::find(&command).is_some() => Finding::ok(about, command),
        Value::Text(command) => {
            let note = Finding::note(about, format!("`{command}` is no command that this version knows"));
            match command_word::near(&command).first() {
                Some(near) => note.because(format!("perhaps `{near}` was meant")),
                None => note,
            }
        }
    }
}

fn request_time(pieces: &Pieces, now: u64) -> Finding {
    let about = "RequestTime";
    let text = match pieces.get(about) {
        Value::Absent => return absent(pieces, about, "Sign"),
        Value::Undecodable(raw) => return undecodable(about, raw),
        Value::Text(text) => text,
    };
    if text.len() > 1 && text.starts_with('0') {
        let cause =
            "an endpoint refuses it, since it could be the end of a longer token; write the number without them";
        return Finding::bad(about, format!("`{text}` has zeros in front"), cause);
    }
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(time) = is_digits.then(|| text.parse::<u64>().ok()).flatten() else {
        return Finding::bad(
            about,
            format!("`{text}` is not a decimal number"),
            twice_encoded_or(&text, "it was changed on the way"),
        );
    };
    let unit = sign::unit(time);
    if let Some((unit, per_second)) = unit {
        let date = when::date_of_seconds(time / per_second);
        return Finding::bad(
            about,
            format!("{time} is in {unit}: {date}"),
            "the sender has the time in the wrong unit; it is in seconds",
        );
    }
    let date = when::date_of_seconds(time);
    if now.abs_diff(time) <= WINDOW {
        return Finding::ok(about, format!("{time}, {}", distance(time, now)));
    }
    let cause = if time < now {
        "this machine's clock is ahead, the request was held up, or it is replayed"
    } else {
        "this machine's clock is behind, or the clock of the sender is ahead"
    };
    let found = format!("{time} ({date}) is {}; {WINDOW} s are allowed", distance(time, now));
    Finding::bad(about, found, cause)
}

fn distance(time: u64, now: u64) -> String {
    let seconds = now.abs_diff(time);
    let length = match seconds {
        0 => return "now".into(),
        1..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    };
    if time < now { format!("{length} ago") } else { format!("{length} ahead") }
}

/// One of the two parameters of the proof is not there.
fn absent(pieces: &Pieces, about: &'static str, other: &'static str) -> Finding {
    let cause = if pieces.get(other).is_absent() {
        "authentication is not switched on in the console, or a proxy cuts the query"
    } else {
        "`Sign` and `RequestTime` are always sent together; a proxy may rewrite the query"
    };
    Finding::bad(about, "is missing", cause)
}

fn undecodable(about: &'static str, raw: &str) -> Finding {
    Finding::bad(
        about,
        format!("`{raw}` is badly percent-encoded"),
        "a proxy has decoded or cut the query; it has to pass it on as it is",
    )
}

fn twice_encoded_or(text: &str, otherwise: &str) -> String {
    if text.contains('%') {
        "it is percent-encoded twice: a proxy encodes again what is encoded already".into()
    } else {
        otherwise.into()
    }
}
