//! One-to-one messages: the `C2C.*` callbacks.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    message::{Element, Extension, ExtensionOperation},
    wire::lenient::{list, opt_entries, opt_flag, opt_int, opt_text, optional, text},
    wire::redact::redacted_debug,
};

mod read;

pub use self::read::{AfterMsgReadAll, AfterMsgReadReceipt, AfterMsgReport, C2CMsgInfo, GroupReadInfo};

/// `C2C.CallbackBeforeSendMsg`: a message is about to be delivered.
///
/// Answered by [`c2c_before_send_msg`](crate::CallbackHandler::c2c_before_send_msg).
///
#[doc = include_str!("../../docs/events/C2C.CallbackBeforeSendMsg.md")]
#[doc(alias = "C2C.CallbackBeforeSendMsg")]
#[doc(alias = "CallbackBeforeSendMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeSendMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The sender's user id.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The recipient's user id.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// The message's sequence number. The sender chooses it, so it may repeat.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_seq: Option<u32>,
    /// The message's random number. Within a second the service takes an equal one for the same message.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_random: Option<u32>,
    /// When it was sent. Messages are in the order of this time, then of `msg_seq`.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<UnixSeconds>,
    /// The message's key, by which the RESTful API recalls and changes it: at most 50 characters, not
    /// to be taken apart.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// The message's id as clients know it. Only the Chinese page has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// Whether it is only for a recipient who is online now, and not stored.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// What the message consists of.
    pub msg_body: Vec<Element>,
    /// Custom data that is stored and delivered with the message; absent when the sender set none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// When the callback was raised. Not on every page.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// Whether key-value pairs can be added to the message. Undocumented; observed in [`AfterSendMsg`].
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub support_message_extension: Option<bool>,
}

redacted_debug!(
    BeforeSendMsg,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, from_account, to_account, msg_seq, msg_random, msg_time, msg_key, msg_id, online_only_flag,
        msg_body, event_time, support_message_extension,
    ]
);

impl BeforeSendMsg {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// Always `None`: each message waits for its own decision.
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

/// `C2C.CallbackAfterSendMsg`: a message was sent, or could not be delivered.
///
/// Passed to [`c2c_after_send_msg`](crate::CallbackHandler::c2c_after_send_msg).
///
#[doc = include_str!("../../docs/events/C2C.CallbackAfterSendMsg.md")]
#[doc(alias = "C2C.CallbackAfterSendMsg")]
#[doc(alias = "CallbackAfterSendMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSendMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The sender's user id.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The recipient's user id.
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
    /// The message's id as clients know it. Not on every page.
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
    /// How many messages the recipient has not read, over all one-to-one conversations; -1 when
    /// delivery failed. Not on every page.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub unread_msg_num: Option<i64>,
    /// The message as it was delivered, so with the changes that
    /// [`c2c_before_send_msg`](crate::CallbackHandler::c2c_before_send_msg) made. Empty if the service left it out.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub msg_body: Vec<Element>,
    /// The message's custom data; absent when there is none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// Whether key-value pairs can be added to the message. It occurs, but it is undocumented.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub support_message_extension: Option<bool>,
    /// When it happened. Only newer pages have it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    AfterSendMsg,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, from_account, to_account, msg_seq, msg_random, msg_time, msg_key, msg_id, online_only_flag,
        send_msg_result, error_info, unread_msg_num, msg_body, support_message_extension, event_time,
    ]
);

impl AfterSendMsg {
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

/// `C2C.CallbackAfterMsgWithDraw`: a message was recalled.
///
/// Passed to [`c2c_after_msg_with_draw`](crate::CallbackHandler::c2c_after_msg_with_draw).
///
#[doc = include_str!("../../docs/events/C2C.CallbackAfterMsgWithDraw.md")]
#[doc(alias = "C2C.CallbackAfterMsgWithDraw")]
#[doc(alias = "CallbackAfterMsgWithDraw")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMsgWithDraw {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who had sent the message. The user who recalled it is not named.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id of its recipient.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// The key of the recalled message.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// How many messages the recipient has not read now, over all one-to-one conversations. Not on
    /// every page.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub unread_msg_num: Option<i64>,
    /// When it happened. Not on every page.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMsgWithDraw {
    /// The message's key: a message is recalled once.
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

/// `C2C.CallbackAfterModifyMsg`: a message that had been sent was changed.
///
/// Passed to [`c2c_after_modify_msg`](crate::CallbackHandler::c2c_after_modify_msg).
///
#[doc = include_str!("../../docs/events/C2C.CallbackAfterModifyMsg.md")]
#[doc(alias = "C2C.CallbackAfterModifyMsg")]
#[doc(alias = "CallbackAfterModifyMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterModifyMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who changed it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user id of the user who had sent it.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id of its recipient.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// The message's sequence number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_seq: Option<u32>,
    /// The message's random number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_random: Option<u32>,
    /// When the message was sent; when it was changed is `event_time`.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<UnixSeconds>,
    /// The message's key.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// What the message consists of now. The page does not say whether it is there when only the
    /// custom data was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_body: Option<Vec<Element>>,
    /// The message's custom data as it is now; may be absent when only the body was changed.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// When it was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    AfterModifyMsg,
    hidden: [cloud_custom_data],
    shown: [
        callback_command, operator_account, from_account, to_account, msg_seq, msg_random, msg_time, msg_key,
        msg_body, event_time,
    ]
);

impl AfterModifyMsg {
    pub(crate) fn elements(&self) -> &[Element] {
        self.msg_body.as_deref().unwrap_or_default()
    }

    /// The message's key and the time of the change, as a message can be changed several times;
    /// `None` without the time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.msg_key, &self.event_time?]))
    }

    /// The two accounts.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::pair(&self.from_account, &self.to_account))
    }
}

/// `C2C.CallbackAfterC2CMsgExtension`: the key-value pairs that extend a message were changed.
///
/// Passed to [`c2c_after_c2c_msg_extension`](crate::CallbackHandler::c2c_after_c2c_msg_extension).
///
#[doc = include_str!("../../docs/events/C2C.CallbackAfterC2CMsgExtension.md")]
#[doc(alias = "C2C.CallbackAfterC2CMsgExtension")]
#[doc(alias = "CallbackAfterC2CMsgExtension")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterC2CMsgExtension {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who had sent the message. The user who changed the pairs is not named.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id of its recipient.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// The message's key.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// What was done.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub operate_type: Option<ExtensionOperation>,
    /// The pairs that it was done to; empty when all were deleted.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub extension_list: Option<Vec<Extension>>,
    /// The version that the message's pairs as a whole have now; each change counts it up.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterC2CMsgExtension {
    /// The message's key and the version of its pairs; `None` without the version.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.msg_key, &self.seq?]))
    }

    /// The two accounts.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::pair(&self.from_account, &self.to_account))
    }
}
