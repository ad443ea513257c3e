//! Official accounts and what they send to their subscribers: the `OfficialAccount.*` callbacks.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis,
    wire::lenient::{opt_text, optional, text},
};

mod message;
mod subscriber;

pub use self::{
    message::{AfterMsgWithDraw, AfterSendMsg, BeforeSendMsg, WithdrawMsg},
    subscriber::{
        AfterAddSubscriber, AfterDeleteSubscriber, AfterOfficialAccountFull, BeforeAddSubscriber, SubscribeAccount,
    },
};

/// `OfficialAccount.CallbackBeforeCreateOfficialAccount`: an administrator asks for an official account.
///
/// Answered by
/// [`official_account_before_create_official_account`](crate::CallbackHandler::official_account_before_create_official_account).
///
#[doc = include_str!("../../docs/events/OfficialAccount.CallbackBeforeCreateOfficialAccount.md")]
#[doc(alias = "OfficialAccount.CallbackBeforeCreateOfficialAccount")]
#[doc(alias = "CallbackBeforeCreateOfficialAccount")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeCreateOfficialAccount {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who asks.
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// The user id of the user who is to own it.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// The name that it is to have. Its id is not known before it exists.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// When it was asked for.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// Its introduction. Undocumented here; [`AfterOfficialAccountInfoChanged`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// The URL of its avatar. Undocumented here; [`AfterOfficialAccountInfoChanged`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
    /// The organization that it belongs to. Undocumented here; [`AfterOfficialAccountInfoChanged`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

impl BeforeCreateOfficialAccount {
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

/// `OfficialAccount.CallbackAfterCreateOfficialAccount`: an official account was created.
///
/// Passed to
/// [`official_account_after_create_official_account`](crate::CallbackHandler::official_account_after_create_official_account).
///
#[doc = include_str!("../../docs/events/OfficialAccount.CallbackAfterCreateOfficialAccount.md")]
#[doc(alias = "OfficialAccount.CallbackAfterCreateOfficialAccount")]
#[doc(alias = "CallbackAfterCreateOfficialAccount")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateOfficialAccount {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The new account's id: `@TOA#_` and a name, in most samples.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The user id of the user who asked for it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user id of its owner.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was created.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// Its introduction. Undocumented here; [`AfterOfficialAccountInfoChanged`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// The URL of its avatar. Undocumented here; [`AfterOfficialAccountInfoChanged`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
    /// The organization that it belongs to. Undocumented here; [`AfterOfficialAccountInfoChanged`] has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

impl AfterCreateOfficialAccount {
    /// The account and the time: an id may be used again once its account is gone.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.official_account, &self.event_time?]))
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}

/// `OfficialAccount.CallbackAfterOfficialAccountInfoChanged`: an official account's profile was changed.
///
/// Passed to
/// [`official_account_after_official_account_info_changed`](crate::CallbackHandler::official_account_after_official_account_info_changed).
///
/// Nothing says whether what stayed as it was is left out, so absent means unknown, not empty.
///
#[doc = include_str!("../../docs/events/OfficialAccount.CallbackAfterOfficialAccountInfoChanged.md")]
#[doc(alias = "OfficialAccount.CallbackAfterOfficialAccountInfoChanged")]
#[doc(alias = "CallbackAfterOfficialAccountInfoChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterOfficialAccountInfoChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The user id of the user who changed it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// What it says about itself now.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// Its name now.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where its picture is now.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
    /// The organization that it belongs to now.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// When it was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterOfficialAccountInfoChanged {
    /// The account and the time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.official_account, &self.event_time?]))
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}

/// `OfficialAccount.CallbackAfterOfficialAccountDestroyed`: an official account was destroyed.
///
/// Passed to
/// [`official_account_after_official_account_destroyed`](crate::CallbackHandler::official_account_after_official_account_destroyed).
///
/// The event does not say who destroyed it.
///
#[doc = include_str!("../../docs/events/OfficialAccount.CallbackAfterOfficialAccountDestroyed.md")]
#[doc(alias = "OfficialAccount.CallbackAfterOfficialAccountDestroyed")]
#[doc(alias = "CallbackAfterOfficialAccountDestroyed")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterOfficialAccountDestroyed {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The account.
    #[serde(rename = "Official_Account", deserialize_with = "text")]
    pub official_account: String,
    /// The user id of the user who owned it.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// The name that it had.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was destroyed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterOfficialAccountDestroyed {
    /// The account and the time: an id may be used again once its account is gone.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.official_account, &self.event_time?]))
    }

    /// The official account.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("official_account", &self.official_account))
    }
}
