//! The answer to a flow of a chatbot, which carries variables.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Answer, Wire};
use crate::{Outcome, Phase, wire::response::WireResponse};

/// The variables that the service passes to a flow of a chatbot, or the failure of the step.
///
/// See [269/113786](https://cloud.tencent.com/document/product/269/113786).
///
/// ```
/// use tencent_im_callback::{InterfaceReply, chatbot};
///
/// fn reply(event: &chatbot::InterfaceInvocation) -> InterfaceReply {
///     match event.body.get("order").and_then(|order| order.as_str()) {
///         Some("7") => InterfaceReply::new().variable("state", "in transit").variable("days", 2),
///         _ => InterfaceReply::failed(404, "no such order"),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InterfaceReply {
    variables: BTreeMap<String, Value>,
    failure: Option<(u32, String)>,
}

impl InterfaceReply {
    /// A reply without variables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The step of the flow has failed. Any `code` but 0 means a failure; 0 is sent as 1.
    #[must_use]
    pub fn failed(code: u32, text: impl Into<String>) -> Self {
        Self { variables: BTreeMap::new(), failure: Some((code.max(1), text.into())) }
    }

    /// Adds a variable, in place of one with the same name.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The variables, by name.
    #[must_use]
    pub const fn variables(&self) -> &BTreeMap<String, Value> {
        &self.variables
    }

    /// The code and the text of a failure.
    #[must_use]
    pub fn failure(&self) -> Option<(u32, &str)> {
        self.failure.as_ref().map(|(code, text)| (*code, text.as_str()))
    }
}

impl<E> Answer<E> for InterfaceReply {
    const PHASE: Phase = Phase::Reply;

    fn unhandled(_: &E) -> Self {
        Self::new()
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        None
    }
}

impl Wire for InterfaceReply {
    fn wire_response(self) -> WireResponse {
        let Self { variables: body, failure } = self;
        match failure {
            None => WireResponse::ok_with(Body { body }, Outcome::Ack),
            Some((code, text)) => WireResponse::coded(code, &text, Body { body }, Outcome::Ack),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    body: BTreeMap<String, Value>,
}
