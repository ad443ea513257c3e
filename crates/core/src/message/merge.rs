//! Changing a JSON text only where it differs, so that the rest keeps its very spelling.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{ContentTooDeep, wire::raw_json::RawJson};

/// Deeper than this nothing is merged. Each level costs a look at all that is in it.
const MAX_DEPTH: usize = 64;

/// `raw` with the changes that lead from `before` to `after`.
///
/// `before` is what was understood of `raw`. What is in `raw` and in neither of the others stays.
pub(super) fn merge(raw: &RawJson, before: &RawJson, after: &RawJson) -> Result<RawJson, ContentTooDeep> {
    merge_within(raw, before, after, MAX_DEPTH)
}

fn merge_within(raw: &RawJson, before: &RawJson, after: &RawJson, depth: usize) -> Result<RawJson, ContentTooDeep> {
    if before == after {
        return Ok(raw.clone());
    }
    match (Node::of(raw), Node::of(before), Node::of(after)) {
        (Node::Object(raw), Node::Object(before), Node::Object(after)) => {
            let depth = depth.checked_sub(1).ok_or(ContentTooDeep)?;
            Ok(RawJson::of(&merge_objects(raw, &before, after, depth)?))
        }
        (Node::List(raw), Node::List(before), Node::List(after))
            if raw.len() == before.len() && before.len() == after.len() =>
        {
            let depth = depth.checked_sub(1).ok_or(ContentTooDeep)?;
            let items = raw.iter().zip(&before).zip(&after);
            let merged = items.map(|((raw, before), after)| merge_within(raw, before, after, depth));
            Ok(RawJson::of(&merged.collect::<Result<Vec<_>, _>>()?))
        }
        _ => Ok(after.clone()),
    }
}

fn merge_objects(raw: Object, before: &Object, after: Object, depth: usize) -> Result<Object, ContentTooDeep> {
    let (before, new) = (before.by_name(), after.by_name());
    let mut merged = Vec::with_capacity(raw.0.len());
    for (name, value) in raw.0 {
        let own_name = own_name(&name);
        match (before.get(own_name), new.get(own_name)) {
            (Some(_), None) => {}
            (Some(old), Some(new)) => merged.push((name, merge_within(&value, old, new, depth)?)),
            (None, Some(new)) => merged.push((name, (*new).clone())),
            (None, None) => merged.push((name, value)),
        }
    }
    let there: HashSet<String> = merged.iter().map(|(name, _)| own_name(name).to_owned()).collect();
    merged.extend(after.0.into_iter().filter(|(name, _)| !there.contains(name)));
    Ok(Object(merged))
}

/// The name that a content writes for a field, from any name that a content reads. A field keeps the name that the client
/// sent.
fn own_name(name: &str) -> &str {
    match name {
        "fileName" => "FileName",
        _ => name,
    }
}

/// A JSON text, taken apart one level deep.
enum Node {
    Object(Object),
    List(Vec<RawJson>),
    Scalar,
}

impl Node {
    fn of(raw: &RawJson) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).map_or(Self::Scalar, Self::Object),
            Some(b'[') => serde_json::from_str(text).map_or(Self::Scalar, Self::List),
            _ => Self::Scalar,
        }
    }
}

/// The fields of an object, in the order in which they came.
struct Object(Vec<(String, RawJson)>);

impl Object {
    /// Of a name that occurs more than once the first counts.
    fn by_name(&self) -> HashMap<&str, &RawJson> {
        let mut by_name = HashMap::with_capacity(self.0.len());
        for (name, value) in &self.0 {
            by_name.entry(name.as_str()).or_insert(value);
        }
        by_name
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
