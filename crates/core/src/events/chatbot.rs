//! Requests of chatbots: the `Chatbot.*` and `ChatBot.*` callbacks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Command, Identity, Key, UnixMillis,
    wire::lenient::{map, opt_int, opt_text, optional, text},
    wire::redact::redacted_debug,
};

/// `Chatbot.OnC2CSignalMessage`: a user sent data to a chatbot and waits for data.
///
/// Answered by [`chatbot_on_c2c_signal_message`](crate::CallbackHandler::chatbot_on_c2c_signal_message).
///
#[doc = include_str!("../../docs/events/Chatbot.OnC2CSignalMessage.md")]
#[doc(alias = "Chatbot.OnC2CSignalMessage")]
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

    /// Always `None`: it is answered, and not kept.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}

/// `Chatbot.InterfaceInvocation`: a flow of a chatbot asks the app for data.
///
/// Answered by [`chatbot_interface_invocation`](crate::CallbackHandler::chatbot_interface_invocation).
///
#[doc = include_str!("../../docs/events/Chatbot.InterfaceInvocation.md")]
#[doc(alias = "Chatbot.InterfaceInvocation")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InterfaceInvocation {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The variables that the flow passes, by name. Empty if it passes none.
    #[serde(default, deserialize_with = "map")]
    pub body: BTreeMap<String, Value>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    InterfaceInvocation,
    hidden: [body],
    shown: [callback_command, event_time]
);

impl InterfaceInvocation {
    /// Always `None`: each request waits for its own data.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// Always `None`: it is answered, and not kept.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}

/// `ChatBot.OnAssignHuman`: a client is passed from the bot to agents, and the app may choose which.
///
/// Answered by [`chatbot_on_assign_human`](crate::CallbackHandler::chatbot_on_assign_human).
///
#[doc = include_str!("../../docs/events/ChatBot.OnAssignHuman.md")]
#[doc(alias = "ChatBot.OnAssignHuman")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OnAssignHuman {
    /// The command word that the body names: `ChatBot.OnAssignHuman`, or `ChatBot.OnAssignAgent` of another edition.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The session.
    #[serde(deserialize_with = "text")]
    pub session_id: String,
    /// The user id of the client.
    #[serde(deserialize_with = "text")]
    pub client_user_id: String,
    /// The customer service account. `ChatBot.OnAssignAgent` does not have it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub customer_service_id: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl OnAssignHuman {
    /// Always `None`: each request waits for its own answer.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// Always `None`: it is answered, and not kept.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}
