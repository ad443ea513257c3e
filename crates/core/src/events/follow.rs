//! Who follows whom, and the recording of live rooms: the `Follow.*` callbacks.

use std::fmt::{self, Display};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, value::MapAccessDeserializer},
};

use crate::{
    Command, Identity, Key, UnixMillis,
    recording::{Details, EventGroup, EventInfo, EventType},
    wire::lenient::{entries, optional, text, whole},
};

/// A followed user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Follow {
    /// The user id.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
}

/// `Follow.CallbackAfterFollowAdd`: a user follows others.
///
/// Passed to [`follow_after_follow_add`](crate::CallbackHandler::follow_after_follow_add).
///
#[doc = include_str!("../../docs/events/Follow.CallbackAfterFollowAdd.md")]
#[doc(alias = "Follow.CallbackAfterFollowAdd")]
#[doc(alias = "CallbackAfterFollowAdd")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterFollowAdd {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who follows.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// Whom that user follows now; those are left out with whom it did not work.
    #[serde(deserialize_with = "entries")]
    pub follow_list: Vec<Follow>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterFollowAdd {
    /// The follower, those followed, and the time: one can unfollow and follow again.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.from_account, &event_time];
        parts.extend(self.follow_list.iter().map(|follow| &follow.to_account as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The user who follows.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("user", &self.from_account))
    }
}

/// `Follow.CallbackAfterFollowDelete`: a user has unfollowed others.
///
/// Passed to [`follow_after_follow_delete`](crate::CallbackHandler::follow_after_follow_delete).
///
#[doc = include_str!("../../docs/events/Follow.CallbackAfterFollowDelete.md")]
#[doc(alias = "Follow.CallbackAfterFollowDelete")]
#[doc(alias = "CallbackAfterFollowDelete")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterFollowDelete {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who followed.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user ids of whom that user follows no longer; those are left out with whom it did not work. It is
    /// a list, under the name that a single account has elsewhere.
    #[serde(rename = "To_Account", deserialize_with = "accounts")]
    pub to_account: Vec<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterFollowDelete {
    /// The follower, those followed no longer, and the time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let event_time = self.event_time?;
        let mut parts: Vec<&dyn Display> = vec![&self.from_account, &event_time];
        parts.extend(self.to_account.iter().map(|account| account as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The user who follows.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("user", &self.from_account))
    }
}

/// Accounts as plain ids, or each in an object of its own.
///
/// The sample has ids, the table speaks of objects
/// ([1047/70356](https://www.tencentcloud.com/document/product/1047/70356)).
fn accounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Account(String);

    impl<'de> Deserialize<'de> for Account {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(AccountVisitor).map(Self)
        }
    }

    struct AccountVisitor;

    impl<'de> de::Visitor<'de> for AccountVisitor {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an account")
        }

        fn visit_str<E: de::Error>(self, account: &str) -> Result<String, E> {
            Ok(account.to_owned())
        }

        fn visit_u64<E: de::Error>(self, account: u64) -> Result<String, E> {
            Ok(account.to_string())
        }

        fn visit_f64<E: de::Error>(self, account: f64) -> Result<String, E> {
            whole(account).map(|account| account.to_string())
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<String, A::Error> {
            Follow::deserialize(MapAccessDeserializer::new(map)).map(|follow| follow.to_account)
        }
    }

    let accounts = entries::<D, Account>(deserializer)?;
    Ok(accounts.into_iter().map(|Account(account)| account).collect())
}

/// `Follow.CallbackAfterCloudRecordingChanged`: the recording of a live room reports a step.
///
/// Passed to [`follow_after_cloud_recording_changed`](crate::CallbackHandler::follow_after_cloud_recording_changed).
///
/// The body carries the recording service's own message; it has no `EventTime`.
///
#[doc = include_str!("../../docs/events/Follow.CallbackAfterCloudRecordingChanged.md")]
#[doc(alias = "Follow.CallbackAfterCloudRecordingChanged")]
#[doc(alias = "CallbackAfterCloudRecordingChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCloudRecordingChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// Which part of the recording service speaks: always [`EventGroup::CloudRecording`].
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_group_id: Option<EventGroup>,
    /// What it reports.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventType>,
    /// When the message was sent. When it happened is in the event.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_ts: Option<UnixMillis>,
    /// The event: which task it is, and what it says.
    pub event_info: EventInfo,
}

impl AfterCloudRecordingChanged {
    /// What the event says, by its type; `None` where that is not known or of another shape.
    #[must_use]
    pub fn details(&self) -> Option<Details> {
        self.event_info.details(self.event_type?)
    }

    /// The task, the type of the event, its time, and the file where it is about one.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let EventInfo { task_id, event_ms_ts, .. } = &self.event_info;
        let file = self.event_info.file(self.event_type);
        let parts: [&dyn Display; 4] = [task_id, &self.event_type?.code(), &(*event_ms_ts)?, &file];
        Some(Identity::of::<Self>(&parts))
    }

    /// The recording.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("recording", &self.event_info.task_id))
    }
}
