//! Groups, their members and their topics: the `Group.*` callbacks.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Member, UnixMillis,
    lenient::{opt_text, text},
    open::open_set,
};

open_set! {
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

/// `Group.CallbackBeforeCreateTopic`: somebody asks for a topic.
///
/// Answered by [`group_before_create_topic`](crate::CallbackHandler::group_before_create_topic).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeCreateTopic {
    /// The command word that the body names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of whoever asks; an administrator's for the RESTful API.
    #[serde(rename = "Operator_Account", deserialize_with = "text")]
    pub operator_account: String,
    /// The type of the group that the topic is for: always [`GroupType::Community`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The name that the topic is to have.
    #[serde(deserialize_with = "text")]
    pub name: String,
}

impl BeforeCreateTopic {
    /// Always `None`: each request waits for its own decision.
    #[must_use]
    pub const fn identity(&self) -> Option<Identity> {
        None
    }
}

/// `Group.CallbackAfterCreateTopic`: a topic was created.
///
/// Told to [`group_after_create_topic`](crate::CallbackHandler::group_after_create_topic).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateTopic {
    /// The command word that the body names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The community that the topic belongs to. The vendor's sample pairs it with a topic of another
    /// community, so do not check one against the other.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The new topic: the community's id, `@TOPIC#_`, and a part that is generated or the app's choice.
    #[serde(deserialize_with = "text")]
    pub topic_id: String,
    /// The user id of whoever asked for it.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The topic's name.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The custom fields set with it; absent unless such fields are set up in the console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_defined_data_list: Option<Vec<UserDefinedData>>,
}

impl AfterCreateTopic {
    /// The topic: a topic is created once. One deleted and created again under an id of the app's
    /// choice has the same identity.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::new("Group.CallbackAfterCreateTopic", &[&self.group_id, &self.topic_id]))
    }
}

/// `Group.CallbackAfterTopicDestroyed`: topics were deleted.
///
/// Told to [`group_after_topic_destroyed`](crate::CallbackHandler::group_after_topic_destroyed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterTopicDestroyed {
    /// The command word that the body names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The community that the topics belonged to.
    #[serde(deserialize_with = "text")]
    pub group_id: String,
    /// The type of that group: always [`GroupType::Community`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The deleted topics, by id. The page's table calls it a string; its sample has the list.
    pub topic_id_list: Vec<String>,
}

impl AfterTopicDestroyed {
    /// The topics: a topic is deleted once. One created and deleted again under an id of the app's
    /// choice has the same identity.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let mut parts: Vec<&dyn std::fmt::Display> = vec![&self.group_id];
        parts.extend(self.topic_id_list.iter().map(|topic| topic as &dyn std::fmt::Display));
        Some(Identity::new("Group.CallbackAfterTopicDestroyed", &parts))
    }
}

/// `Group.CallbackAfterGroupDestroyed`: a group was disbanded.
///
/// Told to [`group_after_group_destroyed`](crate::CallbackHandler::group_after_group_destroyed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterGroupDestroyed {
    /// The command word that the body names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of whoever disbanded it. Only the Chinese page has it, since February 2024.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<GroupType>,
    /// The user id of its owner. Groups without an owner exist.
    #[serde(rename = "Owner_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// Its name. In every sample of the vendor's, in no table.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its members at the time. Never sent for communities; no limit is documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_list: Option<Vec<Member>>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
}

impl AfterGroupDestroyed {
    /// The group and the time: an id of the app's choice may be used again for another group.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        let time = self.event_time.map_or(0, UnixMillis::as_millis);
        Some(Identity::new("Group.CallbackAfterGroupDestroyed", &[&self.group_id, &time]))
    }
}
