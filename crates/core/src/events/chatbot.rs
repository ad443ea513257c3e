//! Signals to chatbots: the `Chatbot.*` callback.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, UnixMillis,
    wire::lenient::{opt_int, optional, text},
    wire::redact::redacted_debug,
};

/// `Chatbot.OnC2CSignalMessage`: a user sent data to a chatbot and waits for data.
///
/// Answered by [`chatbot_on_c2c_signal_message`](crate::CallbackHandler::chatbot_on_c2c_signal_message).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OnC2CSignalMessage {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The sender's user id.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The chatbot's user id; those of chatbots begin with `@RBT#`.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// The message's sequence number. The sender chooses it, so it may repeat.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_seq: Option<u32>,
    /// The message's random number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_random: Option<u32>,
    /// The message's key, for the RESTful API; not to be taken apart.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The data: often JSON, but any text.
    #[serde(deserialize_with = "text")]
    pub data: String,
}

redacted_debug!(
    OnC2CSignalMessage,
    hidden: [data],
    shown: [callback_command, from_account, to_account, msg_seq, msg_random, msg_key, event_time]
);

impl OnC2CSignalMessage {
    /// Always `None`: each signal waits for its own data. `msg_key` distinguishes messages.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }
}
