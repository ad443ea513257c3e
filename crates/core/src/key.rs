//! The key of an event: what its order depends on.

use std::fmt;

/// The subject of an event: a group, the two accounts of a conversation, a call and so on.
///
/// A journal handles the events with one key in the order in which they were received, and events with different keys at
/// the same time. [`Event::key`](crate::Event::key) gives the key of an event. In an [`Entry`](crate::Entry) the application
/// is before it, as in `1400000001|group|@TGS#1`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Key(String);

impl Key {
    /// A key of your own, for [`Entry`](crate::Entry).
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key of a subject of this kind, by its id.
    pub(crate) fn of(kind: &str, id: &str) -> Self {
        Self(format!("{kind}|{id}"))
    }

    /// The key of what two accounts have to do with each other, in both directions.
    pub(crate) fn pair(one: &str, other: &str) -> Self {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        // With the length of the first, because an account may have a `|` in it.
        Self(format!("pair|{}|{first}|{second}", first.len()))
    }

    /// The same subject in this application: its id and a `|` are put before the text.
    #[must_use]
    pub fn with_app_id(&self, app_id: u64) -> Self {
        Self(format!("{app_id}|{}", self.0))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
