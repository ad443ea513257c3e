//! JSON for people: indented, and coloured by what it is.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Style};
use serde_json::Value;

const KEY: Style = AnsiColor::Blue.on_default();
const TEXT: Style = AnsiColor::Green.on_default();
const NUMBER: Style = AnsiColor::Yellow.on_default();
const WORD: Style = AnsiColor::Magenta.on_default();

/// A value over several lines, each but the first behind `margin`.
pub(crate) struct Pretty<'a> {
    pub(crate) value: &'a Value,
    pub(crate) margin: &'a str,
}

impl Display for Pretty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, self.value, self.margin, 0)
    }
}

fn write(f: &mut fmt::Formatter<'_>, value: &Value, margin: &str, depth: usize) -> fmt::Result {
    let line = |f: &mut fmt::Formatter<'_>, depth: usize| write!(f, "\n{margin}{:1$}", "", depth * 2);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            f.write_str("{")?;
            for (place, (key, value)) in fields.iter().enumerate() {
                f.write_str(if place > 0 { "," } else { "" })?;
                line(f, depth + 1)?;
                write!(f, "{KEY}{}{KEY:#}: ", Value::from(key.as_str()))?;
                write(f, value, margin, depth + 1)?;
            }
            line(f, depth)?;
            f.write_str("}")
        }
        Value::Array(items) if !items.is_empty() => {
            f.write_str("[")?;
            for (place, value) in items.iter().enumerate() {
                f.write_str(if place > 0 { "," } else { "" })?;
                line(f, depth + 1)?;
                write(f, value, margin, depth + 1)?;
            }
            line(f, depth)?;
            f.write_str("]")
        }
        Value::String(_) => write!(f, "{TEXT}{value}{TEXT:#}"),
        Value::Number(_) => write!(f, "{NUMBER}{value}{NUMBER:#}"),
        Value::Bool(_) | Value::Null => write!(f, "{WORD}{value}{WORD:#}"),
        Value::Object(_) | Value::Array(_) => write!(f, "{value}"),
    }
}
