//! Audio and video calls: the `Call.*` callbacks.
//!
//! They are sent for calls that clients place with the newer methods of the call kit; the first generation of
//! call callbacks is another protocol.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    recording::{Details, EventGroup, EventInfo, EventType},
    wire::enums::{int_enum, string_enum},
    wire::lenient::{entries, opt_entries, opt_int, opt_text, opt_texts, optional, text},
};

string_enum! {
    /// What is transmitted in a call.
    pub enum MediaType {
        /// Pictures and sound.
        Video = "Video",
        /// Sound only.
        Audio = "Audio",
    }
}

int_enum! {
    /// What the id of a call's room is on the client; here it is text always.
    pub enum RoomIdType {
        /// A number.
        Number = 1,
        /// Text.
        Text = 2,
    }
}

string_enum! {
    /// Whether a user takes part in a call already.
    pub enum UserStatus {
        /// In the call.
        Calling = "Calling",
        /// Has not answered yet.
        Waiting = "Waiting",
    }
}

string_enum! {
    /// What a user did, or what happened to a user, in a call. Sample and table of the page have
    /// different words for four of them.
    pub enum ActionType {
        /// Answered.
        Answer = "Answer" | "Accept",
        /// Declined.
        Reject = "Reject",
        /// Has not answered in time.
        NotAnswer = "NotAnswer",
        /// Hung up.
        Hangup = "Hangup" | "Hang Up",
        /// Joined a call under way.
        Join = "Join",
        /// Was lost: the heartbeat has stopped.
        Offline = "Offline",
        /// Was invited.
        Invite = "Invite" | "Invited",
        /// Is no longer invited.
        CancelInvite = "Cancel_Invite" | "Canncel_Invite",
    }
}

string_enum! {
    /// How many take part in a call.
    pub enum CallType {
        /// Two.
        Single = "SingleCall",
        /// A group.
        Multi = "MultiCall",
    }
}

string_enum! {
    /// How a call has ended.
    pub enum CallResult {
        /// The caller gave up before anybody answered.
        Cancel = "Cancel",
        /// It was declined.
        Reject = "Reject",
        /// No user answered in time.
        NotAnswer = "NotAnswer",
        /// It was answered, and is over.
        NormalEnd = "NormalEnd",
        /// The line was busy.
        CallBusy = "CallBusy",
        /// It was broken off, for example by the network.
        Interrupt = "Interrupt",
        /// The heartbeat has stopped.
        Offline = "Offline",
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallInfo {
    /// The call: a UUID.
    #[serde(deserialize_with = "text")]
    pub call_id: String,
    /// What is transmitted, under the name that the sample has. See [`media`](Self::media).
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub call_media_type: Option<MediaType>,
    /// What is transmitted, under the name that the page's table has. See [`media`](Self::media).
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<MediaType>,
    /// The group that it belongs to; empty when it belongs to none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub chat_group_id: Option<String>,
    /// Its room for audio and video; may be empty at this time.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub room_id: Option<String>,
    /// What the room's id is.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub room_id_type: Option<RoomIdType>,
}

impl CallInfo {
    /// The transmitted media, from any of its names.
    #[must_use]
    pub fn media(&self) -> Option<&MediaType> {
        self.call_media_type.as_ref().or(self.media_type.as_ref())
    }
}

/// A user in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct User {
    /// The user id.
    #[serde(rename = "User_Account", deserialize_with = "text")]
    pub user_account: String,
    /// Whether that user takes part already.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<UserStatus>,
}

/// `Call.CallbackAfterStartCall`: a call was placed.
///
/// Passed to [`call_after_start_call`](crate::CallbackHandler::call_after_start_call).
///
#[doc = include_str!("../../docs/events/Call.CallbackAfterStartCall.md")]
#[doc(alias = "Call.CallbackAfterStartCall")]
#[doc(alias = "CallbackAfterStartCall")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterStartCall {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The call.
    pub call_info: CallInfo,
    /// Everybody in it, the caller too.
    #[serde(deserialize_with = "entries")]
    pub user_list: Vec<User>,
    /// When it was placed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterStartCall {
    /// The call: it is placed once.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.call_info.call_id]))
    }

    /// The call.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("call", &self.call_info.call_id))
    }
}

/// A user with whom something has happened in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ChangedUser {
    /// The user id.
    #[serde(rename = "User_Account", deserialize_with = "text")]
    pub user_account: String,
    /// What has happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub action_type: Option<ActionType>,
}

/// `Call.CallbackAfterMemberChanged`: something has happened with members of a call.
///
/// Passed to [`call_after_member_changed`](crate::CallbackHandler::call_after_member_changed).
///
#[doc = include_str!("../../docs/events/Call.CallbackAfterMemberChanged.md")]
#[doc(alias = "Call.CallbackAfterMemberChanged")]
#[doc(alias = "CallbackAfterMemberChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The call.
    #[serde(deserialize_with = "text")]
    pub call_id: String,
    /// Who is in it now.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub user_list: Option<Vec<User>>,
    /// With whom something has happened.
    #[serde(deserialize_with = "entries")]
    pub changed_user_list: Vec<ChangedUser>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMemberChanged {
    /// The call, the time, and with whom what has happened.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.call_id, &event_time];
        for user in &self.changed_user_list {
            parts.push(&user.user_account);
            parts.push(user.action_type.as_ref()?);
        }
        Some(Identity::of::<Self>(&parts))
    }

    /// The call.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("call", &self.call_id))
    }
}

/// A call that is over. Its times are in **seconds**.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CallRecord {
    /// The call.
    #[serde(deserialize_with = "text")]
    pub call_id: String,
    /// The user id of the caller.
    #[serde(
        rename = "Caller_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub caller_account: Option<String>,
    /// What was transmitted.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<MediaType>,
    /// How many could take part.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub call_type: Option<CallType>,
    /// When it was placed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<UnixSeconds>,
    /// When it ended.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub end_time: Option<UnixSeconds>,
    /// When it was answered; 0 when it was not.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub accept_time: Option<UnixSeconds>,
    /// How it ended.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub call_result: Option<CallResult>,
    /// The user ids of its members; in the sample the caller's too.
    #[serde(
        rename = "CalleeList_Account",
        default,
        deserialize_with = "opt_texts",
        skip_serializing_if = "Option::is_none"
    )]
    pub callee_list_account: Option<Vec<String>>,
    /// Its room for audio and video.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub room_id: Option<String>,
    /// What the room's id is.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub room_id_type: Option<RoomIdType>,
}

/// `Call.CallbackAfterEndCall`: a call is over.
///
/// Passed to [`call_after_end_call`](crate::CallbackHandler::call_after_end_call).
///
#[doc = include_str!("../../docs/events/Call.CallbackAfterEndCall.md")]
#[doc(alias = "Call.CallbackAfterEndCall")]
#[doc(alias = "CallbackAfterEndCall")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterEndCall {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The call. The RESTful API has its record about five seconds later.
    pub call_record: CallRecord,
    /// When it happened, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterEndCall {
    /// The call: it ends once.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.call_record.call_id]))
    }

    /// The call.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("call", &self.call_record.call_id))
    }
}

/// `Call.CallbackAfterRecordChanged`: the cloud recording of a call reports a step.
///
/// Passed to [`call_after_record_changed`](crate::CallbackHandler::call_after_record_changed).
///
#[doc = include_str!("../../docs/events/Call.CallbackAfterRecordChanged.md")]
#[doc(alias = "Call.CallbackAfterRecordChanged")]
#[doc(alias = "CallbackAfterRecordChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterRecordChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The call.
    #[serde(deserialize_with = "text")]
    pub call_id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The recording service's own message.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback: Option<RecordCallback>,
}

impl AfterRecordChanged {
    /// What the recording service's message says, by its type; `None` where that is absent, not known or
    /// of another shape.
    #[must_use]
    pub fn details(&self) -> Option<Details> {
        let RecordCallback { event_type, event_info, .. } = self.callback.as_ref()?;
        event_info.as_ref()?.details((*event_type)?)
    }

    /// The call, the task, the type of the event, its time, and the file where it is about one.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let RecordCallback { event_type, event_info, .. } = self.callback.as_ref()?;
        let event_info = event_info.as_ref()?;
        let EventInfo { task_id, event_ms_ts, .. } = event_info;
        let file = event_info.file(*event_type);
        let parts: [&dyn Display; 5] = [&self.call_id, task_id, &(*event_type)?.code(), &(*event_ms_ts)?, &file];
        Some(Identity::of::<Self>(&parts))
    }

    /// The call.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("call", &self.call_id))
    }
}

/// A message of the recording service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RecordCallback {
    /// Which part of the recording service speaks: always [`EventGroup::CloudRecording`].
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_group_id: Option<EventGroup>,
    /// What it reports.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventType>,
    /// When the message was sent.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_ts: Option<UnixMillis>,
    /// Not documented; 2 in the sample, perhaps for the call kit.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub kit_type: Option<i64>,
    /// The event: which task it is, and what it says.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_info: Option<EventInfo>,
}
