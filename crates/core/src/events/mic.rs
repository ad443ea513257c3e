//! Seats of meeting rooms and live rooms: the `Mic.*` callbacks.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis,
    wire::lenient::{entries, int, opt_bool, opt_text, optional, text},
};

/// A seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Seat {
    /// Its number. Whether they begin at 0 or at 1 is not documented; the samples have 1.
    #[serde(deserialize_with = "int")]
    pub index: u32,
    /// The user id of the user who sits there. On a free seat it is absent in live rooms and empty in meeting
    /// rooms: see [`taken_by`](Self::taken_by).
    #[serde(
        rename = "Member_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub member_account: Option<String>,
    /// Whether it is locked, so that no user may sit down.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_taken_disabled: Option<bool>,
    /// Whether there are no pictures from it.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_video_disabled: Option<bool>,
    /// Whether there is no sound from it.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_audio_disabled: Option<bool>,
}

impl Seat {
    /// The user id of the user who sits there; `None` for a free seat.
    #[must_use]
    pub fn taken_by(&self) -> Option<&str> {
        self.member_account.as_deref().filter(|account| !account.is_empty())
    }
}

/// `Mic.CallbackAfterSeatInfoChanged`: seats of a meeting room or live room have changed.
///
/// Passed to [`mic_after_seat_info_changed`](crate::CallbackHandler::mic_after_seat_info_changed).
///
#[doc = include_str!("../../docs/events/Mic.CallbackAfterSeatInfoChanged.md")]
#[doc(alias = "Mic.CallbackAfterSeatInfoChanged")]
#[doc(alias = "CallbackAfterSeatInfoChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSeatInfoChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who changed them. Meeting rooms only.
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
    /// The seats; whether all of them or those that have changed is not documented.
    #[serde(deserialize_with = "entries")]
    pub seat_list: Vec<Seat>,
    /// When it happened. In the samples, not in the tables.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterSeatInfoChanged {
    /// The room, the time, and the seats with who sits there.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.room_id, &event_time];
        for seat in &self.seat_list {
            parts.push(&seat.index);
            parts.extend(seat.member_account.iter().map(|account| account as &dyn Display));
        }
        Some(Identity::of::<Self>(&parts))
    }

    /// The room.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("room", &self.room_id))
    }
}
