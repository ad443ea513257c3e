//! Why a value could not be read, and where it is.

use std::{borrow::Cow, fmt};

use serde::de::{self, Expected, Unexpected};
use serde_json::error::Category;

use super::Findings;
use crate::{Callback, wire::reasons};

/// Why a value could not be read, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    /// `None` until the place is known.
    path: Option<String>,
    reason: Cow<'static, str>,
    /// The name of a field that is missing at the place.
    missing: Option<&'static str>,
    /// Nothing more is to be read.
    is_final: bool,
    /// The callback that the body names, where it is not the one that the body is read as.
    pub(crate) another: Option<&'static Callback>,
}

impl Fault {
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { path: None, reason: reason.into(), missing: None, is_final: false, another: None }
    }

    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        // Not the text of the error, which another version may word in another way.
        Self::new(match error.classify() {
            Category::Eof => Cow::Borrowed("not JSON: it ends too early"),
            _ => format!("not JSON: a fault at line {line} column {column}").into(),
        })
    }

    /// A fault that ends the reading.
    pub(super) fn last(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { is_final: true, path: Some(".".to_owned()), ..Self::new(reason) }
    }

    pub(super) fn another(callback: &'static Callback) -> Self {
        Self { another: Some(callback), ..Self::last("the body of another callback") }
    }

    /// The fault of a value at `path`, unless the fault is known to be further within.
    pub(super) fn at(mut self, path: &Path<'_>) -> Self {
        if self.path.is_none() {
            let path = path.to_string();
            self.path = Some(match self.missing {
                Some(name) => join(&path, name),
                None => path,
            });
        }
        self
    }

    /// Where the fault is and what it is.
    pub(crate) fn into_parts(self) -> (String, String) {
        (self.path.unwrap_or_else(|| ".".to_owned()), self.reason.into_owned())
    }

    /// Continues without the value at `path`, if the fault allows it.
    pub(super) fn leave_out(self, path: &Path<'_>, findings: &Findings) -> Result<(), Self> {
        if self.is_final {
            return Err(self);
        }
        let path = path.to_string();
        let (origin, reason) = self.into_parts();
        let reason = if origin == path { reason } else { format!("{reason}, at `{origin}`") };
        findings.note_fault(path, reason)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Fault {}

// No reason quotes text from the body: people may have written it. A reason is made here or is one of `reasons`.
impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(reasons::allowed(&message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid type: {}, expected {expected}", Found(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid value: {}, expected {expected}", Found(found)))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("an unknown variant")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("an unknown field")
    }

    fn missing_field(name: &'static str) -> Self {
        Self { missing: Some(name), ..Self::new("missing") }
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format!("`{name}` more than once"))
    }
}

/// What was found in place of what was expected: numbers as they are, and of text only that it is text.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Unit => f.write_str("null"),
            Unexpected::Str(_) | Unexpected::Char(_) => f.write_str("string"),
            Unexpected::Other(_) => f.write_str("another value"),
            other => other.fmt(f),
        }
    }
}

/// Where a value is: a list from the value outwards, so that the text is made only when it is needed.
pub(super) enum Path<'p> {
    Root(&'p str),
    Field(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The root of a body has no name of its own.
            Self::Root(name) | Self::Field(Self::Root("."), name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path == "." { name.to_owned() } else { format!("{path}.{name}") }
}

/// A name in a path where the name is not one that a type knows: it may be what people wrote.
pub(super) const UNKNOWN: &str = "?";

#[cfg(test)]
mod tests {
    use serde::de::Error as _;

    use super::*;

    #[test]
    fn a_message_that_is_not_known_is_not_reported() {
        assert_eq!(Fault::custom("meet me at eight").to_string(), "has another shape");
        assert_eq!(Fault::custom(reasons::NOT_AN_INTEGER).to_string(), "text that is not an integer");
        let found = Unexpected::Other("meet me at eight");
        assert_eq!(Fault::invalid_type(found, &"a map").to_string(), "invalid type: another value, expected a map");
    }

    #[test]
    fn a_fault_of_the_grammar_is_reported_by_its_place() {
        let fault = |body| Fault::not_json(&serde_json::from_str::<serde_json::Value>(body).unwrap_err()).to_string();
        assert_eq!(fault(r#"{"Text": meet me}"#), "not JSON: a fault at line 1 column 10");
        assert_eq!(fault(r#"{"Text": "meet me"#), "not JSON: it ends too early");
    }
}
