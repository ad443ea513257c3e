//! What becomes of a message before it is sent.

use std::borrow::Cow;

use serde::Serialize;

use super::{Answer, Code, Wire};
use crate::{Error, Outcome, Phase, message::Element, wire::redact::redacted_debug, wire::response::WireResponse};

/// What becomes of a message that is about to be sent.
///
/// `C` is the range of own codes of the command, for example [`C2cCode`](crate::C2cCode).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageDecision<C> {
    /// It goes out as it is.
    Allow,
    /// It goes out changed.
    Replace(Replacement),
    /// It does not go out; the sender sees the service's own error, 20006 one-to-one and 10016 in groups.
    Refuse,
    /// It does not go out, and code and text reach the sender as they are.
    RefuseWith(C, Cow<'static, str>),
    /// It does not go out, and the sender is told that it did.
    Discard,
}

impl<E, const MIN: u32, const MAX: u32> Answer<E> for MessageDecision<Code<MIN, MAX>> {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        Some(Self::Refuse)
    }
}

impl<const MIN: u32, const MAX: u32> Wire for MessageDecision<Code<MIN, MAX>> {
    fn reply(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::Replace(replacement) => replacement.reply(),
            Self::Refuse => WireResponse::REFUSE,
            Self::RefuseWith(code, text) => WireResponse::coded(code.get(), &text),
            Self::Discard => WireResponse::DISCARD,
        }
    }
}

/// What a message is changed into: another body, other custom data, or both.
///
/// What it does not name stays as the sender wrote it.
#[derive(Clone, PartialEq, Eq)]
pub struct Replacement {
    body: Option<Vec<Element>>,
    custom_data: Option<String>,
}

redacted_debug!(Replacement, hidden: [custom_data], shown: [body]);

impl Replacement {
    /// Another body in place of the *whole* one. Elements that shall stay are given again, as they came
    /// in the event.
    ///
    /// Fails with [`Error::EmptyMessage`] without an element, and with [`Error::TwoCustomElements`] for
    /// more than one custom element. The service refuses messages over 12 KB
    /// ([1047/34381](https://www.tencentcloud.com/document/product/1047/34381)); that is not checked here.
    pub fn body(elements: impl Into<Vec<Element>>) -> Result<Self, Error> {
        Ok(Self { body: Some(checked(elements.into())?), custom_data: None })
    }

    /// Other custom data, `CloudCustomData`, with the body as it is.
    #[must_use]
    pub fn custom_data(data: impl Into<String>) -> Self {
        Self { body: None, custom_data: Some(data.into()) }
    }

    /// Other custom data too.
    #[must_use]
    pub fn and_custom_data(self, data: impl Into<String>) -> Self {
        Self { custom_data: Some(data.into()), ..self }
    }

    fn reply(self) -> WireResponse {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answered {
            action_status: &'static str,
            error_info: &'static str,
            error_code: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            msg_body: Option<Vec<Element>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            cloud_custom_data: Option<String>,
        }

        let answer = Answered {
            action_status: "OK",
            error_info: "",
            error_code: 0,
            msg_body: self.body,
            cloud_custom_data: self.custom_data,
        };
        WireResponse::json(&answer, 0, Outcome::Modify)
    }
}

fn checked(elements: Vec<Element>) -> Result<Vec<Element>, Error> {
    if elements.is_empty() {
        return Err(Error::EmptyMessage);
    }
    let custom = elements.iter().filter(|element| element.is_custom()).count();
    if custom > 1 {
        return Err(Error::TwoCustomElements);
    }
    Ok(elements)
}
