//! From a body to an event: one strict parse, and only when it fails a second look.
//!
//! A field that may be absent must not lose the callback because the vendor sent something unexpected
//! in it. The reader of JSON tells where it stumbled; the innermost field there is taken out of the
//! text and the text is read again. What cannot be absent makes its own parent fail then, and the
//! parent is taken out instead, until the event reads or nothing is left to take out.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::{DecodeError, DroppedField, Event};

pub(crate) struct Decoded<E> {
    pub(crate) event: E,
    pub(crate) dropped: Vec<DroppedField>,
}

/// Reads a body into the event `E`.
pub(crate) fn decode<E: Event>(body: &[u8]) -> Result<Decoded<E>, DecodeError> {
    // Checked as UTF-8 in one go and parsed as text: a good deal faster than `from_slice`.
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(fault) => return Err(not_json(E::COMMAND, &fault.to_string())),
    };
    // A derived reader takes a list as well, as the fields in their order; no callback comes as one.
    if text.trim_ascii_start().starts_with('[') {
        return Err(DecodeError::new(
            E::COMMAND,
            ".".to_owned(),
            "invalid type: sequence, expected an object".to_owned(),
        ));
    }
    let mut fault = match serde_json::from_str(text) {
        Ok(event) => return Ok(Decoded { event, dropped: Vec::new() }),
        Err(fault) => fault,
    };
    let mut mending = Mending::new(E::COMMAND, text)?;
    loop {
        mending.drop_at(&fault)?;
        match serde_json::from_str(&mending.text) {
            Ok(event) => {
                let dropped = mending.cuts.into_iter().map(|cut| DroppedField::new(cut.path, cut.reason)).collect();
                return Ok(Decoded { event, dropped });
            }
            Err(next) => fault = next,
        }
    }
}

/// So many fields are dropped one by one; after that whole top-level fields are, so that the work stays
/// bounded by the size of the event rather than by that of the body.
const FINE_CUTS: usize = 16;

/// So often a body is mended. No event has as many fields at its top level, so only what is given over and
/// over, or under a name that is no text, can lead to more; and each time costs a look at the whole body.
const CUTS: usize = 64;

/// A body that is being made readable.
struct Mending {
    command: &'static str,
    text: String,
    cuts: Vec<Cut>,
    /// How often something was taken out, what was part of a later cut included.
    made: usize,
}

/// A field that was taken out.
struct Cut {
    path: String,
    /// Where the fault was: the field itself or something in it.
    origin: String,
    reason: String,
}

impl Mending {
    fn new(command: &'static str, text: &str) -> Result<Self, DecodeError> {
        // Some errors of the strict parse are about one value (a number too large, half a surrogate
        // pair), some about the whole text. Reading it for its grammar alone tells which.
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(IgnoredAny) => Ok(Self { command, text: text.to_owned(), cuts: Vec::new(), made: 0 }),
            Err(fault) => Err(not_json(command, &fault.to_string())),
        }
    }

    /// Takes out the field at which the parse failed, or fails itself if that cannot be absent.
    fn drop_at(&mut self, fault: &serde_json::Error) -> Result<(), DecodeError> {
        let steps = locate(&self.text, offset(&self.text, fault));
        let message = fault.to_string();
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());

        // The value that failed; for a missing field the name that it would have.
        let at = path(&steps);
        let wanted = missing.map_or_else(|| at.clone(), |name| join(&at, name));
        let (origin, reason) = match self.cuts.iter().position(|cut| cut.path == wanted) {
            // It was here and taken out: what was wrong with it then is the reason now.
            Some(place) => {
                let cut = self.cuts.swap_remove(place);
                (cut.origin, cut.reason)
            }
            None if missing.is_some() => (wanted, "missing".to_owned()),
            None => (wanted, without_text(&message)),
        };

        let mut fields = (0..steps.len()).filter(|&step| steps[step].field.is_some());
        let field = match self.made {
            ..FINE_CUTS => fields.next_back(),
            FINE_CUTS..CUTS => fields.next(),
            _ => None,
        };
        let Some(field) = field else {
            return Err(DecodeError::new(self.command, origin, reason));
        };
        let path = path(&steps[..=field]);
        self.cuts.retain(|cut| !is_within(&cut.path, &path));
        blank(&mut self.text, steps[field].span.clone());
        self.cuts.push(Cut { path, origin, reason });
        self.made += 1;
        Ok(())
    }
}

fn not_json(command: &'static str, fault: &str) -> DecodeError {
    DecodeError::new(command, ".".to_owned(), format!("not JSON: {}", without_text(fault)))
}

/// The message without the text that it may quote: that is a user's.
fn without_text(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(what, _)| what);
    let Some(from) = message.find(": string \"") else { return message.to_owned() };
    let rest = message.rfind("\", expected ").filter(|to| from < *to).map_or("", |to| &message[to + 1..]);
    format!("{}{rest}", &message[..from + ": string".len()])
}

/// Where in the text a parse failed: at the last byte that it had looked at.
fn offset(text: &str, fault: &serde_json::Error) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(fault.line().saturating_sub(1)).map(str::len).sum();
    (line_start + fault.column()).saturating_sub(1).min(text.len().saturating_sub(1))
}

/// A step from a value to one inside it.
#[derive(Debug, Clone)]
struct Step {
    /// The name, for a field of an object; an index has none.
    field: Option<String>,
    index: usize,
    /// The field from its name on, or the element.
    span: Range<usize>,
}

fn path(steps: &[Step]) -> String {
    let path = steps.iter().fold(String::new(), |path, step| match &step.field {
        Some(name) => join(&path, name),
        None => format!("{path}[{}]", step.index),
    });
    if path.is_empty() { ".".to_owned() } else { path }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() || path == "." { name.to_owned() } else { format!("{path}.{name}") }
}

fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Replaces a field by blanks, with the comma that would be one too many.
fn blank(text: &mut String, span: Range<usize>) {
    let bytes = text.as_bytes();
    let is_blank = |&at: &usize| !bytes[at].is_ascii_whitespace();
    let after = (span.end..bytes.len()).find(is_blank).filter(|&at| bytes[at] == b',');
    let before = (0..span.start).rev().find(is_blank).filter(|&at| bytes[at] == b',');
    let comma = after.or(before);
    for range in [Some(span), comma.map(|at| at..at + 1)].into_iter().flatten() {
        let blanks = " ".repeat(range.len());
        text.replace_range(range, &blanks);
    }
}

/// The text that a string of JSON stands for, or what is between its quotes if that is no text.
fn unescaped(string: &[u8]) -> String {
    let inner = &string[1..string.len() - 1];
    let text = inner.contains(&b'\\').then(|| serde_json::from_slice(string).ok()).flatten();
    text.unwrap_or_else(|| String::from_utf8_lossy(inner).into_owned())
}

/// The steps to the innermost value or field that the byte at `offset` belongs to. `text` is valid JSON.
fn locate(text: &str, offset: usize) -> Vec<Step> {
    let mut walk = Walk { bytes: text.as_bytes(), at: 0, offset, steps: Vec::new(), found: None };
    walk.value();
    walk.found.unwrap_or_default()
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    offset: usize,
    steps: Vec<Step>,
    found: Option<Vec<Step>>,
}

impl Walk<'_> {
    /// Values deeper than this are stepped over as a whole; no event is as deep.
    const DEPTH: usize = 64;

    fn value(&mut self) {
        self.blanks();
        match self.peek() {
            b'{' if self.steps.len() < Self::DEPTH => self.container(b'}'),
            b'[' if self.steps.len() < Self::DEPTH => self.container(b']'),
            b'{' | b'[' => self.nested(),
            b'"' => self.string(),
            _ => {
                while !matches!(self.peek(), b',' | b'}' | b']' | 0) && !self.peek().is_ascii_whitespace() {
                    self.at += 1;
                }
            }
        }
    }

    fn container(&mut self, close: u8) {
        self.at += 1;
        for index in 0.. {
            self.blanks();
            if self.peek() == close || self.peek() == 0 {
                self.at += 1;
                return;
            }
            let start = self.at;
            let field = (close == b'}').then(|| {
                self.string();
                let name = unescaped(&self.bytes[start..self.at]);
                self.blanks();
                self.at += 1; // the colon
                name
            });
            self.steps.push(Step { field, index, span: start..start });
            self.value();
            if (start..self.at).contains(&self.offset) {
                // The innermost is found first; how far the steps around it reach is known later.
                let found = self.found.get_or_insert_with(|| self.steps.clone());
                found[self.steps.len() - 1].span.end = self.at;
            }
            self.steps.pop();
            self.blanks();
            if self.peek() == b',' {
                self.at += 1;
            }
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while !matches!(self.peek(), b'"' | 0) {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    /// Steps over an object or a list without looking at what is in it.
    fn nested(&mut self) {
        let mut depth = 0;
        loop {
            match self.peek() {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'"' => {
                    self.string();
                    continue;
                }
                0 => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn blanks(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// The byte to be read next; zero, which no JSON holds, at the end.
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }
}
