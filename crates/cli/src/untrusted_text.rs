//! Makes text of a request, an answer, a recording or an error safe to show.
//!
//! A terminal obeys control characters, and bidirectional controls make a reader see another text.

use std::{borrow::Cow, fmt::Write as _};

use serde_json::Value;

/// How much of a text is shown, in characters.
const TEXT_LIMIT: usize = 1000;
/// How much of a JSON value is shown, in characters.
const JSON_LIMIT: usize = 64 * 1024;

/// Whether a terminal acts on this character, or shows the text around it differently.
pub(crate) fn is_unsafe(char: char) -> bool {
    // C0, DEL and C1; then the bidirectional controls and the separators of lines and paragraphs.
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// The text on one line, with U+FFFD for each unsafe character, and cut where it is long.
pub(crate) fn plain(text: &str) -> String {
    cut(text, TEXT_LIMIT).chars().map(|char| if is_unsafe(char) { '\u{fffd}' } else { char }).collect()
}

/// JSON with an escape for each unsafe character: the same value, in safe text.
///
/// A line break is left: JSON has one only between its tokens.
pub(crate) fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        if is_unsafe(char) && char != '\n' {
            // Writing to a string does not fail.
            let _ = write!(text, "\\u{:04x}", u32::from(char));
        } else {
            text.push(char);
        }
    }
    text
}

/// The value, cut where it is long.
pub(crate) fn excerpt(value: &Value) -> Value {
    excerpt_of(value, &mut { JSON_LIMIT })
}

fn excerpt_of(value: &Value, left: &mut usize) -> Value {
    // Every value takes something, so that many small ones are cut too.
    *left = left.saturating_sub(8);
    match value {
        Value::String(text) => cut_within(text, left).into(),
        Value::Array(items) => {
            let mut shown = Vec::new();
            for item in items {
                if *left == 0 {
                    shown.push(format!(".. ({} items)", items.len()).into());
                    break;
                }
                shown.push(excerpt_of(item, left));
            }
            shown.into()
        }
        Value::Object(fields) => {
            let mut shown = serde_json::Map::new();
            for (key, value) in fields {
                if *left == 0 {
                    shown.insert("..".into(), format!(".. ({} fields)", fields.len()).into());
                    break;
                }
                shown.insert(cut_within(key, left), excerpt_of(value, left));
            }
            shown.into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn cut_within(text: &str, left: &mut usize) -> String {
    let shown = cut(text, TEXT_LIMIT.min(*left)).into_owned();
    *left = left.saturating_sub(shown.len());
    shown
}

/// The beginning of a text, with a mark if that is not all of it.
fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{} .. ({} characters)", &text[..end], text.chars().count()).into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_unsafe_character_is_left() {
        for char in (0..=0x10_ffff).filter_map(char::from_u32).filter(|char| is_unsafe(*char)) {
            assert_eq!(plain(&format!("a{char}b")), "a\u{fffd}b", "{:x}", u32::from(char));
            let json = escaped(&Value::from(char.to_string()).to_string());
            assert!(!json.contains(char), "{json:?}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), char.to_string());
        }
        assert_eq!(plain("grüß dich, 世界 \u{1f600}"), "grüß dich, 世界 \u{1f600}");
    }

    #[test]
    fn what_is_long_is_cut_with_a_mark() {
        assert_eq!(plain(&"é".repeat(1_000_000)), format!("{} .. (1000000 characters)", "é".repeat(TEXT_LIMIT)));
        let small = json!({ "a": [1, "b", null], "c": {} });
        assert_eq!(excerpt(&small), small);
        for value in [
            json!(vec![0; 1_000_000]),
            json!(vec!["x".repeat(900); 1000]),
            json!({ "x".repeat(1_000_000): "y".repeat(1_000_000) }),
            (0..100_000).map(|number| (number.to_string(), number.into())).collect::<serde_json::Map<_, _>>().into(),
        ] {
            let shown = excerpt(&value).to_string();
            assert!(shown.len() < 2 * JSON_LIMIT && shown.contains(".. ("), "{}", shown.len());
        }
    }
}
