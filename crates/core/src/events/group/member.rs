//! The members of groups: who joins and leaves, and what changes about them.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::GroupType;
use crate::{
    Command, Event, Identity, Key, Member, UnixMillis,
    wire::enums::string_enum,
    wire::lenient::{entries, opt_text, optional, text},
    wire::redact::redacted_debug,
};

/// `Group.CallbackBeforeApplyJoinGroup`: a user asks to join a group.
///
/// Answered by [`group_before_apply_join_group`](crate::CallbackHandler::group_before_apply_join_group).
///
#[doc = include_str!("../../../docs/events/Group.CallbackBeforeApplyJoinGroup.md")]
#[doc(alias = "Group.CallbackBeforeApplyJoinGroup")]
#[doc(alias = "CallbackBeforeApplyJoinGroup")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeApplyJoinGroup {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The user id of the applicant.
    #[serde(rename = "Requestor_Account", deserialize_with = "text")]
    pub requestor_account: String,
    /// What the applicant says to it. Only the Chinese page has it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub apply_msg: Option<String>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The topic that the applicant wants to join; only for private topics of a community.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
}

redacted_debug!(
    BeforeApplyJoinGroup,
    hidden: [apply_msg],
    shown: [callback_command, r#type, group_id, requestor_account, event_time, topic_id]
);

impl BeforeApplyJoinGroup {
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

/// `Group.CallbackBeforeInviteJoinGroup`: users are to be added to a group.
///
/// Answered by [`group_before_invite_join_group`](crate::CallbackHandler::group_before_invite_join_group).
///
#[doc = include_str!("../../../docs/events/Group.CallbackBeforeInviteJoinGroup.md")]
#[doc(alias = "Group.CallbackBeforeInviteJoinGroup")]
#[doc(alias = "CallbackBeforeInviteJoinGroup")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeInviteJoinGroup {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The user id of the user who invites; an administrator's for the RESTful API.
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// The users to be added. The user who invites may be among them.
    pub destination_members: Vec<Member>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The topic that they are to be added to; only for private topics of a community.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
}

impl BeforeInviteJoinGroup {
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

string_enum! {
    /// How new members came into a group.
    pub enum JoinType {
        /// They asked for it.
        Apply = "Apply",
        /// Others invited or added them.
        Invited = "Invited",
    }
}

/// `Group.CallbackAfterNewMemberJoin`: a group has new members.
///
/// Passed to [`group_after_new_member_join`](crate::CallbackHandler::group_after_new_member_join).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterNewMemberJoin.md")]
#[doc(alias = "Group.CallbackAfterNewMemberJoin")]
#[doc(alias = "CallbackAfterNewMemberJoin")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterNewMemberJoin {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// How they came in.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub join_type: Option<JoinType>,
    /// The user id of the user who caused it: of the inviter or an administrator, and for [`JoinType::Apply`] of
    /// the applicant. The vendor's sample has another user for that too, so take the new members from the
    /// list.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The new members.
    #[serde(deserialize_with = "entries")]
    pub new_member_list: Vec<Member>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The topic that they joined; only for private topics of a community.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
}

impl AfterNewMemberJoin {
    /// The group, the topic, the time and the new members: one who leaves can join again.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (topic, time) = (self.topic_id.as_deref().unwrap_or_default(), self.event_time?);
        Some(with_members::<Self>(&[&self.group_id, &topic, &time], &self.new_member_list))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

string_enum! {
    /// How members left a group.
    pub enum ExitType {
        /// Others removed them.
        Kicked = "Kicked",
        /// They left on their own.
        Quit = "Quit",
    }
}

/// `Group.CallbackAfterMemberExit`: members have left a group.
///
/// Passed to [`group_after_member_exit`](crate::CallbackHandler::group_after_member_exit).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterMemberExit.md")]
#[doc(alias = "Group.CallbackAfterMemberExit")]
#[doc(alias = "CallbackAfterMemberExit")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberExit {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// How they left.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub exit_type: Option<ExitType>,
    /// The user id of the user who removed them, or of the one who left on their own. The vendor's table and
    /// sample disagree about the first, so take those who left from the list.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// Those who left.
    #[serde(deserialize_with = "entries")]
    pub exit_member_list: Vec<Member>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The topic that they left; only for private topics of a community.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
}

impl AfterMemberExit {
    /// The group, the topic, the time and those who left: one who joins again can leave again.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (topic, time) = (self.topic_id.as_deref().unwrap_or_default(), self.event_time?);
        Some(with_members::<Self>(&[&self.group_id, &topic, &time], &self.exit_member_list))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

string_enum! {
    /// What a member is in a group.
    pub enum Role {
        /// An administrator.
        Admin = "Admin",
        /// An ordinary member; no longer an administrator.
        Member = "Member",
    }
}

/// `Group.CallbackAfterMemberFieldChanged`: the role or the name card of a member was changed.
///
/// Passed to [`group_after_member_field_changed`](crate::CallbackHandler::group_after_member_field_changed).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterMemberFieldChanged.md")]
#[doc(alias = "Group.CallbackAfterMemberFieldChanged")]
#[doc(alias = "CallbackAfterMemberFieldChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberFieldChanged {
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
    /// The user id of the member, under the name that the international pages give it.
    /// [`changed_account`](Self::changed_account) reads either.
    #[serde(
        rename = "Member_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub member_account: Option<String>,
    /// The user id of the member, under the name that the Chinese page gives it.
    /// [`changed_account`](Self::changed_account) reads either.
    #[serde(
        rename = "Modified_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub modified_account: Option<String>,
    /// The new role; absent when it was not changed.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The new name in the group; absent when it was not changed.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name_card: Option<String>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterMemberFieldChanged {
    /// The user id of the member, from either of its two names.
    #[must_use]
    pub fn changed_account(&self) -> Option<&str> {
        self.member_account.as_deref().or(self.modified_account.as_deref())
    }

    /// The group, the time and the member.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (member, time) = (self.changed_account()?, self.event_time?);
        Some(Identity::of::<Self>(&[&self.group_id, &time, &member]))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

string_enum! {
    /// Whether a member of a live group is there.
    pub enum EventType {
        /// No longer.
        Offline = "Offline",
        /// Now, or again.
        Online = "Online",
    }
}

string_enum! {
    /// Why a member of a live group went online or offline.
    pub enum EventCause {
        /// Offline: nothing was heard of the user for more than 30 seconds.
        HeartbeatInterrupt = "HeartbeatInterrupt",
        /// Online: the user is heard of again.
        HeartbeatRecover = "HeartbeatRecover",
        /// Online: the user came in, on the first device.
        Join = "Join",
        /// Offline: the user left, on the last device.
        Quit = "Quit",
    }
}

/// `Group.CallbackOnMemberStateChange`: members of a live group went online or offline.
///
/// Passed to [`group_on_member_state_change`](crate::CallbackHandler::group_on_member_state_change).
///
#[doc = include_str!("../../../docs/events/Group.CallbackOnMemberStateChange.md")]
#[doc(alias = "Group.CallbackOnMemberStateChange")]
#[doc(alias = "CallbackOnMemberStateChange")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OnMemberStateChange {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The group.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// Its type: always [`GroupType::AvChatRoom`]. Undocumented.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// What they are now.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventType>,
    /// Why. It is younger than the callback and not always there.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_cause: Option<EventCause>,
    /// The members whose state has changed.
    #[serde(deserialize_with = "entries")]
    pub member_list: Vec<Member>,
    /// When it happened. Only the newest sample has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl OnMemberStateChange {
    /// The group, the time, the new state and the members. `None` without a time, which not every body has.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (state, time) = (self.event_type.as_ref()?, self.event_time?);
        Some(with_members::<Self>(&[&self.group_id, &time, state], &self.member_list))
    }

    /// The group.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// An identity that ends with the members that the event is about.
fn with_members<E: Event>(parts: &[&dyn Display], members: &[Member]) -> Identity {
    let members = members.iter().map(|member| &member.member_account as &dyn Display);
    let parts: Vec<_> = parts.iter().copied().chain(members).collect();
    Identity::of::<E>(&parts)
}
