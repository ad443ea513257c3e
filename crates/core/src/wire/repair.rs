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
    fmt,
    marker::PhantomData,
    time::Instant,
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Number, value::RawValue};

pub(crate) use self::fault::Fault;
use self::{
    fault::Path,
    object::{Object, Others},
    text::string,
};
use crate::{Callback, DroppedField};

mod fault;
mod object;
mod text;

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

/// Reads an entry of a list that may be left out. Nearly all entries of a list are good, also where one is not: so each
/// is first read strictly.
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

/// So many unread fields are listed. Anybody with a signature can make bodies with any number of them.
const MAX_UNREAD: usize = 256;

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
    /// The paths of the fields that no type asks for, if they are wanted. Then everything is read by [`Repair`].
    unread: Option<RefCell<Vec<String>>>,
}

impl Findings {
    pub(crate) fn new(is_lossy: bool, deadline: Option<Instant>, expected: Option<&'static Callback>) -> Self {
        Self { is_lossy, deadline, expected, ..Self::default() }
    }

    /// Findings that also have the fields that no type asks for.
    pub(crate) fn with_unread(is_lossy: bool) -> Self {
        Self { is_lossy, unread: Some(RefCell::default()), ..Self::default() }
    }

    pub(crate) const fn wants_unread(&self) -> bool {
        self.unread.is_some()
    }

    /// A field that no type asks for.
    fn note_unread(&self, parent: &Path<'_>, name: &str) {
        if let Some(unread) = self.unread.as_ref().filter(|unread| unread.borrow().len() < MAX_UNREAD) {
            unread.borrow_mut().push(Path::Field(parent, name).to_string());
        }
    }

    pub(crate) fn into_unread(self) -> Vec<String> {
        self.unread.map(RefCell::into_inner).unwrap_or_default()
    }

    /// A field that is left out.
    fn note_fault(&self, path: String, reason: String) -> Result<(), Fault> {
        self.faults.set(self.faults.get() + 1);
        self.check_faults()?;
        self.fields.borrow_mut().push(DroppedField::new(path, reason));
        Ok(())
    }

    /// Fails when so much could not be read that the body counts as unreadable.
    pub(crate) fn check_faults(&self) -> Result<(), Fault> {
        if self.faults.get() > MAX_FAULTS {
            return Err(Fault::last(format!("more than {MAX_FAULTS} fields could not be read")));
        }
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
        && !findings.wants_unread()
        && let Ok(value) = serde_json::from_str(text)
    {
        return Some(value);
    }
    let path = path.to_string();
    match read(text, &path, findings) {
        Ok(value) => Some(value),
        Err(fault) => {
            let (path, reason) = fault.into_parts();
            // The caller sees whether it was one too many.
            drop(findings.note_fault(path, reason));
            None
        }
    }
}

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
            b'{' => Object::split(&self, &[], Others::Once).and_then(|object| visitor.visit_map(object)),
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
        let read = Object::split(&self, fields, others).and_then(|object| visitor.visit_map(object));
        read.map_err(|fault| fault.at(self.path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.first_byte() == b'n' { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        match name {
            OPTIONAL => return visitor.visit_seq(One(Some(self))),
            ENTRY => {
                self.findings.check_time()?;
                // A strict parse would not report what is in place of bytes that were no UTF-8, nor unread fields.
                let needs_repair = self.findings.is_lossy || self.findings.wants_unread();
                let text = (!needs_repair).then_some(self.text);
                return visitor.visit_seq(StrictThenRepaired { text, value: One(Some(self)) });
            }
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
        let Some(text) = self.text.take() else { return self.value.next_element_seed(seed) };
        Ok(seed.deserialize(&mut serde_json::Deserializer::from_str(text)).ok())
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
