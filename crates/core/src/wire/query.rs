//! The query string of a callback: application, command, client and signature.

use std::borrow::Cow;

use http::Uri;

/// A query that cannot be read: a parameter of the protocol is in it twice or is badly encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// The parameter.
    pub(crate) parameter: &'static str,
    /// Its fault.
    pub(crate) reason: &'static str,
}

/// The parameters of the protocol. Their spelling varies between pages, so case is ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
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

    /// The parameter whose name, in the spelling of the service, `text` begins with, and where its value begins.
    ///
    /// Nearly all names have this spelling, and comparing with a constant is one or two instructions.
    #[inline]
    fn exact_at(text: &[u8]) -> Option<(Self, usize)> {
        // Each row: the first byte, the name with its `=`, the parameter. The first row that the text begins with is
        // the result.
        macro_rules! any_of {
            ($($first:literal $begin:literal $Parameter:ident,)*) => {
                match text.first()? {
                    $( $first if text.starts_with($begin) => Some((Self::$Parameter, $begin.len())), )*
                    _ => None,
                }
            };
        }

        any_of! {
            b'S' b"SdkAppid=" SdkAppid,
            b'S' b"Sign=" Sign,
            b'C' b"CallbackCommand=" CallbackCommand,
            b'C' b"ClientIP=" ClientIp,
            b'c' b"contenttype=" ContentType,
            b'O' b"OptPlatform=" OptPlatform,
            b'R' b"RequestTime=" RequestTime,
        }
    }

    fn named(key: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(name, _)| key.eq_ignore_ascii_case(name));
        known.map(|(_, parameter)| *parameter)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }

    fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

/// The query string of a request, in the type that the framework has it in.
pub(crate) enum RawQuery {
    Http(Uri),
    Plain(String),
}

impl RawQuery {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Http(uri) => uri.query().unwrap_or_default(),
            Self::Plain(text) => text,
        }
    }
}

impl From<Uri> for RawQuery {
    fn from(uri: Uri) -> Self {
        Self::Http(uri)
    }
}

impl From<String> for RawQuery {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

/// A query string with the index of its values.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    text: &'a str,
    values: &'a QueryIndex,
}

/// Where the values of a query string are. The string is scanned once, and only percent-encoded values are copied.
pub(crate) struct QueryIndex {
    /// Where the values of the protocol's parameters are; empty for those that are absent.
    known: [Span; Parameter::ALL.len()],
    /// A bit for each parameter whose value is in `decoded`, and not in the text.
    are_decoded: u8,
    /// The decoded values, one after the other.
    decoded: Box<str>,
}

/// Where a value is.
#[derive(Clone, Copy, Default)]
struct Span {
    start: u16,
    end: u16,
}

impl Span {
    /// In a text that is not longer than [`MAX_LENGTH`].
    #[expect(clippy::cast_possible_truncation, reason = "a place in the text fits")]
    const fn at(start: usize, end: usize) -> Self {
        Self { start: start as u16, end: end as u16 }
    }
}

/// The longest URI of the crate `http`, and thirty times the length of a callback's query.
const MAX_LENGTH: usize = u16::MAX as usize;

impl QueryIndex {
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > MAX_LENGTH {
            return Err(Malformed { parameter: "all", reason: "longer than 64 KiB" });
        }
        let is_encoded = text.as_bytes().contains(&b'%');
        let mut known = [Span::default(); Parameter::ALL.len()];
        let (mut seen, mut are_decoded) = (0_u8, 0_u8);
        let mut decoded = String::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text.as_bytes()[at..];
            let usual = Parameter::exact_at(rest);
            let key = usual.map_or(0, |(_, length)| length);
            let end = at + key + ampersand(&rest[key..]);
            let found =
                usual.map(|(parameter, length)| (parameter, at + length)).or_else(|| lenient_at(at, &text[at..end]));
            if let Some((parameter, start)) = found {
                let malformed = |reason| Malformed { parameter: parameter.name(), reason };
                let bit = parameter.bit();
                if seen & bit != 0 {
                    return Err(malformed("given twice"));
                }
                seen |= bit;
                known[parameter as usize] = Span::at(start, end);
                if is_encoded && text[start..end].contains('%') {
                    let before = decoded.len();
                    decoded += &percent_decode(&text[start..end]).ok_or_else(|| malformed("badly percent-encoded"))?;
                    known[parameter as usize] = Span::at(before, decoded.len());
                    are_decoded |= bit;
                }
            }
            at = end + 1;
        }
        Ok(Self { known, are_decoded, decoded: decoded.into() })
    }
}

impl<'a> Query<'a> {
    /// A query string with the values that were found in it.
    pub(crate) const fn new(text: &'a str, values: &'a QueryIndex) -> Self {
        Self { text, values }
    }

    /// A parameter of the protocol; empty is the same as absent.
    pub(crate) fn get(self, parameter: Parameter) -> Option<&'a str> {
        let Span { start, end } = self.values.known[parameter as usize];
        if start == end {
            return None;
        }
        let is_decoded = self.values.are_decoded & parameter.bit() != 0;
        let text = if is_decoded { &self.values.decoded } else { self.text };
        Some(&text[start.into()..end.into()])
    }

    /// The command word; empty where there is none.
    pub(crate) fn command(self) -> &'a str {
        self.get(Parameter::CallbackCommand).or_else(|| self.get(Parameter::WebhookCommand)).unwrap_or_default()
    }

    /// The parameters that the protocol does not know, decoded where they can be.
    pub(crate) fn others(self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        let pieces = self.text.split('&').filter(|piece| !piece.is_empty()).map(key_and_value);
        pieces
            .map(|(key, value)| (decoded_or_raw(key), decoded_or_raw(value)))
            .filter(|(key, _)| Parameter::named(key).is_none())
    }
}

/// The parameter in another spelling in a piece which begins at `at`, and where its value begins.
#[cold]
fn lenient_at(at: usize, piece: &str) -> Option<(Parameter, usize)> {
    let (key, value) = key_and_value(piece);
    Some((Parameter::named(&decoded_or_raw(key))?, at + piece.len() - value.len()))
}

/// The parts before and after the first `=`. A key without `=` has no value.
fn key_and_value(piece: &str) -> (&str, &str) {
    piece.split_once('=').unwrap_or((piece, ""))
}

/// Where the first `&` is, or the end.
///
/// Eight bytes at a time and without a call: values are short, and a call of a wider search takes longer.
fn ampersand(bytes: &[u8]) -> usize {
    const LOWEST: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);

    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        // Every `&` is a zero now.
        let word = u64::from_le_bytes(*word) ^ u64::from_ne_bytes([b'&'; 8]);
        // The highest bit of each zero; those of bytes behind one may be wrong, but the first is right.
        let zeros = word.wrapping_sub(LOWEST) & !word & HIGHEST;
        if zeros != 0 {
            return index * 8 + zeros.trailing_zeros() as usize / 8;
        }
    }
    let length = rest.iter().position(|byte| *byte == b'&').unwrap_or(rest.len());
    words.len() * 8 + length
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

/// A query without the parameter `Sign`, in any case and with its name encoded in any way.
pub(crate) fn without_sign(query: &str) -> String {
    let is_sign = |piece: &&str| {
        let name = piece.split('=').next().unwrap_or_default();
        percent_decode(name).is_none_or(|name| name.eq_ignore_ascii_case("Sign"))
    };
    query.split('&').filter(|piece| !is_sign(piece)).collect::<Vec<_>>().join("&")
}
