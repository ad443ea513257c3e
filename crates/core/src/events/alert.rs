//! Warnings to those who run the app: the `Alert.*` callback.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key,
    wire::lenient::{opt_int, optional, text},
};

/// `Alert.RequestOverLimit`: an API is called nearly as often as it may be, or more often.
///
/// Passed to [`alert_request_over_limit`](crate::CallbackHandler::alert_request_over_limit).
///
#[doc = include_str!("../../docs/events/Alert.RequestOverLimit.md")]
#[doc(alias = "Alert.RequestOverLimit")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RequestOverLimit {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The service that the API belongs to: the first part of its path, such as `openim`.
    #[serde(deserialize_with = "text")]
    pub service_name: String,
    /// The API's own word: the second part of its path, such as `batchsendmsg`.
    #[serde(deserialize_with = "text")]
    pub command: String,
    /// How many requests a second there are.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
    /// How many requests a second are allowed.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

impl RequestOverLimit {
    /// Always `None`: no field distinguishes it from the next warning about the same API.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }

    /// Always `None`: the order of alerts does not matter.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}
