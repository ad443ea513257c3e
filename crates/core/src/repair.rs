//! The second look at a body that the strict parse has refused.
//!
//! [`Repair`] reads JSON into the same types as `serde_json` does, with one difference: a field that may be absent
//! and cannot be read is left out and noted, instead of failing the whole. The types say which fields those are: their
//! readers in [`lenient`](crate::lenient) go through [`Optional`], which fails in a strict parse and does not here.
//!
//! All scanning of JSON is `serde_json`'s. An object or a list is split into the texts of its members, and only those
//! that a type asks for are looked into. So the work is bounded by the size of the text times the depth of the types,
//! and a part that no type asks for is never looked into, however deep or odd it is.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::HashSet,
    fmt, mem,
    time::Instant,
};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, Error as _, Expected, IntoDeserializer, MapAccess, SeqAccess,
        Unexpected, Visitor, value::CowStrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Number, value::RawValue};

use crate::DroppedField;

/// The name that tells [`Repair`] that a value may be left out. All other deserializers ignore the names of newtypes.
const OPTIONAL: &str = "tencent_im_callback::Optional";

/// Reads a value that may be left out, with a reader that is `None` for null.
pub(crate) fn optional<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    reader: impl DeserializeSeed<'de, Value = Option<T>>,
) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_newtype_struct(OPTIONAL, Optional(reader))
}

/// Any deserializer but [`Repair`] hands itself on, and a fault is an error. [`Repair`] presents the value as a list of
/// one, which is empty where the value could not be read.
struct Optional<R>(R);

impl<'de, T, R: DeserializeSeed<'de, Value = Option<T>>> Visitor<'de> for Optional<R> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that may be absent")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        self.0.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<T>, A::Error> {
        list.next_element_seed(self.0).map(Option::flatten)
    }
}

/// So many fields are named; beyond that they are counted.
const MAX_NAMED: usize = 64;

/// What could not be read, as it is found.
#[derive(Default)]
pub(crate) struct Findings {
    fields: RefCell<Vec<DroppedField>>,
    unnamed: Cell<usize>,
    /// Some bytes were no UTF-8, so that U+FFFD in a text may be in place of them.
    is_lossy: bool,
    /// When reading has to stop.
    deadline: Option<Instant>,
    looked_at: Cell<u32>,
}

impl Findings {
    pub(crate) fn new(is_lossy: bool, deadline: Option<Instant>) -> Self {
        Self { is_lossy, deadline, ..Self::default() }
    }

    pub(crate) fn note(&self, path: String, reason: String) {
        let mut fields = self.fields.borrow_mut();
        if fields.len() < MAX_NAMED {
            fields.push(DroppedField::new(path, reason));
        } else {
            self.unnamed.set(self.unnamed.get() + 1);
        }
    }

    pub(crate) fn into_fields(self) -> Vec<DroppedField> {
        let mut fields = self.fields.into_inner();
        let unnamed = self.unnamed.get();
        if unnamed > 0 {
            fields.push(DroppedField::new(".".to_owned(), format!("{unnamed} more fields could not be read")));
        }
        fields
    }

    /// Fails when the deadline has passed. The clock is looked at every few values.
    fn check_time(&self) -> Result<(), Fault> {
        const EVERY: u32 = 64;
        let looked_at = self.looked_at.get().wrapping_add(1);
        self.looked_at.set(looked_at);
        match self.deadline {
            Some(deadline) if looked_at.is_multiple_of(EVERY) && Instant::now() >= deadline => {
                Err(Fault::out_of_time())
            }
            _ => Ok(()),
        }
    }
}

/// Reads the JSON `text`, whose root is called `root` in paths. Notes in `findings` what is left out.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str, root: &str, findings: &Findings) -> Result<T, Fault> {
    // The only look at the whole text: what is split later has been found to be JSON here.
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| Fault::not_json(&error).at(&Path::Root(root)))?;
    T::deserialize(Repair { raw, path: &Path::Root(root), findings })
}

/// Reads a part of a body that has a type of its own; `None`, and a note, where it cannot be read even so.
pub(crate) fn strict_or_repaired<T: DeserializeOwned>(
    text: &str,
    path: &dyn fmt::Display,
    findings: &Findings,
) -> Option<T> {
    if text.starts_with('{')
        && let Ok(value) = serde_json::from_str(text)
    {
        return Some(value);
    }
    let path = path.to_string();
    match read(text, &path, findings) {
        Ok(value) => Some(value),
        Err(fault) => {
            let (path, reason) = fault.into_parts();
            findings.note(path, reason);
            None
        }
    }
}

/// Why a value could not be read, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    /// `None` until the place is known.
    path: Option<String>,
    reason: Cow<'static, str>,
    /// The name of a field that is missing at the place.
    missing: Option<&'static str>,
    /// Nothing more is to be read.
    is_final: bool,
}

impl Fault {
    fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { path: None, reason: reason.into(), missing: None, is_final: false }
    }

    fn not_json(error: &serde_json::Error) -> Self {
        // Errors of the grammar quote nothing of the text.
        Self::new(format!("not JSON: {error}"))
    }

    fn out_of_time() -> Self {
        Self { is_final: true, path: Some(".".to_owned()), ..Self::new("reading did not end within the deadline") }
    }

    /// The fault of a value at `path`, unless the fault is known to be further within.
    fn at(mut self, path: &Path<'_>) -> Self {
        if self.path.is_none() {
            let path = path.to_string();
            self.path = Some(match self.missing {
                Some(name) => join(&path, name),
                None => path,
            });
        }
        self
    }

    /// Where the fault is and what it is.
    pub(crate) fn into_parts(self) -> (String, String) {
        (self.path.unwrap_or_else(|| ".".to_owned()), self.reason.into_owned())
    }

    fn note_at(self, left_out: &Path<'_>, findings: &Findings) {
        let left_out = left_out.to_string();
        let (origin, reason) = self.into_parts();
        let reason = if origin == left_out { reason } else { format!("{reason}, at `{origin}`") };
        findings.note(left_out, reason);
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Fault {}

// Every message is made here or by a reader of this crate, and none quotes text from the body: that may be a message.
impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid type: {}, expected {expected}", Found(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("invalid value: {}, expected {expected}", Found(found)))
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("an unknown variant")
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("an unknown field")
    }

    fn missing_field(name: &'static str) -> Self {
        Self { missing: Some(name), ..Self::new("missing") }
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format!("`{name}` more than once"))
    }
}

/// What was found in place of what was expected: numbers as they are, and of text only that it is text.
struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Unit => f.write_str("null"),
            Unexpected::Str(_) | Unexpected::Char(_) => f.write_str("string"),
            Unexpected::Other(_) => f.write_str("another value"),
            other => other.fmt(f),
        }
    }
}

/// Where a value is: a list from the value outwards, so that the text is made only when it is needed.
enum Path<'p> {
    Root(&'p str),
    Field(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The root of a body has no name of its own.
            Self::Root(name) | Self::Field(Self::Root("."), name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path == "." { name.to_owned() } else { format!("{path}.{name}") }
}

/// A name in a path where the name is not one that a type knows: it may be what people wrote.
const UNKNOWN: &str = "?";

const NOT_UNICODE: &str = "not Unicode; U+FFFD is in place of what cannot be read";

/// Reads one value.
struct Repair<'de, 'p> {
    raw: &'de RawValue,
    path: &'p Path<'p>,
    findings: &'p Findings,
}

impl<'de> Repair<'de, '_> {
    fn first_byte(&self) -> u8 {
        self.raw.get().bytes().next().unwrap_or_default()
    }

    fn scalar<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fault> {
        let text = self.raw.get();
        match self.first_byte() {
            b'n' => visitor.visit_unit(),
            b't' => visitor.visit_bool(true),
            b'f' => visitor.visit_bool(false),
            b'"' => {
                let (string, is_repaired) = string(text, self.findings);
                let value = match string {
                    Cow::Borrowed(string) => visitor.visit_borrowed_str(string),
                    Cow::Owned(string) => visitor.visit_string(string),
                }?;
                if is_repaired {
                    self.findings.note(self.path.to_string(), NOT_UNICODE.to_owned());
                }
                Ok(value)
            }
            _ => match serde_json::from_str::<Number>(text) {
                Ok(number) => visit_number(&number, visitor),
                Err(_) => Err(Fault::new("a number out of range")),
            },
        }
    }

    fn object(&self, known: &'static [&'static str]) -> Result<Object<'de, '_>, Fault> {
        let Members(members) = serde_json::from_str(self.raw.get()).map_err(|error| Fault::not_json(&error))?;
        Ok(Object::new(members, known, self.path, self.findings))
    }

    fn list(&self) -> Result<List<'de, '_>, Fault> {
        let items: Vec<&RawValue> = serde_json::from_str(self.raw.get()).map_err(|error| Fault::not_json(&error))?;
        Ok(List { items: items.into_iter().enumerate(), path: self.path, findings: self.findings })
    }
}

impl<'de> Deserializer<'de> for Repair<'de, '_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.findings.check_time()?;
        let read = match self.first_byte() {
            b'{' => self.object(&[]).and_then(|object| visitor.visit_map(object)),
            b'[' => self.list().and_then(|list| visitor.visit_seq(list)),
            _ => self.scalar(visitor),
        };
        read.map_err(|fault| fault.at(self.path))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.findings.check_time()?;
        // A list would be taken as the fields in their order.
        if self.first_byte() == b'[' {
            return Err(Fault::invalid_type(Unexpected::Seq, &visitor).at(self.path));
        }
        if self.first_byte() != b'{' {
            return self.scalar(visitor).map_err(|fault| fault.at(self.path));
        }
        let read = self.object(fields).and_then(|object| visitor.visit_map(object));
        read.map_err(|fault| fault.at(self.path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.first_byte() == b'n' { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        if name == OPTIONAL {
            return visitor.visit_seq(One(Some(self)));
        }
        // A raw value is asked for in this way too; its name is known to `serde_json` alone.
        self.raw.deserialize_newtype_struct(name, visitor).map_err(|_| Fault::new("invalid value").at(self.path))
    }

    // What is not asked for is not looked at.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map enum identifier
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Fault> {
    if let Some(number) = number.as_u64() {
        visitor.visit_u64(number)
    } else if let Some(number) = number.as_i64() {
        visitor.visit_i64(number)
    } else {
        visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
    }
}

/// The text that a string of JSON stands for, and whether something in it was no Unicode.
fn string<'de>(raw: &'de str, findings: &Findings) -> (Cow<'de, str>, bool) {
    let between_quotes = &raw[1..raw.len() - 1];
    let text = if between_quotes.contains('\\') {
        match serde_json::from_str::<String>(raw) {
            Ok(text) => Cow::Owned(text),
            // In a string that is JSON nothing else can be wrong.
            Err(_) => return (serde_json::from_str(&without_half_pairs(raw)).unwrap_or_default(), true),
        }
    } else {
        Cow::Borrowed(between_quotes)
    };
    let is_repaired = findings.is_lossy && text.contains('\u{fffd}');
    (text, is_repaired)
}

/// A string of JSON with `\ufffd` in place of every surrogate that is no part of a pair.
fn without_half_pairs(raw: &str) -> String {
    let mut repaired = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired.push_str(before);
        let length = match (code_unit(escape), escape.get(6..).and_then(code_unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                repaired.push_str("\\ufffd");
                rest = &escape[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        let (escape, after) = escape.split_at(length);
        repaired.push_str(escape);
        rest = after;
    }
    repaired.push_str(rest);
    repaired
}

/// The code unit of the escape `\uXXXX` that a text begins with.
fn code_unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// A value that may be left out, as a list of one.
struct One<'de, 'p>(Option<Repair<'de, 'p>>);

impl<'de> SeqAccess<'de> for One<'de, '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(value) = self.0.take() else { return Ok(None) };
        let (path, findings) = (value.path, value.findings);
        match seed.deserialize(value) {
            Ok(value) => Ok(Some(value)),
            Err(fault) if fault.is_final => Err(fault),
            Err(fault) => {
                fault.note_at(path, findings);
                Ok(None)
            }
        }
    }
}

struct List<'de, 'p> {
    items: std::iter::Enumerate<std::vec::IntoIter<&'de RawValue>>,
    path: &'p Path<'p>,
    findings: &'p Findings,
}

impl<'de> SeqAccess<'de> for List<'de, '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some((index, raw)) = self.items.next() else { return Ok(None) };
        let path = Path::Index(self.path, index);
        let read = seed.deserialize(Repair { raw, path: &path, findings: self.findings });
        read.map(Some).map_err(|fault| fault.at(&path))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// A field of an object.
struct Member<'de> {
    name: Cow<'de, str>,
    /// Which of the names that the type knows it is.
    known: Option<usize>,
    raw: &'de RawValue,
}

/// An object: first what the type knows, each name once and in the order of the type, then the rest as it came.
struct Object<'de, 'p> {
    known: &'static [&'static str],
    members: std::vec::IntoIter<Member<'de>>,
    /// The value of the name that was handed out last.
    value: Option<(&'static str, &'de RawValue)>,
    path: &'p Path<'p>,
    findings: &'p Findings,
}

impl<'de, 'p> Object<'de, 'p> {
    fn new(
        members: Vec<(&'de RawValue, &'de RawValue)>,
        known: &'static [&'static str],
        path: &'p Path<'p>,
        findings: &'p Findings,
    ) -> Self {
        let mut is_taken = vec![false; known.len()];
        // Of a map every name counts. Of a struct only those do that the type knows.
        let mut names = HashSet::new();
        let mut kept = Vec::with_capacity(members.len());
        for (name, raw) in members {
            let (name, is_repaired) = string(name.get(), findings);
            let index = known.iter().position(|known| *known == name);
            let is_repeated = match index {
                Some(index) => mem::replace(&mut is_taken[index], true),
                None => known.is_empty() && !names.insert(name.clone()),
            };
            let field = || Path::Field(path, index.map_or(UNKNOWN, |index| known[index])).to_string();
            if is_repaired {
                findings.note(field(), NOT_UNICODE.to_owned());
            }
            if is_repeated {
                findings.note(field(), "more than once; the first counts".to_owned());
            } else {
                kept.push(Member { name, known: index, raw });
            }
        }
        // A reader may depend on an earlier field, as the content of an element does on its type.
        kept.sort_by_key(|member| member.known.unwrap_or(usize::MAX));
        Self { known, members: kept.into_iter(), value: None, path, findings }
    }
}

impl<'de> MapAccess<'de> for Object<'de, '_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(Member { name, known, raw }) = self.members.next() else { return Ok(None) };
        self.value = Some((known.map_or(UNKNOWN, |index| self.known[index]), raw));
        let name: CowStrDeserializer<'_, Fault> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let (name, raw) = self.value.take().ok_or_else(|| Fault::new("a value without a name"))?;
        let path = Path::Field(self.path, name);
        seed.deserialize(Repair { raw, path: &path, findings: self.findings }).map_err(|fault| fault.at(&path))
    }
}

/// The names and values of an object, as they are written.
struct Members<'de>(Vec<(&'de RawValue, &'de RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}
