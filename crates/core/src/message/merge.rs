//! Changing a JSON text only where it differs, so that the rest keeps its very spelling.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::{RawValue, to_raw_value};

/// `raw` with the changes that lead from `before` to `after`.
///
/// `before` is what was understood of `raw`. What is in `raw` and in neither of the others stays.
pub(super) fn merge(raw: &RawValue, before: &RawValue, after: &RawValue) -> Box<RawValue> {
    if before.get() == after.get() {
        return raw.to_owned();
    }
    let merged = match (Node::of(raw), Node::of(before), Node::of(after)) {
        (Node::Object(raw), Node::Object(before), Node::Object(after)) => {
            to_raw_value(&merge_objects(raw, &before, after))
        }
        (Node::List(raw), Node::List(before), Node::List(after))
            if raw.len() == before.len() && before.len() == after.len() =>
        {
            let items = raw.iter().zip(&before).zip(&after);
            to_raw_value(&items.map(|((raw, before), after)| merge(raw, before, after)).collect::<Vec<_>>())
        }
        _ => return after.to_owned(),
    };
    merged.expect("text that was JSON is JSON again")
}

fn merge_objects(raw: Object, before: &Object, after: Object) -> Object {
    let mut merged = Vec::with_capacity(raw.0.len());
    for (key, value) in raw.0 {
        match (before.get(&key), after.get(&key)) {
            (Some(_), None) => {}
            (Some(old), Some(new)) => merged.push((key, merge(&value, old, new))),
            (None, Some(new)) => merged.push((key, new.to_owned())),
            (None, None) => merged.push((key, value)),
        }
    }
    let mut merged = Object(merged);
    for (key, value) in after.0 {
        if merged.get(&key).is_none() {
            merged.0.push((key, value));
        }
    }
    merged
}

/// A JSON text, taken apart one level deep.
enum Node {
    Object(Object),
    List(Vec<Box<RawValue>>),
    Scalar,
}

impl Node {
    fn of(raw: &RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).map_or(Self::Scalar, Self::Object),
            Some(b'[') => serde_json::from_str(text).map_or(Self::Scalar, Self::List),
            _ => Self::Scalar,
        }
    }
}

/// The fields of an object, in the order in which they came.
struct Object(Vec<(String, Box<RawValue>)>);

impl Object {
    fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| &**value)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}
