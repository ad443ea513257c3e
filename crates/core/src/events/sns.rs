//! Friends and blocklists: the `Sns.*` callbacks.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis,
    wire::enums::string_enum,
    wire::lenient::{entries, opt_flag, opt_text, optional, text},
};

mod request;

pub use self::request::{AddType, FriendItem, PrevFriendAdd, PrevFriendResponse, ResponseAction, ResponseFriendItem};

string_enum! {
    /// What made two users friends.
    pub enum ClientCmd {
        /// A request that needed no consent.
        FriendAdd = "friend_add" | "FriendAdd",
        /// The answer to a request.
        FriendResponse = "friend_response" | "FriendResponse",
    }
}

/// A user who was added to another's friends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddedPair {
    /// The user id of the user who has one friend more.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id of that friend.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
    /// The user id of the one of them who had asked for it.
    #[serde(
        rename = "Initiator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub initiator_account: Option<String>,
}

/// `Sns.CallbackFriendAdd`: users became friends.
///
/// Passed to [`sns_friend_add`](crate::CallbackHandler::sns_friend_add).
///
#[doc = include_str!("../../docs/events/Sns.CallbackFriendAdd.md")]
#[doc(alias = "Sns.CallbackFriendAdd")]
#[doc(alias = "CallbackFriendAdd")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FriendAdd {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The new friendships, one entry per direction. A mutual friendship may be reported as one entry or two.
    #[serde(deserialize_with = "entries")]
    pub pair_list: Vec<AddedPair>,
    /// What made them friends, as it was sent; [`operation`](Self::operation) knows the spellings of it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub client_cmd: Option<String>,
    /// The administrator whose call of the RESTful API it was; empty when it was none.
    #[serde(rename = "Admin_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub admin_account: Option<String>,
    /// Whether an administrator made them friends without asking them.
    #[serde(default, with = "opt_flag", skip_serializing_if = "Option::is_none")]
    pub force_flag: Option<bool>,
    /// When it happened. Undocumented here; [`PrevFriendAdd`] has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl FriendAdd {
    /// What made them friends: the word in `client_cmd`, which has two spellings.
    #[must_use]
    pub fn operation(&self) -> Option<ClientCmd> {
        self.client_cmd.as_deref().map(ClientCmd::from)
    }

    /// Always `None`: no field distinguishes it from the same users becoming friends again.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// The two users, if all pairs are of the same two; otherwise the first user of the first pair. `None` without a pair.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        pairs_key(self.pair_list.iter().map(|pair| (&*pair.from_account, &*pair.to_account)))
    }
}

/// A user on another's list: the friends or the blocklist, whichever the event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pair {
    /// The user id of whose list it is.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user id that was put on it or taken off it.
    #[serde(rename = "To_Account", deserialize_with = "text")]
    pub to_account: String,
}

/// `Sns.CallbackFriendDelete`: users were removed from the friends of others.
///
/// Passed to [`sns_friend_delete`](crate::CallbackHandler::sns_friend_delete).
///
#[doc = include_str!("../../docs/events/Sns.CallbackFriendDelete.md")]
#[doc(alias = "Sns.CallbackFriendDelete")]
#[doc(alias = "CallbackFriendDelete")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FriendDelete {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// Whose friends are one less, and who that was.
    #[serde(deserialize_with = "entries")]
    pub pair_list: Vec<Pair>,
    /// When it happened. Undocumented here; [`PrevFriendAdd`] has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl FriendDelete {
    /// Always `None`: no field distinguishes it from the same friends being deleted again.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// The two users, if all pairs are of the same two; otherwise the first user of the first pair. `None` without a pair.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        pairs_key(self.pair_list.iter().map(|pair| (&*pair.from_account, &*pair.to_account)))
    }
}

/// `Sns.CallbackBlackListAdd`: users were put on the blocklists of others.
///
/// Passed to [`sns_black_list_add`](crate::CallbackHandler::sns_black_list_add).
///
#[doc = include_str!("../../docs/events/Sns.CallbackBlackListAdd.md")]
#[doc(alias = "Sns.CallbackBlackListAdd")]
#[doc(alias = "CallbackBlackListAdd")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BlackListAdd {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// Whose blocklist it is, and who is on it now.
    #[serde(deserialize_with = "entries")]
    pub pair_list: Vec<Pair>,
    /// When it happened. Undocumented here; [`PrevFriendAdd`] has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl BlackListAdd {
    /// Always `None`: no field distinguishes it from the same users being blocked again.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// The two users, if all pairs are of the same two; otherwise the first user of the first pair. `None` without a pair.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        pairs_key(self.pair_list.iter().map(|pair| (&*pair.from_account, &*pair.to_account)))
    }
}

/// `Sns.CallbackBlackListDelete`: users were taken off the blocklists of others.
///
/// Passed to [`sns_black_list_delete`](crate::CallbackHandler::sns_black_list_delete).
///
#[doc = include_str!("../../docs/events/Sns.CallbackBlackListDelete.md")]
#[doc(alias = "Sns.CallbackBlackListDelete")]
#[doc(alias = "CallbackBlackListDelete")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BlackListDelete {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// Whose blocklist it is, and who is no longer on it.
    #[serde(deserialize_with = "entries")]
    pub pair_list: Vec<Pair>,
    /// When it happened. Undocumented here; [`PrevFriendAdd`] has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl BlackListDelete {
    /// Always `None`: no field distinguishes it from the same users being unblocked again.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// The two users, if all pairs are of the same two; otherwise the first user of the first pair. `None` without a pair.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        pairs_key(self.pair_list.iter().map(|pair| (&*pair.from_account, &*pair.to_account)))
    }
}

/// The key of an event about pairs of users.
fn pairs_key<'a>(mut pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Key> {
    let (from, to) = pairs.next()?;
    let key = Key::pair(from, to);
    let is_same = pairs.all(|(from, to)| Key::pair(from, to) == key);
    Some(if is_same { key } else { Key::of("user", from) })
}
