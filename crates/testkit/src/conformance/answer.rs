//! What the suite reads in an answer.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;
use serde_json::Value;

/// What a server answered.
pub(crate) type Answer = Response<Bytes>;

/// Reads an answer, and panics where it cannot be read.
pub(crate) trait Read {
    /// The value of a header that must not be given twice.
    fn header(&self, name: &str) -> Option<&str>;

    /// The body as JSON.
    fn json(&self) -> Value;

    /// The body as text, as far as it is some.
    fn text(&self) -> Cow<'_, str>;
}

impl Read for Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers().get_all(name).iter().map(|value| value.to_str().expect("a header is text"));
        let value = values.next();
        assert_eq!(values.next(), None, "`{name}` is given twice");
        value
    }

    fn json(&self) -> Value {
        let fault = |fault| panic!("the body is not JSON: {fault}: {:?}", self.text());
        serde_json::from_slice(self.body()).unwrap_or_else(fault)
    }

    fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.body())
    }
}

/// An answer as text, without what may differ: the time, and the order of the headers.
pub(crate) fn normalised(answer: &Answer) -> String {
    let headers = answer.headers().iter().filter(|(name, _)| *name != "date");
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect();
    headers.sort();
    format!("{} {headers:?} {}", answer.status().as_u16(), answer.text())
}
