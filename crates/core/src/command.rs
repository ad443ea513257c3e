//! The command word of a callback.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Callback, wire::enums::WordVisitor};

/// The command word that a body names, such as `Group.CallbackAfterCreateTopic`.
///
/// For the callbacks that this version knows it is the row of the table, and costs nothing to keep.
#[derive(Clone, PartialEq, Eq)]
pub struct Command(Word);

#[derive(Clone, PartialEq, Eq)]
enum Word {
    Known(&'static Callback),
    /// One of the other spellings of a known command.
    Spelled(&'static str, &'static Callback),
    Other(Box<str>),
}

impl Command {
    /// The word as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Word::Known(callback) => callback.command,
            Word::Spelled(word, _) => word,
            Word::Other(word) => word,
        }
    }

    /// The callback that it names, if this version knows it: see [`Callback::find`].
    #[must_use]
    pub const fn callback(&self) -> Option<&'static Callback> {
        match self.0 {
            Word::Known(callback) | Word::Spelled(_, callback) => Some(callback),
            Word::Other(_) => None,
        }
    }
}

impl From<&str> for Command {
    fn from(word: &str) -> Self {
        if let Some(callback) = Callback::named(word) {
            return Self(Word::Known(callback));
        }
        match Callback::by_alias(word) {
            Some((word, callback)) => Self(Word::Spelled(word, callback)),
            None => Self(Word::Other(word.into())),
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq<str> for Command {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl Serialize for Command {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(WordVisitor(PhantomData))
    }
}
