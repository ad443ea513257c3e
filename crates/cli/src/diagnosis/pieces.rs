//! A query taken apart, and put right where it was copied from somewhere that writes it otherwise.

use std::borrow::Cow;

use super::Finding;

/// The protocol's parameters. Their case is not compared.
const KNOWN: [&str; 8] =
    ["SdkAppid", "CallbackCommand", "WebhookCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"];

pub(super) struct Pieces<'a>(Vec<(String, &'a str)>);

/// The value of a parameter.
pub(super) enum Value<'a> {
    /// There is none, or an empty one.
    Absent,
    Text(String),
    /// Its percent-encoding is wrong; this is the text as it was sent.
    Undecodable(&'a str),
}

impl Value<'_> {
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<'a> Pieces<'a> {
    pub(super) fn of(query: &'a str) -> Self {
        let pieces = query.split('&').filter(|piece| !piece.is_empty());
        Self(
            pieces
                .map(|piece| {
                    let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
                    (decoded(key).unwrap_or_else(|| key.to_owned()), value)
                })
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Value<'a> {
        match self.all(name).next() {
            None | Some("") => Value::Absent,
            Some(raw) => decoded(raw).map_or(Value::Undecodable(raw), Value::Text),
        }
    }

    fn all<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'a str> + use<'a, 'b> {
        self.0.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// What is wrong with the query as such: parameters that stand in it twice.
    pub(super) fn faults(&self) -> impl Iterator<Item = Finding> {
        KNOWN.into_iter().filter_map(|name| {
            let values: Vec<_> = self.all(name).collect();
            let [first, rest @ ..] = values.as_slice() else { return None };
            if rest.is_empty() {
                return None;
            }
            let same =
                if rest.iter().all(|value| value == first) { "with the same value" } else { "with different values" };
            let found = format!("is in the query {} times, {same}", values.len());
            Some(Finding::bad(
                name,
                found,
                "the URL in the console has the parameter already, or a proxy adds what is there; \
                 a receiver refuses to pick one",
            ))
        })
    }

    pub(super) fn others(&self) -> Vec<&str> {
        let is_known = |key: &str| KNOWN.iter().any(|name| key.eq_ignore_ascii_case(name));
        self.0.iter().map(|(key, _)| key.as_str()).filter(|key| !is_known(key)).collect()
    }
}

/// The query as it was before something wrote it in its own way, and what that was.
pub(super) fn repaired(query: &str) -> (Cow<'_, str>, Option<Finding>) {
    let encoded = || {
        let is_whole = !query.contains('&') && query.to_ascii_lowercase().contains("%26");
        is_whole.then(|| decoded(query)).flatten()
    };
    let (repaired, found, cause) = if query.contains("&amp;") {
        (
            query.replace("&amp;", "&"),
            "has `&amp;` for `&`",
            "it was escaped for HTML or XML, by a proxy or where it was copied from",
        )
    } else if query.contains("\\u0026") {
        (
            query.replace("\\u0026", "&"),
            "has `\\u0026` for `&`",
            "it was escaped for JSON; it was probably copied from a log",
        )
    } else if let Some(decoded) = encoded() {
        (decoded, "is percent-encoded as a whole", "a proxy has made a single value of it, or it was copied as one")
    } else {
        return (query.into(), None);
    };
    (repaired.into(), Some(Finding::bad("query", found, cause)))
}

/// `None` for a `%` without two hex digits, and for what is not UTF-8. A `+` is a plus.
pub(crate) fn decoded(text: &str) -> Option<String> {
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

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| value.try_into().ok())
}
