//! What was read of one-to-one conversations.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    wire::lenient::{entries, opt_entries, opt_int, opt_text, optional, text},
};

/// `C2C.CallbackAfterMsgReport`: a conversation was marked as read.
///
/// Passed to [`c2c_after_msg_report`](crate::CallbackHandler::c2c_after_msg_report).
///
#[doc = include_str!("../../../docs/events/C2C.CallbackAfterMsgReport.md")]
#[doc(alias = "C2C.CallbackAfterMsgReport")]
#[doc(alias = "CallbackAfterMsgReport")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMsgReport {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who has read it.
    #[serde(rename = "Report_Account", deserialize_with = "text")]
    pub report_account: String,
    /// The user id of the other side of the conversation.
    #[serde(rename = "Peer_Account", deserialize_with = "text")]
    pub peer_account: String,
    /// All messages of the conversation up to this moment are read.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub last_read_time: Option<UnixSeconds>,
    /// How many messages the reader has not read yet, over all one-to-one conversations. Not always
    /// there.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub unread_msg_num: Option<i64>,
    /// When it happened. Not on every page.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMsgReport {
    /// Who has read which conversation up to when, and the time of the event where it is sent;
    /// `None` without `last_read_time`.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let read_up_to = self.last_read_time?;
        let mut parts: Vec<&dyn std::fmt::Display> = vec![&self.report_account, &self.peer_account, &read_up_to];
        parts.extend(self.event_time.as_ref().map(|time| time as &dyn std::fmt::Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The two accounts.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::pair(&self.report_account, &self.peer_account))
    }
}

/// A message that a receipt is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct C2CMsgInfo {
    /// The user id of its sender.
    #[serde(rename = "From_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub from_account: Option<String>,
    /// The user id of its recipient.
    #[serde(rename = "To_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub to_account: Option<String>,
    /// Its key.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// Its id as clients know it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
}

/// `C2C.CallbackAfterMsgReadReceipt`: receipts for single messages were sent.
///
/// Passed to [`c2c_after_msg_read_receipt`](crate::CallbackHandler::c2c_after_msg_read_receipt).
///
#[doc = include_str!("../../../docs/events/C2C.CallbackAfterMsgReadReceipt.md")]
#[doc(alias = "C2C.CallbackAfterMsgReadReceipt")]
#[doc(alias = "CallbackAfterMsgReadReceipt")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMsgReadReceipt {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who has read the messages, called `Report_Account` in [`AfterMsgReport`].
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// The user id of the user who wrote them.
    #[serde(rename = "Peer_Account", deserialize_with = "text")]
    pub peer_account: String,
    /// The messages.
    #[serde(rename = "C2CMsgInfo", deserialize_with = "entries")]
    pub c2c_msg_info: Vec<C2CMsgInfo>,
    /// When the receipt was sent.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMsgReadReceipt {
    /// The reader and the keys of the messages; `None` when no message is listed.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        if self.c2c_msg_info.is_empty() {
            return None;
        }
        let mut parts: Vec<&dyn std::fmt::Display> = vec![&self.operator_account];
        parts.extend(self.c2c_msg_info.iter().map(|message| &message.msg_key as &dyn std::fmt::Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The two accounts.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::pair(&self.operator_account, &self.peer_account))
    }
}

/// A group whose messages were marked as read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GroupReadInfo {
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The number of the last message that is read, in the group's own count.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_seq: Option<u32>,
}

/// `C2C.CallbackAfterMsgReadAll`: a user marked everything as read.
///
/// Passed to [`c2c_after_msg_read_all`](crate::CallbackHandler::c2c_after_msg_read_all).
///
#[doc = include_str!("../../../docs/events/C2C.CallbackAfterMsgReadAll.md")]
#[doc(alias = "C2C.CallbackAfterMsgReadAll")]
#[doc(alias = "CallbackAfterMsgReadAll")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMsgReadAll {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who has read it all.
    #[serde(rename = "Report_Account", deserialize_with = "text")]
    pub report_account: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The groups that had unread messages. The one-to-one conversations are not listed: it is all
    /// of them.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub group_read_info: Option<Vec<GroupReadInfo>>,
}

impl AfterMsgReadAll {
    /// The user and the time; `None` without the time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.report_account, &self.event_time?]))
    }

    /// The user.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("user", &self.report_account))
    }
}
