//! The profiles of users: the `Profile.*` callback.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{
    Command, Identity, Key, UnixMillis,
    wire::enums::string_enum,
    wire::lenient::{entries, opt_text, optional, text, whole},
    wire::reasons,
};

string_enum! {
    /// The name of a field of a profile. The app's own fields are [`Other`](Self::Other); see
    /// [`custom`](Self::custom).
    pub enum Tag {
        /// The nickname: text, at most 500 bytes.
        Nick = "Tag_Profile_IM_Nick",
        /// The gender: `Gender_Type_Unknown`, `Gender_Type_Female` or `Gender_Type_Male`.
        Gender = "Tag_Profile_IM_Gender",
        /// The birthday: a number, by recommendation of the form 19990807.
        BirthDay = "Tag_Profile_IM_BirthDay",
        /// The place: text, at most 16 bytes.
        Location = "Tag_Profile_IM_Location",
        /// A few words of the user's own: text, at most 500 bytes.
        SelfSignature = "Tag_Profile_IM_SelfSignature",
        /// Who may become a friend: `AllowType_Type_AllowAny`, `AllowType_Type_NeedConfirm` or
        /// `AllowType_Type_DenyAny`.
        AllowType = "Tag_Profile_IM_AllowType",
        /// The language: a number.
        Language = "Tag_Profile_IM_Language",
        /// The picture: its address, at most 500 bytes.
        Image = "Tag_Profile_IM_Image",
        /// Settings for messages: a number; its lowest bit is set when the user receives none.
        MsgSettings = "Tag_Profile_IM_MsgSettings",
        /// Whether an administrator keeps the user from asking for friends: `AdminForbid_Type_None` or
        /// `AdminForbid_Type_SendOut`.
        AdminForbidType = "Tag_Profile_IM_AdminForbidType",
        /// The level: a number.
        Level = "Tag_Profile_IM_Level",
        /// The role: a number.
        Role = "Tag_Profile_IM_Role",
    }
}

impl Tag {
    /// The keyword of a field of the app's own, as it is set up in the console.
    #[must_use]
    pub fn custom(&self) -> Option<&str> {
        self.as_str().strip_prefix("Tag_Profile_Custom_")
    }
}

/// What a field of a profile is set to.
///
/// The field decides whether it is text or a number; [`as_number`](Self::as_number) reads quoted ones too.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Value {
    /// Text.
    Text(String),
    /// A number. Those of standard fields have 32 bits, those of custom fields may have more.
    Number(u64),
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }

    /// The number, if it is one, also in quotes.
    #[must_use]
    pub fn as_number(&self) -> Option<u64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Number(number))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
                let number = whole(number)?.try_into().map_err(|_| E::custom(reasons::NEGATIVE))?;
                Ok(Value::Number(number))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// A field of a profile that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ProfileItem {
    /// Which field.
    pub tag: Tag,
    /// What it is now.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// `Profile.CallbackPortraitSet`: a user's profile was changed.
///
/// Passed to [`profile_portrait_set`](crate::CallbackHandler::profile_portrait_set).
///
#[doc = include_str!("../../docs/events/Profile.CallbackPortraitSet.md")]
#[doc(alias = "Profile.CallbackPortraitSet")]
#[doc(alias = "CallbackPortraitSet")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PortraitSet {
    /// The command word that the body names.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub callback_command: Option<Command>,
    /// The user id of the user who changed it; an administrator's for the RESTful API.
    #[serde(
        rename = "Operator_Account",
        default,
        deserialize_with = "opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub operator_account: Option<String>,
    /// The user id of whose profile it is.
    #[serde(rename = "From_Account", deserialize_with = "text")]
    pub from_account: String,
    /// When it happened.
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<UnixMillis>,
    /// The fields that were changed, and no others.
    #[serde(deserialize_with = "entries")]
    pub profile_item: Vec<ProfileItem>,
}

impl PortraitSet {
    /// The user and the time; `None` without the time.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity::of::<Self>(&[&self.from_account, &self.event_time?]))
    }

    /// The user.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        Some(Key::of("user", &self.from_account))
    }
}
