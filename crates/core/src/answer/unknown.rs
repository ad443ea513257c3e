//! The answer to a command that this version does not know.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Wire;
use crate::{InvalidAnswer, Outcome, wire::response::WireResponse};

/// The answer of [`unknown`](crate::CallbackHandler::unknown): an acknowledgement, or the answer that the vendor's page of
/// the command documents.
///
/// ```
/// use serde_json::json;
/// use tencent_im_callback::{CallbackHandler, Context, Result, UnknownAnswer, async_trait};
///
/// struct App;
///
/// #[async_trait]
/// impl CallbackHandler for App {
///     async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
///         Ok(match ctx.command() {
///             "Group.CallbackBeforeArchiveTopic" => UnknownAnswer::with_code(10_123, "not now"),
///             "Chatbot.OnSomething" => UnknownAnswer::acknowledge().fields(json!({ "RspData": "{}" }))?,
///             _ => UnknownAnswer::acknowledge(),
///         })
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct UnknownAnswer {
    code: u32,
    text: String,
    fields: Map<String, Value>,
}

impl UnknownAnswer {
    /// `ErrorCode` 0: the callback is acknowledged. For a *before* callback it is allowed.
    #[must_use]
    pub fn acknowledge() -> Self {
        Self::default()
    }

    /// An answer with this `ErrorCode` and `ErrorInfo`. For a *before* callback a code other than 0 refuses.
    ///
    /// The range of codes that the service accepts for the command is not checked, because it is not known.
    #[must_use]
    pub fn with_code(code: u32, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), fields: Map::new() }
    }

    /// Sets the fields of the answer beside `ActionStatus`, `ErrorInfo` and `ErrorCode`, in place of those given before.
    ///
    /// Fails with [`InvalidAnswer`] when `fields` is not written as a JSON object, or has one of the three names.
    pub fn fields(mut self, fields: impl Serialize) -> Result<Self, InvalidAnswer> {
        let Ok(Value::Object(fields)) = serde_json::to_value(fields) else { return Err(InvalidAnswer::NoObject) };
        if let Some(name) = RESERVED.iter().find(|name| fields.contains_key(**name)) {
            return Err(InvalidAnswer::ReservedField { name });
        }
        self.fields = fields;
        Ok(self)
    }
}

/// The fields that every answer has.
const RESERVED: [&str; 3] = ["ActionStatus", "ErrorInfo", "ErrorCode"];

impl fmt::Debug for UnknownAnswer {
    // By hand: the text and the fields are for users.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.keys().collect();
        f.debug_struct("UnknownAnswer").field("code", &self.code).field("fields", &names).finish_non_exhaustive()
    }
}

impl Wire for UnknownAnswer {
    fn wire_response(self) -> WireResponse {
        let Self { code, text, fields } = self;
        if code == 0 && text.is_empty() && fields.is_empty() {
            return WireResponse::OK.with_outcome(Outcome::Unknown);
        }
        WireResponse::coded(code, &text, fields, Outcome::Unknown)
    }
}
