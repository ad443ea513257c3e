//! The same fields as the library's events have, as plain types and nothing else: what a parse is compared with.

#![expect(dead_code, reason = "reading them is all that is measured")]

use serde::Deserialize;
use serde_json::value::RawValue;

/// The body of `Group.CallbackBeforeCreateTopic`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BeforeCreateTopic {
    callback_command: Option<String>,
    #[serde(rename = "Operator_Account")]
    operator_account: String,
    r#type: Option<String>,
    name: String,
}

/// The body of `Group.CallbackAfterGroupDestroyed`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AfterGroupDestroyed {
    callback_command: Option<String>,
    #[serde(rename = "Operator_Account")]
    operator_account: Option<String>,
    group_id: String,
    r#type: Option<String>,
    #[serde(rename = "Owner_Account")]
    owner_account: Option<String>,
    name: Option<String>,
    member_list: Option<Vec<Member>>,
    event_time: Option<String>,
}

/// An entry of a list of members.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    #[serde(rename = "Member_Account")]
    member_account: String,
}

/// The body of `Group.CallbackBeforeSendMsg`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BeforeSendMsg {
    callback_command: Option<String>,
    group_id: String,
    r#type: Option<String>,
    #[serde(rename = "From_Account")]
    from_account: String,
    #[serde(rename = "Operator_Account")]
    operator_account: Option<String>,
    random: Option<u32>,
    msg_id: Option<String>,
    online_only_flag: Option<u8>,
    msg_priority: Option<String>,
    msg_body: Vec<Element>,
    cloud_custom_data: Option<String>,
    topic_id: Option<String>,
    event_time: Option<String>,
}

/// An element of a message, its content still to be read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Element {
    msg_type: String,
    msg_content: Box<RawValue>,
}
