//! Text in lines: wrapped between words, to the width of the terminal.

use std::{env, fmt};

use terminal_size::{Width, terminal_size};

/// The width of lines if nothing says how wide the terminal is, and at most.
const WIDEST: usize = 110;
/// Narrower lines than this are no table any more.
const NARROWEST: usize = 40;

/// How wide a line may be: the terminal, or `COLUMNS`.
pub(crate) fn width() -> usize {
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = terminal_size().map(|(Width(columns), _)| usize::from(columns));
    columns.or(terminal).unwrap_or(WIDEST).clamp(NARROWEST, WIDEST)
}

/// The text over several lines up to column `width`, each but the first behind a margin. It breaks between words only.
pub(crate) fn wrapped(text: &str, margin: usize, width: usize) -> String {
    let mut lines = String::new();
    let mut column = margin;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > margin && column + 1 + length > width {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', margin));
            column = margin;
        } else if column > margin {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// A number with its noun: `1 time`, `2 times`.
pub(crate) struct Counted(pub(crate) usize, pub(crate) &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, noun) = self;
        let s = if *count == 1 { "" } else { "s" };
        write!(f, "{count} {noun}{s}")
    }
}

/// The help after the options, so that no line of it is longer than `width`.
///
/// An example that is too long goes on behind a backslash, so that it stays one command. A line of a table goes on under
/// its second column.
pub(crate) fn fitted(help: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in help.split("\n\n") {
        let mut is_examples = false;
        let mut text = String::new();
        for line in paragraph.lines() {
            is_examples |= line == "Examples:";
            if !line.starts_with(' ') {
                // The lines of a paragraph are one text.
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(line);
                continue;
            }
            if !text.is_empty() {
                lines.push(wrapped(&std::mem::take(&mut text), 0, width));
            }
            lines.push(if is_examples { continued(line, width) } else { hanging(line, width) });
        }
        if !text.is_empty() {
            lines.push(wrapped(&text, 0, width));
        }
        lines.push(String::new());
    }
    lines.pop();
    lines.join("\n")
}

/// A line of a table, which goes on under its second column; a line without one goes on under its first.
fn hanging(line: &str, width: usize) -> String {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let second = text.find("  ").map(|gap| gap + text[gap..].len() - text[gap..].trim_start().len());
    let (head, rest) = line.split_at(indent + second.unwrap_or_default());
    format!("{head}{}", wrapped(rest, head.chars().count(), width))
}

/// A command that goes on behind a backslash, at its spaces outside of quotes.
fn continued(line: &str, width: usize) -> String {
    const BACKSLASH: usize = 2;
    const INDENT: usize = 6;
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let mut text = String::new();
    let mut column = 0;
    for word in words(line.trim_start()) {
        let length = word.chars().count();
        let (space, indent) = if text.is_empty() { ("  ", 2) } else { (" ", 1) };
        // A backslash behind nothing helps nobody.
        if column > INDENT && column + indent + length + BACKSLASH > width {
            text.push_str(" \\\n      ");
            column = INDENT;
        } else {
            text.push_str(space);
            column += indent;
        }
        text.push_str(word);
        column += length;
    }
    text
}

/// The words of a command, as a shell divides it.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut quote, mut begin) = (None, 0);
    for (place, char) in line.char_indices() {
        match (quote, char) {
            (None, ' ') => {
                words.push(&line[begin..place]);
                begin = place + 1;
            }
            (None, '\'' | '"') => quote = Some(char),
            (Some(open), _) if open == char => quote = None,
            _ => {}
        }
    }
    words.push(&line[begin..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three four", 4, 12), "one two\n    three\n    four");
        assert_eq!(wrapped("a-word-that-is-too-long", 2, 10), "a-word-that-is-too-long");
        assert_eq!(wrapped("", 4, 20), "");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(format!("{}, {}", Counted(1, "time"), Counted(0, "time")), "1 time, 0 times");
    }

    #[test]
    fn an_example_stays_one_command() {
        let help = "It is a text\nof two lines.\n\nExamples:\n  im-callback send :8080 --set /Name='free spam' --json";
        assert_eq!(
            fitted(help, 40),
            "It is a text of two lines.\n\nExamples:\n  im-callback send :8080 --set \\\n      /Name='free spam' --json"
        );
        assert_eq!(fitted(help, 100), help.replace("text\nof", "text of"));
    }

    #[test]
    fn a_table_goes_on_under_its_second_column() {
        let help = "Status:\n  0  done, and all is as it is expected to be";
        assert_eq!(fitted(help, 40), "Status:\n  0  done, and all is as it is expected\n     to be");
    }
}
