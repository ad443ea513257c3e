//! Callbacks that the page sends, to the receiver that was given at the start and nowhere else.

use std::{
    net::{SocketAddr, ToSocketAddrs as _},
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tencent_im_callback::{Context, each_callback};
use tencent_im_callback_testkit::{Request, recording::Recorded, request::APP_ID};

use super::{
    Inspector,
    entry::{Entry, KEPT_BODY, Observed, Origin},
    guard::MARK,
    ring::gone,
};
use crate::{
    client::Client,
    credentials::Token,
    decode::{callback_of, decode},
    diagnosis::diagnose,
    target::Target,
};

/// How long an answer is waited for: longer than the service waits, so that it is seen how long a late answer takes.
const WAIT: Duration = Duration::from_secs(30);
/// How many callbacks are sent again by one request.
pub(super) const AT_ONCE: usize = 500;

/// Where the page sends callbacks to.
pub(crate) struct Receiver {
    client: Client,
    /// The mark for `listen` itself, which shows what it receives: it does not show what the page has sent.
    mark: Option<String>,
}

impl Receiver {
    /// The receiver at a URL that the user gave. The error is for the user.
    pub(crate) fn at(target: Target) -> Result<Self, String> {
        Ok(Self { client: Client::new(target, WAIT)?, mark: None })
    }

    /// `listen` itself, which listens at this address.
    pub(crate) fn listener(address: SocketAddr, mark: String) -> Result<Self, String> {
        let host = match address {
            SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("127.0.0.1:{}", v4.port()),
            SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("[::1]:{}", v6.port()),
            other => other.to_string(),
        };
        Ok(Self { client: Client::new(format!("http://{host}/callback").parse()?, WAIT)?, mark: Some(mark) })
    }

    /// The URL, without its query.
    pub(super) fn url(&self) -> String {
        self.client.target().to_string()
    }
}

/// Whether a request to `target` would come back to this port of this machine.
pub(crate) fn is_own(target: &Target, port: u16) -> bool {
    target.port == port
        && (target.host.as_str(), target.port).to_socket_addrs().is_ok_and(|mut addresses| {
            addresses.any(|address| address.ip().is_loopback() || address.ip().is_unspecified())
        })
}

/// What the page asks to send.
#[derive(Deserialize)]
pub(super) struct Wanted {
    command: String,
    body: String,
    #[serde(default)]
    platform: String,
    #[serde(default)]
    client_ip: String,
    /// A near miss in place of a good request: `unsigned`, `forged`, `stale` or `foreign`.
    #[serde(default)]
    miss: String,
}

/// Sends a callback of the user's, and returns the number of its row.
pub(super) async fn send(inspector: &Inspector, wanted: Wanted) -> Result<u64, String> {
    let app = inspector.settings.app.unwrap_or(APP_ID);
    let mut request = Request::new(&*wanted.command, wanted.body).app_id(app);
    if !wanted.platform.is_empty() {
        request = request.platform(encoded(&wanted.platform));
    }
    if !wanted.client_ip.is_empty() {
        request = request.client_ip(encoded(&wanted.client_ip));
    }
    let request = signed(request, inspector.settings.tokens.first(), &wanted.miss)?;
    exchange(inspector, request, Origin::Sent).await
}

/// Signed now, or wrongly.
fn signed(request: Request, token: Option<&Token>, miss: &str) -> Result<Request, String> {
    let request = match token {
        Some(token) => request.signed_by(&token.signer()).at(SystemTime::now()),
        None if matches!(miss, "" | "unsigned") => return Ok(request.unsigned()),
        None => return Err("without a token nothing is signed: set IM_CALLBACK_TOKEN".into()),
    };
    match miss {
        "" => Ok(request),
        "unsigned" => Ok(request.unsigned()),
        "forged" => Ok(request.forged()),
        "stale" => Ok(request.seconds_from_now(-61)),
        "foreign" => Ok(request.changed("SdkAppid", |app| format!("{app}1"))),
        other => Err(format!("`{other}` is no near miss: unsigned, forged, stale, foreign")),
    }
}

/// For a query.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
    }
    encoded
}

/// Sends a callback of the list again, signed anew, and returns the number of its new row.
pub(super) async fn replay(inspector: &Inspector, id: u64) -> Result<u64, String> {
    let entry = inspector.ring().get(id).ok_or_else(|| gone(id))?;
    if entry.is_cut() {
        return Err(format!("the body of callback {id} is cut, so it cannot be sent again"));
    }
    let mut request = entry.recorded.request();
    let was_foreign = entry.recorded.answer().is_some_and(|answer| answer.status == 403);
    if let Some(app) = inspector.settings.app.filter(|_| entry.recorded.app_id().is_some() && !was_foreign) {
        request = request.set("SdkAppid", app.to_string());
    }
    let was_refused = entry.recorded.answer().is_some_and(|answer| answer.status == 401);
    let is_signed = entry.recorded.is_signed() && !was_refused;
    request = match inspector.settings.tokens.first() {
        Some(token) => request.signed_by(&token.signer()).at(SystemTime::now()),
        None if is_signed => return Err("callback was signed, and there is no token: set IM_CALLBACK_TOKEN".into()),
        None => request,
    };
    let original = match entry.origin {
        Origin::Replay(original) => original,
        _ => id,
    };
    exchange(inspector, request, Origin::Replay(original)).await
}

async fn exchange(inspector: &Inspector, request: Request, origin: Origin) -> Result<u64, String> {
    let receiver =
        inspector.settings.receiver.as_ref().ok_or("there is no receiver: give one with --forward-to URL")?;
    let request = match &receiver.mark {
        Some(mark) => request.header(MARK, mark),
        None => request,
    };
    let http = request.build().map_err(|error| format!("no HTTP request can be made of it: {error}"))?;
    let at = SystemTime::now();
    let query = http.uri().query().unwrap_or_default().to_owned();
    let recorded = Recorded::new(at, &query, http.body().clone()).method(http.method().as_str());
    let body_length = http.body().len();
    let tokens = &inspector.settings.tokens;
    let findings = diagnose(&query, inspector.settings.app, tokens, at);
    let is_authentic =
        (!tokens.is_empty()).then(|| findings.iter().all(|finding| finding.state != crate::diagnosis::State::Bad));
    let (recorded, error) = match receiver.client.send(http).await {
        Ok(answer) => (recorded.answered(answer.status.as_u16(), answer.body, answer.took), None),
        Err(error) => (recorded, Some(error.to_string())),
    };
    let observed = Observed { recorded, body_length, is_authentic, findings, error, origin };
    Ok(inspector.add(Entry::new(observed)))
}

/// Sends several again, one after the other.
pub(super) async fn replay_all(inspector: &Arc<Inspector>, ids: Vec<u64>) -> Value {
    let mut sent = Vec::new();
    for id in ids {
        sent.push(match replay(inspector, id).await {
            Ok(new) => json!({ "original": id, "id": new, "changed": inspector.ring().get(new).and_then(|entry| entry.changed) }),
            Err(error) => json!({ "original": id, "error": error }),
        });
    }
    json!({ "sent": sent })
}

/// What the decoder makes of a body, for the editor.
pub(super) fn check(command: &str, body: String) -> Value {
    if body.len() > KEPT_BODY {
        return json!({ "error": "the body is too long to be checked" });
    }
    let body = Bytes::from(body);
    let fault = json_fault(&body);
    let Some(callback) = callback_of(command, &body) else {
        return json!({ "command": null, "json_error": fault });
    };
    match decode(callback, APP_ID, &body) {
        Ok(decoded) => json!({
            "command": callback.command,
            "dropped": dropped(&decoded.dropped),
            "unread": decoded.unread,
            "json_error": fault,
        }),
        Err(error) => json!({ "command": callback.command, "error": error, "json_error": fault }),
    }
}

pub(super) fn dropped(fields: &[tencent_im_callback::DroppedField]) -> Value {
    fields.iter().map(|field| json!({ "path": field.path(), "reason": field.reason() })).collect()
}

/// Where a body stops being JSON.
pub(super) fn json_fault(body: &[u8]) -> Option<Value> {
    let error = serde_json::from_slice::<serde::de::IgnoredAny>(body).err().filter(|_| !body.is_empty())?;
    Some(json!({ "line": error.line(), "column": error.column(), "text": error.to_string() }))
}

/// The event as Rust shows it. It hides what people wrote.
pub(super) fn event_of(entry: &Entry) -> Option<String> {
    const LENGTH: usize = 128 * 1024;
    let callback = entry.callback.filter(|_| matches!(entry.decoded(), Some(Ok(_))))?;
    macro_rules! by_command {
        ($($command:literal $method:ident $event:path;)*) => {
            match callback.command {
                $($command => shown::<$event>(entry.recorded.body()),)*
                _ => None,
            }
        };
    }
    let mut text = each_callback!(by_command)?;
    if text.len() > LENGTH {
        let end = (0..=LENGTH).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text += "\n..";
    }
    Some(text)
}

fn shown<E: tencent_im_callback::Event>(body: &Bytes) -> Option<String> {
    let (_, event) = Context::unchecked::<E>(APP_ID, http::Request::new(body.clone()), Duration::ZERO).ok()?;
    Some(format!("{event:#?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_on_the_port_of_the_page_is_its_own_whatever_its_name_is() {
        for own in ["127.0.0.1:8079", "localhost:8079/callback", "[::1]:8079", "127.9.9.9:8079", "0.0.0.0:8079"] {
            assert!(is_own(&own.parse().unwrap(), 8079), "{own}");
        }
        for other in ["127.0.0.1:8080", "192.0.2.1:8079"] {
            assert!(!is_own(&other.parse().unwrap(), 8079), "{other}");
        }
    }

    #[test]
    fn a_parameter_of_the_page_stays_one_parameter() {
        assert_eq!(encoded("a b&Sign=1\u{e9}"), "a%20b%26Sign%3D1%C3%A9");
    }

    #[test]
    fn a_body_is_checked_by_the_decoder() {
        let checked = check("Group.CallbackBeforeCreateTopic", r#"{"Name":"a","Type":7,"New":1}"#.into());
        assert_eq!(checked["error"].as_str().is_some(), checked["unread"].is_null(), "{checked}");
        let checked = check("Group.CallbackBeforeCreateTopic", "{\n  \"Name\": }".into());
        assert_eq!((&checked["json_error"]["line"], &checked["json_error"]["column"]), (&2.into(), &11.into()));
        assert!(check("No.Such", "{}".into())["command"].is_null());
    }
}
