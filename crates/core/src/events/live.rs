//! Live rooms, their battles and their gifts: the `Live.*` callbacks. Their seats are in [`mic`](crate::mic),
//! their recording is in [`follow`](crate::follow).
//!
//! Where the service itself acts, the operator is `@TIM#SYSTEM`.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, Member, UnixMillis,
    wire::enums::string_enum,
    wire::lenient::{entries, opt_text, optional, text, texts},
};

mod battle;
mod gift;
mod room;

pub use self::{
    battle::{AfterCreateBattle, AfterEndBattle, AfterStartBattle, BattleEnd, BattleRoom},
    gift::{BeforeSendGift, GiftWater},
    room::{
        AfterCreateRoom, AfterCreateRoomReachingThreshold, AfterDestroyRoom, AfterUpdateRoomInfo, DestroyType,
        DestroyedRoomInfo, RoomInfo, RoomType, Statistic, TakeSeatMode,
    },
};

/// A custom property of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Metadata {
    /// Its name.
    #[serde(deserialize_with = "text")]
    pub key: String,
    /// Its value.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// `Live.CallbackAfterSetMetadata`: custom properties of a live room were set.
///
/// Passed to [`live_after_set_metadata`](crate::CallbackHandler::live_after_set_metadata).
///
#[doc = include_str!("../../docs/events/Live.CallbackAfterSetMetadata.md")]
#[doc(alias = "Live.CallbackAfterSetMetadata")]
#[doc(alias = "CallbackAfterSetMetadata")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSetMetadata {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who set them.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// The properties that were set.
    #[serde(deserialize_with = "entries")]
    pub metadata: Vec<Metadata>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterSetMetadata {
    /// The room, the time, and the properties with their values.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.room_id, &event_time];
        for Metadata { key, value } in &self.metadata {
            parts.push(key);
            parts.extend(value.iter().map(|value| value as &dyn Display));
        }
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}

/// `Live.CallbackAfterDelMetadata`: custom properties of a live room were deleted.
///
/// Passed to [`live_after_del_metadata`](crate::CallbackHandler::live_after_del_metadata).
///
#[doc = include_str!("../../docs/events/Live.CallbackAfterDelMetadata.md")]
#[doc(alias = "Live.CallbackAfterDelMetadata")]
#[doc(alias = "CallbackAfterDelMetadata")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterDelMetadata {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who deleted them.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// The names of the properties that were deleted.
    #[serde(deserialize_with = "texts")]
    pub keys: Vec<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterDelMetadata {
    /// The room, the time, and the names of the properties.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.room_id, &event_time];
        parts.extend(self.keys.iter().map(|key| key as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}

string_enum! {
    /// Whether members of a room are there now.
    pub enum MemberState {
        /// They are.
        Online = "Online",
        /// They are not.
        Offline = "Offline",
    }
}

string_enum! {
    /// Why members of a room came or went.
    pub enum MemberStateCause {
        /// They have entered.
        Enter = "Enter",
        /// They have left.
        Leave = "Leave",
        /// Their heartbeat has stopped.
        HeartbeatInterrupt = "HeartbeatInterrupt",
        /// Their heartbeat is received again.
        HeartbeatRecover = "HeartbeatRecover",
    }
}

/// `Live.CallbackAfterMemberStateChanged`: members of a live room came or went.
///
/// Passed to [`live_after_member_state_changed`](crate::CallbackHandler::live_after_member_state_changed).
///
#[doc = include_str!("../../docs/events/Live.CallbackAfterMemberStateChanged.md")]
#[doc(alias = "Live.CallbackAfterMemberStateChanged")]
#[doc(alias = "CallbackAfterMemberStateChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberStateChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// Whether they are there now.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<MemberState>,
    /// Why.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_cause: Option<MemberStateCause>,
    /// The members.
    #[serde(deserialize_with = "entries")]
    pub member_list: Vec<Member>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMemberStateChanged {
    /// The room, the time, whether they came or went, and who.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.room_id, &event_time, self.event_type.as_ref()?];
        parts.extend(self.member_list.iter().map(|member| &member.member_account as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}

/// `Live.CallbackAfterChangeOwner`: a live room has another host.
///
/// Passed to [`live_after_change_owner`](crate::CallbackHandler::live_after_change_owner).
///
#[doc = include_str!("../../docs/events/Live.CallbackAfterChangeOwner.md")]
#[doc(alias = "Live.CallbackAfterChangeOwner")]
#[doc(alias = "CallbackAfterChangeOwner")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterChangeOwner {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The user id of the user who changed it. The Chinese page has it in the sample only.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user id of the host now.
    #[serde(rename = "CurrentOwner_Account", deserialize_with = "text")]
    pub current_owner_account: String,
    /// The user id of the host before.
    #[serde(
        rename = "OriginalOwner_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub original_owner_account: Option<String>,
}

impl AfterChangeOwner {
    /// The room, the time, and the new host.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let parts: [&dyn Display; 3] = [&self.room_id, &self.event_time?, &self.current_owner_account];
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}

string_enum! {
    /// What was done to a room's administrators.
    pub enum AdminOperation {
        /// They were made administrators.
        Add = "add",
        /// They are no longer administrators.
        Delete = "delete",
    }
}

/// `Live.CallbackAfterModifyAdmin`: administrators of a live room were added or removed.
///
/// Passed to [`live_after_modify_admin`](crate::CallbackHandler::live_after_modify_admin).
///
#[doc = include_str!("../../docs/events/Live.CallbackAfterModifyAdmin.md")]
#[doc(alias = "Live.CallbackAfterModifyAdmin")]
#[doc(alias = "CallbackAfterModifyAdmin")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterModifyAdmin {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The user id of the user who did it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user ids of the users who became administrators or are no longer administrators. It is a list, although the name does
    /// not say so.
    #[serde(rename = "Admin_Account", deserialize_with = "texts")]
    pub admin_account: Vec<String>,
    /// Which of the two.
    #[serde(rename = "opType", default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub op_type: Option<AdminOperation>,
}

impl AfterModifyAdmin {
    /// The room, the time, what was done, and to whom.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.room_id, &event_time, self.op_type.as_ref()?];
        parts.extend(self.admin_account.iter().map(|account| account as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}
