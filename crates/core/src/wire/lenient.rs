//! Readers for the vendor's habits: numbers in quotes, ids without them, null for nothing.
//!
//! They take more than one form in one pass, so that a good body is never looked at twice. What
//! does not fit any of the forms is an error here, and `decode` drops the field where it may be absent.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed},
};

use crate::wire::{reasons, repair};

/// An integer, bare or in quotes.
///
/// `EventTime` is in quotes on the group pages of the international site and bare elsewhere
/// ([1047/34377](https://www.tencentcloud.com/document/product/1047/34377)).
pub(crate) fn int<'de, D: Deserializer<'de>, T: Integer>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(IntVisitor(PhantomData))
}

/// An id as text, which may be sent as a bare integer.
///
/// Samples of the call and live products have account ids as bare integers above 2^53
/// ([647/68941](https://www.tencentcloud.com/document/product/647/68941)).
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

/// Any value that may be null or absent.
pub(crate) fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    repair::optional(deserializer, PhantomData)
}

/// [`optional`] as a type, for readers that are written by hand.
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        optional(deserializer).map(Self)
    }
}

/// [`text`] that may be null or absent.
pub(crate) fn opt_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    repair::optional(deserializer, With(Nullable(TextVisitor)))
}

/// [`int`] that may be null or absent, or empty text: on the page about pushes "empty" may mean
/// either ([1047/67552](https://www.tencentcloud.com/document/product/1047/67552)).
pub(crate) fn opt_int<'de, D: Deserializer<'de>, T: Integer>(deserializer: D) -> Result<Option<T>, D::Error> {
    repair::optional(deserializer, With(OrEmpty(IntVisitor(PhantomData))))
}

/// Integers, each bare or in quotes, in a list that may be null or absent.
pub(crate) fn opt_ints<'de, D: Deserializer<'de>, T: Integer>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    let numbers = opt_entries::<D, Int<T>>(deserializer)?;
    Ok(numbers.map(|numbers| numbers.into_iter().map(|Int(number)| number).collect()))
}

/// Integers by name, each bare or in quotes; all of them may be null or absent.
pub(crate) fn opt_counts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, u64>>, D::Error> {
    let counts = optional::<D, BTreeMap<String, Int<u64>>>(deserializer)?;
    Ok(counts.map(|counts| counts.into_iter().map(|(name, Int(count))| (name, count)).collect()))
}

/// A map that may be null or absent, which is an empty one. It is whole or not there at all.
pub(crate) fn map<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    optional(deserializer).map(Option::unwrap_or_default)
}

/// An integer as an element of a list or a map.
struct Int<T>(T);

impl<'de, T: Integer> Deserialize<'de> for Int<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        int(deserializer).map(Self)
    }
}

/// Ids as text, each of which may be sent as a bare integer.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let ids = entries::<D, Text>(deserializer)?;
    Ok(ids.into_iter().map(|Text(id)| id).collect())
}

/// [`texts`] that a handler decides on: all of them are read, or none.
pub(crate) fn all_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let ids = Vec::<Text>::deserialize(deserializer)?;
    Ok(ids.into_iter().map(|Text(id)| id).collect())
}

/// [`texts`] that may be null or absent.
pub(crate) fn opt_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let ids = opt_entries::<D, Text>(deserializer)?;
    Ok(ids.map(|ids| ids.into_iter().map(|Text(id)| id).collect()))
}

/// [`opt_texts`] that may also be a single text, for a list of one.
///
/// `TextContent` is one text on one page and a list in every sample
/// ([1047/77840](https://www.tencentcloud.com/document/product/1047/77840)).
pub(crate) fn opt_texts_or_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    repair::optional(deserializer, With(OneOrMore))
}

struct OneOrMore;

impl<'de> de::Visitor<'de> for OneOrMore {
    type Value = Option<Vec<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a list of texts")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(vec![text.to_owned()]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        texts(de::value::SeqAccessDeserializer::new(list)).map(Some)
    }
}

/// One element of [`texts`].
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

/// A list about many, such as the members of a group. An entry that cannot be read is left out and reported: the others
/// do not depend on it.
///
/// It is not for what a handler decides on. There a missing entry would be allowed unseen, so such a list is read as
/// a plain `Vec`, which is whole or not there at all.
pub(crate) fn entries<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Entries::deserialize(deserializer).map(|Entries(entries)| entries)
}

/// [`entries`] that may be null or absent.
pub(crate) fn opt_entries<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    Ok(optional(deserializer)?.map(|Entries(entries)| entries))
}

/// The list of [`entries`].
pub(crate) struct Entries<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> de::Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Entries<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(Entry(entry)) = list.next_element()? {
            entries.extend(entry);
        }
        Ok(Entries(entries))
    }
}

/// An entry of a list; nothing where it was left out.
struct Entry<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entry<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        repair::entry(deserializer).map(Self)
    }
}

/// Reads a value with a visitor, whatever its form is.
struct With<V>(V);

impl<'de, V: de::Visitor<'de>> DeserializeSeed<'de> for With<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_any(self.0)
    }
}

/// A list that is never sent empty, so that an empty one means that it was null or absent. It is whole or not
/// there at all.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    optional(deserializer).map(Option::unwrap_or_default)
}

/// Yes or no that may be null or absent: a boolean, also in quotes, or 0 and 1.
///
/// One sample has `"false"` in quotes ([647/60731](https://www.tencentcloud.com/document/product/647/60731)).
pub(crate) fn opt_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    repair::optional(deserializer, With(Nullable(BoolVisitor)))
}

/// A flag that the protocol writes as 0 or 1, and that may be null or absent: for `#[serde(with)]`.
pub(crate) mod opt_flag {
    use serde::Serializer;

    pub(crate) use super::opt_bool as deserialize;

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(flag: &Option<bool>, serializer: S) -> Result<S::Ok, S::Error> {
        match flag {
            Some(flag) => serializer.serialize_u8(u8::from(*flag)),
            None => serializer.serialize_none(),
        }
    }
}

struct BoolVisitor;

impl de::Visitor<'_> for BoolVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false, 0 or 1")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<bool, E> {
        match number {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(E::custom(reasons::NOT_0_OR_1)),
        }
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<bool, E> {
        self.visit_u64(whole(number)?.try_into().map_err(|_| E::custom(reasons::NOT_0_OR_1))?)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<bool, E> {
        match text {
            "0" => Ok(false),
            "1" => Ok(true),
            _ if text.eq_ignore_ascii_case("false") => Ok(false),
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ => Err(E::custom(reasons::NOT_TRUE_OR_FALSE)),
        }
    }
}

/// The integers that fields have.
pub(crate) trait Integer: Sized {
    fn from_u64(number: u64) -> Option<Self>;
    fn from_i64(number: i64) -> Option<Self>;
}

/// Implements [`Integer`] for each of the listed types: `integers!(u32, u64);`.
macro_rules! integers {
    ($($int:ty),*) => {
        $(impl Integer for $int {
            fn from_u64(number: u64) -> Option<Self> {
                number.try_into().ok()
            }

            fn from_i64(number: i64) -> Option<Self> {
                number.try_into().ok()
            }
        })*
    };
}

integers!(u32, u64, i64);

struct IntVisitor<T>(PhantomData<T>);

impl<T: Integer> de::Visitor<'_> for IntVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, bare or in quotes")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        T::from_u64(number).ok_or_else(|| E::custom(reasons::TOO_LARGE))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        T::from_i64(number).ok_or_else(|| E::custom(reasons::NEGATIVE_IN_FIELD))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        match whole(number)? {
            number @ ..0 => self.visit_i64(number),
            number => self.visit_u64(number.unsigned_abs()),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        if let Ok(number) = text.parse::<u64>() {
            return self.visit_u64(number);
        }
        match text.parse::<i64>() {
            Ok(number) => self.visit_i64(number),
            Err(_) => Err(E::custom(reasons::NOT_AN_INTEGER)),
        }
    }
}

struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or an integer")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<String, E> {
        whole(number).map(|number| number.to_string())
    }
}

/// The integer that is written as a floating-point number: gateways in Lua and JavaScript write `48374.0` and `1.5e9`.
///
/// Beyond 2^53 not every integer has a floating-point number of its own, so that the integer that was meant is not
/// known. `-0` is not how an integer is written.
pub(crate) fn whole<E: de::Error>(number: f64) -> Result<i64, E> {
    const LIMIT: f64 = 9_007_199_254_740_992.0; // 2^53
    if number.fract() != 0.0 || number.abs() >= LIMIT || (number == 0.0 && number.is_sign_negative()) {
        return Err(E::custom(reasons::NOT_A_WHOLE_NUMBER));
    }
    #[expect(clippy::cast_possible_truncation, reason = "an integer below 2^53 fits")]
    Ok(number as i64)
}

/// What another visitor reads, or null.
struct Nullable<V>(V);

impl<'de, V: de::Visitor<'de>> de::Visitor<'de> for Nullable<V> {
    type Value = Option<V::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        self.0.visit_bool(value).map(Some)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        self.0.visit_str(text).map(Some)
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        self.0.visit_string(text).map(Some)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        self.0.visit_u64(number).map(Some)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        self.0.visit_i64(number).map(Some)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        self.0.visit_f64(number).map(Some)
    }
}

/// What another visitor reads, or null, or empty text for nothing.
struct OrEmpty<V>(V);

impl<'de, V: de::Visitor<'de>> de::Visitor<'de> for OrEmpty<V> {
    type Value = Option<V::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { self.0.visit_str(text).map(Some) }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        self.0.visit_u64(number).map(Some)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        self.0.visit_i64(number).map(Some)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        self.0.visit_f64(number).map(Some)
    }
}
