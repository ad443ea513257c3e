//! The answer to a chatbot's signal, which carries data.

use serde::Serialize;

use super::{Answer, Wire};
use crate::{Outcome, Phase, wire::response::WireResponse};

/// What the service hands to the chatbot in answer to a signal.
///
/// See [1047/59057](https://www.tencentcloud.com/document/product/1047/59057).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalReply(String);

impl SignalReply {
    /// `data` for the chatbot, often JSON; empty when there is nothing to say.
    #[must_use]
    pub fn new(data: impl Into<String>) -> Self {
        Self(data.into())
    }

    /// The data.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.0
    }
}

impl<E> Answer<E> for SignalReply {
    const PHASE: Phase = Phase::Reply;

    fn unhandled(_: &E) -> Self {
        Self::new("")
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        None
    }
}

impl Wire for SignalReply {
    fn reply(self) -> WireResponse {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Body {
            action_status: &'static str,
            error_info: &'static str,
            error_code: u32,
            rsp_data: String,
        }

        let body = Body { action_status: "OK", error_info: "", error_code: 0, rsp_data: self.0 };
        WireResponse::json(&body, 0, Outcome::Ack)
    }
}
