//! Objects, taken apart into the fields that their type asks for.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, Visitor, value::CowStrDeserializer},
};
use serde_json::value::RawValue;

use super::{
    Findings, MAX_FAULTS, Repair,
    fault::{Fault, Path, UNKNOWN},
    text::string,
};
use crate::Callback;

/// What becomes of the fields that a type does not know by name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
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

    /// Fails when a body names another callback than the one that it is read as.
    fn check_command(&self, object: &[Member<'_>]) -> Result<(), Fault> {
        let is_body = matches!(self.path, Path::Root("."));
        let Some(expected) = self.findings.expected.filter(|_| is_body) else { return Ok(()) };
        let is_command =
            |member: &&Member<'_>| matches!(member.name, Name::Known(index) if self.known[index] == "CallbackCommand");
        let command = object.iter().find(is_command);
        // A longer one is no command, and may be repaired later.
        let command = command.filter(|member| member.value.starts_with('"') && member.value.len() <= 256);
        let command = command.map(|member| string(member.value, self.findings).0);
        match command.and_then(|command| Callback::find(&command)) {
            Some(named) if named.index != expected.index => Err(Fault::another(named)),
            _ => Ok(()),
        }
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
            if let Name::Other(name) = &name
                && self.others != Others::Once
            {
                self.findings.note_unread(self.path, name);
                if self.others == Others::Skipped {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
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
            None if self.0.others == Others::Skipped && !self.0.findings.wants_unread() => {
                Name::Other(Cow::Borrowed(""))
            }
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

    /// First what the type knows, in the order of the type: a reader may depend on an earlier field, as the content of
    /// an element does on its type. Then the rest as it came.
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
pub(super) struct Object<'de, 'p> {
    known: &'static [&'static str],
    members: std::vec::IntoIter<Member<'de>>,
    /// The name in paths and the value of the field whose name was handed out last.
    value: Option<(&'static str, &'de str)>,
    path: &'p Path<'p>,
    findings: &'p Findings,
}

impl<'de, 'p> Object<'de, 'p> {
    pub(super) fn split(
        value: &Repair<'de, 'p>,
        known: &'static [&'static str],
        others: Others,
    ) -> Result<Self, Fault> {
        let Repair { text, path, findings } = *value;
        let split = Split { known, others, repairs_names: false, path, findings };
        let members = split.members(text).or_else(|_| Split { repairs_names: true, ..split }.members(text));
        let members = members.map_err(|error| Fault::not_json(&error))?.in_order(&split)?;
        split.check_command(&members)?;
        Ok(Self { known, members: members.into_iter(), value: None, path, findings })
    }
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
