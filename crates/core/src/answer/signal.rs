//! The answer to a chatbot's signal, which carries data.

use serde::Serialize;

use super::{Answer, Wire};
use crate::{Outcome, Phase, wire::response::WireResponse};

/// The data that the service hands to the chatbot in answer to a signal.
///
/// See [1047/59057](https://www.tencentcloud.com/document/product/1047/59057).
///
/// ```
/// use tencent_im_callback::{SignalReply, chatbot};
///
/// fn reply(_event: &chatbot::OnC2CSignalMessage) -> SignalReply {
///     SignalReply::new(r#"{"status":"in transit","eta":"tomorrow"}"#)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias = "RspData")]
pub struct SignalReply(String);

impl SignalReply {
    /// `data` for the chatbot, often JSON. It is empty when there is nothing to say.
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
    fn wire_response(self) -> WireResponse {
        WireResponse::ok_with(ResponseData { rsp_data: self.0 }, Outcome::Ack)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResponseData {
    rsp_data: String,
}
