//! What is different between two answers, once what means nothing in JSON is left out.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

/// One thing that is different between two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Where: a JSON pointer into the body, or `status`; empty for the whole body.
    pub at: String,
    /// What was there before; `None` for nothing.
    pub before: Option<String>,
    /// What is there now; `None` for nothing.
    pub after: Option<String>,
}

impl Difference {
    /// Another HTTP status.
    #[must_use]
    pub fn status(before: u16, after: u16) -> Self {
        Self { at: "status".into(), before: Some(before.to_string()), after: Some(after.to_string()) }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "body" } else { &self.at };
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{at}: {before} became {after}"),
            (Some(before), None) => write!(f, "{at}: {before} is gone"),
            (None, Some(after)) => write!(f, "{at}: {after} is new"),
            (None, None) => write!(f, "{at}"),
        }
    }
}

/// The differences between two bodies: as JSON where both are, so that neither white space nor the order
/// of keys counts; else as they are.
#[must_use]
pub fn differences(before: &[u8], after: &[u8]) -> Vec<Difference> {
    if before == after {
        return Vec::new();
    }
    let mut found = Vec::new();
    match (serde_json::from_slice(before), serde_json::from_slice(after)) {
        (Ok(before), Ok(after)) => compare(String::new(), Some(&before), Some(&after), &mut found),
        _ => found.push(Difference {
            at: String::new(),
            before: Some(format!("`{}`", String::from_utf8_lossy(before))),
            after: Some(format!("`{}`", String::from_utf8_lossy(after))),
        }),
    }
    found
}

fn compare(at: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            // By name, because the order of fields says nothing.
            let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let step = key.replace('~', "~0").replace('/', "~1");
                compare(format!("{at}/{step}"), before.get(key), after.get(key), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                compare(format!("{at}/{index}"), before.get(index), after.get(index), found);
            }
        }
        (before, after) if before == after => {}
        (before, after) => {
            found.push(Difference { at, before: before.map(Value::to_string), after: after.map(Value::to_string) });
        }
    }
}
