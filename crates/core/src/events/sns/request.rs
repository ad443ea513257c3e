//! Friend requests and the answers to them, before they take effect.

use serde::{Deserialize, Serialize};

use crate::{
    Command, FriendRequest, Identity, Key, UnixMillis,
    wire::enums::string_enum,
    wire::lenient::{opt_flag, opt_text, optional, text},
    wire::redact::redacted_debug,
};

string_enum! {
    /// Whose friends a request is about.
    pub enum AddType {
        /// Those of the user who asks only.
        Single = "Add_Type_Single",
        /// Those of both. This is the usual one.
        Both = "Add_Type_Both",
    }
}

string_enum! {
    /// What a user says to a friend request.
    pub enum ResponseAction {
        /// Yes, and the one who asked becomes a friend too.
        AgreeAndAdd = "Response_Action_AgreeAndAdd",
        /// Yes, but only the one who asked has a new friend.
        Agree = "Response_Action_Agree",
        /// No.
        Reject = "Response_Action_Reject",
    }
}

/// A user whom another wants as a friend.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FriendItem {
    /// The user id of the friend to be.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// What the one who asks notes about the other, at most 96 bytes; empty or absent when nothing.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// The friend list that the one who asks puts the other on, at most 30 bytes.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// The source of the request: `AddSource_Type_` and a word of at most 8 letters.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub add_source: Option<String>,
    /// What the one who asks writes to the other, at most 256 bytes.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub add_wording: Option<String>,
}

redacted_debug!(
    FriendItem,
    hidden: [add_wording],
    shown: [to_account, remark, group_name, add_source]
);

/// `Sns.CallbackPrevFriendAdd`: a user asks for friends.
///
/// Answered by [`sns_prev_friend_add`](crate::CallbackHandler::sns_prev_friend_add).
///
#[doc = include_str!("../../../docs/events/Sns.CallbackPrevFriendAdd.md")]
#[doc(alias = "Sns.CallbackPrevFriendAdd")]
#[doc(alias = "CallbackPrevFriendAdd")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PrevFriendAdd {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id that the request was made with.
    #[serde(rename = "Requester_Account", deserialize_with = "text")]
    pub requester_account: String,
    /// The user id of the user who wants the friends: the same in all that was seen.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The friends to be; one request can name several.
    pub friend_item: Vec<FriendItem>,
    /// Whose friends it is about.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub add_type: Option<AddType>,
    /// Whether an administrator makes them friends without asking them; never so for clients.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub force_add_flags: Option<bool>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl PrevFriendAdd {
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

impl FriendRequest for PrevFriendAdd {
    type Item = FriendItem;

    fn items(&self) -> &[FriendItem] {
        &self.friend_item
    }

    fn account(item: &FriendItem) -> &str {
        &item.to_account
    }
}

/// A friend request that is being answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResponseFriendItem {
    /// The user id of the user who had made the request.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// What the one who answers notes about the other, at most 96 bytes; empty or absent when nothing.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// The friend list that the one who answers puts the other on, at most 30 bytes; called
    /// `group_name` in [`FriendItem`].
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub tag_name: Option<String>,
    /// What the answer is.
    pub response_action: ResponseAction,
}

/// `Sns.CallbackPrevFriendResponse`: a user answers friend requests.
///
/// Answered by [`sns_prev_friend_response`](crate::CallbackHandler::sns_prev_friend_response).
///
#[doc = include_str!("../../../docs/events/Sns.CallbackPrevFriendResponse.md")]
#[doc(alias = "Sns.CallbackPrevFriendResponse")]
#[doc(alias = "CallbackPrevFriendResponse")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PrevFriendResponse {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id that the answer was made with. The English page says that it is the user who had made
    /// the friend request; its own sample shows that it is not.
    #[serde(rename = "Requester_Account", deserialize_with = "text")]
    pub requester_account: String,
    /// The user id of the user who answers: the same in all that was seen.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The requests with their answers; several can be answered at once.
    pub response_friend_item: Vec<ResponseFriendItem>,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl PrevFriendResponse {
    /// Always `None`: each answer waits for its own decision.
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

impl FriendRequest for PrevFriendResponse {
    type Item = ResponseFriendItem;

    fn items(&self) -> &[ResponseFriendItem] {
        &self.response_friend_item
    }

    fn account(item: &ResponseFriendItem) -> &str {
        &item.to_account
    }
}
