//! The topics of communities.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::{GroupType, UserDefinedData};
use crate::{
    Command, Identity, Key, UnixMillis,
    wire::lenient::{opt_entries, opt_text, optional, text, texts},
};

/// `Group.CallbackBeforeCreateTopic`: a user asks for a topic.
///
/// Answered by [`group_before_create_topic`](crate::CallbackHandler::group_before_create_topic).
///
#[doc = include_str!("../../../docs/events/Group.CallbackBeforeCreateTopic.md")]
#[doc(alias = "Group.CallbackBeforeCreateTopic")]
#[doc(alias = "CallbackBeforeCreateTopic")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeCreateTopic {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who asks; an administrator's for the RESTful API.
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// The type of the group that the topic is for: always [`GroupType::Community`].
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The name that the topic is to have.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// When it was requested. Undocumented here; the callback for groups has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl BeforeCreateTopic {
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

/// `Group.CallbackAfterCreateTopic`: a topic was created.
///
/// Passed to [`group_after_create_topic`](crate::CallbackHandler::group_after_create_topic).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterCreateTopic.md")]
#[doc(alias = "Group.CallbackAfterCreateTopic")]
#[doc(alias = "CallbackAfterCreateTopic")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateTopic {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The community that the topic belongs to. The vendor's sample pairs it with a topic of another
    /// community, so do not check one against the other.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The new topic: the community's id, `@TOPIC#_`, and a part that is generated or the app's choice.
    #[serde(deserialize_with = "text")]
    pub topic_id: String,
    /// The user id of the user who asked for it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user id of the community's owner.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// The type of the group that the topic belongs to: always [`GroupType::Community`].
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The topic's name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The custom fields set with it; absent unless such fields are set up in the console.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub user_defined_data_list: Option<Vec<UserDefinedData>>,
    /// When it happened. Undocumented here; the callback for groups has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateTopic {
    /// The topic: a topic is created once. One deleted and created again under an id of the app's
    /// choice has the same identity.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.group_id, &self.topic_id]))
    }

    /// The group, and not the topic: topics are created and deleted in it.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterTopicDestroyed`: topics were deleted.
///
/// Passed to [`group_after_topic_destroyed`](crate::CallbackHandler::group_after_topic_destroyed).
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterTopicDestroyed.md")]
#[doc(alias = "Group.CallbackAfterTopicDestroyed")]
#[doc(alias = "CallbackAfterTopicDestroyed")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterTopicDestroyed {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The community that the topics belonged to.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The type of that group: always [`GroupType::Community`].
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The deleted topics, by id. The page's table calls it a string; its sample has the list.
    #[serde(deserialize_with = "texts")]
    pub topic_id_list: Vec<String>,
    /// The user id of the user who deleted them. Undocumented here; the callback for groups has it.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// When it happened. Undocumented here; the callback for groups has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterTopicDestroyed {
    /// The topics: a topic is deleted once. One created and deleted again under an id of the app's
    /// choice has the same identity.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let mut parts: Vec<&dyn Display> = vec![&self.group_id];
        parts.extend(self.topic_id_list.iter().map(|topic| topic as &dyn Display));
        Some(Identity::of::<Self>(&parts))
    }

    /// The group, and not the topic: topics are created and deleted in it.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}

/// `Group.CallbackAfterTopicInfoChanged`: the profile of a topic was changed.
///
/// Passed to [`group_after_topic_info_changed`](crate::CallbackHandler::group_after_topic_info_changed).
///
/// No version of the vendor's page has the topic. A field that is absent was most likely not changed.
///
#[doc = include_str!("../../../docs/events/Group.CallbackAfterTopicInfoChanged.md")]
#[doc(alias = "Group.CallbackAfterTopicInfoChanged")]
#[doc(alias = "CallbackAfterTopicInfoChanged")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterTopicInfoChanged {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The community that the topic belongs to.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The type of that group: always [`GroupType::Community`].
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
    /// The topic. Undocumented here; the other callbacks of topics have it.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// The custom fields that were changed. Undocumented here; the callback for groups has it.
    #[serde(default, deserialize_with = "opt_entries", skip_serializing_if = "Option::is_none")]
    pub user_defined_data_list: Option<Vec<UserDefinedData>>,
    /// When it happened. Undocumented here; the callback for groups has it.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterTopicInfoChanged {
    /// The group, the topic, the time and the user who changed it. `None` without topic and time, as on all pages.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let (topic, time) = (self.topic_id.as_ref()?, self.event_time?);
        let operator = self.operator_account.as_deref().unwrap_or_default();
        Some(Identity::of::<Self>(&[&self.group_id, topic, &time, &operator]))
    }

    /// The group, and not the topic: topics are created and deleted in it.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("group", &self.group_id))
    }
}
