//! Messages to bots: the `Bot.*` callbacks.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    group::GroupType,
    message::Element,
    wire::lenient::{int, list, opt_flag, opt_int, opt_text, optional, text, texts},
    wire::redact::redacted_debug,
};

/// `Bot.OnC2CMessage`: a user wrote to a bot.
///
/// Passed to [`bot_on_c2c_message`](crate::CallbackHandler::bot_on_c2c_message).
///
#[doc = include_str!("../../docs/events/Bot.OnC2CMessage.md")]
#[doc(alias = "Bot.OnC2CMessage")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OnC2CMessage {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The sender's user id.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The bot's user id; those of bots begin with `@RBT#`.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// The message's sequence number. The sender chooses it, so it may repeat.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_seq: Option<u32>,
    /// The message's random number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_random: Option<u32>,
    /// When it was sent. Messages are in the order of this time, then of `msg_seq`.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<UnixSeconds>,
    /// The message's key, for the RESTful API; not to be taken apart.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// The message's id as clients know it. Only the Chinese page has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// Whether it was only for a recipient who is online, and not stored.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// 0 when it was delivered, otherwise the error code that says why not.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub send_msg_result: Option<i64>,
    /// The delivery in words: `send msg succeed`, or why it failed.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub error_info: Option<String>,
    /// How many messages the bot has not read, over all one-to-one conversations. No page has it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub unread_msg_num: Option<i64>,
    /// Whether key-value pairs can be added to the message. No page has it.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub support_message_extension: Option<bool>,
    /// What the message consists of. Empty if the service left it out.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub msg_body: Vec<Element>,
    /// The message's custom data; absent when there is none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    OnC2CMessage,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, from_account, to_account, msg_seq, msg_random, msg_time, msg_key, msg_id, online_only_flag,
        send_msg_result, error_info, unread_msg_num, support_message_extension, msg_body, event_time,
    ]
);

impl OnC2CMessage {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// The message's key.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.msg_key]))
    }

    /// The two accounts.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::pair(&self.from_account, &self.to_account))
    }
}

/// `Bot.OnGroupMessage`: a group message mentions bots.
///
/// Passed to [`bot_on_group_message`](crate::CallbackHandler::bot_on_group_message).
///
#[doc = include_str!("../../docs/events/Bot.OnGroupMessage.md")]
#[doc(alias = "Bot.OnGroupMessage")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OnGroupMessage {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The sender's user id.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id that the request was made with; an administrator's for the RESTful API.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The message's random number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub random: Option<u32>,
    /// The message's number in the group.
    #[serde(deserialize_with = "int")]
    pub msg_seq: u32,
    /// When it was sent.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<UnixSeconds>,
    /// Whether it is only for members who are online, and not stored; never so in
    /// [`GroupType::AvChatRoom`].
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// What the message consists of. A mention is part of the text: `@` and the bot's user id, which
    /// makes `@@RBT#helpdesk`. Empty if the service left it out.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub msg_body: Vec<Element>,
    /// The user ids of the bots that are mentioned.
    #[serde(rename = "AtRobots_Account", deserialize_with = "texts")]
    pub at_robots_account: Vec<String>,
    /// The message's custom data; absent when there is none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// The topic, for a message in a topic of a community.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The message's id as clients know it. Undocumented here; [`OnC2CMessage`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
}

redacted_debug!(
    OnGroupMessage,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, r#type, group_id, from_account, operator_account, random, msg_seq, msg_time, online_only_flag,
        msg_body, at_robots_account, topic_id, event_time, msg_id,
    ]
);

impl OnGroupMessage {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// The group, the message's number in it, and the topic if it is in one. A message for online members only, which need
    /// not have a number of its own, is identified by its random number too; `None` without that.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        if self.online_only_flag == Some(true) {
            let topic = self.topic_id.as_deref().unwrap_or_default();
            return Some(Identity::of::<Self>(&[&self.group_id, &topic, &self.msg_seq, self.random.as_ref()?]));
        }
        let mut parts: Vec<&dyn std::fmt::Display> = vec![&self.group_id, &self.msg_seq];
        parts.extend(self.topic_id.as_ref().map(|topic| topic as &dyn std::fmt::Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}
