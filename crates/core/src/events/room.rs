//! Meeting rooms and who is in them: the `Room.*` callbacks. Their seats are in [`mic`](crate::mic).

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    wire::enums::string_enum,
    wire::lenient::{opt_bool, opt_int, opt_text, opt_texts, optional, text, texts},
};

string_enum! {
    /// What kind of room it is.
    pub enum RoomType {
        /// A meeting room. Older tables of the live product have it too; no sample of that product has it.
        Meeting = "Meeting",
        /// A live room.
        Live = "Live",
    }
}

string_enum! {
    /// Whether the meeting has begun.
    pub enum RoomStatus {
        /// None is given.
        Unset = "None",
        /// It has not.
        NotStarted = "NotStarted",
        /// It has.
        Running = "Running",
    }
}

string_enum! {
    /// Who may take a seat.
    pub enum TakeSeatMode {
        /// No user: seats are switched off.
        Off = "None",
        /// Every user.
        FreeToTake = "FreeToTake",
        /// A user who has asked and was accepted.
        ApplyToTake = "ApplyToTake",
    }
}

string_enum! {
    /// How a user has entered a room.
    pub enum EnterType {
        /// By themselves; no other way is known.
        Enter = "Enter",
    }
}

string_enum! {
    /// How a user has left a room.
    pub enum LeaveType {
        /// By themselves.
        Leave = "Leave",
        /// Was removed.
        Kicked = "Kicked",
        /// Was lost: the heartbeat has stopped.
        Expired = "Expired",
    }
}

/// A room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RoomInfo {
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
    /// What kind of room it is: always [`RoomType::Meeting`]. Absent when a room was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub room_type: Option<RoomType>,
    /// The user id of its host.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// How many may be in it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub max_member_count: Option<u32>,
    /// How many seats it has. Absent when a room was changed.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub max_seat_count: Option<u32>,
    /// Whether the cameras of all members are off.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_video_disabled: Option<bool>,
    /// Whether the microphones of all members are off.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_audio_disabled: Option<bool>,
    /// Whether members may not write.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_message_disabled: Option<bool>,
    /// Whether screens may not be shared.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_screen_sharing_disabled: Option<bool>,
    /// Whether there is no cloud recording. One sample has it in quotes.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_cloud_recording_disabled: Option<bool>,
    /// The app's own text.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub custom_info: Option<String>,
    /// When the meeting is planned to begin, in **seconds**; of scheduled rooms only.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub schedule_start_time: Option<UnixSeconds>,
    /// When the meeting is planned to end, in **seconds**; of scheduled rooms only.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub schedule_end_time: Option<UnixSeconds>,
    /// Whether the meeting has begun. Absent when a room was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub room_status: Option<RoomStatus>,
    /// Whether it has seats. Absent when a room was changed.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_seat_enabled: Option<bool>,
    /// Who may take a seat.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub take_seat_mode: Option<TakeSeatMode>,
    /// When it was created, in **seconds**. Absent when a room was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub create_time: Option<UnixSeconds>,
}

/// `Room.CallbackAfterCreateRoom`: a meeting room was created or scheduled.
///
/// Passed to [`room_after_create_room`](crate::CallbackHandler::room_after_create_room).
///
#[doc = include_str!("../../docs/events/Room.CallbackAfterCreateRoom.md")]
#[doc(alias = "Room.CallbackAfterCreateRoom")]
#[doc(alias = "CallbackAfterCreateRoom")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateRoom {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who asked for it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The room.
    pub room_info: RoomInfo,
    /// The user ids of those who are invited; a user may be in it twice. In the sample, not in the table.
    #[serde(
        rename = "ScheduleInviteeList_Account",
        default,
        deserialize_with = "opt_texts",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule_invitee_list_account: Option<Vec<String>>,
    /// When it was created.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateRoom {
    /// The room and the time: an id may be used again once its room is closed.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.room_info.room_id, &self.event_time?]))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_info.room_id))
    }
}

/// `Room.CallbackAfterUpdateRoomInfo`: a meeting room's properties were changed.
///
/// Passed to [`room_after_update_room_info`](crate::CallbackHandler::room_after_update_room_info).
///
#[doc = include_str!("../../docs/events/Room.CallbackAfterUpdateRoomInfo.md")]
#[doc(alias = "Room.CallbackAfterUpdateRoomInfo")]
#[doc(alias = "CallbackAfterUpdateRoomInfo")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterUpdateRoomInfo {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who changed them.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The room as it is now. Nothing says whether what stayed as it was is left out, so absent means
    /// unknown.
    pub room_info: RoomInfo,
    /// When it was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterUpdateRoomInfo {
    /// The room and the time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.room_info.room_id, &self.event_time?]))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_info.room_id))
    }
}

/// `Room.CallbackAfterDestroyRoom`: a meeting room was closed.
///
/// Passed to [`room_after_destroy_room`](crate::CallbackHandler::room_after_destroy_room).
///
#[doc = include_str!("../../docs/events/Room.CallbackAfterDestroyRoom.md")]
#[doc(alias = "Room.CallbackAfterDestroyRoom")]
#[doc(alias = "CallbackAfterDestroyRoom")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterDestroyRoom {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who closed it.
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
    /// When it was closed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterDestroyRoom {
    /// The room and the time: an id may be used again once its room is closed.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.room_id, &self.event_time?]))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}

/// `Room.CallbackAfterMemberEnter`: members have entered a meeting room.
///
/// Passed to [`room_after_member_enter`](crate::CallbackHandler::room_after_member_enter).
///
#[doc = include_str!("../../docs/events/Room.CallbackAfterMemberEnter.md")]
#[doc(alias = "Room.CallbackAfterMemberEnter")]
#[doc(alias = "CallbackAfterMemberEnter")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberEnter {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who asked.
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
    /// How many are in the room; whether before or after is not documented.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub member_count: Option<u32>,
    /// How they have entered.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<EnterType>,
    /// The user ids of those who have entered.
    #[serde(rename = "MemberList_Account", deserialize_with = "texts")]
    pub member_list_account: Vec<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMemberEnter {
    /// The room, the time, and those who have entered.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.room_id, &event_time];
        parts.extend(self.member_list_account.iter().map(|account| account as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}

/// `Room.CallbackAfterMemberLeave`: members have left a meeting room.
///
/// Passed to [`room_after_member_leave`](crate::CallbackHandler::room_after_member_leave).
///
#[doc = include_str!("../../docs/events/Room.CallbackAfterMemberLeave.md")]
#[doc(alias = "Room.CallbackAfterMemberLeave")]
#[doc(alias = "CallbackAfterMemberLeave")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberLeave {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who asked.
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
    /// How many are in the room; whether before or after is not documented.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub member_count: Option<u32>,
    /// How they have left.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<LeaveType>,
    /// The user ids of those who have left.
    #[serde(rename = "MemberList_Account", deserialize_with = "texts")]
    pub member_list_account: Vec<String>,
    /// The reason as text, for example of the user who removed them.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMemberLeave {
    /// The room, the time, and those who have left.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.room_id, &event_time];
        parts.extend(self.member_list_account.iter().map(|account| account as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}
