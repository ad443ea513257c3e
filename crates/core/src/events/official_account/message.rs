//! What an official account sends to its subscribers.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    message::Element,
    wire::lenient::{entries, list, opt_flag, opt_text, optional, text},
    wire::redact::redacted_debug,
};

/// `OfficialAccount.CallbackBeforeSendMsg`: an official account is about to send a message.
///
/// Answered by [`official_account_before_send_msg`](crate::CallbackHandler::official_account_before_send_msg).
///
/// The sender is the account itself: the user who acts for it is not named, and a message has no key
/// before it is sent.
///
#[doc = include_str!("../../../docs/events/OfficialAccount.CallbackBeforeSendMsg.md")]
#[doc(alias = "OfficialAccount.CallbackBeforeSendMsg")]
#[doc(alias = "CallbackBeforeSendMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeSendMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// Whether it is only for those who are online: neither stored nor counted as unread.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// The message.
    pub msg_body: Vec<Element>,
    /// The message's custom data; absent or empty when the sender gave none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    BeforeSendMsg,
    hidden: [cloud_custom_data],
    shown: [callback_command, official_account, online_only_flag, msg_body, event_time]
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

/// `OfficialAccount.CallbackAfterSendMsg`: an official account has sent a message.
///
/// Passed to [`official_account_after_send_msg`](crate::CallbackHandler::official_account_after_send_msg).
///
#[doc = include_str!("../../../docs/events/OfficialAccount.CallbackAfterSendMsg.md")]
#[doc(alias = "OfficialAccount.CallbackAfterSendMsg")]
#[doc(alias = "CallbackAfterSendMsg")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSendMsg {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The message's key, by which the RESTful API can withdraw it.
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
    /// When the service took the message, in **seconds**.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<UnixSeconds>,
    /// Whether it is only for those who are online: neither stored nor counted as unread.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub online_only_flag: Option<bool>,
    /// The message. Empty if the service left it out.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub msg_body: Vec<Element>,
    /// The message's custom data; absent or empty when the sender gave none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
    /// When it happened, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

redacted_debug!(
    AfterSendMsg,
    hidden: [cloud_custom_data],
    shown: [callback_command, official_account, msg_key, msg_time, online_only_flag, msg_body, event_time]
);

impl AfterSendMsg {
    pub(crate) fn elements(&self) -> &[Element] {
        &self.msg_body
    }

    /// The account and the message's key.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.official_account, &self.msg_key]))
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}

/// A message that was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WithdrawMsg {
    /// Its key, as in [`AfterSendMsg`].
    #[serde(deserialize_with = "text")]
    pub msg_key: String,
}

/// `OfficialAccount.CallbackAfterMsgWithDraw`: messages of an official account were withdrawn.
///
/// Passed to [`official_account_after_msg_with_draw`](crate::CallbackHandler::official_account_after_msg_with_draw).
///
#[doc = include_str!("../../../docs/events/OfficialAccount.CallbackAfterMsgWithDraw.md")]
#[doc(alias = "OfficialAccount.CallbackAfterMsgWithDraw")]
#[doc(alias = "CallbackAfterMsgWithDraw")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMsgWithDraw {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account. One sample writes it with `#TOA#_`, all others with `@TOA#_`.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The messages.
    #[serde(deserialize_with = "entries")]
    pub withdraw_msg_list: Vec<WithdrawMsg>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMsgWithDraw {
    /// The account and the messages: each is withdrawn once.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let mut parts: Vec<&dyn Display> = vec![&self.official_account];
        parts.extend(self.withdraw_msg_list.iter().map(|message| &message.msg_key as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}
