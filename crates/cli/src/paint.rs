//! Colours, by what they mean. Whether they are shown is decided once, in `cli`.

use anstyle::{AnsiColor, Style};

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// The colour of a decision, by its word.
pub(crate) fn word_style(word: &str) -> Style {
    match word {
        "ack" | "allow" | "data" => GOOD,
        "failed" | "undefined" | "late" => BAD,
        _ => WARN,
    }
}
