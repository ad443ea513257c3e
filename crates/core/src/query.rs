//! The query string of a callback: who sends it, about what, and the proof.

use std::{borrow::Cow, ops::Range};

use http::{Uri, uri::PathAndQuery};

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

    /// The parameter that `text` begins with in its usual spelling, with `=`.
    ///
    /// Nearly always it is the usual one, and comparing with a constant is a matter of one or two words.
    fn usual_at(text: &[u8]) -> Option<Self> {
        let parameter = match text.first()? {
            b'S' if text.starts_with(b"SdkAppid=") => Self::SdkAppid,
            b'S' if text.starts_with(b"Sign=") => Self::Sign,
            b'C' if text.starts_with(b"CallbackCommand=") => Self::CallbackCommand,
            b'C' if text.starts_with(b"ClientIP=") => Self::ClientIp,
            b'c' if text.starts_with(b"contenttype=") => Self::ContentType,
            b'O' if text.starts_with(b"OptPlatform=") => Self::OptPlatform,
            b'R' if text.starts_with(b"RequestTime=") => Self::RequestTime,
            _ => return None,
        };
        Some(parameter)
    }

    fn named(key: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(name, _)| key.eq_ignore_ascii_case(name));
        known.map(|(_, parameter)| *parameter)
    }

    fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// What a query string stands in.
pub(crate) enum Text {
    Http(PathAndQuery),
    Plain(String),
}

impl Text {
    fn as_str(&self) -> &str {
        match self {
            Self::Http(path_and_query) => path_and_query.query().unwrap_or_default(),
            Self::Plain(text) => text,
        }
    }
}

impl From<Uri> for Text {
    fn from(uri: Uri) -> Self {
        uri.into_parts().path_and_query.map_or_else(|| Self::Plain(String::new()), Self::Http)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

/// A query string, taken apart once and copied only where something in it is percent-encoded.
pub(crate) struct Query {
    text: Text,
    /// Where the values of the protocol's parameters are; empty for those that are absent.
    known: [Value; Parameter::ALL.len()],
    /// What had to be decoded, one value after the other.
    decoded: Box<str>,
}

/// Where a value is. A URI of `http` has less than 64 KiB; what is longer holds no callback.
#[derive(Clone, Copy, Default)]
struct Value {
    start: u16,
    end: u16,
    is_decoded: bool,
}

impl Query {
    pub(crate) fn parse(query: Text) -> Result<Self, Malformed> {
        let mut known = [Value::default(); Parameter::ALL.len()];
        let mut seen = [false; Parameter::ALL.len()];
        let mut decoded = String::new();
        let text = query.as_str();
        for Piece { parameter, value, value_is_encoded, .. } in Pieces::of(text) {
            let Some(parameter) = parameter else { continue };
            let malformed = |reason| Malformed { parameter: parameter.name(), reason };
            if std::mem::replace(&mut seen[parameter as usize], true) {
                return Err(malformed("given twice"));
            }
            let range = if value_is_encoded {
                let from = decoded.len();
                decoded.push_str(&percent_decode(&text[value]).ok_or_else(|| malformed("badly percent-encoded"))?);
                from..decoded.len()
            } else {
                value
            };
            let place = |at: usize| u16::try_from(at).map_err(|_| malformed("too long"));
            known[parameter as usize] =
                Value { start: place(range.start)?, end: place(range.end)?, is_decoded: value_is_encoded };
        }
        Ok(Self { text: query, known, decoded: decoded.into() })
    }

    /// A parameter of the protocol; empty is the same as absent.
    pub(crate) fn get(&self, parameter: Parameter) -> Option<&str> {
        let Value { start, end, is_decoded } = self.known[parameter as usize];
        if start == end {
            return None;
        }
        let text = if is_decoded { &self.decoded } else { self.text() };
        Some(&text[start.into()..end.into()])
    }

    /// The command word; empty where there is none.
    pub(crate) fn command(&self) -> &str {
        self.get(Parameter::CallbackCommand).or_else(|| self.get(Parameter::WebhookCommand)).unwrap_or_default()
    }

    /// The parameters that the protocol does not know, decoded where they can be.
    pub(crate) fn others(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        Pieces::of(self.text())
            .filter(|piece| piece.parameter.is_none())
            .map(|piece| (decoded_or_raw(&self.text()[piece.key]), decoded_or_raw(&self.text()[piece.value])))
    }

    fn text(&self) -> &str {
        self.text.as_str()
    }
}

/// A key with its value, still encoded.
struct Piece {
    key: Range<usize>,
    parameter: Option<Parameter>,
    value: Range<usize>,
    value_is_encoded: bool,
}

/// The pieces of a query string that are not empty, found in one go over its bytes.
struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Pieces<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at) == Some(&b'&') {
            self.at += 1;
        }
        let start = self.at;
        if start == bytes.len() {
            return None;
        }
        let usual = Parameter::usual_at(&bytes[start..]);
        let key_end = match usual {
            Some(parameter) => start + parameter.name().len(),
            None => first_of(b'=', b'&', &bytes[start..]).map_or(bytes.len(), |length| start + length),
        };
        // A key without `=` has no value.
        let value_start = if bytes.get(key_end) == Some(&b'=') { key_end + 1 } else { key_end };
        let rest = &bytes[value_start..];
        let (value_is_encoded, length) = match first_of(b'&', b'%', rest) {
            Some(at) if rest[at] == b'%' => (true, first_of(b'&', b'&', rest)),
            end => (false, end),
        };
        self.at = length.map_or(bytes.len(), |length| value_start + length);
        let key = start..key_end;
        let parameter = usual.or_else(|| key_of(&self.text[key.clone()]));
        Some(Piece { key, parameter, value: value_start..self.at, value_is_encoded })
    }
}

/// Where the first of either byte is.
///
/// Eight bytes at a time and in place: values are short, and a call to anything wider takes longer than they do.
fn first_of(one: u8, other: u8, bytes: &[u8]) -> Option<usize> {
    const LOWEST: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);

    // The highest bit of each byte that is zero. What borrows from the byte behind may set it wrongly, but
    // only after a byte that is zero, and the first is all that is asked for.
    let zeros = |word: u64| word.wrapping_sub(LOWEST) & !word & HIGHEST;
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ LOWEST * u64::from(one)) | zeros(word ^ LOWEST * u64::from(other));
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|byte| *byte == one || *byte == other)?;
    Some(words.len() * 8 + at)
}

fn key_of(key: &str) -> Option<Parameter> {
    match Parameter::named(key) {
        None if key.contains('%') => Parameter::named(&percent_decode(key)?),
        parameter => parameter,
    }
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

/// The number that is written in decimal digits, and in nothing else: `parse` would take a sign as well.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10);
    let number = |so_far: u64, byte| so_far.checked_mul(10)?.checked_add(digit(byte)?.into());
    text.bytes().try_fold(0, number).filter(|_| !text.is_empty())
}

/// The value of a hex digit of either case.
fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}
