//! One callback as the page has it, and its row in the list.

use std::{borrow::Cow, sync::OnceLock, time::UNIX_EPOCH};

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tencent_im_callback::Callback;
use tencent_im_callback_testkit::{Effect, recording::Recorded};

use crate::{
    decode::{Decoded, callback_of, decode},
    diagnosis::{Finding, State, diagnose},
    exchange::BUDGET,
};

/// How much is kept of a body; a longer one is cut, and cannot be sent again.
pub(super) const KEPT_BODY: usize = 1024 * 1024;
/// What an entry takes beside its bodies, roughly.
const OVERHEAD: usize = 4096;
/// How much of a text is in a row, in characters.
const BRIEF: usize = 80;
/// How much of a fault is in a row, in characters.
const FAULT: usize = 240;

/// A callback and its answer, as they are handed to the page.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) recorded: Recorded,
    /// The length of the body, of which a part may be kept.
    pub(crate) body_length: usize,
    /// `None` if the signature was not checked.
    pub(crate) is_authentic: Option<bool>,
    pub(crate) findings: Vec<Finding>,
    /// Why there is no answer of a receiver.
    pub(crate) error: Option<String>,
    pub(crate) origin: Origin,
}

/// Where an entry is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was received while the page was open.
    Live,
    /// It is from a recording.
    File,
    /// It was sent from the page.
    Sent,
    /// It was sent again from the page; the number is that of the original.
    Replay(u64),
}

impl Origin {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::File => "file",
            Self::Sent => "sent",
            Self::Replay(_) => "replay",
        }
    }
}

/// A callback of the list.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: u64,
    /// Grows with every change of any entry.
    pub(super) revision: u64,
    pub(super) recorded: Recorded,
    pub(super) callback: Option<&'static Callback>,
    pub(super) origin: Origin,
    pub(super) body_length: usize,
    pub(super) answer_length: usize,
    pub(super) is_authentic: Option<bool>,
    pub(super) findings: Vec<Finding>,
    pub(super) error: Option<String>,
    pub(super) effect: Option<Effect>,
    /// Read when it is first shown.
    decoded: OnceLock<Option<Result<Decoded, String>>>,
    pub(super) who: Option<String>,
    pub(super) group: Option<String>,
    pub(super) brief: String,
    /// How many differences the answer has to that of the original.
    pub(super) changed: Option<usize>,
    pub(super) is_pinned: bool,
    pub(super) note: String,
}

impl Entry {
    pub(super) fn new(observed: Observed) -> Self {
        let Observed { recorded, body_length, is_authentic, findings, error, origin } = observed;
        let callback = callback_of(&recorded.command(), recorded.body());
        let answer_length = recorded.answer().map_or(0, |answer| answer.body.len());
        let (who, group, brief) = facts(recorded.body());
        let effect = recorded.answer().filter(|_| error.is_none()).map(|answer| {
            let command = callback.map_or_else(|| recorded.command(), |callback| Cow::Borrowed(callback.command));
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Effect::read(&command, status, &answer.body)
        });
        Self {
            id: 0,
            revision: 0,
            recorded: cut(&recorded),
            callback,
            origin,
            body_length,
            answer_length,
            is_authentic,
            findings,
            error,
            effect,
            decoded: OnceLock::new(),
            who,
            group,
            brief,
            changed: None,
            is_pinned: false,
            note: String::new(),
        }
    }

    /// An entry of a recording. What can be said of its query without `Sign` is said as of then.
    pub(super) fn of_recording(recorded: Recorded) -> Self {
        let mut findings = diagnose(recorded.query(), None, &[], recorded.at());
        findings.retain(|finding| finding.about != "Sign");
        if recorded.is_signed() {
            findings.push(Finding {
                about: "Sign",
                state: State::Note,
                found: "was in the query; a recording does not contain it, so it cannot be checked here".into(),
                cause: Some("the log of the receiver gives the reason of a refusal with status 401".into()),
            });
        }
        let body_length = recorded.body().len();
        Self::new(Observed { recorded, body_length, is_authentic: None, findings, error: None, origin: Origin::File })
    }

    /// How much memory it takes, roughly.
    pub(super) fn bytes(&self) -> usize {
        let answer = self.recorded.answer().map_or(0, |answer| answer.body.len());
        let findings =
            self.findings.iter().map(|finding| finding.found.len() + finding.cause.as_ref().map_or(0, String::len));
        let texts = self.recorded.query().len() + self.note.len() + findings.sum::<usize>();
        // The fields that the decoder names are parts of the body.
        OVERHEAD + 2 * self.recorded.body().len() + answer + texts
    }

    pub(super) fn is_cut(&self) -> bool {
        self.recorded.body().len() < self.body_length
    }

    /// What the decoder makes of the body; `None` where the body is not whole, not authentic, or of no known command.
    pub(super) fn decoded(&self) -> Option<&Result<Decoded, String>> {
        let body = self.recorded.body();
        let is_read = !self.is_cut() && self.is_authentic != Some(false) && !body.is_empty();
        let read = |callback| decode(callback, self.recorded.app_id().unwrap_or_default(), body);
        self.decoded.get_or_init(|| self.callback.filter(|_| is_read).map(read)).as_ref()
    }

    /// The command word, or what there is instead.
    pub(super) fn name(&self) -> String {
        match self.callback {
            Some(callback) => callback.command.to_owned(),
            None if self.recorded.command().is_empty() => "no command".to_owned(),
            None => self.recorded.command().chars().take(BRIEF).collect(),
        }
    }

    pub(super) fn took_us(&self) -> u64 {
        let took = self.recorded.answer().map_or(std::time::Duration::ZERO, |answer| answer.took);
        u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
    }

    /// A word for what became of it.
    pub(super) fn outcome(&self) -> &'static str {
        let is_late = self.recorded.answer().is_some_and(|answer| answer.took > BUDGET);
        match &self.effect {
            _ if self.error.is_some() => "unanswered",
            _ if is_late => "late",
            _ if self.is_authentic == Some(false) => "refused",
            Some(Effect::Failed { status: 400..=499, .. }) => "refused",
            Some(effect) => effect.word(),
            None => "unanswered",
        }
    }

    /// The first reason of a receiver to refuse the request.
    pub(super) fn fault(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.state == State::Bad)
    }

    /// Its row in the list, without the bodies.
    pub(super) fn row(&self) -> Value {
        let (dropped, unread, is_undecodable) = match self.decoded() {
            Some(Ok(decoded)) => (decoded.dropped.len(), decoded.unread.len(), false),
            Some(Err(_)) => (0, 0, true),
            None => (0, 0, false),
        };
        let at = self.recorded.at().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let original = match self.origin {
            Origin::Replay(id) => Some(id),
            _ => None,
        };
        json!({
            "id": self.id,
            "at": u64::try_from(at).unwrap_or(u64::MAX),
            "name": self.name(),
            "title": self.callback.and_then(|callback| callback.title),
            "title_zh": self.callback.and_then(|callback| callback.title_zh),
            "phase": self.callback.map(|callback| callback.phase.as_str()),
            "app": self.recorded.app_id(),
            "platform": short(self.recorded.parameter("OptPlatform").as_deref()),
            "who": self.who,
            "group": self.group,
            "brief": self.brief,
            "origin": self.origin.word(),
            "original": original,
            "outcome": self.outcome(),
            "code": self.effect.as_ref().and_then(Effect::refusal_code),
            "status": self.recorded.answer().map(|answer| answer.status),
            "took_us": self.took_us(),
            "authentic": self.is_authentic,
            "fault": self.fault().map(|fault| format!("{} {}", fault.about, fault.found).chars().take(FAULT).collect::<String>()),
            "dropped": dropped,
            "unread": unread,
            "undecodable": is_undecodable,
            "changed": self.changed,
            "cut": self.is_cut(),
            "pinned": self.is_pinned,
            "note": self.note,
        })
    }
}

/// The callback with bodies of their own, cut where they are long: a slice would keep the whole body in memory.
fn cut(recorded: &Recorded) -> Recorded {
    let copy = |bytes: &Bytes| Bytes::copy_from_slice(&bytes[..bytes.len().min(KEPT_BODY)]);
    let kept = Recorded::new(recorded.at(), recorded.query(), copy(recorded.body()))
        .method(recorded.http_method())
        .signed(recorded.is_signed());
    match recorded.answer() {
        Some(answer) => kept.answered(answer.status, copy(&answer.body), answer.took),
        None => kept,
    }
}

/// Who caused the callback, in which group, and the beginning of its text.
fn facts(body: &[u8]) -> (Option<String>, Option<String>, String) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return (None, None, String::new()) };
    let who = ["From_Account", "Operator_Account", "Requester_Account", "Requestor_Account", "Report_Account"];
    let who = field(&body, |key| who.contains(&key)).or_else(|| field(&body, |key| key.ends_with("_Account")));
    let group = field(&body, |key| matches!(key, "GroupId" | "GroupID" | "RoomId"));
    let text = body.pointer("/MsgBody/0/MsgContent/Text").or_else(|| body.get("Name")).or_else(|| body.get("Text"));
    let brief = short(text.and_then(Value::as_str)).unwrap_or_default();
    (who, group, brief)
}

/// The first field with such a name, in the body or in an object of it.
fn field(body: &Value, is_wanted: impl Fn(&str) -> bool + Copy) -> Option<String> {
    let fields = body.as_object()?;
    let found = fields.iter().find(|(key, _)| is_wanted(key)).and_then(|(_, value)| match value {
        Value::String(text) => short(Some(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let nested = || {
        fields
            .values()
            .filter_map(Value::as_object)
            .find_map(|inner| inner.iter().find(|(key, _)| is_wanted(key)).and_then(|(_, value)| short(value.as_str())))
    };
    found.or_else(nested)
}

/// The beginning of a text that is not empty.
fn short(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| text.chars().take(BRIEF).collect())
}
