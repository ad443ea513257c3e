//! Live rooms as such: created, changed, closed, and too many.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

pub use crate::room::{RoomType, TakeSeatMode};
use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    wire::enums::string_enum,
    wire::lenient::{opt_bool, opt_int, opt_ints, opt_text, optional, text},
};

/// A room that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RoomInfo {
    /// The room, in up to 48 bytes.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// Its name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
    /// What kind of room it is: always [`RoomType::Live`]. Absent when a room was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub room_type: Option<RoomType>,
    /// The user id of its host. Absent when a room was changed.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// How many may be in it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub max_member_count: Option<u32>,
    /// Whether members may not write.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_message_disabled: Option<bool>,
    /// The app's own text.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub custom_info: Option<String>,
    /// Whether it has seats. Absent when a room was changed.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_seat_enabled: Option<bool>,
    /// Who may take a seat.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub take_seat_mode: Option<TakeSeatMode>,
    /// How many seats it has. Absent when a room was changed.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub max_seat_count: Option<u32>,
    /// When it was created, in **seconds**. Absent when a room was changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub create_time: Option<UnixSeconds>,
    /// Whether it is in the public list.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_public_visible: Option<bool>,
    /// Where its cover picture is; any text.
    #[serde(rename = "CoverURL", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cover_url: Option<String>,
    /// The numbers of its categories, at most three.
    #[serde(default, deserialize_with = "opt_ints", skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<i64>>,
    /// The kind of activity, by the app's own numbers. Absent when a room was created.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub activity_status: Option<i64>,
}

/// `Live.CallbackAfterCreateRoom`: a live room was created.
///
/// Passed to [`live_after_create_room`](crate::CallbackHandler::live_after_create_room).
///
#[doc = include_str!("../../../docs/events/Live.CallbackAfterCreateRoom.md")]
#[doc(alias = "Live.CallbackAfterCreateRoom")]
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
    /// When it was created. In the table, not in the sample; the room has a time too.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateRoom {
    /// The room and the second in which it was created, or else the time of the event: an id may be used again after its
    /// room is closed. `None` without both times.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let RoomInfo { room_id, create_time, .. } = &self.room_info;
        match create_time {
            Some(create_time) => Some(Identity::of::<Self>(&[room_id, create_time])),
            None => Some(Identity::of::<Self>(&[room_id, &self.event_time?])),
        }
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_info.room_id))
    }
}

/// `Live.CallbackAfterUpdateRoomInfo`: a live room's properties were changed.
///
/// Passed to [`live_after_update_room_info`](crate::CallbackHandler::live_after_update_room_info).
///
#[doc = include_str!("../../../docs/events/Live.CallbackAfterUpdateRoomInfo.md")]
#[doc(alias = "Live.CallbackAfterUpdateRoomInfo")]
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

string_enum! {
    /// Why a room was closed.
    pub enum DestroyType {
        /// A user has closed it.
        ByUser = "DestroyByUser",
        /// It was empty, and the service has closed it.
        BySystem = "DestroyBySystem",
    }
}

/// A room that is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DestroyedRoomInfo {
    /// The room. Observed in traffic, undocumented.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub room_id: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
    /// What kind of room it was: always [`RoomType::Live`].
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub room_type: Option<RoomType>,
    /// The user id of its host.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// Whether it had seats.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_seat_enabled: Option<bool>,
    /// Who might take a seat.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub take_seat_mode: Option<TakeSeatMode>,
    /// How many might be in it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub max_member_count: Option<u32>,
    /// How many seats it had.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub max_seat_count: Option<u32>,
    /// The numbers of its categories. Can be absent.
    #[serde(default, deserialize_with = "opt_ints", skip_serializing_if = "Option::is_none")]
    pub category: Option<Vec<i64>>,
    /// The app's own text; may be empty.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub custom_info: Option<String>,
    /// Whether members might not write.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_message_disabled: Option<bool>,
    /// Where its cover picture is; may be empty.
    #[serde(rename = "CoverURL", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cover_url: Option<String>,
    /// What went on in it, as the app numbers it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub activity_status: Option<i64>,
    /// Whether it was in the public list.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_public_visible: Option<bool>,
    /// How often users have entered it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub view_count: Option<u64>,
    /// Where its background picture is; may be empty.
    #[serde(rename = "BackgroundURL", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub background_url: Option<String>,
    /// Whether it was open to a large audience.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_unlimited_room_enabled: Option<bool>,
}

/// What has happened in a room in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Statistic {
    /// How often users have entered it; a user who entered twice counts twice.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub total_viewers: Option<u64>,
    /// How many gifts were sent.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub total_gifts_sent: Option<u64>,
    /// What all gifts were worth.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub total_gift_coins: Option<u64>,
    /// How many users have sent gifts.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub total_unique_gift_senders: Option<u64>,
    /// How often it was liked.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub total_likes_received: Option<u64>,
}

/// `Live.CallbackAfterDestroyRoom`: a live room was closed.
///
/// Passed to [`live_after_destroy_room`](crate::CallbackHandler::live_after_destroy_room).
///
#[doc = include_str!("../../../docs/events/Live.CallbackAfterDestroyRoom.md")]
#[doc(alias = "Live.CallbackAfterDestroyRoom")]
#[doc(alias = "CallbackAfterDestroyRoom")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterDestroyRoom {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who closed it: `@TIM#SYSTEM` for the service itself.
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
    /// Why it was closed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<DestroyType>,
    /// When it was closed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The room as it was. Not sent in 2024.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub room_info: Option<DestroyedRoomInfo>,
    /// What has happened in it. Not sent in 2024, and not with every empty room.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub statistic: Option<Statistic>,
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

/// `Live.CallbackAfterCreateRoomReachingThreshold`: the app has 70 percent of its live rooms, or more.
///
/// Passed to
/// [`live_after_create_room_reaching_threshold`](crate::CallbackHandler::live_after_create_room_reaching_threshold).
///
/// The created room is not named.
///
#[doc = include_str!("../../../docs/events/Live.CallbackAfterCreateRoomReachingThreshold.md")]
#[doc(alias = "Live.CallbackAfterCreateRoomReachingThreshold")]
#[doc(alias = "CallbackAfterCreateRoomReachingThreshold")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateRoomReachingThreshold {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who created the last one.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// How many rooms there are.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub cur_room_count: Option<u64>,
    /// How many there may be.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub max_room_count: Option<u64>,
    /// When the last one was created.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateRoomReachingThreshold {
    /// How many rooms there are, and the time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let parts: [&dyn Display; 2] = [&self.cur_room_count?, &self.event_time?];
        Some(Identity::of::<Self>(&parts))
    }

    /// Always `None`: it is about no room.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}
