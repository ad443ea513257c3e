//! What became of pushes to devices: the `Push.*` callbacks.
//!
//! They are sent in batches of up to 100 events each. All times are in **seconds**.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixSeconds,
    wire::enums::int_enum,
    wire::lenient::{opt_int, opt_text, optional, text},
};

mod batch;

use self::batch::{Batch, Entry};

int_enum! {
    /// Which service carried a push to the device.
    pub enum PushPlatform {
        /// Not known; always so for pushes to clients that are online.
        Unknown = 0,
        /// Apple's APNs.
        Apple = 1,
        /// Xiaomi.
        Xiaomi = 2,
        /// Huawei.
        Huawei = 3,
        /// Google's FCM.
        Google = 4,
        /// Meizu.
        Meizu = 5,
        /// OPPO.
        Oppo = 6,
        /// vivo.
        Vivo = 7,
        /// Honor.
        Honor = 8,
    }
}

int_enum! {
    /// What kind of device a push went to.
    pub enum DeviceType {
        /// Not known; always so for pushes to clients that are offline.
        Unknown = 0,
        /// Apple.
        Apple = 1,
        /// Xiaomi.
        Xiaomi = 2,
        /// Huawei.
        Huawei = 3,
        /// One with Google's services.
        Google = 4,
        /// Meizu.
        Meizu = 5,
        /// OPPO.
        Oppo = 6,
        /// vivo.
        Vivo = 7,
        /// Honor.
        Honor = 8,
    }
}

int_enum! {
    /// The step that a push has reached.
    pub enum PushStage {
        /// It was sent.
        Sent = 1,
        /// It has arrived on the device.
        Arrived = 2,
        /// The user has clicked on it.
        Clicked = 3,
    }
}

int_enum! {
    /// What kind of message was pushed.
    pub enum OfflinePushEventType {
        /// A one-to-one message.
        C2c = 1,
        /// A group message.
        Group = 2,
    }
}

int_enum! {
    /// How a push task reached the user.
    pub enum AllMemberPushEventType {
        /// Through the service of the device's maker.
        Offline = 1,
        /// Through the client, which was online.
        Online = 2,
    }
}

/// `Push.OfflinePush`: pushes of ordinary messages were sent, have arrived or were clicked.
///
/// Passed to [`push_offline_push`](crate::CallbackHandler::push_offline_push).
///
#[doc = include_str!("../../docs/events/Push.OfflinePush.md")]
#[doc(alias = "Push.OfflinePush")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", from = "Batch<OfflinePushEvent>")]
#[non_exhaustive]
pub struct OfflinePush {
    /// The command word that the body names beside its events: none in any document. Where the first
    /// event names another callback than this one, its word is here too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// What happened: 1 to 100 events. A body that is one event, as in 2024, is read as a list of one.
    pub events: Vec<OfflinePushEvent>,
}

impl OfflinePush {
    /// Always `None`: each of the [events](Self::events) has an identity of its own, and nothing says
    /// that they are in the same batch when they are sent again.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// Always `None`: the order of pushes does not matter.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}

impl From<Batch<OfflinePushEvent>> for OfflinePush {
    fn from(Batch { callback_command, events }: Batch<OfflinePushEvent>) -> Self {
        Self { callback_command, events }
    }
}

/// What became of the push of a message to one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OfflinePushEvent {
    /// The command word that it names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// What kind of message it is about.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<OfflinePushEventType>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixSeconds>,
    /// The user id of the message's sender.
    #[serde(rename = "From_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub from_account: Option<String>,
    /// The user id of whom it was pushed to.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// Which service carried it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub push_platform: Option<PushPlatform>,
    /// The step that it has reached.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub push_stage: Option<PushStage>,
    /// The key of a one-to-one message; absent or empty for others.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_key: Option<String>,
    /// The group of a group message; absent or empty for others.
    #[serde(rename = "GroupID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// The message's sequence number.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_seq: Option<u32>,
    /// The message's random number. The page says that it is empty for group messages, but its sample has it.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub msg_random: Option<u32>,
    /// When the message was sent.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub msg_time: Option<UnixSeconds>,
    /// The push, for looking up its way in the console. Only newer pages have it.
    #[serde(rename = "PushID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub push_id: Option<String>,
    /// 0 for success; anything else is a failure.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub err_code: Option<i64>,
    /// What went wrong, in words; may be empty or `OK`.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub err_info: Option<String>,
}

impl OfflinePushEvent {
    /// The push, or else the message, the account, the push service, and the step that it has reached.
    ///
    /// `None` when one of them is missing.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let stage = self.push_stage?.code();
        let platform = self.push_platform.map_or(0, PushPlatform::code);
        let id = given(self.push_id.as_deref()).or_else(|| given(self.msg_key.as_deref()));
        if let Some(id) = id {
            return Some(Identity::of::<OfflinePush>(&[&id, &self.to_account, &platform, &stage]));
        }
        let group_id = given(self.group_id.as_deref())?;
        Some(Identity::of::<OfflinePush>(&[&group_id, &self.msg_seq?, &self.to_account, &platform, &stage]))
    }
}

/// An id that is neither absent nor empty.
fn given(id: Option<&str>) -> Option<&str> {
    id.filter(|id| !id.is_empty())
}

impl Entry for OfflinePushEvent {
    const COMMAND: &'static str = "Push.OfflinePush";

    const NAMES: &'static [&'static str] = &[
        "CallbackCommand",
        "Events",
        "EventType",
        "EventTime",
        "From_Account",
        "To_Account",
        "PushPlatform",
        "PushStage",
        "MsgKey",
        "GroupID",
        "MsgSeq",
        "MsgRandom",
        "MsgTime",
        "PushID",
        "ErrCode",
        "ErrInfo",
    ];

    fn callback_command(&mut self) -> &mut Option<Command> {
        &mut self.callback_command
    }
}

/// `Push.AllMemberPush`: pushes to all users, by tag or to single users were sent, have arrived or were clicked.
///
/// Passed to [`push_all_member_push`](crate::CallbackHandler::push_all_member_push).
///
#[doc = include_str!("../../docs/events/Push.AllMemberPush.md")]
#[doc(alias = "Push.AllMemberPush")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", from = "Batch<AllMemberPushEvent>")]
#[non_exhaustive]
pub struct AllMemberPush {
    /// The command word that the body names beside its events: none in any document. Where the first
    /// event names another callback than this one, its word is here too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// What happened: 1 to 100 events. A body that is one event, as in 2024, is read as a list of one.
    pub events: Vec<AllMemberPushEvent>,
}

impl AllMemberPush {
    /// Always `None`: each of the [events](Self::events) has an identity of its own, and nothing says
    /// that they are in the same batch when they are sent again.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// Always `None`: the order of pushes does not matter.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}

impl From<Batch<AllMemberPushEvent>> for AllMemberPush {
    fn from(Batch { callback_command, events }: Batch<AllMemberPushEvent>) -> Self {
        Self { callback_command, events }
    }
}

/// What became of a push task's push to one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AllMemberPushEvent {
    /// The command word that it names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// How the push reached the user.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<AllMemberPushEventType>,
    /// The task, as it was called in the answer to the request for the push.
    #[serde(deserialize_with = "text")]
    pub task_id: String,
    /// The app's own id, from the request for the push. Only newer pages have it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub data_id: Option<String>,
    /// When the task was started.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub task_time: Option<UnixSeconds>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixSeconds>,
    /// The user id of whom it was pushed to.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// Which service carried it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub push_platform: Option<PushPlatform>,
    /// What kind of device it went to. Only newer pages have it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub device_type: Option<DeviceType>,
    /// The step that it has reached.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub push_stage: Option<PushStage>,
    /// 0 for success; anything else is a failure.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub err_code: Option<i64>,
    /// What went wrong, in words; may be empty or `OK`.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub err_info: Option<String>,
}

impl AllMemberPushEvent {
    /// The task, the account, the way it was sent, and the step that it has reached; `None` when one of them is
    /// missing.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let stage = self.push_stage?.code();
        let way = self.event_type.map_or(0, AllMemberPushEventType::code);
        let platform = self.push_platform.map_or(0, PushPlatform::code);
        let device = self.device_type.map_or(0, DeviceType::code);
        Some(Identity::of::<AllMemberPush>(&[&self.task_id, &self.to_account, &way, &platform, &device, &stage]))
    }
}

impl Entry for AllMemberPushEvent {
    const COMMAND: &'static str = "Push.AllMemberPush";

    const NAMES: &'static [&'static str] = &[
        "CallbackCommand",
        "Events",
        "EventType",
        "TaskId",
        "DataId",
        "TaskTime",
        "EventTime",
        "To_Account",
        "PushPlatform",
        "DeviceType",
        "PushStage",
        "ErrCode",
        "ErrInfo",
    ];

    fn callback_command(&mut self) -> &mut Option<Command> {
        &mut self.callback_command
    }
}
