//! The command word of a callback.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

use crate::{Callback, wire::decode::BodyText, wire::enums::WordVisitor};

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

/// The callback that a body names, for bodies that could not be read as their event.
///
/// The word is at the top level, or, in a batch of pushes, in each of the events. It costs one look at the body,
/// however much else is wrong with it.
pub(crate) fn named_in(body: &BodyText<'_>) -> Option<&'static Callback> {
    let Words { command, events } = serde_json::from_str(body.as_str()).ok()?;
    let command = command.or_else(|| {
        let events: Vec<&RawValue> = serde_json::from_str(events?.get()).ok()?;
        serde_json::from_str::<Words<'_>>(events.first()?.get()).ok()?.command
    });
    Callback::find(serde_json::from_str::<Cow<'_, str>>(command?.get()).ok()?.as_ref())
}

/// What a body says about its command, as far as it says it first.
struct Words<'a> {
    command: Option<&'a RawValue>,
    events: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Words<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Words<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Words<'de>, A::Error> {
                let mut words = Words { command: None, events: None };
                while let Some(name) = map.next_key()? {
                    match name {
                        Name::CallbackCommand if words.command.is_none() => words.command = map.next_value()?,
                        Name::Events if words.events.is_none() => words.events = map.next_value()?,
                        _ => drop(map.next_value::<de::IgnoredAny>()?),
                    }
                }
                Ok(words)
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier)]
enum Name {
    CallbackCommand,
    Events,
    #[serde(other)]
    Other,
}
