//! The messages of groups.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::GroupType;
use crate::{
    Command, Identity, Key, Member, UnixMillis, UnixSeconds,
    message::{Element, Extension, ExtensionOperation},
    wire::enums::string_enum,
    wire::lenient::{entries, int, list, opt_entries, opt_flag, opt_int, opt_text, optional, text},
    wire::redact::redacted_debug,
};

string_enum! {
    /// How important a message is when a group has more of them than it can take.
    pub enum MsgPriority {
        /// More important than others.
        High = "High",
        /// As usual.
        Normal = "Normal",
        /// Less important.
        Low = "Low",
        /// The first to be given up.
        Lowest = "Lowest",
    }
}

/// `Group.CallbackBeforeSendMsg`: a user sends a message to a group.
///
/// Answered by [`group_before_send_msg`](crate::CallbackHandler::group_before_send_msg).
///
/// The message has no sequence number and no time yet: the service gives them when it accepts it.
///
#[doc = include_str!("../../../docs/events/Group.CallbackBeforeSendMsg.md")]
#[doc(alias = "Group.CallbackBeforeSendMsg")]
#[doc(alias = "CallbackBeforeSendMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeSendMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group; for [`GroupType::Live`] the room.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The sender's user id.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id of the user who made the request: an administrator's when the RESTful API sends in the
    /// sender's name.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The request's random number. The service drops a second message with the same content and number
    /// within five minutes.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub random: Option<u32>,
    /// The id by which clients know the message. Not all versions of the service send it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// Whether only members who are online get it. Never so in an audio-video group.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// How important it is when a group has more messages than it can take. Undocumented;
    /// seen in audio-video groups.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_priority: Option<MsgPriority>,
    /// The message. What the live product calls a custom message is a custom element here, with the JSON text
    /// of its `BusinessId` and `Data` as its data.
    pub msg_body: Vec<Element>,
    /// The message's custom data; absent when the sender set none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// The topic that it goes to, if it goes to one.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// When it was sent.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// Whom the message mentions. Undocumented here; [`AfterSendMsg`] has it.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub group_at_info: Option<Vec<GroupAtInfo>>,
}

redacted_debug!(
    BeforeSendMsg,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, r#type, group_id, from_account, operator_account, random, msg_id, online_only_flag,
        msg_priority, msg_body, topic_id, event_time, group_at_info,
    ]
);

impl BeforeSendMsg {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// Always `None`: each request waits for its own decision.
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

/// `Group.CallbackAfterSendMsg`: a message was sent to a group.
///
/// Passed to [`group_after_send_msg`](crate::CallbackHandler::group_after_send_msg).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterSendMsg.md")]
#[doc(alias = "Group.CallbackAfterSendMsg")]
#[doc(alias = "CallbackAfterSendMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSendMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group; for [`GroupType::Live`] the room.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The sender's user id. `@TLS#NOT_FOUND` has been seen for messages that an administrator sent by the
    /// RESTful API.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id of the user who made the request: an administrator's when the RESTful API sends in the
    /// sender's name.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The request's random number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub random: Option<u32>,
    /// The id by which clients know the message. Not all versions of the service send it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// The message's sequence number: it grows from 1 and with the group, and the topic, names the message.
    /// Messages for members online only are not counted.
    #[serde(deserialize_with = "int")]
    pub msg_seq: u32,
    /// When the service accepted it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<UnixSeconds>,
    /// Whether only members who are online get it. Never so in an audio-video group.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// How important it is when a group has more messages than it can take. Undocumented;
    /// seen in audio-video groups.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_priority: Option<MsgPriority>,
    /// The message as it was sent. What the live product calls a custom message is a custom element here, with the JSON
    /// text of its `BusinessId` and `Data` as its data. Empty if the service left it out.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub msg_body: Vec<Element>,
    /// The message's custom data; absent when the sender set none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// The topic that it went to, if it went to one.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// Who is mentioned, at most 30 members.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub group_at_info: Option<Vec<GroupAtInfo>>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    AfterSendMsg,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, r#type, group_id, from_account, operator_account, random, msg_id, msg_seq, msg_time,
        online_only_flag, msg_priority, msg_body, topic_id, group_at_info, event_time,
    ]
);

impl AfterSendMsg {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// The group, the topic and the sequence number. A message for members online only has no number of its
    /// own and is identified by its random number too.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let topic = self.topic_id.as_deref().unwrap_or_default();
        let mut parts: Vec<&dyn Display> = vec![&self.group_id, &topic, &self.msg_seq];
        if self.online_only_flag == Some(true) {
            parts.push(self.random.as_ref()?);
        }
        Some(Identity::of::<Self>(&parts))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// A mention in a group message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GroupAtInfo {
    /// Whether everybody is mentioned.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub group_at_all_flag: Option<bool>,
    /// The user id of the mentioned member; absent when everybody is mentioned.
    #[serde(
        rename = "GroupAt_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub group_at_account: Option<String>,
}

/// `Group.CallbackSendMsgException`: a message to a group could not be sent.
///
/// Passed to [`group_send_msg_exception`](crate::CallbackHandler::group_send_msg_exception).
///
#[doc = include_str!("../../../docs/events/Group.CallbackSendMsgException.md")]
#[doc(alias = "Group.CallbackSendMsgException")]
#[doc(alias = "CallbackSendMsgException")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SendMsgException {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group that it was meant for. There need not be such a group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The sender's user id.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id of the user who made the request: an administrator's when the RESTful API sends in the
    /// sender's name.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The request's random number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub random: Option<u32>,
    /// Whether only members who are online get it. Never so in an audio-video group.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// The message that failed. Empty if the service left it out.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub msg_body: Vec<Element>,
    /// The message's custom data; absent when the sender set none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// Why, as an error code of the service: 10023, for example, for more messages than the group may have.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub error_code: Option<u32>,
    /// Why, in words.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub error_info: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The topic that it was meant for, if any. Undocumented here; [`BeforeSendMsg`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
}

redacted_debug!(
    SendMsgException,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, r#type, group_id, from_account, operator_account, random, online_only_flag, msg_body,
        error_code, error_info, event_time, topic_id,
    ]
);

impl SendMsgException {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// The group, the sender, the random number and the time: a client may try again with the same number.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (random, time) = (self.random?, self.event_time?);
        let parts: [&dyn Display; 4] = [&self.group_id, &self.from_account, &random, &time];
        Some(Identity::of::<Self>(&parts))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterRecallMsg`: messages of a group were recalled.
///
/// Passed to [`group_after_recall_msg`](crate::CallbackHandler::group_after_recall_msg).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterRecallMsg.md")]
#[doc(alias = "Group.CallbackAfterRecallMsg")]
#[doc(alias = "CallbackAfterRecallMsg")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterRecallMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who recalled them.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The type of the group.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The recalled messages.
    #[serde(deserialize_with = "entries")]
    pub msg_seq_list: Vec<MsgSeq>,
    /// The topic that they were in, if they were in one.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterRecallMsg {
    /// The group, the topic and the messages: a message is recalled once.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let topic = self.topic_id.as_deref().unwrap_or_default();
        let mut parts: Vec<&dyn Display> = vec![&self.group_id, &topic];
        parts.extend(self.msg_seq_list.iter().map(|message| &message.msg_seq as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// A recalled message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MsgSeq {
    /// Its sequence number in the group, or in the topic.
    #[serde(deserialize_with = "int")]
    pub msg_seq: u32,
    /// The id by which clients know it. Not all versions of the service send it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
}

/// `Group.CallbackAfterReadReceipt`: the read receipts of group messages have changed.
///
/// Passed to [`group_after_read_receipt`](crate::CallbackHandler::group_after_read_receipt).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterReadReceipt.md")]
#[doc(alias = "Group.CallbackAfterReadReceipt")]
#[doc(alias = "CallbackAfterReadReceipt")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterReadReceipt {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type: any but [`GroupType::Community`].
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The messages, each with its receipts.
    #[serde(deserialize_with = "entries")]
    pub group_msg_receipt_list: Vec<GroupMsgReceipt>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterReadReceipt {
    /// The group, the time and the messages with the number of those who have read them.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.group_id, &time];
        for receipt in &self.group_msg_receipt_list {
            parts.push(&receipt.msg_seq);
            parts.push(receipt.read_num.as_ref()?);
        }
        Some(Identity::of::<Self>(&parts))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// The read receipts of a group message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GroupMsgReceipt {
    /// Its sequence number in the group.
    #[serde(deserialize_with = "int")]
    pub msg_seq: u32,
    /// How many members have read it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub read_num: Option<u64>,
    /// How many members have not.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub unread_num: Option<u64>,
    /// The members who have read it. Empty or absent when no user has.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub read_receipt_members: Option<Vec<Member>>,
}

/// `Group.CallbackAfterModifyMsg`: a message of a group was modified.
///
/// Passed to [`group_after_modify_msg`](crate::CallbackHandler::group_after_modify_msg).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterModifyMsg.md")]
#[doc(alias = "Group.CallbackAfterModifyMsg")]
#[doc(alias = "CallbackAfterModifyMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterModifyMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who modified it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The topic that the message is in. Unlike elsewhere it is empty, not absent, when the message is in
    /// none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// The message's sequence number in the group, or in the topic.
    #[serde(deserialize_with = "int")]
    pub msg_seq: u32,
    /// The message after the change. May be absent when only the custom data was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_body: Option<Vec<Element>>,
    /// The custom data after the change. Not in the page, but in that of the same callback for one-to-one
    /// messages.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    AfterModifyMsg,
    hidden: [cloud_custom_data],
    shown: [callback_command, operator_account, group_id, topic_id, msg_seq, msg_body, event_time]
);

impl AfterModifyMsg {
    pub(crate) fn elements(&self) -> &[Element] {
        self.msg_body.as_deref().unwrap_or_default()
    }

    /// The group, the topic, the sequence number and the time: a message can be modified many times.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (topic, time) = (self.topic_id.as_deref().unwrap_or_default(), self.event_time?);
        Some(Identity::of::<Self>(&[&self.group_id, &topic, &self.msg_seq, &time]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterGroupMsgExtension`: the key-value pairs that extend a group message were changed.
///
/// Passed to [`group_after_group_msg_extension`](crate::CallbackHandler::group_after_group_msg_extension).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterGroupMsgExtension.md")]
#[doc(alias = "Group.CallbackAfterGroupMsgExtension")]
#[doc(alias = "CallbackAfterGroupMsgExtension")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterGroupMsgExtension {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The message's sequence number in the group.
    #[serde(deserialize_with = "int")]
    pub msg_seq: u32,
    /// What was done to the pairs.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub operate_type: Option<ExtensionOperation>,
    /// The pairs that it was done to; empty when all were deleted.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub extension_list: Option<Vec<Extension>>,
    /// The version that all the pairs of the message have now.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterGroupMsgExtension {
    /// The group, the sequence number, the version of the pairs and the time: the topic, which may have a
    /// message of the same number, is not told.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (version, time) = (self.seq?, self.event_time?);
        Some(Identity::of::<Self>(&[&self.group_id, &self.msg_seq, &version, &time]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}
