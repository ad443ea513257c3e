//! The query string of a callback: who sends it, about what, and the proof.

use std::{borrow::Cow, ops::Range};

use http::Uri;

/// The query could not be understood: a parameter of the protocol stands in it twice or is badly encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// The parameter.
    pub(crate) parameter: &'static str,
    /// What is wrong with it.
    pub(crate) reason: &'static str,
}

/// The parameters of the protocol. Their spelling varies between pages, so case is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Parameter {
    SdkAppid,
    CallbackCommand,
    /// The name that a newer page has for [`CallbackCommand`](Self::CallbackCommand).
    WebhookCommand,
    ContentType,
    ClientIp,
    OptPlatform,
    Sign,
    RequestTime,
}

impl Parameter {
    const ALL: [(&'static str, Self); 8] = [
        ("SdkAppid", Self::SdkAppid),
        ("CallbackCommand", Self::CallbackCommand),
        ("WebhookCommand", Self::WebhookCommand),
        ("contenttype", Self::ContentType),
        ("ClientIP", Self::ClientIp),
        ("OptPlatform", Self::OptPlatform),
        ("Sign", Self::Sign),
        ("RequestTime", Self::RequestTime),
    ];

    fn named(key: &str) -> Option<Self> {
        // The first letter and the length tell all eight apart; a mere comparison decides.
        let parameter = match (key.len(), key.as_bytes().first()? | 0x20) {
            (8, b's') => Self::SdkAppid,
            (8, b'c') => Self::ClientIp,
            (15, b'c') => Self::CallbackCommand,
            (14, b'w') => Self::WebhookCommand,
            (11, b'c') => Self::ContentType,
            (11, b'o') => Self::OptPlatform,
            (11, b'r') => Self::RequestTime,
            (4, b's') => Self::Sign,
            _ => return None,
        };
        key.eq_ignore_ascii_case(parameter.name()).then_some(parameter)
    }

    fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// A query string, taken apart once and copied only where something in it is percent-encoded.
pub(crate) struct Query {
    uri: Uri,
    known: [Option<Value>; Parameter::ALL.len()],
    /// What had to be decoded, one value after the other.
    decoded: String,
}

#[derive(Clone, Copy)]
struct Value {
    is_decoded: bool,
    start: u32,
    end: u32,
}

impl Value {
    fn new(is_decoded: bool, range: Range<usize>) -> Option<Self> {
        Some(Self { is_decoded, start: range.start.try_into().ok()?, end: range.end.try_into().ok()? })
    }
}

impl Query {
    pub(crate) fn parse(uri: Uri) -> Result<Self, Malformed> {
        let mut known = [None; Parameter::ALL.len()];
        let mut decoded = String::new();
        let text = uri.query().unwrap_or_default();
        let mut start = 0;
        for piece in text.split('&') {
            let next = start + piece.len() + 1;
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            if let Some(parameter) = key_of(key) {
                let malformed = |reason| Malformed { parameter: parameter.name(), reason };
                let range = if value.contains('%') {
                    let from = decoded.len();
                    let value = percent_decode(value).ok_or_else(|| malformed("badly percent-encoded"))?;
                    decoded.push_str(&value);
                    Value::new(true, from..decoded.len())
                } else {
                    let end = start + piece.len();
                    Value::new(false, end - value.len()..end)
                };
                if known[parameter as usize].replace(range).is_some() {
                    return Err(malformed("given twice"));
                }
            }
            start = next;
        }
        let known = known.map(Option::flatten);
        Ok(Self { uri, known, decoded })
    }

    /// A parameter of the protocol; empty is the same as absent.
    pub(crate) fn get(&self, parameter: Parameter) -> Option<&str> {
        let Value { is_decoded, start, end } = self.known[parameter as usize]?;
        let text = if is_decoded { &self.decoded } else { self.text() };
        Some(&text[start as usize..end as usize]).filter(|value| !value.is_empty())
    }

    /// The command word; empty where there is none.
    pub(crate) fn command(&self) -> &str {
        self.get(Parameter::CallbackCommand).or_else(|| self.get(Parameter::WebhookCommand)).unwrap_or_default()
    }

    /// The parameters that the protocol does not know, decoded where they can be.
    pub(crate) fn others(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.text()
            .split('&')
            .filter(|piece| !piece.is_empty())
            .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
            .filter(|(key, _)| key_of(key).is_none())
            .map(|(key, value)| (decoded_or_raw(key), decoded_or_raw(value)))
    }

    fn text(&self) -> &str {
        self.uri.query().unwrap_or_default()
    }
}

fn key_of(key: &str) -> Option<Parameter> {
    if key.contains('%') { Parameter::named(&percent_decode(key)?) } else { Parameter::named(key) }
}

fn decoded_or_raw(text: &str) -> Cow<'_, str> {
    if text.contains('%') { percent_decode(text).map_or(Cow::Borrowed(text), Cow::Owned) } else { text.into() }
}

/// `None` for a `%` without two hex digits, and for what is not UTF-8. A `+` is a plus.
fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The value of a hex digit of either case.
pub(crate) const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
