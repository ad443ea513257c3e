//! JSON for people: indented, and coloured by what it is.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::Value;

use crate::{
    cli_error::CliError,
    paint::FAINT,
    untrusted_text::escaped,
    when::{date, date_of_seconds},
};

const KEY: Style = AnsiColor::Blue.on_default();
const TEXT: Style = AnsiColor::Green.on_default();
const NUMBER: Style = AnsiColor::Yellow.on_default();
const WORD: Style = AnsiColor::Magenta.on_default();

/// A value on one line, for programs.
pub(crate) fn line(value: &Value) -> String {
    escaped(&value.to_string())
}

/// A value over several lines, for programs.
pub(crate) fn indented(value: &impl Serialize) -> Result<String, CliError> {
    serde_json::to_string_pretty(value).map(|json| escaped(&json)).map_err(|error| CliError::usage(error.to_string()))
}

/// A value over several lines for people, each but the first behind `margin`.
pub(crate) struct Pretty<'a> {
    pub(crate) value: &'a Value,
    pub(crate) margin: &'a str,
    /// Whether dates are put beside Unix times.
    pub(crate) times: bool,
}

impl Display for Pretty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, self.value, 0)
    }
}

impl Pretty<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>, value: &Value, depth: usize) -> fmt::Result {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                f.write_str("{")?;
                for (place, (key, value)) in fields.iter().enumerate() {
                    self.line(f, depth + 1)?;
                    write!(f, "{KEY}{}{KEY:#}: ", Text(key))?;
                    self.write(f, value, depth + 1)?;
                    f.write_str(if place + 1 < fields.len() { "," } else { "" })?;
                    if let Some(date) = self.times.then(|| date_of(key, value)).flatten() {
                        write!(f, "  {FAINT}{date}{FAINT:#}")?;
                    }
                }
                self.line(f, depth)?;
                f.write_str("}")
            }
            Value::Array(items) if !items.is_empty() => {
                f.write_str("[")?;
                for (place, value) in items.iter().enumerate() {
                    self.line(f, depth + 1)?;
                    self.write(f, value, depth + 1)?;
                    f.write_str(if place + 1 < items.len() { "," } else { "" })?;
                }
                self.line(f, depth)?;
                f.write_str("]")
            }
            Value::String(text) => write!(f, "{TEXT}{}{TEXT:#}", Text(text)),
            Value::Number(_) => write!(f, "{NUMBER}{value}{NUMBER:#}"),
            Value::Bool(_) | Value::Null => write!(f, "{WORD}{value}{WORD:#}"),
            Value::Object(_) | Value::Array(_) => write!(f, "{value}"),
        }
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        write!(f, "\n{}{:2$}", self.margin, "", depth * 2)
    }
}

/// A JSON string.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&Value::from(self.0).to_string()))
    }
}

/// The date of a field that is named after a time, if its value can be one of our days.
fn date_of(key: &str, value: &Value) -> Option<String> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|_| key.ends_with("Time"))?;
    match number {
        1_000_000_000..10_000_000_000 => Some(date_of_seconds(number)),
        1_000_000_000_000..10_000_000_000_000 => Some(date(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_have_their_dates_beside_them_and_texts_are_escaped() {
        let value =
            json!({ "EventTime": "1670574414123", "MsgTime": 1_670_574_414, "Text": "\u{9b}31m\u{1b}", "Empty": [] });
        let shown = Pretty { value: &value, margin: "| ", times: true }.to_string();
        let plain = anstream::adapter::strip_str(&shown).to_string();
        let expected = r#"{
|   "EventTime": "1670574414123",  2022-12-09 08:26:54.123 UTC
|   "MsgTime": 1670574414,  2022-12-09 08:26:54 UTC
|   "Text": "\u009b31m\u001b",
|   "Empty": []
| }"#;
        assert_eq!(plain, expected);
    }
}
