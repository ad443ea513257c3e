//! Who subscribes to an official account, and who no longer does.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::{
    Command, Event, Identity, Key, UnixMillis,
    wire::lenient::{entries, opt_text, optional, text},
};

/// An entry of a list of subscribers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SubscribeAccount {
    /// The subscriber's user id.
    #[serde(rename = "Subscriber_Account", deserialize_with = "text")]
    pub subscriber_account: String,
}

/// The account, the time, and all of the list.
fn identity<E: Event>(
    official_account: &str,
    event_time: Option<UnixMillis>,
    list: &[SubscribeAccount],
) -> Option<Identity> {
    let event_time = event_time?;
    let mut parts: Vec<&dyn Display> = vec![&official_account, &event_time];
    parts.extend(list.iter().map(|entry| &entry.subscriber_account as &dyn Display));
    Some(Identity::of::<E>(&parts))
}

/// `OfficialAccount.CallbackBeforeAddSubscriber`: users are about to be subscribed to an official account.
///
/// Answered by
/// [`official_account_before_add_subscriber`](crate::CallbackHandler::official_account_before_add_subscriber).
///
#[doc = include_str!("../../../docs/events/OfficialAccount.CallbackBeforeAddSubscriber.md")]
#[doc(alias = "OfficialAccount.CallbackBeforeAddSubscriber")]
#[doc(alias = "CallbackBeforeAddSubscriber")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeAddSubscriber {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The user id of the user who asks: the subscriber, or an administrator.
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// Who is to be subscribed.
    pub subscribe_account_list: Vec<SubscribeAccount>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl BeforeAddSubscriber {
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

/// `OfficialAccount.CallbackAfterAddSubscriber`: users were subscribed to an official account.
///
/// Passed to [`official_account_after_add_subscriber`](crate::CallbackHandler::official_account_after_add_subscriber).
///
#[doc = include_str!("../../../docs/events/OfficialAccount.CallbackAfterAddSubscriber.md")]
#[doc(alias = "OfficialAccount.CallbackAfterAddSubscriber")]
#[doc(alias = "CallbackAfterAddSubscriber")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterAddSubscriber {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The user id of the user who asked: the subscriber, or an administrator.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// Who is subscribed now.
    #[serde(deserialize_with = "entries")]
    pub subscribe_account_list: Vec<SubscribeAccount>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterAddSubscriber {
    /// The account, the time and the subscribers.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        identity::<Self>(&self.official_account, self.event_time, &self.subscribe_account_list)
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}

/// `OfficialAccount.CallbackAfterOfficialAccountFull`: an official account has as many subscribers as it may have.
///
/// Passed to
/// [`official_account_after_official_account_full`](crate::CallbackHandler::official_account_after_official_account_full).
///
#[doc = include_str!("../../../docs/events/OfficialAccount.CallbackAfterOfficialAccountFull.md")]
#[doc(alias = "OfficialAccount.CallbackAfterOfficialAccountFull")]
#[doc(alias = "CallbackAfterOfficialAccountFull")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterOfficialAccountFull {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account. The event does not have the number.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// When the last place was taken.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterOfficialAccountFull {
    /// The account and the time: it can be full again after some have left.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        identity::<Self>(&self.official_account, self.event_time, &[])
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}

/// `OfficialAccount.CallbackAfterDeleteSubscriber`: users were unsubscribed from an official account.
///
/// Passed to
/// [`official_account_after_delete_subscriber`](crate::CallbackHandler::official_account_after_delete_subscriber).
///
#[doc = include_str!("../../../docs/events/OfficialAccount.CallbackAfterDeleteSubscriber.md")]
#[doc(alias = "OfficialAccount.CallbackAfterDeleteSubscriber")]
#[doc(alias = "CallbackAfterDeleteSubscriber")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterDeleteSubscriber {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The user id of the user who asked: the subscriber, or an administrator.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// Who is **no longer** subscribed; the name is the same as for new subscribers.
    #[serde(deserialize_with = "entries")]
    pub subscribe_account_list: Vec<SubscribeAccount>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterDeleteSubscriber {
    /// The account, the time and those who left.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        identity::<Self>(&self.official_account, self.event_time, &self.subscribe_account_list)
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}
