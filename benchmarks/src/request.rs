//! Requests as the service sends them, signed.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use serde_json::{Value, json};
use tencent_im_callback_testkit::{Signer, sample};

use crate::settings::Settings;

/// The smallest callback of the protocol that asks for a decision.
pub const SMALL: &str = "Group.CallbackBeforeCreateTopic";

/// The service, from a receiver's side.
#[derive(Debug)]
pub struct Service {
    app_id: u64,
    signer: Signer,
}

impl Service {
    /// The service that sends the callbacks of the application in `settings`.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self { app_id: settings.app_id, signer: Signer::new(settings.token.as_str()) }
    }

    /// A request as a framework hands it over once its body has been read.
    ///
    /// # Panics
    /// When the command or the signature cannot stand in a URL.
    #[must_use]
    pub fn request(&self, command: &str, body: Bytes, signed_at: SystemTime) -> Request<Bytes> {
        let uri = Uri::from_maybe_shared(Bytes::from(self.target(command, signed_at)));
        // One buffer for all of them: a server's headers are slices of what it has read.
        let length = body.len().to_string();
        let values = Bytes::from(format!("{HOST}{AGENT}*/*application/json{length}"));
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri.expect("commands and signatures are made of letters, digits and dots");
        let mut at = 0;
        for (name, length) in headers(length.len()) {
            let value = HeaderValue::from_maybe_shared(values.slice(at..at + length));
            request.headers_mut().insert(name, value.expect("the values are plain ASCII"));
            at += length;
        }
        request
    }

    /// The bytes of a request on the wire.
    #[must_use]
    pub fn wire(&self, command: &str, body: &[u8], signed_at: SystemTime) -> Vec<u8> {
        let target = self.target(command, signed_at);
        let length = body.len();
        let mut wire = format!(
            "POST {target} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        wire.extend_from_slice(body);
        wire
    }

    fn target(&self, command: &str, signed_at: SystemTime) -> String {
        format!(
            "/callback?SdkAppid={}&CallbackCommand={command}&contenttype=json&ClientIP=203.0.113.77&OptPlatform=iOS&{}",
            self.app_id,
            self.signer.query_at(signed_at)
        )
    }
}

const HOST: &str = "chat.example.com";
const AGENT: &str = "callback/1.0";

fn headers(content_length: usize) -> [(HeaderName, usize); 5] {
    [
        (header::HOST, HOST.len()),
        (header::USER_AGENT, AGENT.len()),
        (header::ACCEPT, "*/*".len()),
        (header::CONTENT_TYPE, "application/json".len()),
        (header::CONTENT_LENGTH, content_length),
    ]
}

/// The moment of signing of the `index`th request where each is to have a signature of its own.
#[must_use]
pub fn own_second(index: usize) -> SystemTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Fewer seconds than a signature is good for in the cases that use it, see `case`.
    UNIX_EPOCH + now - std::time::Duration::from_secs(index as u64 % 50_000)
}

/// The body of [`SMALL`], written as the service does: without white space.
///
/// # Panics
/// When there is no sample of it.
#[must_use]
pub fn small() -> Bytes {
    plain(SMALL).to_string().into()
}

/// A topic whose name is refused.
///
/// # Panics
/// When there is no sample of it.
#[must_use]
pub fn small_refused() -> Bytes {
    changed(SMALL, "Name", "cheap spam".into())
}

/// The body of `Group.CallbackAfterSendMsg`, some 300 bytes.
#[must_use]
pub fn sent_message() -> Bytes {
    Bytes::from_static(
        br#"{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#2J4SZEAEL","Type":"Public","From_Account":"jared","Operator_Account":"admin","Random":123456,"MsgSeq":123,"MsgTime":1490686222,"OnlineOnlyFlag":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],"EventTime":1}"#,
    )
}

/// A disbanded group with so many members.
#[must_use]
pub fn members(count: usize) -> Bytes {
    let members: Vec<_> = (0..count).map(|index| json!({ "Member_Account": format!("acct_{index:06}") })).collect();
    changed("Group.CallbackAfterGroupDestroyed", "MemberList", members.into())
}

/// A message of about 12 KB: a text, and data of the app's own with quotes in it.
#[must_use]
pub fn message() -> Bytes {
    let custom = format!(r#"{{"kind":"card","lines":["{}"]}}"#, vec!["a line of a card"; 280].join(r#"",""#));
    let elements = json!([
        { "MsgType": "TIMTextElem", "MsgContent": { "Text": "Red packet, twelve of them. ".repeat(200) } },
        { "MsgType": "TIMCustomElem", "MsgContent": { "Data": custom, "Desc": "card", "Ext": "", "Sound": "" } },
    ]);
    changed("Group.CallbackBeforeSendMsg", "MsgBody", elements)
}

/// A batch of 100 push events; `None` where the library does not know them yet.
#[must_use]
pub fn pushes() -> Option<Bytes> {
    let command = "Push.OfflinePush";
    tencent_im_callback::Callback::find(command)?;
    let body = plain(command);
    let events = body["Events"].as_array()?;
    Some(changed(command, "Events", (0..100).map(|index| events[index % events.len()].clone()).collect()))
}

fn changed(command: &str, field: &str, value: Value) -> Bytes {
    let mut body = plain(command);
    body[field] = value;
    body.to_string().into()
}

/// The sample of a command with nothing special about it.
fn plain(command: &str) -> Value {
    let mut samples: Vec<_> = sample::of(command).collect();
    samples.sort_unstable();
    // What only variants have been seen of has no plain one.
    let (_, body) = samples.first().expect("every callback has a sample");
    serde_json::from_str(body).expect("samples are JSON")
}
