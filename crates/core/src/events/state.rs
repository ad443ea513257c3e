//! Who is online: the `State.*` callback.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, Platform, UnixMillis,
    wire::enums::string_enum,
    wire::lenient::{opt_entries, opt_text, optional, text},
};

string_enum! {
    /// What a user's status changed to.
    pub enum Action {
        /// A device came online.
        Login = "Login",
        /// A device signed out.
        Logout = "Logout",
        /// A device lost its connection.
        Disconnect = "Disconnect",
        /// The user set or cleared the custom status.
        CustomStatusChange = "CustomStatusChange",
    }
}

string_enum! {
    /// Why a user's status changed.
    pub enum Reason {
        /// With [`Action::Login`]: the device logged in or connected again.
        Register = "Register",
        /// With [`Action::Logout`]: the user signed out. With SDKs before 5.6.1200 (native) and 2.14.0
        /// (web) also: another device took its place.
        Unregister = "Unregister",
        /// With [`Action::Disconnect`]: the connection was closed, for example with the app.
        LinkClose = "LinkClose",
        /// With [`Action::Disconnect`]: nothing was heard of the device for 400 seconds.
        TimeOut = "TimeOut",
        /// With [`Action::CustomStatusChange`]: the user set it.
        SetCustomStatus = "SetCustomStatus",
    }
}

/// What happened to whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Info {
    /// What happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The user's id.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// Why it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The custom status, with [`Action::CustomStatusChange`]; empty when it was cleared. See
    /// [`StateChange::custom_status()`].
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub custom_status: Option<String>,
}

/// A device that was thrown out by a login of the same user.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct KickedDevice {
    /// Its platform.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

/// `State.StateChange`: a device of a user came online or went offline, or the user's custom status changed.
///
/// Passed to [`state_state_change`](crate::CallbackHandler::state_state_change).
///
#[doc = include_str!("../../docs/events/State.StateChange.md")]
#[doc(alias = "State.StateChange")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StateChange {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// When it happened. Absent on pages from before 2021.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// What happened to whom.
    pub info: Info,
    /// The custom status where it is beside `info`, not in it: the page leaves open which.
    /// [`custom_status()`](Self::custom_status()) looks at both.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub custom_status: Option<String>,
    /// The devices that this login threw out; only with [`Action::Login`], and absent when there are none.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub kicked_device: Option<Vec<KickedDevice>>,
}

impl StateChange {
    /// The custom status, with [`Action::CustomStatusChange`]; empty when it was cleared.
    #[must_use]
    pub fn custom_status(&self) -> Option<&str> {
        self.info.custom_status.as_deref().or(self.custom_status.as_deref())
    }

    /// The user, the time and the action; `None` without time or action. Two devices of a user to
    /// which the same happens in the same millisecond share it.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let action = self.info.action.as_ref()?;
        Some(Identity::of::<Self>(&[&self.info.to_account, &self.event_time?, action]))
    }

    /// The user.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("user", &self.info.to_account))
    }
}
