//! What the cloud recording of calls and live rooms reports, wherever a callback carries it.
//!
//! The recording service has event messages of its own; callbacks pass them on. What such a message says
//! beyond the task is its [`Payload`], which is kept as it was sent and read into [`Details`] by the
//! type of the event. The page of the recording service is
//! [647/54914](https://www.tencentcloud.com/document/product/647/54914).

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    UnixMillis, UnixSeconds,
    wire::enums::{int_enum, string_enum},
    wire::lenient::{opt_entries, opt_text, opt_texts, optional, text},
    wire::raw_json::RawJson,
};

int_enum! {
    /// Which part of the recording service speaks.
    pub enum EventGroup {
        /// The recording of a room.
        CloudRecording = 3,
        /// The recording of a web page, which has no room.
        WebPageRecording = 8,
    }
}

int_enum! {
    /// What the recording service reports. There is no 308.
    pub enum EventType {
        /// The recorder has started, or failed to: [`Details::Started`].
        Started = 301,
        /// The recorder has left the room: [`Details::Left`].
        Left = 302,
        /// The upload has begun, or failed to: [`Details::UploadStarted`].
        UploadStarted = 303,
        /// The index file was made: [`Details::IndexMade`].
        IndexMade = 304,
        /// The upload has ended: [`Details::UploadEnded`].
        UploadEnded = 305,
        /// The task has moved to another server: [`Details::Migrated`].
        Migrated = 306,
        /// The first slice was made: [`Details::FirstSlice`].
        FirstSlice = 307,
        /// A picture could not be loaded: [`Details::PictureFailed`].
        PictureFailed = 309,
        /// The task that makes MP4 files has stopped: [`Details::Mp4Stopped`].
        Mp4Stopped = 310,
        /// A file was passed to video on demand, or could not be: [`Details::VodCommit`].
        VodCommit = 311,
        /// The task that hands files to video on demand has ended: [`Details::VodStopped`].
        VodStopped = 312,
    }
}

/// What a recording task reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EventInfo {
    /// The room that is recorded. The recording of a web page has none.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub room_id: Option<String>,
    /// When it happened, in **seconds**.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_ts: Option<UnixSeconds>,
    /// When it happened, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_ms_ts: Option<UnixMillis>,
    /// The user id of the recorder, which sits in the room like a user.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The recording task.
    #[serde(deserialize_with = "text")]
    pub task_id: String,
    /// What else there is to say, by the type of the event.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
}

impl EventInfo {
    /// The payload as what an event of that type has.
    ///
    /// `None` without a payload, for a type that is not known, and for a payload of another shape than
    /// its type should have; what came is still in [`payload`](Self::payload).
    #[must_use]
    pub fn details(&self, event_type: EventType) -> Option<Details> {
        self.payload.as_ref()?.details(event_type)
    }

    /// The file that the payload is about; empty where it is about none. A task can report several at once.
    pub(crate) fn file(&self, event_type: Option<EventType>) -> String {
        match event_type.and_then(|event_type| self.details(event_type)) {
            Some(Details::FirstSlice(FirstSlice { file_name, .. })) => file_name,
            Some(Details::VodCommit(VodCommit { tencent_vod: Some(file), .. })) => file.cache_file,
            _ => None,
        }
        .unwrap_or_default()
    }
}

/// What an event says beyond its task: JSON whose shape depends on the event's type.
///
/// Two payloads are equal when they are the same text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(RawJson);

impl Payload {
    /// The JSON text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// What an event of that type has; `None` for a type that is not known, and for another shape than
    /// its type should have.
    #[must_use]
    pub fn details(&self, event_type: EventType) -> Option<Details> {
        let json = self.as_str();
        match event_type {
            EventType::Started => part(json).map(Details::Started),
            EventType::Left => part(json).map(Details::Left),
            EventType::UploadStarted => part(json).map(Details::UploadStarted),
            EventType::IndexMade => part(json).map(Details::IndexMade),
            EventType::UploadEnded => part(json).map(Details::UploadEnded),
            EventType::Migrated => part(json).map(Details::Migrated),
            EventType::FirstSlice => part(json).map(Details::FirstSlice),
            EventType::PictureFailed => part(json).map(Details::PictureFailed),
            EventType::Mp4Stopped => part(json).map(Details::Mp4Stopped),
            EventType::VodCommit => part(json).map(Details::VodCommit),
            EventType::VodStopped => part(json).map(Details::VodStopped),
            EventType::Other(_) => None,
        }
    }
}

impl Eq for Payload {}

fn part<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

/// A [`Payload`], read by the type of its event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Details {
    /// Of [`EventType::Started`].
    Started(Started),
    /// Of [`EventType::Left`].
    Left(Left),
    /// Of [`EventType::UploadStarted`].
    UploadStarted(UploadStarted),
    /// Of [`EventType::IndexMade`].
    IndexMade(IndexMade),
    /// Of [`EventType::UploadEnded`].
    UploadEnded(UploadEnded),
    /// Of [`EventType::Migrated`].
    Migrated(Migrated),
    /// Of [`EventType::FirstSlice`].
    FirstSlice(FirstSlice),
    /// Of [`EventType::PictureFailed`].
    PictureFailed(PictureFailed),
    /// Of [`EventType::Mp4Stopped`].
    Mp4Stopped(Mp4Stopped),
    /// Of [`EventType::VodCommit`].
    VodCommit(VodCommit),
    /// Of [`EventType::VodStopped`].
    VodStopped(VodStopped),
}

int_enum! {
    /// Whether a step of a recording went well.
    pub enum Status {
        /// It did.
        Ok = 0,
        /// It did not.
        Failed = 1,
    }
}

int_enum! {
    /// How the making of MP4 files has ended.
    pub enum Mp4Status {
        /// All files are uploaded.
        AllUploaded = 0,
        /// Some files were left behind, on a server or in a store of the service.
        SomeLeft = 1,
        /// It has ended abnormally.
        Abnormal = 2,
    }
}

int_enum! {
    /// What became of a file on its way to video on demand.
    pub enum VodStatus {
        /// It is there.
        Uploaded = 0,
        /// It was left behind, on a server or in a store of the service.
        Left = 1,
        /// It could not be uploaded.
        Failed = 2,
    }
}

int_enum! {
    /// Why a recorder has left its room.
    pub enum LeaveCode {
        /// A request stopped it.
        Normal = 0,
        /// The app has removed it.
        Removed = 1,
        /// The app has closed the room.
        RoomClosed = 2,
        /// The service has removed it.
        RemovedByService = 3,
        /// The service has closed the room.
        RoomClosedByService = 4,
        /// No other user was left in the room.
        NobodyLeft = 99,
        /// It ran out of time.
        TimedOut = 100,
        /// The same user has entered twice.
        EnteredTwice = 101,
    }
}

int_enum! {
    /// How an upload has ended.
    pub enum UploadLeaveCode {
        /// All files are uploaded.
        AllUploaded = 0,
        /// Some files were left behind, on a server or in a store of the service.
        SomeLeft = 1,
        /// Files that were left behind are recovered.
        Recovered = 2,
    }
}

string_enum! {
    /// What a recorded file has in it.
    pub enum TrackType {
        /// Sound only.
        Audio = "audio",
        /// Pictures only.
        Video = "video",
        /// Both.
        AudioVideo = "audio_video",
    }
}

string_enum! {
    /// The source of the pictures of a recorded file.
    pub enum MediaId {
        /// The camera.
        Main = "main",
        /// The shared screen.
        Aux = "aux",
        /// All users, mixed into one picture.
        Mix = "mix",
    }
}

/// The recorder has started, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Started {
    /// Whether it has.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// The recorder has left the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Left {
    /// Why.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub leave_code: Option<LeaveCode>,
}

/// The upload has begun, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UploadStarted {
    /// Whether it has.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// The index file was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct IndexMade {
    /// The name of the index file.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub file_list: Option<String>,
}

/// The upload has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UploadEnded {
    /// How.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub leave_code: Option<UploadLeaveCode>,
    /// Only in the sample of `Follow.CallbackAfterCloudRecordingChanged`, in the place of `leave_code`.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// The task has moved to another server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Migrated {
    /// Whether it went well.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// The first slice was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FirstSlice {
    /// The name of the index file.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The user id of the user who is recorded; empty for mixed recordings.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What the file has in it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub track_type: Option<TrackType>,
    /// When the recording began, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub begin_time_stamp: Option<UnixMillis>,
}

/// A picture could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PictureFailed {
    /// Where it was to be loaded from.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The task that makes MP4 files has stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Mp4Stopped {
    /// How.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<Mp4Status>,
    /// The names of the files.
    #[serde(default, deserialize_with = "opt_texts", skip_serializing_if = "Option::is_none")]
    pub file_list: Option<Vec<String>>,
    /// The files.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub file_message: Option<Vec<FileMessage>>,
}

/// An MP4 file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FileMessage {
    /// Its name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The user id of the user who is recorded; empty for mixed recordings.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What it has in it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub track_type: Option<TrackType>,
    /// The source of its pictures.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub media_id: Option<MediaId>,
    /// When it begins, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub start_time_stamp: Option<UnixMillis>,
    /// When it ends, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub end_time_stamp: Option<UnixMillis>,
}

/// A file was passed to video on demand, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct VodCommit {
    /// What became of it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<VodStatus>,
    /// Why it failed; absent when it did not.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub errmsg: Option<String>,
    /// The file.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub tencent_vod: Option<TencentVod>,
}

/// A file for video on demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TencentVod {
    /// The user id of the user who is recorded; empty for mixed recordings.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What it has in it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub track_type: Option<TrackType>,
    /// The source of its pictures. Absent when it failed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub media_id: Option<MediaId>,
    /// Its id in video on demand. Absent when it failed.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub file_id: Option<String>,
    /// Where it can be played. Absent when it failed.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub video_url: Option<String>,
    /// Its name on the recording server.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cache_file: Option<String>,
    /// When it begins, in milliseconds. Absent when it failed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub start_time_stamp: Option<UnixMillis>,
    /// When it ends, in milliseconds. Absent when it failed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub end_time_stamp: Option<UnixMillis>,
}

/// The task that hands files to video on demand has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct VodStopped {
    /// Whether it went well.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}
