//! Entries and dead letters as messages.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use tencent_im_callback::{Entry, Identity, Key};

/// The header by which the server finds repetitions.
const IDENTITY: &str = "Nats-Msg-Id";
const KEY: &str = "Im-Callback-Key";
const COMMAND: &str = "Im-Callback-Command";
const RECEIVED_AT: &str = "Im-Callback-Received-At";
const ATTEMPTS: &str = "Im-Callback-Attempts";
const DIED_AT: &str = "Im-Callback-Died-At";

/// What is written as `%` and two digits in a header.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// An entry, in JSON.
#[derive(Serialize, Deserialize)]
struct Message {
    app_id: u64,
    command: String,
    query: String,
    /// Milliseconds since 1970.
    received_at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    /// The body of the callback, if it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// Any other body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    // Of dead letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    died_at: Option<u64>,
}

impl From<&Entry> for Message {
    fn from(entry: &Entry) -> Self {
        let (body, body_base64) = match std::str::from_utf8(&entry.body) {
            Ok(text) => (Some(text.to_owned()), None),
            Err(_) => (None, Some(STANDARD.encode(&entry.body))),
        };
        Self {
            app_id: entry.app_id,
            command: entry.command.clone(),
            query: entry.query.clone(),
            received_at: millis(entry.received_at),
            key: entry.key.as_ref().map(|key| key.as_str().to_owned()),
            identity: entry.identity.as_ref().map(|identity| identity.as_ref().to_owned()),
            body,
            body_base64,
            attempts: None,
            error: None,
            died_at: None,
        }
    }
}

/// The message of an entry.
pub(crate) fn encode(entry: &Entry) -> (HeaderMap, Vec<u8>) {
    (headers(entry), json(&Message::from(entry)))
}

/// [`encode`], for a message that is kept though the server knows its identity.
pub(crate) fn encode_again(entry: &Entry) -> (HeaderMap, Vec<u8>) {
    (without_identity(&headers(entry)), json(&Message::from(entry)))
}

fn without_identity(headers: &HeaderMap) -> HeaderMap {
    let mut others: HeaderMap = HeaderMap::new();
    for (name, values) in headers.iter() {
        if name.as_ref() as &str != IDENTITY {
            for value in values {
                others.append(name.clone(), value.clone());
            }
        }
    }
    others
}

/// The message of a dead letter.
pub(crate) fn encode_dead(entry: &Entry, attempts: u32, error: &str, died_at: SystemTime) -> (HeaderMap, Vec<u8>) {
    let mut body = Message::from(entry);
    body.attempts = Some(attempts);
    body.error = Some(error.to_owned());
    body.died_at = Some(millis(died_at));
    // The stream of dead letters keeps the last message of each entry: repetitions do no harm.
    let mut headers = without_identity(&headers(entry));
    headers.insert(ATTEMPTS, attempts.to_string());
    headers.insert(DIED_AT, millis(died_at).to_string());
    (headers, json(&body))
}

fn json(body: &Message) -> Vec<u8> {
    // It has only texts and numbers, which are JSON always.
    serde_json::to_vec(body).unwrap_or_default()
}

fn headers(entry: &Entry) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut with = |name, value: &str| headers.insert(name, utf8_percent_encode(value, ESCAPED).to_string());
    with(COMMAND, &entry.command);
    with(RECEIVED_AT, &millis(entry.received_at).to_string());
    if let Some(key) = &entry.key {
        with(KEY, key.as_str());
    }
    if let Some(identity) = &entry.identity {
        with(IDENTITY, identity.as_ref());
    }
    headers
}

/// Reads an entry, and the error of a dead letter.
pub(crate) fn decode(payload: &[u8]) -> Result<(Entry, Option<String>), String> {
    // The errors of these may have a part of the text.
    let body: Message = serde_json::from_slice(payload).map_err(|_| "it is no JSON of an entry".to_owned())?;
    let bytes = match (body.body, body.body_base64) {
        (Some(text), _) => text.into_bytes(),
        (None, Some(text)) => STANDARD.decode(text).map_err(|_| "`body_base64` is no base64".to_owned())?,
        (None, None) => return Err("it has no body".to_owned()),
    };
    let entry = Entry::new(body.app_id, body.command, body.query, bytes, time(body.received_at))
        .with_key(body.key.map(Key::new))
        .with_identity(body.identity.map(Identity::new));
    Ok((entry, body.error))
}

/// What the headers of a message say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) key: Option<Key>,
    pub(crate) identity: Option<Identity>,
    pub(crate) command: String,
    /// Milliseconds since 1970.
    pub(crate) received_at: u64,
    pub(crate) attempts: u32,
    pub(crate) died_at: u64,
}

impl Head {
    /// A message of another program has none of the headers.
    pub(crate) fn new(headers: Option<&HeaderMap>) -> Self {
        let text = |name: &str| {
            let value = headers?.get(name)?.as_str();
            Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
        };
        let number = |name| text(name).and_then(|text| text.parse().ok()).unwrap_or_default();
        Self {
            key: text(KEY).map(Key::new),
            identity: text(IDENTITY).map(Identity::new),
            command: text(COMMAND).unwrap_or_default(),
            received_at: number(RECEIVED_AT),
            attempts: u32::try_from(number(ATTEMPTS)).unwrap_or(u32::MAX),
            died_at: number(DIED_AT),
        }
    }
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time, at most some 200,000 years after 1970.
pub(crate) fn time(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(millis.min(1 << 52))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_same_after_the_message() {
        let received_at = time(1_700_000_000_123);
        for body in [b"{\"a\":1}".to_vec(), b"\xff\x00".to_vec(), Vec::new()] {
            let entry = Entry::new(7, "Group.X y\n", "SdkAppid=7", body, received_at)
                .with_key(Some(Key::new("7|a b%\r\nc\u{e9}")))
                .with_identity(Some(Identity::new("7| x ")));
            let (headers, payload) = encode(&entry);
            assert_eq!(decode(&payload), Ok((entry.clone(), None)));
            let head = Head::new(Some(&headers));
            assert_eq!((&head.key, &head.identity), (&entry.key, &entry.identity));
            assert_eq!((head.command.as_str(), time(head.received_at)), ("Group.X y\n", received_at));
            let (headers, payload) = encode_dead(&entry, 3, "no", received_at);
            assert_eq!(decode(&payload), Ok((entry, Some("no".to_owned()))));
            let head = Head::new(Some(&headers));
            assert_eq!((head.attempts, time(head.died_at), head.identity), (3, received_at, None));
        }
    }

    #[test]
    fn what_is_no_entry_is_an_error_without_its_text() {
        for payload in ["", "secret", "{}", r#"{"app_id":1,"command":"","query":"","received_at":"secret"}"#] {
            let error = decode(payload.as_bytes()).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(Head::new(None), Head::default());
    }
}
