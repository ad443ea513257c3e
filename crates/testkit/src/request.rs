//! Requests as the service sends them, and all that can be wrong with one.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use tencent_im_callback::Event;

use crate::{Sample, Signer};

/// The application that a request is for unless it says otherwise.
pub const APP_ID: u64 = 1_400_000_001;

/// The token that a request is signed with unless it says otherwise. It is no secret.
pub const TOKEN: &str = "testkit-token";

/// A request as the service sends it: signed, with a query and a body.
///
/// It begins as a good one, and each method changes one thing. What is not said is filled in when the
/// request is made: the application [`APP_ID`], the token [`TOKEN`] and the system's time, or those of
/// the [`Harness`](crate::Harness) that it is sent to.
///
/// ```
/// use tencent_im_callback::group;
/// use tencent_im_callback_testkit::sample;
///
/// let request = sample::<group::BeforeCreateTopic>().request().platform("iOS").client_ip("203.0.113.9");
/// let too_late = request.clone().seconds_from_now(-61);
/// let unsigned = request.clone().unsigned();
/// let doubled = request.with("SdkAppid", "1400000001");
/// # for request in [too_late, unsigned, doubled] { request.build().unwrap(); }
/// ```
#[derive(Clone)]
pub struct Request {
    command: String,
    method: Method,
    path: String,
    app_id: Option<u64>,
    token: Option<String>,
    now: Option<SystemTime>,
    signature: Signature,
    client_ip: Option<String>,
    platform: Option<String>,
    edits: Vec<Edit>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
    chunks: Option<usize>,
}

#[derive(Clone)]
enum Signature {
    /// Of now, or so many seconds away from it.
    Now(i64),
    /// Of the text that this makes of now, whatever it is.
    Of(Arc<dyn Fn(u64) -> String + Send + Sync>),
    Absent,
    /// Of the right shape, and of no token.
    Forged,
}

#[derive(Clone)]
enum Edit {
    Add(String, Option<String>),
    Set(String, String),
    Change(String, Arc<dyn Fn(&str) -> String + Send + Sync>),
    Repeat { key: String, again: String, has_value: bool },
    Remove(String),
    Rename(String, String),
    Escape { key: Option<String>, times: u32 },
    Reverse,
    Replace(String),
    ReplaceUnsigned(String),
}

/// A key as it is in the query, and its value if it has one.
type Parameter = (String, Option<String>);

impl Request {
    /// A callback with this command word and body.
    #[must_use]
    pub fn new(command: impl Into<String>, body: impl Into<Bytes>) -> Self {
        let command = command.into();
        let (has_client_ip, has_platform) = client_of(&command);
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Self {
            command,
            method: Method::POST,
            path: "/callback".into(),
            app_id: None,
            token: None,
            now: None,
            signature: Signature::Now(0),
            client_ip: has_client_ip.then(|| "203.0.113.7".into()),
            platform: has_platform.then(|| "Android".into()),
            edits: Vec::new(),
            headers,
            extensions: Extensions::new(),
            body: body.into(),
            chunks: None,
        }
    }

    /// For another application.
    #[must_use]
    pub fn app_id(self, app_id: u64) -> Self {
        Self { app_id: Some(app_id), ..self }
    }

    /// Signed with another token.
    #[must_use]
    pub fn token(self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self }
    }

    /// Signed by another signer.
    #[must_use]
    pub fn signed_by(self, signer: &Signer) -> Self {
        self.token(signer.token())
    }

    /// Signed at this time.
    #[must_use]
    pub fn at(self, now: SystemTime) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Signed so many seconds after now; before, if they are negative.
    #[must_use]
    pub fn seconds_from_now(self, seconds: i64) -> Self {
        Self { signature: Signature::Now(seconds), ..self }
    }

    /// With this text as `RequestTime`, rightly signed.
    #[must_use]
    pub fn request_time(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.request_time_from(move |_| text.clone())
    }

    /// With the text that `write` makes of the seconds of now as `RequestTime`, rightly signed.
    #[must_use]
    pub fn request_time_from(self, write: impl Fn(u64) -> String + Send + Sync + 'static) -> Self {
        Self { signature: Signature::Of(Arc::new(write)), ..self }
    }

    /// Without `Sign` and `RequestTime`.
    #[must_use]
    pub fn unsigned(self) -> Self {
        Self { signature: Signature::Absent, ..self }
    }

    /// With a signature of the right shape that no token gives.
    #[must_use]
    pub fn forged(self) -> Self {
        Self { signature: Signature::Forged, ..self }
    }

    /// From a client with this address.
    #[must_use]
    pub fn client_ip(self, ip: impl Into<String>) -> Self {
        Self { client_ip: Some(ip.into()), ..self }
    }

    /// From a client of this platform.
    #[must_use]
    pub fn platform(self, platform: impl Into<String>) -> Self {
        Self { platform: Some(platform.into()), ..self }
    }

    /// With one more parameter at the end of the query. Key and value go there as they are given.
    #[must_use]
    pub fn with(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.edit(Edit::Add(key.into(), Some(value.into())))
    }

    /// With one more key at the end of the query, without a value and without `=`.
    #[must_use]
    pub fn with_key(self, key: impl Into<String>) -> Self {
        self.edit(Edit::Add(key.into(), None))
    }

    /// With another value for a parameter, in its place or else at the end. The value is not encoded.
    #[must_use]
    pub fn set(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.edit(Edit::Set(key.into(), value.into()))
    }

    /// With the value that `change` makes of a parameter's own, as it is in the query.
    ///
    /// It is for what is not known before the request is made: `Sign` and `RequestTime`.
    #[must_use]
    pub fn changed(self, key: impl Into<String>, change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.edit(Edit::Change(key.into(), Arc::new(change)))
    }

    /// With a parameter once more at the end, under this spelling of its key and with the same value.
    ///
    /// One that is not there is added twice.
    #[must_use]
    pub fn repeated(self, key: impl Into<String>, again: impl Into<String>) -> Self {
        self.edit(Edit::Repeat { key: key.into(), again: again.into(), has_value: true })
    }

    /// With a parameter once more at the end, without a value and without `=`.
    ///
    /// One that is not there is added twice.
    #[must_use]
    pub fn repeated_bare(self, key: impl Into<String>) -> Self {
        let key = key.into();
        self.edit(Edit::Repeat { again: key.clone(), key, has_value: false })
    }

    /// Without a parameter.
    #[must_use]
    pub fn without(self, key: impl Into<String>) -> Self {
        self.edit(Edit::Remove(key.into()))
    }

    /// With a parameter's key written in another way.
    #[must_use]
    pub fn renamed(self, key: impl Into<String>, new: impl Into<String>) -> Self {
        self.edit(Edit::Rename(key.into(), new.into()))
    }

    /// With every character of a parameter's value percent-encoded, so many times over.
    #[must_use]
    pub fn escaped(self, key: impl Into<String>, times: u32) -> Self {
        self.edit(Edit::Escape { key: Some(key.into()), times })
    }

    /// With every character of all values percent-encoded, so many times over.
    #[must_use]
    pub fn all_escaped(self, times: u32) -> Self {
        self.edit(Edit::Escape { key: None, times })
    }

    /// With the parameters in the opposite order.
    #[must_use]
    pub fn reversed(self) -> Self {
        self.edit(Edit::Reverse)
    }

    /// With another query altogether; with none at all if it is empty.
    #[must_use]
    pub fn query(self, query: impl Into<String>) -> Self {
        self.edit(Edit::Replace(query.into()))
    }

    /// With another query, to which `Sign` and `RequestTime` are added as to a good one.
    #[must_use]
    pub fn signed_query(self, query: impl Into<String>) -> Self {
        self.edit(Edit::ReplaceUnsigned(query.into()))
    }

    /// With another method.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// To another path.
    #[must_use]
    pub fn path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// With a header.
    ///
    /// # Panics
    /// When name or value cannot stand in a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap_or_else(|error| panic!("the header `{name}`: {error}"));
        let value: HeaderValue = value.parse().unwrap_or_else(|error| panic!("the value `{value}`: {error}"));
        self.headers.insert(name, value);
        self
    }

    /// Without a header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With data for the handler as a middleware leaves it, in the request's extensions.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self, data: T) -> Self {
        self.extensions.insert(data);
        self
    }

    /// With another body.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// With blanks behind the body, up to this length: still the same JSON.
    ///
    /// # Panics
    /// When the body is longer than that already.
    #[must_use]
    #[track_caller]
    pub fn padded(self, length: usize) -> Self {
        assert!(self.body.len() <= length, "the body has {} bytes, more than {length}", self.body.len());
        let mut body = Vec::from(self.body);
        body.resize(length, b' ');
        Self { body: body.into(), ..self }
    }

    /// With the body in chunks of this size over a connection, instead of `Content-Length`.
    ///
    /// # Panics
    /// When the size is zero.
    #[must_use]
    #[track_caller]
    pub fn chunked(self, size: usize) -> Self {
        assert!(size > 0, "no body has chunks without anything in them");
        Self { chunks: Some(size), ..self }
    }

    /// The command word that it was made with.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// Its body.
    #[must_use]
    pub const fn content(&self) -> &Bytes {
        &self.body
    }

    /// The query as it is sent now, `Sign` included; `None` for a request without one.
    #[must_use]
    pub fn query_string(&self) -> Option<String> {
        let mut parameters = self.parameters();
        for edit in &self.edits {
            edit.apply(&mut parameters);
        }
        let pieces = parameters.into_iter().map(|(key, value)| match value {
            Some(value) => format!("{key}={value}"),
            None => key,
        });
        let query = pieces.collect::<Vec<_>>().join("&");
        (!query.is_empty()).then_some(query)
    }

    /// The request for [`Endpoint::handle`](tencent_im_callback::Endpoint::handle) and for HTTP clients.
    ///
    /// Fails when what was put into path or query cannot stand in a URI.
    pub fn build(&self) -> http::Result<http::Request<Bytes>> {
        let target = self.target();
        let mut request = http::Request::builder().method(self.method.clone()).uri(Uri::try_from(target)?);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&self.headers);
        }
        if let Some(extensions) = request.extensions_mut() {
            extensions.clone_from(&self.extensions);
        }
        request.body(self.body.clone())
    }

    /// The request as it goes over a connection with HTTP/1.1, whatever was put into it.
    #[must_use]
    pub fn to_wire(&self, host: &str) -> Vec<u8> {
        let mut wire = self.head(host);
        let Some(size) = self.chunks else {
            wire.extend(format!("Content-Length: {}\r\n\r\n", self.body.len()).bytes());
            wire.extend_from_slice(&self.body);
            return wire;
        };
        wire.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
        for chunk in self.body.chunks(size) {
            wire.extend(format!("{:x}\r\n", chunk.len()).bytes());
            wire.extend_from_slice(chunk);
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b"0\r\n\r\n");
        wire
    }

    /// Whether the answer to it has no body.
    #[cfg(feature = "conformance")]
    pub(crate) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// The head for the wire, without what says how long the body is and without the line that ends it.
    pub(crate) fn head(&self, host: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.target()).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head
    }

    /// With what it does not say itself.
    pub(crate) fn or(mut self, app_id: u64, token: &str, now: SystemTime) -> Self {
        self.app_id.get_or_insert(app_id);
        self.token.get_or_insert_with(|| token.to_owned());
        self.now.get_or_insert(now);
        self
    }

    pub(crate) fn effective_app_id(&self) -> u64 {
        self.app_id.unwrap_or(APP_ID)
    }

    pub(crate) fn effective_token(&self) -> &str {
        self.token.as_deref().unwrap_or(TOKEN)
    }

    /// The seconds that count as now.
    pub(crate) fn seconds(&self) -> u64 {
        let now = self.now.unwrap_or_else(SystemTime::now);
        now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }

    fn target(&self) -> String {
        match self.query_string() {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// The parameters of the good request, encoded.
    fn parameters(&self) -> Vec<Parameter> {
        let signer = Signer::new(self.effective_token());
        let now = |offset| self.seconds().saturating_add_signed(offset).to_string();
        let signature = match &self.signature {
            Signature::Now(offset) => {
                // Asked once: between two answers of the clock a second may end.
                let time = now(*offset);
                Some((signer.sign(&time), time))
            }
            Signature::Of(write) => {
                let time = write(self.seconds());
                Some((signer.sign(&time), time))
            }
            Signature::Absent => None,
            Signature::Forged => {
                // What no token gives: the hash of the hash.
                let time = now(0);
                Some((Signer::new(signer.sign(&time)).sign(&time), time))
            }
        };
        let (sign, time) = signature.unzip();
        let parameters = [
            ("SdkAppid", Some(self.effective_app_id().to_string())),
            ("CallbackCommand", Some(self.command.clone())),
            ("contenttype", Some("json".to_owned())),
            ("ClientIP", self.client_ip.clone()),
            ("OptPlatform", self.platform.clone()),
            ("Sign", sign),
            ("RequestTime", time),
        ];
        parameters.into_iter().filter_map(|(key, value)| Some((key.to_owned(), Some(escaped(&value?))))).collect()
    }
}

impl Edit {
    fn apply(&self, parameters: &mut Vec<Parameter>) {
        match self {
            Self::Add(key, value) => parameters.push((key.clone(), value.clone())),
            Self::Set(key, value) => match parameters.iter_mut().find(|(name, _)| is_key(name, key)) {
                Some((_, old)) => *old = Some(value.clone()),
                None => parameters.push((key.clone(), Some(value.clone()))),
            },
            Self::Change(key, change) => {
                for (_, value) in parameters.iter_mut().filter(|(name, _)| is_key(name, key)) {
                    *value = value.as_deref().map(|value| change(value));
                }
            }
            Self::Repeat { key, again, has_value } => {
                let found = parameters.iter().find(|(name, _)| is_key(name, key));
                let value = found.and_then(|(_, value)| value.clone()).unwrap_or_else(|| "1".into());
                if found.is_none() {
                    parameters.push((key.clone(), Some(value.clone())));
                }
                parameters.push((again.clone(), has_value.then_some(value)));
            }
            Self::Remove(key) => parameters.retain(|(name, _)| !is_key(name, key)),
            Self::Rename(key, new) => {
                for (name, _) in parameters.iter_mut().filter(|(name, _)| is_key(name, key)) {
                    name.clone_from(new);
                }
            }
            Self::Escape { key, times } => {
                let is_meant = |name: &String| key.as_ref().is_none_or(|key| is_key(name, key));
                for (_, value) in parameters.iter_mut().filter(|(name, _)| is_meant(name)) {
                    for _ in 0..*times {
                        *value = value.as_deref().map(all_escaped);
                    }
                }
            }
            Self::Reverse => parameters.reverse(),
            Self::Replace(query) => {
                *parameters = parameters_of(query).collect();
            }
            Self::ReplaceUnsigned(query) => {
                parameters.retain(|(key, _)| key == "Sign" || key == "RequestTime");
                parameters.splice(..0, parameters_of(query));
            }
        }
    }
}

/// Receivers ignore the case of keys.
fn is_key(found: &str, key: &str) -> bool {
    found.eq_ignore_ascii_case(key)
}

/// The pieces of a query, which together are the same text again.
fn parameters_of(query: &str) -> impl Iterator<Item = Parameter> {
    let pieces = query.split('&').filter(|_| !query.is_empty());
    pieces.map(|piece| match piece.split_once('=') {
        Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
        None => (piece.to_owned(), None),
    })
}

impl<E: Event> From<Sample<E>> for Request {
    fn from(sample: Sample<E>) -> Self {
        Self::new(E::COMMAND, sample.to_string())
    }
}

impl fmt::Debug for Request {
    // By hand: the signature is in the query, and messages of users are in the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("command", &self.command)
            .field("method", &self.method)
            .field("app_id", &self.effective_app_id())
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Whether a callback is sent with `ClientIP` and with `OptPlatform`; nearly all do.
fn client_of(command: &str) -> (bool, bool) {
    match command {
        "Alert.RequestOverLimit" => (false, true),
        "Group.CallbackOnMemberStateChange"
        | "ContentCallback.ResultNotify"
        | "Push.OfflinePush"
        | "Push.AllMemberPush" => (false, false),
        _ => (true, true),
    }
}

/// Percent-encoded where it has to be.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' | b':' | b',' | b'/' | b'@' | b'+' => {
                escaped.push(byte.into());
            }
            _ => escape(&mut escaped, byte),
        }
        escaped
    })
}

/// Percent-encoded throughout.
fn all_escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        escape(&mut escaped, byte);
        escaped
    })
}

fn escape(text: &mut String, byte: u8) {
    write!(text, "%{byte:02X}").expect("writing to a string does not fail");
}
