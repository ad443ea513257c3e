//! From a body to an event: one strict parse, and a second look only when the strict parse fails.
//!
//! A field that may be absent must not lose the callback because the service sends something unexpected in it. The
//! strict parse says only that something does not fit. The second look, [`repair`], leaves out what cannot be read and
//! names their places.

use std::{borrow::Cow, time::Instant};

use crate::{
    Callback, DecodeError, DroppedField, Event,
    wire::repair::{self, Fault, Findings},
};

/// An event, and what of its body is not in it.
pub(crate) struct Decoded<E> {
    pub(crate) event: E,
    pub(crate) dropped: Vec<DroppedField>,
}

/// Why a body has not been read as an event.
pub(crate) enum Unread {
    /// It names another callback.
    Another(&'static Callback),
    Undecodable(DecodeError),
}

impl Unread {
    fn new(command: &'static str, fault: Fault) -> Self {
        if let Some(another) = fault.another {
            return Self::Another(another);
        }
        let (path, reason) = fault.into_parts();
        Self::Undecodable(DecodeError::new(command, path, reason))
    }
}

/// A body as text.
pub(crate) struct BodyText<'a> {
    text: Cow<'a, str>,
}

impl<'a> BodyText<'a> {
    /// Leaves out a byte order mark at the beginning. Bytes that are no UTF-8 become U+FFFD.
    pub(crate) fn new(body: &'a [u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // By itself `from_utf8_lossy` takes far longer for text that is UTF-8.
        let text = str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
        Self { text }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_lossy(&self) -> bool {
        matches!(self.text, Cow::Owned(_))
    }

    /// The event, if every field of the body is as its type expects.
    pub(crate) fn parse<E: Event>(&self) -> Option<E> {
        // A derived reader takes a list as well, as the fields in their order; no callback is one.
        if self.is_lossy() || self.text.trim_ascii_start().starts_with('[') {
            return None;
        }
        serde_json::from_str(&self.text).ok()
    }

    /// The event without the fields that cannot be read. Fails when one of these cannot be absent, when `deadline`
    /// passes meanwhile, and, if that `may_be_another`, when the body names another callback.
    pub(crate) fn repair<E: Event>(
        &self,
        deadline: Option<Instant>,
        may_be_another: bool,
    ) -> Result<Decoded<E>, Unread> {
        let expected = may_be_another.then(E::callback);
        let findings = Findings::new(self.is_lossy(), deadline, expected);
        match repair::read(&self.text, ".", &findings) {
            Ok(event) => check_contents(event, findings),
            Err(fault) => Err(Unread::new(E::COMMAND, fault)),
        }
    }
}

/// An event whose body needed no repair, with what cannot be read in the contents of its message.
pub(crate) fn decoded<E: Event>(event: E) -> Result<Decoded<E>, Unread> {
    check_contents(event, Findings::default())
}

/// The contents of a message are read when they are looked at. What is left out of them then is reported with the
/// event.
fn check_contents<E: Event>(event: E, findings: Findings) -> Result<Decoded<E>, Unread> {
    for (index, element) in event.message().iter().enumerate() {
        element.check_content(&format_args!("MsgBody[{index}].MsgContent"), &findings);
        findings.check_faults().map_err(|fault| Unread::new(E::COMMAND, fault))?;
    }
    Ok(Decoded { event, dropped: findings.into_fields() })
}

/// Reads a body into the event `E`.
pub(crate) fn decode<E: Event>(body: &[u8]) -> Result<Decoded<E>, DecodeError> {
    let text = BodyText::new(body);
    let read = text.parse().map_or_else(|| text.repair(None, false), decoded);
    read.map_err(|unread| match unread {
        Unread::Undecodable(error) => error,
        Unread::Another(_) => unreachable!("it is not looked for"),
    })
}
