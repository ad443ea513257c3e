//! Strings of JSON, with replacement characters in place of what is not Unicode.

use std::borrow::Cow;

use super::Findings;

/// The text of a JSON string, and whether a part of it was not Unicode.
pub(super) fn string<'de>(raw: &'de str, findings: &Findings) -> (Cow<'de, str>, bool) {
    let between_quotes = &raw[1..raw.len() - 1];
    let text = if between_quotes.contains('\\') {
        match serde_json::from_str::<String>(raw) {
            Ok(text) => Cow::Owned(text),
            // In a string that is JSON nothing else can be wrong.
            Err(_) => return (serde_json::from_str(&without_half_pairs(raw)).unwrap_or_default(), true),
        }
    } else {
        Cow::Borrowed(between_quotes)
    };
    let is_repaired = findings.is_lossy && text.contains('\u{fffd}');
    (text, is_repaired)
}

/// A string of JSON with `\ufffd` in place of every surrogate that is no part of a pair.
fn without_half_pairs(raw: &str) -> String {
    let mut repaired = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired.push_str(before);
        let length = match (code_unit(escape), escape.get(6..).and_then(code_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                repaired.push_str("\\ufffd");
                rest = &escape[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        let (escape, after) = escape.split_at(length);
        repaired.push_str(escape);
        rest = after;
    }
    repaired.push_str(rest);
    repaired
}

/// The code unit of the escape `\uXXXX` that a text begins with.
fn code_unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}
