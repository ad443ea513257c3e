//! Reading a batch, and what came before there were batches.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, value::MapAccessDeserializer},
};

use crate::{
    Command,
    wire::lenient::{Entries, Maybe},
};

/// What a batch consists of.
pub(super) trait Entry: for<'de> Deserialize<'de> {
    /// The command that batches of it are for.
    const COMMAND: &'static str;

    /// The names that a body may have at its top: `Events`, and all of a single event. Others are left out of paths.
    const NAMES: &'static [&'static str];

    /// The command word that it names.
    fn callback_command(&mut self) -> &mut Option<Command>;
}

/// The body of a request: events, or the fields of a single one.
///
/// The pages have a list; an SDK of mid-2024 has one event without it
/// ([1047/67552](https://www.tencentcloud.com/document/product/1047/67552) has the list).
pub(super) struct Batch<T> {
    pub(super) callback_command: Option<Command>,
    pub(super) events: Vec<T>,
}

impl<'de, T: Entry> Deserialize<'de> for Batch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Batch", T::NAMES, BatchVisitor(PhantomData))
    }
}

struct BatchVisitor<T>(PhantomData<T>);

impl<'de, T: Entry> de::Visitor<'de> for BatchVisitor<T> {
    type Value = Batch<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a batch of events")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Batch<T>, A::Error> {
        let mut fields = Fields { map, command: None, events: None, has_others: false, is_read: false };
        // Always tried, so that nothing has to be kept until it is known which of the two it is.
        let single = T::deserialize(MapAccessDeserializer::new(&mut fields));
        let Fields { mut command, events, has_others, is_read, .. } = fields;
        let mut events = match (events, single) {
            (Some(events), _) if is_read => events,
            (None, Err(_)) if is_read && !has_others => return Err(A::Error::missing_field("Events")),
            (_, Err(fault)) => return Err(fault),
            (_, Ok(mut event)) => {
                *event.callback_command() = command.take();
                vec![event]
            }
        };
        if command.is_none() {
            let first = events.first_mut().and_then(|event| event.callback_command().clone());
            command = first.filter(|named| named.callback().is_some_and(|other| other.command != T::COMMAND));
        }
        Ok(Batch { callback_command: command, events })
    }
}

/// The fields of a body on their way to a single event, without those that only a batch has.
struct Fields<A, T> {
    map: A,
    command: Option<Command>,
    events: Option<Vec<T>>,
    /// There are fields that may be a single event's.
    has_others: bool,
    /// There are no others.
    is_read: bool,
}

impl<'de, A: MapAccess<'de>, T: Entry> MapAccess<'de> for &mut Fields<A, T> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "CallbackCommand" => Maybe(self.command) = self.map.next_value()?,
                "Events" => {
                    let Maybe(events) = self.map.next_value()?;
                    self.events = events.map(|Entries(events)| events);
                }
                _ if self.events.is_some() => {
                    self.map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    self.has_others = true;
                    return seed.deserialize(key.into_deserializer()).map(Some);
                }
            }
        }
        self.is_read = true;
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
