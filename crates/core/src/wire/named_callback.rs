//! The callback that a body names, for bodies that are not read as their event.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use crate::{Callback, wire::decode::BodyText};

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
