//! Gifts in live rooms.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key, UnixSeconds,
    wire::lenient::{all_texts, int, opt_int, optional, text},
};

/// What is about to be given. It has no id of its own: the sender, the gift and the time are all that
/// distinguishes it from the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GiftWater {
    /// The user id of the user who gives.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// The user ids of those who get it. It is a list, although the name does not say so.
    #[serde(rename = "To_Account", deserialize_with = "all_texts")]
    pub to_account: Vec<String>,
    /// When it was sent, in **seconds**.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub time: Option<UnixSeconds>,
    /// The gift.
    #[serde(deserialize_with = "text")]
    pub gift_id: String,
    /// How many of it.
    #[serde(deserialize_with = "int")]
    pub count: u64,
    /// What it is worth; whether each or all together is not documented.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub coins: Option<u64>,
}

/// `Live.CallbackBeforeSendGift`: a user is about to send a gift in a live room.
///
/// Answered by [`live_before_send_gift`](crate::CallbackHandler::live_before_send_gift).
///
#[doc = include_str!("../../../docs/events/Live.CallbackBeforeSendGift.md")]
#[doc(alias = "Live.CallbackBeforeSendGift")]
#[doc(alias = "CallbackBeforeSendGift")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeSendGift {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who sends it.
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// The room.
    #[serde(deserialize_with = "text")]
    pub room_id: String,
    /// The gift, from whom and to whom.
    pub gift_water: GiftWater,
}

impl BeforeSendGift {
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
