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
    fmt,
    marker::PhantomData,
    time::Instant,
};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, Error as _, Expected, IgnoredAny, IntoDeserializer, MapAccess,
        SeqAccess, Unexpected, Visitor, value::CowStrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Number, value::RawValue};

use crate::{Callback, DroppedField};

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

/// The name that tells [`Repair`] that a value is an entry of a list, which may be left out.
const ENTRY: &str = "tencent_im_callback::Entry";

/// Reads an entry of a list that may be left out. Nearly all entries of a list are good, also where one is not: so each is
/// first read strictly.
pub(crate) fn entry<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_newtype_struct(ENTRY, Entry(PhantomData))
}

/// As [`Optional`], but [`Repair`] presents the value as a list of two: for a strict parse, and for repair.
struct Entry<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entry<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of a list")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::deserialize(deserializer).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<T>, A::Error> {
        match list.next_element()? {
            Some(entry) => Ok(Some(entry)),
            None => list.next_element(),
        }
    }
}

/// So much can be wrong with a body. Each fault costs more than reading does, so that beyond this the body counts as
/// unreadable.
const MAX_FAULTS: usize = 16;

/// What could not be read, as it is found.
#[derive(Default)]
pub(crate) struct Findings {
    fields: RefCell<Vec<DroppedField>>,
    faults: Cell<usize>,
    /// Texts that were repaired and are not named, because many were before them.
    unnamed: Cell<usize>,
    /// Some bytes were no UTF-8, so that U+FFFD in a text may be in place of them.
    is_lossy: bool,
    /// When reading has to stop.
    deadline: Option<Instant>,
    /// The callback that the body is read as, if reading is to stop where the body names another.
    expected: Option<&'static Callback>,
    looked_at: Cell<u32>,
}

impl Findings {
    pub(crate) fn new(is_lossy: bool, deadline: Option<Instant>, expected: Option<&'static Callback>) -> Self {
        Self { is_lossy, deadline, expected, ..Self::default() }
    }

    /// Fails when a body names another callback than the one that it is read as.
    fn check_command(&self, object: &[Member<'_>], split: &Split<'_>) -> Result<(), Fault> {
        let Some(expected) = self.expected.filter(|_| matches!(split.path, Path::Root("."))) else { return Ok(()) };
        let is_command =
            |member: &&Member<'_>| matches!(member.name, Name::Known(index) if split.known[index] == "CallbackCommand");
        let command = object.iter().find(is_command);
        // A longer one is no command, and may be repaired later.
        let command = command.filter(|member| member.value.starts_with('"') && member.value.len() <= 256);
        let command = command.map(|member| string(member.value, self).0);
        match command.and_then(|command| Callback::find(&command)) {
            Some(named) if named.index != expected.index => {
                Err(Fault { another: Some(named), ..Fault::last("the body of another callback") })
            }
            _ => Ok(()),
        }
    }

    /// A field that is left out.
    fn note_fault(&self, path: String, reason: String) -> Result<(), Fault> {
        let faults = self.faults.get() + 1;
        self.faults.set(faults);
        if faults > MAX_FAULTS {
            return Err(Fault::last(format!("more than {MAX_FAULTS} fields could not be read")));
        }
        self.fields.borrow_mut().push(DroppedField::new(path, reason));
        Ok(())
    }

    /// A text that is not left out, although something in it was no Unicode. Anybody can write many of them, so that
    /// they never make a body unreadable.
    fn note_text(&self, path: &Path<'_>) {
        const REASON: &str = "not Unicode; U+FFFD is in place of what cannot be read";
        if self.fields.borrow().len() < MAX_FAULTS {
            self.fields.borrow_mut().push(DroppedField::new(path.to_string(), REASON.to_owned()));
        } else {
            self.unnamed.set(self.unnamed.get() + 1);
        }
    }

    pub(crate) fn into_fields(self) -> Vec<DroppedField> {
        let mut fields = self.fields.into_inner();
        let unnamed = self.unnamed.get();
        if unnamed > 0 {
            fields.push(DroppedField::new(".".to_owned(), format!("{unnamed} more texts are not Unicode")));
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
                Err(Fault::last("reading did not end within the deadline"))
            }
            _ => Ok(()),
        }
    }
}

/// Reads the JSON `text`, whose root is called `root` in paths. Notes in `findings` what is left out.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str, root: &str, findings: &Findings) -> Result<T, Fault> {
    let root = Path::Root(root);
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    // An object is found to be JSON, or not to be, when it is split.
    if !text.starts_with('{')
        && let Err(error) = serde_json::from_str::<IgnoredAny>(text)
    {
        return Err(Fault::not_json(&error).at(&root));
    }
    T::deserialize(Repair { text, path: &root, findings })
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
            // What is left out is all that there is, whether it is named or not.
            drop(findings.note_fault(path, reason));
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
    /// The callback that the body names, where it is not the one that the body is read as.
    pub(crate) another: Option<&'static Callback>,
}

impl Fault {
    fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { path: None, reason: reason.into(), missing: None, is_final: false, another: None }
    }

    fn not_json(error: &serde_json::Error) -> Self {
        // Errors of the grammar quote nothing of the text.
        Self::new(format!("not JSON: {error}"))
    }

    /// A fault that ends the reading.
    fn last(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { is_final: true, path: Some(".".to_owned()), ..Self::new(reason) }
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

    /// Goes on without the value at `path`, if the fault allows it.
    fn leave_out(self, path: &Path<'_>, findings: &Findings) -> Result<(), Self> {
        if self.is_final {
            return Err(self);
        }
        let path = path.to_string();
        let (origin, reason) = self.into_parts();
        let reason = if origin == path { reason } else { format!("{reason}, at `{origin}`") };
        findings.note_fault(path, reason)
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

/// The name of a struct that also takes the fields which it does not know. Other structs are not shown them.
pub(crate) const WITH_UNKNOWN_FIELDS: &str = "tencent_im_callback::WithUnknownFields";

/// Reads one value.
struct Repair<'de, 'p> {
    text: &'de str,
    path: &'p Path<'p>,
    findings: &'p Findings,
}

impl<'de> Repair<'de, '_> {
    fn first_byte(&self) -> u8 {
        self.text.bytes().next().unwrap_or_default()
    }

    fn scalar<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fault> {
        match self.first_byte() {
            b'n' => visitor.visit_unit(),
            b't' => visitor.visit_bool(true),
            b'f' => visitor.visit_bool(false),
            b'"' => {
                let (string, is_repaired) = string(self.text, self.findings);
                let value = match string {
                    Cow::Borrowed(string) => visitor.visit_borrowed_str(string),
                    Cow::Owned(string) => visitor.visit_string(string),
                }?;
                if is_repaired {
                    self.findings.note_text(self.path);
                }
                Ok(value)
            }
            _ => self.number(visitor),
        }
    }

    fn number<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Fault> {
        // Nearly all are plain digits.
        if let Ok(number) = self.text.parse::<u64>() {
            return visitor.visit_u64(number);
        }
        let number: Number = serde_json::from_str(self.text).map_err(|_| Fault::new("a number out of range"))?;
        match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => visitor.visit_i64(number),
            (None, Some(number)) => visitor.visit_f64(number),
            (None, None) => Err(Fault::new("a number out of range")),
        }
    }

    fn object(&self, known: &'static [&'static str], others: Others) -> Result<Object<'de, '_>, Fault> {
        let split = Split { known, others, repairs_names: false, path: self.path, findings: self.findings };
        let members = split.members(self.text).or_else(|_| Split { repairs_names: true, ..split }.members(self.text));
        let members = members.map_err(|error| Fault::not_json(&error))?.in_order(&split)?;
        self.findings.check_command(&members, &split)?;
        Ok(Object { known, members: members.into_iter(), value: None, path: self.path, findings: self.findings })
    }

    fn list(&self) -> Result<List<'de, '_>, Fault> {
        let items: Vec<&RawValue> = serde_json::from_str(self.text).map_err(|error| Fault::not_json(&error))?;
        Ok(List { items: items.into_iter().enumerate(), path: self.path, findings: self.findings })
    }
}

impl<'de> Deserializer<'de> for Repair<'de, '_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.findings.check_time()?;
        let read = match self.first_byte() {
            b'{' => self.object(&[], Others::Once).and_then(|object| visitor.visit_map(object)),
            b'[' => self.list().and_then(|list| visitor.visit_seq(list)),
            _ => self.scalar(visitor),
        };
        read.map_err(|fault| fault.at(self.path))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
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
        let others = if name == WITH_UNKNOWN_FIELDS { Others::All } else { Others::Skipped };
        let read = self.object(fields, others).and_then(|object| visitor.visit_map(object));
        read.map_err(|fault| fault.at(self.path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.first_byte() == b'n' { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        match name {
            OPTIONAL => return visitor.visit_seq(One(Some(self))),
            ENTRY => return visitor.visit_seq(StrictThenRepaired { text: Some(self.text), value: One(Some(self)) }),
            _ => {}
        }
        // A raw value is asked for in this way too; its name is known to `serde_json` alone.
        let mut whole = serde_json::Deserializer::from_str(self.text);
        whole.deserialize_newtype_struct(name, visitor).map_err(|_| Fault::new("invalid value").at(self.path))
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
            Err(fault) => fault.leave_out(path, findings).map(|()| None),
        }
    }
}

/// A value twice: for a strict parse, and if that fails for repair.
struct StrictThenRepaired<'de, 'p> {
    text: Option<&'de str>,
    value: One<'de, 'p>,
}

impl<'de> SeqAccess<'de> for StrictThenRepaired<'de, '_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        match self.text.take() {
            Some(text) => Ok(seed.deserialize(&mut serde_json::Deserializer::from_str(text)).ok()),
            None => self.value.next_element_seed(seed),
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
        let read = seed.deserialize(Repair { text: raw.get(), path: &path, findings: self.findings });
        read.map(Some).map_err(|fault| fault.at(&path))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// What becomes of the fields that a type does not know by name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Skipped,
    All,
    /// It is a map: every name counts, and once.
    Once,
}

/// Takes an object apart.
#[derive(Clone, Copy)]
struct Split<'p> {
    known: &'static [&'static str],
    others: Others,
    /// Whether names may be no Unicode. To look at each of them by itself takes longer.
    repairs_names: bool,
    path: &'p Path<'p>,
    findings: &'p Findings,
}

impl<'p> Split<'p> {
    fn members<'de>(&self, object: &'de str) -> Result<Members<'de>, serde_json::Error> {
        let mut object = serde_json::Deserializer::from_str(object);
        let members = object.deserialize_map(*self)?;
        object.end()?;
        Ok(members)
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.known.iter().position(|known| *known == name)
    }

    fn field(&self, known: Option<usize>) -> Path<'p> {
        Path::Field(self.path, known.map_or(UNKNOWN, |index| self.known[index]))
    }

    fn repaired<'de>(&self, name: &'de RawValue) -> Name<'de> {
        let (name, is_repaired) = string(name.get(), self.findings);
        let known = self.find(&name);
        if is_repaired {
            self.findings.note_text(&self.field(known));
        }
        known.map_or(Name::Other(name), Name::Known)
    }
}

impl<'de> Visitor<'de> for Split<'_> {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Members::default();
        loop {
            let name = if self.repairs_names {
                map.next_key::<&RawValue>()?.map(|name| self.repaired(name))
            } else {
                map.next_key_seed(self)?
            };
            let Some(name) = name else { return Ok(members) };
            if matches!(name, Name::Other(_)) && self.others == Others::Skipped {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value: &RawValue = map.next_value()?;
            members.add(name, value.get(), self.others);
        }
    }
}

/// The name of a field.
enum Name<'de> {
    Known(usize),
    /// Empty where it is of no use.
    Other(Cow<'de, str>),
}

impl<'de> DeserializeSeed<'de> for Split<'_> {
    type Value = Name<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name<'de>, D::Error> {
        deserializer.deserialize_str(NameVisitor(self))
    }
}

struct NameVisitor<'p>(Split<'p>);

impl<'de> Visitor<'de> for NameVisitor<'_> {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(self.0.find(name).map_or(Name::Other(Cow::Borrowed(name)), Name::Known))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(match self.0.find(name) {
            Some(known) => Name::Known(known),
            None if self.0.others == Others::Skipped => Name::Other(Cow::Borrowed("")),
            None => Name::Other(Cow::Owned(name.to_owned())),
        })
    }
}

/// The fields of an object that are kept.
#[derive(Default)]
struct Members<'de> {
    /// A bit for each known name that has occurred.
    taken: u64,
    names: HashSet<Cow<'de, str>>,
    kept: Vec<Member<'de>>,
    /// Fields that occurred before, as far as they can be reported.
    repeated: Vec<Option<usize>>,
}

/// A field of an object.
struct Member<'de> {
    name: Name<'de>,
    value: &'de str,
}

impl<'de> Members<'de> {
    fn add(&mut self, name: Name<'de>, value: &'de str, others: Others) {
        let is_repeated = match &name {
            Name::Known(index) => {
                // No type has as many as 64 fields. One that had would read the later ones without this check.
                let bit = u32::try_from(*index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or_default();
                let is_repeated = self.taken & bit != 0;
                self.taken |= bit;
                is_repeated
            }
            Name::Other(name) => others == Others::Once && !self.names.insert(name.clone()),
        };
        if !is_repeated {
            self.kept.push(Member { name, value });
        } else if self.repeated.len() <= MAX_FAULTS {
            self.repeated.push(match name {
                Name::Known(index) => Some(index),
                Name::Other(_) => None,
            });
        }
    }

    /// First what the type knows, in the order of the type: a reader may depend on an earlier field, as the content of an
    /// element does on its type. Then the rest as it came.
    fn in_order(mut self, split: &Split<'_>) -> Result<Vec<Member<'de>>, Fault> {
        for known in self.repeated {
            let reason = "more than once; the first counts".to_owned();
            split.findings.note_fault(split.field(known).to_string(), reason)?;
        }
        self.kept.sort_by_key(|member| match member.name {
            Name::Known(index) => index,
            Name::Other(_) => usize::MAX,
        });
        Ok(self.kept)
    }
}

/// The fields of an object, one after the other.
struct Object<'de, 'p> {
    known: &'static [&'static str],
    members: std::vec::IntoIter<Member<'de>>,
    /// The name in paths and the value of the field whose name was handed out last.
    value: Option<(&'static str, &'de str)>,
    path: &'p Path<'p>,
    findings: &'p Findings,
}

impl<'de> MapAccess<'de> for Object<'de, '_> {
    type Error = Fault;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(Member { name, value }) = self.members.next() else { return Ok(None) };
        let (shown, name) = match name {
            Name::Known(index) => (self.known[index], Cow::Borrowed(self.known[index])),
            Name::Other(name) => (UNKNOWN, name),
        };
        self.value = Some((shown, value));
        let name: CowStrDeserializer<'_, Fault> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let (name, text) = self.value.take().ok_or_else(|| Fault::new("a value without a name"))?;
        let path = Path::Field(self.path, name);
        seed.deserialize(Repair { text, path: &path, findings: self.findings }).map_err(|fault| fault.at(&path))
    }
}
