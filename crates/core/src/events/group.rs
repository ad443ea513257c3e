//! Groups, their members, their topics and their messages: the `Group.*` callbacks.

use std::{collections::BTreeMap, fmt::Display};

use serde::{Deserialize, Serialize};

mod member;
mod message;
mod topic;

pub use self::{
    member::{
        AfterMemberExit, AfterMemberFieldChanged, AfterNewMemberJoin, BeforeApplyJoinGroup, BeforeInviteJoinGroup,
        EventCause, EventType, ExitType, JoinType, OnMemberStateChange, Role,
    },
    message::{
        AfterGroupMsgExtension, AfterModifyMsg, AfterReadReceipt, AfterRecallMsg, AfterSendMsg, BeforeSendMsg,
        GroupAtInfo, GroupMsgReceipt, MsgPriority, MsgSeq, SendMsgException,
    },
    topic::{AfterCreateTopic, AfterTopicDestroyed, AfterTopicInfoChanged, BeforeCreateTopic},
};
use crate::{
    Command, Identity, Key, Member, UnixMillis,
    wire::enums::string_enum,
    wire::lenient::{opt_counts, opt_entries, opt_int, opt_text, optional, text},
};

string_enum! {
    /// What kind of group it is.
    pub enum GroupType {
        /// For people who know each other; joined by invitation. Client SDKs call it `Work`.
        Private = "Private" | "Work",
        /// With administrators who admit new members.
        Public = "Public",
        /// Joined freely, history from joining on. Client SDKs call it `Meeting`.
        ChatRoom = "ChatRoom" | "Meeting",
        /// The audience of a live stream; members are not stored.
        AvChatRoom = "AVChatRoom",
        /// A community, with topics.
        Community = "Community",
        /// A room of the live product.
        Live = "Live",
    }
}

/// A custom field of a group or topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UserDefinedData {
    /// The field's name, as set up in the console.
    #[serde(deserialize_with = "text")]
    pub key: String,
    /// Its value.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

string_enum! {
    /// Whether members of a group can invite others.
    pub enum InviteOption {
        /// They cannot.
        DisableInvite = "DisableInvite",
        /// They can, and an administrator has to agree.
        NeedPermission = "NeedPermission",
        /// They can.
        FreeAccess = "FreeAccess",
    }
}

string_enum! {
    /// Whether users can apply to join a group.
    pub enum ApplyJoinOption {
        /// They cannot.
        DisableApply = "DisableApply",
        /// They can, and an administrator has to agree.
        NeedPermission = "NeedPermission",
        /// They can, and join at once.
        FreeAccess = "FreeAccess",
    }
}

string_enum! {
    /// A setting that is on or off.
    pub enum OnOff {
        /// On.
        On = "On",
        /// Off.
        Off = "Off",
    }
}

/// `Group.CallbackBeforeCreateGroup`: a user asks for a group.
///
/// Answered by [`group_before_create_group`](crate::CallbackHandler::group_before_create_group).
///
#[doc = include_str!("../../docs/events/Group.CallbackBeforeCreateGroup.md")]
#[doc(alias = "Group.CallbackBeforeCreateGroup")]
#[doc(alias = "CallbackBeforeCreateGroup")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeCreateGroup {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who asks; an administrator's for the RESTful API.
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// The user id of the owner to be. The RESTful API can ask for a group without one.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// The type that the group is to have.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The name that the group is to have.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// How many groups of this type the user has created so far. No longer documented; it may still be sent.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub create_group_num: Option<u64>,
    /// How many groups the user has created so far, by the vendor's word for their type. Undocumented; observed since 2024.
    #[serde(default, deserialize_with = "opt_counts", skip_serializing_if = "Option::is_none")]
    pub created_group_num: Option<BTreeMap<String, u64>>,
    /// Whether members can invite others. Undocumented; observed since May 2023.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub invite_option: Option<InviteOption>,
    /// The members that it is to begin with; the owner need not be among them.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub member_list: Option<Vec<Member>>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl BeforeCreateGroup {
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

/// `Group.CallbackAfterCreateGroup`: a group was created.
///
/// Passed to [`group_after_create_group`](crate::CallbackHandler::group_after_create_group).
///
#[doc = include_str!("../../docs/events/Group.CallbackAfterCreateGroup.md")]
#[doc(alias = "Group.CallbackAfterCreateGroup")]
#[doc(alias = "CallbackAfterCreateGroup")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateGroup {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The new group. An id of the service begins with `@TGS#`, that of a community with `@TGS#_`; one of
    /// the app's choice is anything.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The user id of the user who asked for it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user id of its owner. Groups without an owner exist.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// Its name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its introduction. Only the newest page has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// Its notice. Only the newest page has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub notification: Option<String>,
    /// The members that it begins with.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub member_list: Option<Vec<Member>>,
    /// The custom fields set with it; absent unless such fields are set up in the console.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub user_defined_data_list: Option<Vec<UserDefinedData>>,
    /// How many groups of this type the user has created so far. Undocumented for this
    /// callback.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub create_group_num: Option<u64>,
    /// How many groups the user has created so far, by the vendor's word for their type. Undocumented; observed in
    /// [`BeforeCreateGroup`].
    #[serde(default, deserialize_with = "opt_counts", skip_serializing_if = "Option::is_none")]
    pub created_group_num: Option<BTreeMap<String, u64>>,
    /// Whether members can invite others. Undocumented; observed since May 2023.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub invite_option: Option<InviteOption>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateGroup {
    /// The group and the time: an id of the app's choice may be used again for another group.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let time = self.event_time?;
        Some(Identity::of::<Self>(&[&self.group_id, &time]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterGroupFull`: a group is full.
///
/// Passed to [`group_after_group_full`](crate::CallbackHandler::group_after_group_full).
///
#[doc = include_str!("../../docs/events/Group.CallbackAfterGroupFull.md")]
#[doc(alias = "Group.CallbackAfterGroupFull")]
#[doc(alias = "CallbackAfterGroupFull")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterGroupFull {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The topic that is full; only for private topics of a community.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
}

impl AfterGroupFull {
    /// The group, the topic and the time: it is sent many times for one group.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (topic, time) = (self.topic_id.as_deref().unwrap_or_default(), self.event_time?);
        Some(Identity::of::<Self>(&[&self.group_id, &topic, &time]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterGroupDestroyed`: a group was disbanded.
///
/// Passed to [`group_after_group_destroyed`](crate::CallbackHandler::group_after_group_destroyed).
///
#[doc = include_str!("../../docs/events/Group.CallbackAfterGroupDestroyed.md")]
#[doc(alias = "Group.CallbackAfterGroupDestroyed")]
#[doc(alias = "CallbackAfterGroupDestroyed")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterGroupDestroyed {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who disbanded it. Only the Chinese page has it, since February 2024.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The user id of its owner. Groups without an owner exist.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// Its name. In every sample of the vendor, and in no table.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its members at the time. Never sent for communities; no limit is documented.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub member_list: Option<Vec<Member>>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterGroupDestroyed {
    /// The group and the time: an id of the app's choice may be used again for another group.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let time = self.event_time?;
        Some(Identity::of::<Self>(&[&self.group_id, &time]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterGroupInfoChanged`: the profile of a group was changed.
///
/// Passed to [`group_after_group_info_changed`](crate::CallbackHandler::group_after_group_info_changed).
///
/// A field that was not changed is absent; one that is there and empty was cleared.
///
#[doc = include_str!("../../docs/events/Group.CallbackAfterGroupInfoChanged.md")]
#[doc(alias = "Group.CallbackAfterGroupInfoChanged")]
#[doc(alias = "CallbackAfterGroupInfoChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterGroupInfoChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The user id of the user who changed it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// Its new name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its new introduction.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub introduction: Option<String>,
    /// Its new notice.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub notification: Option<String>,
    /// The URL of its new avatar.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub face_url: Option<String>,
    /// The custom fields that were changed. An earlier edition of the page has them.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub user_defined_data_list: Option<Vec<UserDefinedData>>,
    /// Whether all members are muted now. Undocumented; read by public receivers.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub shut_up_all_member: Option<OnOff>,
    /// Whether users can apply to join now. Undocumented; read by public receivers.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub apply_join_option: Option<ApplyJoinOption>,
    /// Whether members can invite others now. Undocumented here; observed when groups are created.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub invite_option: Option<InviteOption>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterGroupInfoChanged {
    /// The group, the time and the user who changed it.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (operator, time) = (self.operator_account.as_deref().unwrap_or_default(), self.event_time?);
        Some(Identity::of::<Self>(&[&self.group_id, &time, &operator]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

string_enum! {
    /// What was done to the attributes of a group.
    pub enum OptionType {
        /// All were replaced by the listed ones.
        Set = "set",
        /// The listed ones were changed, the others stay.
        Modify = "modify",
        /// All were removed.
        Clear = "clear",
        /// The listed ones were removed.
        Delete = "delete",
    }
}

/// A group attribute: a key with its value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupAttr {
    /// The key.
    #[serde(deserialize_with = "text")]
    pub key: String,
    /// Its value; may be absent where the attribute was deleted.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// `Group.CallbackAfterGroupAttrChanged`: attributes of a group were changed.
///
/// Passed to [`group_after_group_attr_changed`](crate::CallbackHandler::group_after_group_attr_changed).
///
#[doc = include_str!("../../docs/events/Group.CallbackAfterGroupAttrChanged.md")]
#[doc(alias = "Group.CallbackAfterGroupAttrChanged")]
#[doc(alias = "CallbackAfterGroupAttrChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterGroupAttrChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The user id of the user who changed them.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// What was done to them.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub option_type: Option<OptionType>,
    /// The attributes concerned. Empty or absent when all were cleared.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub group_attr: Option<Vec<GroupAttr>>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterGroupAttrChanged {
    /// The group, the time, what was done and the keys it was done to.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (action, time) = (self.option_type.as_ref()?, self.event_time?);
        let mut parts: Vec<&dyn Display> = vec![&self.group_id, &time, action];
        parts.extend(self.group_attr.iter().flatten().map(|attribute| &attribute.key as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterChangeGroupOwner`: a group has another owner.
///
/// Passed to [`group_after_change_group_owner`](crate::CallbackHandler::group_after_change_group_owner).
///
#[doc = include_str!("../../docs/events/Group.CallbackAfterChangeGroupOwner.md")]
#[doc(alias = "Group.CallbackAfterChangeGroupOwner")]
#[doc(alias = "CallbackAfterChangeGroupOwner")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterChangeGroupOwner {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The user id of the user who changed the owner.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user id of the owner before. A group may have had none.
    #[serde(
        rename = "OldOwner_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub old_owner_account: Option<String>,
    /// The user id of the owner now.
    #[serde(rename = "NewOwner_Account", deserialize_with = "text")]
    pub new_owner_account: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterChangeGroupOwner {
    /// The group, the time and the new owner.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let time = self.event_time?;
        Some(Identity::of::<Self>(&[&self.group_id, &time, &self.new_owner_account]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackOnDailyGroupQuotaAlarm`: the number of the app's groups is near the limit of a day.
///
/// Passed to [`group_on_daily_group_quota_alarm`](crate::CallbackHandler::group_on_daily_group_quota_alarm).
///
/// It is about the app as a whole and names no group and no user.
///
#[doc = include_str!("../../docs/events/Group.CallbackOnDailyGroupQuotaAlarm.md")]
#[doc(alias = "Group.CallbackOnDailyGroupQuotaAlarm")]
#[doc(alias = "CallbackOnDailyGroupQuotaAlarm")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OnDailyGroupQuotaAlarm {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// By how many groups the app has grown today: those created less those disbanded.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub quota_used: Option<u64>,
    /// By how many it may grow in a day.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl OnDailyGroupQuotaAlarm {
    /// The time: there is one such growth for an app.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let time = self.event_time?;
        Some(Identity::of::<Self>(&[&time]))
    }

    /// Always `None`: it is about no group.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}
