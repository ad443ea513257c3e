//! Decisions about a message before it is sent.

use std::borrow::Cow;

use serde::Serialize;

use super::{Answer, Code, Wire};
use crate::{
    InvalidReplacement, Outcome, Phase, message::Element, wire::redact::redacted_debug, wire::response::WireResponse,
};

/// Whether a message is sent, and with which content.
///
/// `C` is the family of own codes of the command, for example [`C2cCode`](crate::C2cCode).
///
/// ```
/// use tencent_im_callback::{C2cCode, MessageDecision, Replacement, c2c, message::Element};
///
/// const BANNED: C2cCode = C2cCode::new(120_001);
///
/// fn decide(event: &c2c::BeforeSendMsg) -> tencent_im_callback::Result<MessageDecision<C2cCode>> {
///     let texts: Vec<_> = event.msg_body.iter().filter_map(Element::as_text).collect();
///     Ok(match texts.concat().as_str() {
///         "casino" => MessageDecision::refuse_with(BANNED, "no advertising"),
///         "darn" => MessageDecision::Replace(Replacement::body([Element::text("***")])?),
///         _ => MessageDecision::Allow,
///     })
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageDecision<C> {
    /// The message is sent as it is.
    Allow,
    /// The message is sent with another body, other custom data, or both.
    Replace(Replacement),
    /// The message is not sent. The sender sees the service's own error: 20006 for one-to-one messages, 10016 in
    /// groups.
    Refuse,
    /// The message is not sent. The sender sees this code and this text.
    RefuseWith {
        /// The application's own code.
        code: C,
        /// The text for the sender.
        text: Cow<'static, str>,
    },
    /// The message is not sent. For the sender it looks sent.
    Discard,
}

impl<C> MessageDecision<C> {
    /// Refuses with an own code and a text, which the sender sees: [`RefuseWith`](Self::RefuseWith).
    pub fn refuse_with(code: C, text: impl Into<Cow<'static, str>>) -> Self {
        Self::RefuseWith { code, text: text.into() }
    }
}

impl<E, C: Code> Answer<E> for MessageDecision<C> {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        Some(Self::Refuse)
    }
}

impl<C: Code> Wire for MessageDecision<C> {
    fn wire_response(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::Replace(replacement) => replacement.wire_response(),
            Self::Refuse => WireResponse::REFUSE,
            Self::RefuseWith { code, text } => WireResponse::refuse_with(code.into(), &text),
            Self::Discard => WireResponse::DISCARD,
        }
    }
}

/// The new content of a message: another body, other custom data, or both.
///
/// The service keeps what the replacement does not name. Its `Debug` shows neither texts nor custom data.
///
/// ```
/// use tencent_im_callback::{InvalidReplacement, Replacement, message::{Custom, Element}};
///
/// /// Adds a badge to a message, in front of the elements that the sender wrote.
/// fn with_badge(body: Vec<Element>) -> Result<Replacement, InvalidReplacement> {
///     let mut badge = Custom::default();
///     badge.data = Some("gold".into());
///     let mut elements = vec![Element::new(badge)];
///     elements.extend(body);
///     Ok(Replacement::body(elements)?.and_custom_data(r#"{"checked":true}"#))
/// }
/// # assert!(with_badge(vec![Element::text("hello")]).is_ok());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "MsgBody")]
#[doc(alias = "CloudCustomData")]
pub struct Replacement {
    body: Option<Vec<Element>>,
    custom_data: Option<String>,
}

redacted_debug!(Replacement, hidden: [custom_data], shown: [body]);

impl Replacement {
    /// Replaces the whole body. Elements that the message keeps must be in `elements`, as they are in the event.
    ///
    /// The service refuses messages over 12 KB
    /// ([1047/34381](https://www.tencentcloud.com/document/product/1047/34381)). This function does not check the size.
    ///
    /// # Errors
    /// [`InvalidReplacement::EmptyMessage`] without an element, and [`InvalidReplacement::TwoCustomElements`] with more
    /// than one custom element.
    pub fn body(elements: impl Into<Vec<Element>>) -> Result<Self, InvalidReplacement> {
        let elements = elements.into();
        if elements.is_empty() {
            return Err(InvalidReplacement::EmptyMessage);
        }
        if elements.iter().filter(|element| element.is_custom()).count() > 1 {
            return Err(InvalidReplacement::TwoCustomElements);
        }
        Ok(Self { body: Some(elements), custom_data: None })
    }

    /// Replaces the whole body by one element of text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { body: Some(vec![Element::text(text)]), custom_data: None }
    }

    /// Replaces the custom data, `CloudCustomData`, and keeps the body.
    #[must_use]
    pub fn custom_data(data: impl Into<String>) -> Self {
        Self { body: None, custom_data: Some(data.into()) }
    }

    /// Replaces the custom data as well.
    #[must_use]
    pub fn and_custom_data(self, data: impl Into<String>) -> Self {
        Self { custom_data: Some(data.into()), ..self }
    }

    fn wire_response(self) -> WireResponse {
        WireResponse::ok_with(
            ReplacedFields { msg_body: self.body, cloud_custom_data: self.custom_data },
            Outcome::Modify,
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReplacedFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_body: Option<Vec<Element>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_custom_data: Option<String>,
}
