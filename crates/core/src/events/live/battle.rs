//! Battles: matches between the hosts of live rooms, for points.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixMillis, UnixSeconds,
    wire::enums::int_enum,
    wire::lenient::{opt_bool, opt_entries, opt_int, opt_text, opt_texts, optional, text},
};

/// `Live.CallbackAfterCreateBattle`: a battle was asked for.
///
/// Passed to [`live_after_create_battle`](crate::CallbackHandler::live_after_create_battle).
///
#[doc = include_str!("../../../docs/events/Live.CallbackAfterCreateBattle.md")]
#[doc(alias = "Live.CallbackAfterCreateBattle")]
#[doc(alias = "CallbackAfterCreateBattle")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateBattle {
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
    /// The battle, in letters like Base64's, with `/`, `+` and `=` among them.
    #[serde(deserialize_with = "text")]
    pub battle_id: String,
    /// The room of the host who invites.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub from_room_id: Option<String>,
    /// The rooms of the hosts who are invited. Here they are ids; later events have their hosts too.
    #[serde(default, deserialize_with = "opt_texts", skip_serializing_if = "Option::is_none")]
    pub to_room_id_list: Option<Vec<String>>,
    /// How long the invited may think about it where they have to agree, in milliseconds; who does not
    /// answer declines.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// How long the battle is to take, in milliseconds.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// Whether the invited have to agree. If not, it begins at once.
    #[serde(default, deserialize_with = "opt_bool", skip_serializing_if = "Option::is_none")]
    pub need_response: Option<bool>,
    /// The app's own text.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub extension_info: Option<String>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateBattle {
    /// The battle: it is asked for once.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.battle_id]))
    }

    /// The battle, which is one of several rooms.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("battle", &self.battle_id))
    }
}

/// A room in a battle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BattleRoom {
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// Its points. Only when the battle is over.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// The user id of its host.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
}

/// `Live.CallbackAfterStartBattle`: a battle has begun.
///
/// Passed to [`live_after_start_battle`](crate::CallbackHandler::live_after_start_battle).
///
#[doc = include_str!("../../../docs/events/Live.CallbackAfterStartBattle.md")]
#[doc(alias = "Live.CallbackAfterStartBattle")]
#[doc(alias = "CallbackAfterStartBattle")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterStartBattle {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The battle.
    #[serde(deserialize_with = "text")]
    pub battle_id: String,
    /// How long it is to take, in milliseconds.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// When it was asked for, in **seconds**.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub create_time: Option<UnixSeconds>,
    /// When it began, in **seconds**.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<UnixSeconds>,
    /// The room of the host who has invited.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub from_room_info: Option<BattleRoom>,
    /// The rooms of the hosts who were invited.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub to_room_list: Option<Vec<BattleRoom>>,
    /// When it began, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterStartBattle {
    /// The battle: it begins once.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.battle_id]))
    }

    /// The battle, which is one of several rooms.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("battle", &self.battle_id))
    }
}

int_enum! {
    /// Why a battle has ended.
    pub enum BattleEnd {
        /// Its time was up.
        TimeUp = 0,
        /// All hosts have left it.
        AllLeft = 1,
        /// It never began: none of the invited has agreed.
        NeverBegan = 2,
    }
}

/// `Live.CallbackAfterEndBattle`: a battle has ended.
///
/// Passed to [`live_after_end_battle`](crate::CallbackHandler::live_after_end_battle).
///
#[doc = include_str!("../../../docs/events/Live.CallbackAfterEndBattle.md")]
#[doc(alias = "Live.CallbackAfterEndBattle")]
#[doc(alias = "CallbackAfterEndBattle")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterEndBattle {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The battle.
    #[serde(deserialize_with = "text")]
    pub battle_id: String,
    /// How long it was to take, in milliseconds.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// When it was asked for, in **seconds**.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub create_time: Option<UnixSeconds>,
    /// When it began, in **seconds**. The value for one that never began is undocumented.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub start_time: Option<UnixSeconds>,
    /// When it ended, in **seconds**.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub end_time: Option<UnixSeconds>,
    /// Why it ended.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub op_type: Option<BattleEnd>,
    /// The room of the host who had invited, with its points.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub from_room_info: Option<BattleRoom>,
    /// The rooms of the hosts who were invited, with their points.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub to_room_list: Option<Vec<BattleRoom>>,
    /// When it ended, in milliseconds.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterEndBattle {
    /// The battle: it ends once.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.battle_id]))
    }

    /// The battle, which is one of several rooms.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("battle", &self.battle_id))
    }
}
