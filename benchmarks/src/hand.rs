//! The endpoint as a careful user writes it by hand, with what one reaches for.
//!
//! Nothing here is slowed down, and nothing is tuned: the query by a form parser into a struct, the
//! signature over token and time, the body into a derived struct, the answer by serde.

use std::{
    borrow::Cow,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{settings::Settings, waiting::Other};

/// The largest body that is read.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The query of a callback.
#[derive(Debug, Deserialize)]
pub struct Query {
    #[serde(rename = "SdkAppid")]
    sdk_appid: u64,
    #[serde(rename = "CallbackCommand")]
    command: String,
    #[serde(rename = "ClientIP")]
    client_ip: Option<String>,
    #[serde(rename = "OptPlatform")]
    platform: Option<String>,
    #[serde(rename = "Sign")]
    sign: String,
    #[serde(rename = "RequestTime")]
    request_time: String,
}

/// The body of `Group.CallbackBeforeCreateTopic`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BeforeCreateTopic {
    /// `Operator_Account`.
    #[serde(rename = "Operator_Account")]
    pub operator_account: String,
    /// `Type`.
    pub r#type: Option<String>,
    /// `Name`.
    pub name: String,
}

/// The body of `Group.CallbackAfterGroupDestroyed`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AfterGroupDestroyed {
    /// `Operator_Account`.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<String>,
    /// `GroupId`.
    pub group_id: String,
    /// `Type`.
    pub r#type: Option<String>,
    /// `Owner_Account`.
    #[serde(rename = "Owner_Account")]
    pub owner_account: Option<String>,
    /// `Name`.
    pub name: Option<String>,
    /// `MemberList`.
    pub member_list: Option<Vec<Member>>,
    /// `EventTime`, which comes in quotes.
    pub event_time: Option<String>,
}

/// An entry of a list of members.
#[derive(Debug, Deserialize)]
pub struct Member {
    /// `Member_Account`.
    #[serde(rename = "Member_Account")]
    pub member_account: String,
}

/// The body of `Group.CallbackBeforeSendMsg`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct BeforeSendMsg {
    /// `GroupId`.
    pub group_id: String,
    /// `Type`.
    pub r#type: Option<String>,
    /// `From_Account`.
    #[serde(rename = "From_Account")]
    pub from_account: String,
    /// `Operator_Account`.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<String>,
    /// `Random`.
    pub random: Option<u32>,
    /// `MsgId`.
    pub msg_id: Option<String>,
    /// `OnlineOnlyFlag`.
    pub online_only_flag: Option<u8>,
    /// `MsgPriority`.
    pub msg_priority: Option<String>,
    /// `MsgBody`.
    pub msg_body: Vec<Element>,
    /// `CloudCustomData`.
    pub cloud_custom_data: Option<String>,
    /// `TopicId`.
    pub topic_id: Option<String>,
    /// `EventTime`, which comes in quotes.
    pub event_time: Option<String>,
}

/// An element of a message, its content still to be read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Element {
    /// `MsgType`.
    pub msg_type: String,
    /// `MsgContent`.
    pub msg_content: Box<RawValue>,
}

/// The body of `Push.OfflinePush`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OfflinePush {
    /// `Events`.
    pub events: Vec<Push>,
}

/// A push event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are the vendor's")]
pub struct Push {
    pub event_type: u32,
    pub event_time: u64,
    #[serde(rename = "From_Account")]
    pub from_account: Option<String>,
    #[serde(rename = "To_Account")]
    pub to_account: String,
    pub push_platform: Option<u32>,
    pub push_stage: Option<u32>,
    #[serde(rename = "GroupID")]
    pub group_id: Option<String>,
    pub msg_key: Option<String>,
    pub msg_seq: Option<u64>,
    pub msg_random: Option<u64>,
    pub msg_time: Option<u64>,
    #[serde(rename = "PushID")]
    pub push_id: Option<String>,
    pub err_code: Option<i64>,
    pub err_info: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    action_status: &'static str,
    error_info: Cow<'static, str>,
    error_code: u32,
}

impl Answer {
    const OK: Self = Self { action_status: "OK", error_info: Cow::Borrowed(""), error_code: 0 };
}

/// The app, with what it needs to tell a genuine callback.
#[derive(Debug)]
pub struct App {
    sdk_appid: u64,
    token: String,
    max_age: u64,
    other: Other,
}

impl App {
    /// The app that `settings` describe, which asks `other` before it decides.
    #[must_use]
    pub fn new(settings: &Settings, other: Other) -> Self {
        Self { sdk_appid: settings.app_id, token: settings.token.clone(), max_age: settings.max_age.as_secs(), other }
    }

    /// Answers a callback whose query and body have been read.
    pub async fn answer(&self, query: &Query, body: &[u8]) -> Result<Answer, StatusCode> {
        if query.sdk_appid != self.sdk_appid {
            return Err(StatusCode::FORBIDDEN);
        }
        if !self.is_signed(query) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let bad_request = |_| StatusCode::BAD_REQUEST;
        match query.command.as_str() {
            "Group.CallbackBeforeCreateTopic" => {
                let event = serde_json::from_slice(body).map_err(bad_request)?;
                Ok(self.before_create_topic(query, &event).await)
            }
            "Group.CallbackAfterGroupDestroyed" => {
                let event = serde_json::from_slice(body).map_err(bad_request)?;
                Self::after_group_destroyed(&event);
                Ok(Answer::OK)
            }
            "Group.CallbackBeforeSendMsg" => {
                let event = serde_json::from_slice(body).map_err(bad_request)?;
                Self::before_send_msg(&event);
                Ok(Answer::OK)
            }
            "Push.OfflinePush" => {
                let event = serde_json::from_slice(body).map_err(bad_request)?;
                Self::offline_push(&event);
                Ok(Answer::OK)
            }
            _ => Ok(Answer::OK),
        }
    }

    fn is_signed(&self, query: &Query) -> bool {
        let Ok(signed_at) = query.request_time.parse::<u64>() else { return false };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        if now.abs_diff(signed_at) > self.max_age {
            return false;
        }
        let mut sign = [0; 32];
        if hex::decode_to_slice(&query.sign, &mut sign).is_err() {
            return false;
        }
        let expected = Sha256::new().chain_update(&self.token).chain_update(&query.request_time).finalize();
        expected.as_slice().ct_eq(&sign).into()
    }

    async fn before_create_topic(&self, query: &Query, event: &BeforeCreateTopic) -> Answer {
        if event.name.contains("spam") {
            tracing::info!(client_ip = query.client_ip, platform = query.platform, "spam");
            return Answer { error_info: "no spam".into(), error_code: 10_123, ..Answer::OK };
        }
        self.other.ask().await;
        Answer::OK
    }

    fn after_group_destroyed(event: &AfterGroupDestroyed) {
        std::hint::black_box(event);
    }

    fn before_send_msg(event: &BeforeSendMsg) {
        std::hint::black_box(event);
    }

    fn offline_push(event: &OfflinePush) {
        std::hint::black_box(event);
    }
}

/// Answers a request whose body has been read, on hyper and wherever else its types are.
///
/// # Panics
/// Never: the answer is always JSON.
pub async fn respond(app: &App, parts: Parts, body: Bytes) -> Response<Full<Bytes>> {
    let query = serde_urlencoded::from_str(parts.uri.query().unwrap_or_default());
    let answer = match query {
        Ok(query) => app.answer(&query, &body).await,
        Err(_) => Err(StatusCode::BAD_REQUEST),
    };
    match answer {
        Ok(answer) => {
            let body = serde_json::to_vec(&answer).expect("an answer is plain JSON");
            let mut response = Response::new(Full::new(Bytes::from(body)));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(status) => refused(status),
    }
}

/// An answer that is nothing but a status.
#[must_use]
pub fn refused(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
