//! What the cloud's moderation found: the `ContentCallback.*` callback.

use serde::{Deserialize, Serialize};

use crate::{
    Command, Identity, Key,
    wire::enums::{int_enum, string_enum},
    wire::lenient::{opt_int, opt_text, opt_texts, opt_texts_or_one, optional, text},
    wire::redact::redacted_debug,
};

string_enum! {
    /// Where the content stood.
    pub enum Scene {
        /// In a one-to-one message.
        C2C = "C2C",
        /// In a custom element of a one-to-one message.
        C2CCustom = "C2CCustom",
        /// In a group message.
        Group = "Group",
        /// In a custom element of a group message.
        GroupCustom = "GroupCustom",
        /// In a group's own information.
        GroupInfo = "GroupInfo",
        /// In a member's information in a group.
        GroupMemberInfo = "GroupMemberInfo",
        /// In what users note about their friends.
        RelationChain = "RelationChain",
        /// In a user's profile.
        UserInfo = "UserInfo",
    }
}

string_enum! {
    /// What kind of content it is.
    pub enum ContentType {
        /// Text.
        Text = "Text",
        /// A picture.
        Image = "Image",
        /// A recording.
        Audio = "Audio",
        /// A video.
        Video = "Video",
    }
}

int_enum! {
    /// Whom a message was for.
    pub enum ContactType {
        /// One user.
        C2C = 1,
        /// A group.
        Group = 2,
    }
}

int_enum! {
    /// What was done with the content.
    pub enum CtxcbResult {
        /// It was allowed.
        Passed = 0,
        /// It was blocked.
        Blocked = 1,
    }
}

string_enum! {
    /// What the moderation advises.
    pub enum CtxcbSuggestion {
        /// To block it.
        Block = "Block",
        /// To have a user look at it.
        Review = "Review",
        /// Nothing: it is fine.
        Normal = "Normal",
    }
}

string_enum! {
    /// What is wrong with the content.
    pub enum CtxcbLabel {
        /// Nothing.
        Normal = "Normal",
        /// It is against the law.
        Illegal = "Illegal",
        /// It insults.
        Abuse = "Abuse",
        /// It is about politics.
        Polity = "Polity",
        /// It advertises.
        Ad = "Ad",
        /// It is pornographic.
        Porn = "Porn",
        /// It is suggestive.
        Sexy = "Sexy",
        /// It is about terror.
        Terror = "Terror",
        /// Several of these.
        Composite = "Composite",
    }
}

/// Whom a message was for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ContactItem {
    /// A user or a group.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub contact_type: Option<ContactType>,
    /// The user's id, with [`ContactType::C2C`].
    #[serde(rename = "To_Account", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub to_account: Option<String>,
    /// The group, with [`ContactType::Group`].
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub to_group_id: Option<String>,
}

/// `ContentCallback.ResultNotify`: the moderation has judged a message, a profile or something else.
///
/// Passed to [`content_result_notify`](crate::CallbackHandler::content_result_notify).
///
#[doc = include_str!("../../docs/events/ContentCallback.ResultNotify.md")]
#[doc(alias = "ContentCallback.ResultNotify")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResultNotify {
    /// The command word that the body names. The bodies of this callback name none: it is in the
    /// query only.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// Where the content stood.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub scene: Option<Scene>,
    /// The application. In every sample of the vendor, and in no table.
    #[serde(default, deserialize_with = "opt_int", skip_serializing_if = "Option::is_none")]
    pub sdk_app_id: Option<u64>,
    /// The user id of the author of the content.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// Whom it was for; only of messages.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub contact_item: Option<ContactItem>,
    /// What kind of content it is.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub content_type: Option<ContentType>,
    /// The text, with [`ContentType::Text`]: one, or several out of a custom element.
    #[serde(default, deserialize_with = "opt_texts_or_one", skip_serializing_if = "Option::is_none")]
    pub text_content: Option<Vec<String>>,
    /// Where the file can be downloaded, with the other types of content.
    #[serde(rename = "FileURL", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub file_url: Option<String>,
    /// Which message it is: the key of a one-to-one message, the number of a group message. Without it
    /// a group message was never sent, whether moderation held it back or something else did.
    #[serde(rename = "MsgID", default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// What was done with the content.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub ctxcb_result: Option<CtxcbResult>,
    /// The id of this judgement.
    #[serde(deserialize_with = "text")]
    pub ctxcb_request_id: String,
    /// The words of the text that are on a list. This field and those that follow are not sent to every app.
    #[serde(default, deserialize_with = "opt_texts", skip_serializing_if = "Option::is_none")]
    pub ctxcb_keywords: Option<Vec<String>>,
    /// What the moderation advises.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub ctxcb_suggestion: Option<CtxcbSuggestion>,
    /// What is wrong with the content.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub ctxcb_label: Option<CtxcbLabel>,
    /// The same more precisely, such as `InsinuationPorn`. Only newer pages have it and the next two.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub ctxcb_sub_label: Option<String>,
    /// The same as text, in the language of the vendor's site.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub ctxcb_sub_label_desc: Option<String>,
    /// The name of the list that the words are on.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub ctxcb_lib_name: Option<String>,
    /// The message's custom data; empty for what is no message.
    #[serde(default, deserialize_with = "opt_text", skip_serializing_if = "Option::is_none")]
    pub cloud_custom_data: Option<String>,
}

redacted_debug!(
    ResultNotify,
    hidden: [text_content, file_url, ctxcb_keywords, cloud_custom_data],
    shown: [
        callback_command, scene, sdk_app_id, from_account, contact_item, content_type, msg_id, ctxcb_result,
        ctxcb_request_id, ctxcb_suggestion, ctxcb_label, ctxcb_sub_label, ctxcb_sub_label_desc, ctxcb_lib_name,
    ]
);

impl ResultNotify {
    /// The id of the judgement.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.ctxcb_request_id]))
    }

    /// Always `None`: the order of results does not matter.
    #[must_use]
    pub const fn key(&self) -> Option<Key> {
        None
    }
}
