//! The query string of a callback: who sends it, about what, and the proof.

use std::borrow::Cow;

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

    /// The parameter whose name in its usual spelling `text` begins with, and where its value is.
    ///
    /// Nearly always it is the usual one, and comparing with a constant is a matter of one or two words.
    #[inline]
    fn usual_at(text: &[u8]) -> Option<(Self, usize)> {
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

/// What a query string stands in.
pub(crate) enum Text {
    Http(Uri),
    Plain(String),
}

impl Text {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Http(uri) => uri.query().unwrap_or_default(),
            Self::Plain(text) => text,
        }
    }
}

impl From<Uri> for Text {
    fn from(uri: Uri) -> Self {
        Self::Http(uri)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

/// A query string, taken apart.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    text: &'a str,
    values: &'a Values,
}

/// What a query string says, apart from the string: it is taken apart once, and copied only where something in it is
/// percent-encoded.
pub(crate) struct Values {
    /// Where the values of the protocol's parameters are; empty for those that are absent.
    known: [Value; Parameter::ALL.len()],
    /// A bit for each parameter whose value stands in `decoded`, and not in the text.
    are_decoded: u8,
    /// What had to be decoded, one value after the other.
    decoded: Box<str>,
}

/// Where a value is.
#[derive(Clone, Copy, Default)]
struct Value {
    start: u16,
    end: u16,
}

impl Value {
    /// In a text that is no longer than [`LONGEST`].
    #[expect(clippy::cast_possible_truncation, reason = "a place in the text fits")]
    const fn at(start: usize, end: usize) -> Self {
        Self { start: start as u16, end: end as u16 }
    }
}

/// As long as a URI can be for `http`, and thirty times what a callback's query is.
const LONGEST: usize = u16::MAX as usize;

impl Values {
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > LONGEST {
            return Err(Malformed { parameter: "all", reason: "longer than 64 KiB" });
        }
        #[expect(clippy::needless_bitwise_bool, reason = "looking at every byte goes many at a time")]
        let is_encoded = text.bytes().fold(false, |is_encoded, byte| is_encoded | (byte == b'%'));
        let mut known = [Value::default(); Parameter::ALL.len()];
        let (mut seen, mut are_decoded) = (0_u8, 0_u8);
        let mut decoded = String::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text.as_bytes()[at..];
            let usual = Parameter::usual_at(rest);
            let key = usual.map_or(0, |(_, length)| length);
            let end = at + key + ampersand(&rest[key..]);
            let found =
                usual.map(|(parameter, length)| (parameter, at + length)).or_else(|| unusual(at, &text[at..end]));
            if let Some((parameter, start)) = found {
                let malformed = |reason| Malformed { parameter: parameter.name(), reason };
                let bit = parameter.bit();
                if seen & bit != 0 {
                    return Err(malformed("given twice"));
                }
                seen |= bit;
                known[parameter as usize] = Value::at(start, end);
                if is_encoded && text[start..end].contains('%') {
                    let before = decoded.len();
                    decoded += &percent_decode(&text[start..end]).ok_or_else(|| malformed("badly percent-encoded"))?;
                    known[parameter as usize] = Value::at(before, decoded.len());
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
    pub(crate) const fn new(text: &'a str, values: &'a Values) -> Self {
        Self { text, values }
    }

    /// A parameter of the protocol; empty is the same as absent.
    pub(crate) fn get(self, parameter: Parameter) -> Option<&'a str> {
        let Value { start, end } = self.values.known[parameter as usize];
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

/// The parameter that is not spelled as usual in a piece which begins at `at`, and where its value begins.
#[cold]
fn unusual(at: usize, piece: &str) -> Option<(Parameter, usize)> {
    let (key, value) = key_and_value(piece);
    Some((Parameter::named(&decoded_or_raw(key))?, at + piece.len() - value.len()))
}

/// What stands before and behind the first `=`. A key without one has no value.
fn key_and_value(piece: &str) -> (&str, &str) {
    piece.split_once('=').unwrap_or((piece, ""))
}

/// Where the first `&` is, or the end.
///
/// Eight bytes at a time and in place: values are short, and a call to anything wider takes longer than they do.
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
