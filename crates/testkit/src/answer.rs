//! An answer with its effect, its cause, and assertions whose messages have both.

use std::fmt::{self, Write as _};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde::Serialize;
use serde_json::Value;
use tencent_im_callback::{DroppedField, message::Element};

use crate::effect::{AccountEffect, Effect, read};

/// An HTTP answer to a callback, and what the service makes of it.
///
/// [`Harness`](crate::Harness) gives it; [`read`](Self::read) makes it of any other answer,
/// for example from a socket. Each `assert_..` panics unless the answer is so, and its message says what
/// was decided instead and why: status, code and text, the method that was called, which fields it
/// did not get, and the text of its error or its panic.
#[derive(Debug, Clone)]
pub struct Answer {
    command: String,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    effect: Effect,
    code: Option<i64>,
    text: Option<String>,
    remarks: Vec<String>,
    calls: Option<Vec<Call>>,
}

impl Answer {
    /// Reads the answer to the callback with this command word.
    #[must_use]
    pub fn read(command: impl Into<String>, response: Response<impl Into<Bytes>>) -> Self {
        let command = command.into();
        let (parts, body) = response.into_parts();
        let body = body.into();
        let read = read(&command, parts.status, &body);
        Self {
            command,
            status: parts.status,
            headers: parts.headers,
            body,
            effect: read.effect,
            code: read.code,
            text: read.text,
            remarks: read.remarks,
            calls: None,
        }
    }

    pub(crate) fn with_calls(self, calls: Vec<Call>) -> Self {
        Self { calls: Some(calls), ..self }
    }

    /// The command that was answered.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// What the service does now.
    #[must_use]
    pub const fn effect(&self) -> &Effect {
        &self.effect
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The HTTP headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it was received.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// `ErrorCode`, if the answer has one.
    #[must_use]
    pub const fn code(&self) -> Option<i64> {
        self.code
    }

    /// `ErrorInfo`, if the answer has one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// What the service overlooks in this answer, such as fields and codes that mean nothing here.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The methods that were called, where that could be seen: in a [`Harness`](crate::Harness).
    ///
    /// It is one, or none if the request was refused.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        self.calls.as_deref().unwrap_or_default()
    }

    /// `None` where the handler was not watched.
    pub(crate) fn watched_calls(&self) -> Option<&[Call]> {
        self.calls.as_deref()
    }

    /// Panics unless it happens as it was asked for: allowed, acknowledged or answered with data.
    #[track_caller]
    pub fn assert_allowed(&self) -> &Self {
        self.assert("allowed", self.effect.is_allowed())
    }

    /// Panics unless what has happened was taken note of.
    #[track_caller]
    pub fn assert_acknowledged(&self) -> &Self {
        self.assert("acknowledged", self.effect == Effect::Acknowledged)
    }

    /// Panics unless nothing of it happens because the app refuses, with whatever code; of a friend
    /// request, unless every account is refused.
    #[track_caller]
    pub fn assert_refused(&self) -> &Self {
        self.assert("refused", self.effect.is_refused())
    }

    /// Panics unless it is refused as a whole with this code: 1 or one of the app's own.
    #[track_caller]
    pub fn assert_refused_with(&self, code: u32) -> &Self {
        self.assert(format_args!("refused with code {code}"), self.effect.refusal_code() == Some(code))
    }

    /// Panics unless this is the text of the answer, `ErrorInfo`.
    #[track_caller]
    pub fn assert_text(&self, text: &str) -> &Self {
        self.assert(format_args!("answered with the text `{text}`"), self.text() == Some(text))
    }

    /// Panics unless the message is dropped and its sender sees it as sent.
    #[track_caller]
    pub fn assert_discarded(&self) -> &Self {
        self.assert("discarded", self.effect == Effect::Discarded)
    }

    /// Panics unless the message is sent with exactly these elements as its body.
    #[track_caller]
    pub fn assert_replaced_body(&self, elements: impl AsRef<[Element]>) -> &Self {
        let elements = elements.as_ref();
        let is_so = matches!(&self.effect, Effect::Replaced { body: Some(body), .. } if same_json(body, elements));
        let wanted = serde_json::to_string(elements).unwrap_or_default();
        self.assert(format_args!("allowed with the body {wanted}"), is_so)
    }

    /// Panics unless the message is sent with this custom data.
    #[track_caller]
    pub fn assert_replaced_custom_data(&self, data: &str) -> &Self {
        let is_so = matches!(&self.effect, Effect::Replaced { custom_data: Some(found), .. } if found == data);
        self.assert(format_args!("allowed with the custom data `{data}`"), is_so)
    }

    /// Panics unless it happens for all but exactly these accounts, in any order.
    #[track_caller]
    pub fn assert_allowed_except<A: AsRef<str>>(&self, accounts: impl IntoIterator<Item = A>) -> &Self {
        let mut wanted: Vec<String> = accounts.into_iter().map(|account| account.as_ref().to_owned()).collect();
        wanted.sort_unstable();
        let is_so = match &self.effect {
            Effect::AllowedExcept { accounts } => {
                let mut found = accounts.clone();
                found.sort_unstable();
                found == wanted
            }
            _ => false,
        };
        self.assert(format_args!("allowed except for {}", wanted.join(", ")), is_so)
    }

    /// Panics unless this account of a friend request goes through.
    #[track_caller]
    pub fn assert_account_allowed(&self, account: &str) -> &Self {
        let is_so = self.account(account).is_some_and(AccountEffect::is_allowed);
        self.assert(format_args!("allowed for {account}"), is_so)
    }

    /// Panics unless this account of a friend request is refused with this code.
    #[track_caller]
    pub fn assert_account_refused_with(&self, account: &str, code: u32) -> &Self {
        let is_so = self.account(account).is_some_and(|found| found.code == code);
        self.assert(format_args!("refused with code {code} for {account}"), is_so)
    }

    /// Panics unless the chatbot gets this data.
    #[track_caller]
    pub fn assert_data(&self, data: &str) -> &Self {
        let is_so = matches!(&self.effect, Effect::Data { data: found } if found == data);
        self.assert(format_args!("answered with the data `{data}`"), is_so)
    }

    /// Panics unless the service takes the callback for failed.
    #[track_caller]
    pub fn assert_failed(&self) -> &Self {
        self.assert("failed", matches!(self.effect, Effect::Failed { .. }))
    }

    /// Panics unless the answer has this HTTP status.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        self.assert(format_args!("answered with status {status}"), self.status.as_u16() == status)
    }

    /// Panics unless the answer has exactly this effect.
    #[track_caller]
    pub fn assert_effect(&self, effect: &Effect) -> &Self {
        self.assert(effect, self.effect == *effect)
    }

    /// Panics unless this method of the handler was called, once and no other:
    /// `group_before_create_topic`, or `unknown` or `undecodable`.
    #[track_caller]
    pub fn assert_handled_by(&self, method: &str) -> &Self {
        let is_so = matches!(self.calls(), [call] if call.method == method);
        self.assert(format_args!("handled by `{method}`"), is_so)
    }

    /// Panics if any method of the handler was called.
    #[track_caller]
    pub fn assert_unhandled(&self) -> &Self {
        // Without a watched handler it is unknown whether the handler was called.
        self.assert("answered without the handler", self.calls.as_ref().is_some_and(Vec::is_empty))
    }

    /// Panics unless exactly these fields could not be read, by their JSON paths such as `MemberList[0].Role`.
    #[track_caller]
    pub fn assert_dropped<P: AsRef<str>>(&self, paths: impl IntoIterator<Item = P>) -> &Self {
        let wanted: Vec<String> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        let found: Vec<_> = self.calls().iter().flat_map(Call::dropped_fields).map(DroppedField::path).collect();
        self.assert(format_args!("answered without the fields [{}]", wanted.join(", ")), found == wanted)
    }

    /// Panics unless exactly these fields of the body are in no event, by their JSON paths such as
    /// `MemberList[0].NickName`. None for a body that this version reads whole.
    #[track_caller]
    pub fn assert_unread<P: AsRef<str>>(&self, paths: impl IntoIterator<Item = P>) -> &Self {
        let wanted: Vec<String> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        let found: Vec<_> = self.calls().iter().flat_map(Call::unread_fields).cloned().collect();
        self.assert(format_args!("answered with the unread fields [{}]", wanted.join(", ")), found == wanted)
    }

    fn account(&self, account: &str) -> Option<&AccountEffect> {
        let Effect::ByAccount { accounts } = &self.effect else { return None };
        accounts.iter().find(|found| found.account == account)
    }

    #[track_caller]
    fn assert(&self, wanted: impl fmt::Display, is_so: bool) -> &Self {
        assert!(is_so, "expected {} to be {wanted}\n{self}", self.command);
        self
    }
}

/// Whether two values are written with the same JSON, but for the order of keys and for white space.
fn same_json<A: Serialize + ?Sized, B: Serialize + ?Sized>(left: &A, right: &B) -> bool {
    matches!((serde_json::to_value(left), serde_json::to_value(right)), (Ok(left), Ok(right)) if left == right)
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  decided: {}", self.effect)?;
        write!(f, "\n  status:  {}", self.status)?;
        if let Some(code) = self.code {
            write!(f, "\n  code:    {code}")?;
        }
        if let Some(text) = &self.text {
            write!(f, "\n  text:    `{text}`")?;
        }
        write!(f, "\n  body:    {}", String::from_utf8_lossy(&self.body))?;
        for remark in &self.remarks {
            write!(f, "\n  remark:  {remark}")?;
        }
        match self.calls.as_deref() {
            None => Ok(()),
            Some([]) => f.write_str("\n  method:  none was called"),
            Some(calls) => calls.iter().try_for_each(|call| f.write_char('\n').and_then(|()| call.fmt(f))),
        }
    }
}

/// A method of the handler that was called, and what came of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Call {
    /// The method's name.
    pub method: &'static str,
    /// How it ended.
    pub ended: Ended,
    pub(crate) dropped: Vec<DroppedField>,
    pub(crate) unread: Vec<String>,
    pub(crate) unhandled: bool,
}

/// How a method of the handler ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// It had not ended when the answer went out.
    Running,
    /// With an answer.
    Answered,
    /// With an error, which has this text.
    Failed(String),
    /// With a panic, which has this text.
    Panicked(String),
}

impl Call {
    /// The fields of the body that could not be read and that the event came without.
    #[must_use]
    pub fn dropped_fields(&self) -> &[DroppedField] {
        &self.dropped
    }

    /// The fields of the body that the event does not have, as JSON paths: see
    /// [`unread_fields`](tencent_im_callback::unread_fields).
    #[must_use]
    pub fn unread_fields(&self) -> &[String] {
        &self.unread
    }

    /// Whether the handler has no such method of its own, so that the trait's default answered.
    #[must_use]
    pub const fn is_unhandled(&self) -> bool {
        self.unhandled
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = if self.unhandled { ", which the handler leaves at its default" } else { "" };
        write!(f, "  method:  {}{default}", self.method)?;
        for field in &self.dropped {
            write!(f, "\n  dropped: {} ({})", field.path(), field.reason())?;
        }
        for path in &self.unread {
            write!(f, "\n  unread:  {path}")?;
        }
        match &self.ended {
            Ended::Running => f.write_str("\n  late:    the method had not ended"),
            Ended::Answered => Ok(()),
            Ended::Failed(error) => write!(f, "\n  error:   `{error}`"),
            Ended::Panicked(panic) => write!(f, "\n  panic:   `{panic}`"),
        }
    }
}
