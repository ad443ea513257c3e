//! The requests of the suite: a good one, signed, and whatever is to be changed in it.

use std::fmt::Write as _;

use tencent_im_callback_testkit::Signer;

/// The path that every server has the endpoint at.
pub const PATH: &str = "/callback";

/// The application that most requests are for.
pub const APP: u64 = 1_400_000_001;
/// Its token.
pub const TOKEN: &str = "conformance-token-new";
/// The token that it had before, still taken.
pub const PREVIOUS_TOKEN: &str = "conformance-token-old";
/// An application with a token and a handler of its own.
pub const OTHER_APP: u64 = 1_400_000_002;
/// The token of that.
pub const OTHER_TOKEN: &str = "conformance-token-other";
/// An application whose handler has a method for every callback.
pub const EVERY_APP: u64 = 1_400_000_004;
/// The token of that.
pub const EVERY_TOKEN: &str = "conformance-token-every";

/// What the endpoint's clock shows, in seconds.
pub const NOW: u64 = 1_764_688_540;

/// The signature for a token and a time, in lower case.
#[must_use]
pub fn sign(token: &str, request_time: &str) -> String {
    Signer::new(token).sign(request_time)
}

/// A request that is to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    method: &'static str,
    /// Keys and values as they stand in the query; without a value there is no `=` either.
    query: Vec<(String, Option<String>)>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// The size of the chunks; `None` for a body with `Content-Length`.
    chunks: Option<usize>,
    version: &'static str,
}

impl Request {
    /// A callback as the vendor sends it, signed now.
    #[must_use]
    pub fn new(command: &str, body: impl Into<Vec<u8>>) -> Self {
        let request = Self {
            method: "POST",
            query: Vec::new(),
            headers: vec![("Content-Type", "application/json".into())],
            body: body.into(),
            chunks: None,
            version: "1.1",
        };
        request
            .with("SdkAppid", APP.to_string())
            .with("CallbackCommand", command)
            .with("contenttype", "json")
            .with("ClientIP", "203.0.113.7")
            .with("OptPlatform", "Android")
            .signed(TOKEN, &NOW.to_string())
    }

    /// With `Sign` and `RequestTime` for a token and a time.
    #[must_use]
    pub fn signed(self, token: &str, request_time: &str) -> Self {
        self.set("Sign", sign(token, request_time)).set("RequestTime", request_time)
    }

    /// Signed with the usual token, so many seconds from now.
    #[must_use]
    pub fn signed_at(self, seconds_from_now: i64) -> Self {
        self.signed(TOKEN, &NOW.saturating_add_signed(seconds_from_now).to_string())
    }

    /// Without `Sign` and `RequestTime`.
    #[must_use]
    pub fn unsigned(self) -> Self {
        self.without("Sign").without("RequestTime")
    }

    /// With a signature of the right shape that no token gives.
    #[must_use]
    pub fn forged(self) -> Self {
        self.set("Sign", sign("not the token", &NOW.to_string()))
    }

    /// With one more parameter at the end of the query.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.query.push((key.into(), Some(value.into())));
        self
    }

    /// With one more key without a value and without `=`.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        self.query.push((key.into(), None));
        self
    }

    /// With another value for a parameter.
    #[must_use]
    pub fn set(self, key: &str, value: impl Into<String>) -> Self {
        self.without(key).with(key, value)
    }

    /// With a parameter's key written in another way.
    #[must_use]
    pub fn renamed(mut self, key: &str, new: &str) -> Self {
        for (name, _) in &mut self.query {
            if name == key {
                new.clone_into(name);
            }
        }
        self
    }

    /// Without a parameter.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.query.retain(|(name, _)| name != key);
        self
    }

    /// With the parameters in the opposite order.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.query.reverse();
        self
    }

    /// Without any query.
    #[must_use]
    pub fn without_query(mut self) -> Self {
        self.query.clear();
        self
    }

    /// With another method.
    #[must_use]
    pub fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// With another version of HTTP.
    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With another body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With blanks behind the body up to `length` bytes: still the same JSON.
    #[must_use]
    pub fn padded(mut self, length: usize) -> Self {
        assert!(self.body.len() <= length, "the body is longer than that already");
        self.body.resize(length, b' ');
        self
    }

    /// With the body in chunks of this size, instead of `Content-Length`.
    #[must_use]
    pub fn chunked(mut self, size: usize) -> Self {
        self.chunks = Some(size);
        self
    }

    /// Told to the handler as part of the case `id`.
    #[must_use]
    pub fn tagged(self, id: &str) -> Self {
        self.with("case", id)
    }

    /// With orders for the handler, see [`crate::handler`].
    #[must_use]
    pub fn order(self, orders: &str) -> Self {
        self.with("do", orders)
    }

    /// Whether the answer to it has no body.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// All of it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend(self.body_bytes());
        bytes
    }

    /// The head, with the blank line that ends it.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let query: Vec<_> = self
            .query
            .iter()
            .map(|(key, value)| value.as_ref().map_or_else(|| key.clone(), |value| format!("{key}={value}")))
            .collect();
        let target = if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", query.join("&")) };
        let mut head = format!("{} {target} HTTP/{}\r\nHost: localhost\r\n", self.method, self.version);
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").expect("writing to a string does not fail");
        }
        match self.chunks {
            Some(_) => head.push_str("Transfer-Encoding: chunked\r\n"),
            None => {
                write!(head, "Content-Length: {}\r\n", self.body.len()).expect("writing to a string does not fail");
            }
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The body as it goes over the wire.
    #[must_use]
    pub fn body_bytes(&self) -> Vec<u8> {
        let Some(size) = self.chunks else { return self.body.clone() };
        let mut bytes = Vec::new();
        for chunk in self.body.chunks(size) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }
}
