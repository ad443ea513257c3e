//! Sessions of Desk, the customer service product: the `Desk.*` callback.
//!
//! Desk sends its callbacks to a URL that is set in its own panel. They have the same form as those of Chat. Whether they
//! are signed is undocumented; the endpoint accepts them only if they are.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis,
    message::Element,
    wire::enums::string_enum,
    wire::lenient::{list, opt_bool, opt_int, opt_text, optional, text},
    wire::redact::redacted_debug,
};

string_enum! {
    /// What happened in a session. The set is open, and no page lists it.
    pub enum SessionEvent {
        /// The client sent a message to the bot.
        UserSentMsgToBot = "ChatBot.UserSendMsg",
    }
}

/// `Desk.SessionEventNotify`: something happened in a customer service session.
///
/// Passed to [`desk_session_event_notify`](crate::CallbackHandler::desk_session_event_notify).
///
#[doc = include_str!("../../docs/events/Desk.SessionEventNotify.md")]
#[doc(alias = "Desk.SessionEventNotify")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SessionEventNotify {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The session.
    #[serde(deserialize_with = "text")]
    pub session_id: String,
    /// What happened.
    pub event: SessionEvent,
    /// When it happened. Whether it is in milliseconds is undocumented.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The channel of the client.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub channel_type: Option<String>,
    /// The user id of the client.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub client_user_id: Option<String>,
    /// The customer service account.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub customer_service_id: Option<String>,
    /// The agent.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The key of the message, for events about a message.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_key: Option<String>,
    /// The message, for events about a message. Empty if there is none.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub msg_body: Vec<Element>,
    /// The custom data of the message.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// Whether the client is a contact.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_contact_user: Option<bool>,
    /// The satisfaction that the client chose.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub satisfaction_selected: Option<i64>,
    /// The agent from whom the session was transferred.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub forward_from_agent_id: Option<String>,
}

redacted_debug!(
    SessionEventNotify,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, session_id, event, event_time, channel_type, client_user_id, customer_service_id, agent_id,
        msg_key, msg_body, is_contact_user, satisfaction_selected, forward_from_agent_id,
    ]
);

impl SessionEventNotify {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// The session, the event, the time, the message and the agent. `None` without a time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let time = self.event_time?;
        let message = self.msg_key.as_deref().unwrap_or_default();
        let agent = self.agent_id.as_deref().unwrap_or_default();
        Some(Identity::of::<Self>(&[&self.session_id, &self.event, &time, &message, &agent]))
    }

    /// The session.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("session", &self.session_id))
    }
}
