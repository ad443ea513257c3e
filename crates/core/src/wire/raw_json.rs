//! JSON text that is kept as it was written.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, value::MapAccessDeserializer},
};
use serde_json::value::{RawValue, to_raw_value};

/// A value as the text that it has in the JSON.
///
/// It is a [`RawValue`] that can also be read from a buffer of serde's, which is what enums without an outer tag and
/// flattened fields are read from. Such a buffer has the value and not its text: the text is written anew then, with
/// the names of an object in alphabetical order.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct RawJson(Box<RawValue>);

impl RawJson {
    /// `value` as JSON.
    ///
    /// # Panics
    /// When `value` has names that are no text, or fails to serialize by itself: no type of this crate does.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        Self(to_raw_value(value).expect("the types of this crate are JSON"))
    }

    /// `None` for text that is not JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        RawValue::from_string(text.to_owned()).ok().map(Self)
    }

    pub(crate) fn get(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.get().len())
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The name by which a `RawValue` asks for its text. A reader that does not know the name hands over the value,
        // so that under another name the text would be written anew and nothing would be lost.
        deserializer.deserialize_newtype_struct("$serde_json::private::RawValue", RawJsonVisitor)
    }
}

struct RawJsonVisitor;

impl<'de> de::Visitor<'de> for RawJsonVisitor {
    type Value = RawJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, text: A) -> Result<RawJson, A::Error> {
        Box::<RawValue>::deserialize(MapAccessDeserializer::new(text)).map(RawJson)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawJson, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        to_raw_value(&value).map(RawJson).map_err(de::Error::custom)
    }
}
