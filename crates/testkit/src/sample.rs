//! The samples of the protocol: a body and an answer of every shape that is known.

use std::{fmt, marker::PhantomData};

use serde_json::{Map, Value, json};
use tencent_im_callback::{Callback, Event, unread_fields};

use crate::Request;

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

/// A body as the service sends it, to be changed and used in a test.
///
/// A wrong change panics with the name of the callback.
///
/// ```
/// use tencent_im_callback::group;
/// use tencent_im_callback_testkit::sample;
///
/// let invitation = sample::<group::BeforeInviteJoinGroup>()
///     .set("/DestinationMembers/0/Member_Account", "rider-07")
///     .remove("/EventTime");
/// assert_eq!(invitation.event().destination_members[0].member_account, "rider-07");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sample<E> {
    variant: &'static str,
    body: Value,
    event: PhantomData<fn() -> E>,
}

/// The plainest sample of an event.
///
/// ```
/// use tencent_im_callback::group;
/// use tencent_im_callback_testkit::sample;
///
/// let event = sample::<group::BeforeCreateTopic>().set("/Name", "free spam").event();
/// assert_eq!(event.name, "free spam");
/// ```
///
/// # Panics
/// Never: every callback has a sample.
#[must_use]
pub fn sample<E: Event>() -> Sample<E> {
    samples().next().expect("every callback has a sample")
}

/// All samples of an event, the plainest first.
///
/// # Panics
/// Never: all samples are JSON.
pub fn samples<E: Event>() -> impl Iterator<Item = Sample<E>> {
    of(E::COMMAND).map(|(variant, body)| Sample {
        variant,
        body: serde_json::from_str(body).expect("samples are JSON"),
        event: PhantomData,
    })
}

impl<E: Event> Sample<E> {
    /// A body of your own.
    #[must_use]
    pub const fn of(body: Value) -> Self {
        Self { variant: "", body, event: PhantomData }
    }

    /// Another shape in which this callback is sent, by its name; what was changed before is gone.
    ///
    /// # Panics
    /// When there is no such variant. The message lists the variants.
    #[must_use]
    #[track_caller]
    pub fn variant(self, name: &str) -> Self {
        samples().find(|sample: &Self| sample.variant == name).unwrap_or_else(|| {
            let names: Vec<_> = samples::<E>().map(|sample| format!("`{}`", sample.variant)).collect();
            panic!("{} has no variant `{name}`, but {}", E::COMMAND, names.join(", "))
        })
    }

    /// What is special about it; empty for the plain one.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.variant
    }

    /// Sets what `pointer`, a JSON pointer such as `/MemberList/0/Member_Account`, points at: a field of the event, or
    /// an entry of a list, `-` being the place behind the last. [`insert`](Self::insert) adds other fields.
    ///
    /// # Panics
    /// When there is nothing to set it in, and when the event has no such field. The message names the field that was
    /// meant, if only its case is wrong.
    #[must_use]
    #[track_caller]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        if let Err(error) = set(E::callback(), &mut self.body, pointer, value.into()) {
            let is_unknown = error.starts_with("there is no field");
            let hint = if is_unknown { "; `insert` adds a field that no event has" } else { "" };
            panic!("{}: {error}{hint}", E::COMMAND);
        }
        self
    }

    /// Sets what a JSON pointer points at, also where the event has no such field: the vendor may add one.
    ///
    /// # Panics
    /// When there is nothing to set it in.
    #[must_use]
    #[track_caller]
    pub fn insert(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        insert(&mut self.body, pointer, value.into()).unwrap_or_else(|error| panic!("{}: {error}", E::COMMAND));
        self
    }

    /// Removes what a JSON pointer points at.
    ///
    /// # Panics
    /// When there is nothing.
    #[must_use]
    #[track_caller]
    pub fn remove(mut self, pointer: &str) -> Self {
        remove(&mut self.body, pointer).unwrap_or_else(|error| panic!("{}: {error}", E::COMMAND));
        self
    }

    /// Adds to every object in it a field that no document knows, as the vendor does now and then.
    #[must_use]
    pub fn undocumented(mut self) -> Self {
        add_everywhere(&mut self.body, "UndocumentedField", &json!({ "Since": [1, "2", null] }));
        self
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Value {
        &self.body
    }

    /// The body, read into its event.
    ///
    /// # Panics
    /// When it cannot be, because of what was changed. Fields that may be absent have to be right too;
    /// what a handler gets instead of them is seen with a [`Harness`](crate::Harness).
    #[must_use]
    #[track_caller]
    pub fn event(&self) -> E {
        E::deserialize(&self.body).unwrap_or_else(|error| panic!("{}: {error}", E::COMMAND))
    }

    /// The body in a request as the service sends it.
    #[must_use]
    pub fn request(&self) -> Request {
        Request::new(E::COMMAND, self.to_string())
    }
}

/// The body as JSON text.
impl<E> fmt::Display for Sample<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}

/// The samples of a command, by variant, as JSON text; the plainest first.
pub fn of(command: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    REQUESTS.iter().filter_map(move |(name, body)| variant_of(name, command).map(|variant| (variant, *body)))
}

/// The sample answers to a command, by variant, as JSON text.
pub fn answers_to(command: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    RESPONSES.iter().filter_map(move |(name, body)| variant_of(name, command).map(|variant| (variant, *body)))
}

/// The sample message elements, by name, as JSON text.
pub fn elements() -> impl Iterator<Item = (&'static str, &'static str)> {
    ELEMENTS.iter().copied()
}

/// All request samples: callback, variant and body.
pub fn all() -> impl Iterator<Item = (&'static Callback, &'static str, &'static str)> {
    tencent_im_callback::CALLBACKS
        .iter()
        .flat_map(|callback| of(callback.command).map(move |(variant, body)| (callback, variant, body)))
}

fn variant_of(name: &'static str, command: &str) -> Option<&'static str> {
    let rest = name.strip_prefix(command)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
}

/// Sets what a JSON pointer points at, if it is there or the event of `callback` has such a field. `-` is the end of a
/// list.
///
/// The error names the part of the pointer that leads to no value, and the field that was meant if only its case or its
/// underscores are wrong.
///
/// ```
/// use serde_json::json;
/// use tencent_im_callback::Callback;
/// use tencent_im_callback_testkit::sample;
///
/// let callback = Callback::find("Group.CallbackBeforeCreateTopic").expect("it is known");
/// let mut body = json!({ "Operator_Account": "ann", "Type": "Community", "Name": "cats" });
/// let error = sample::set(callback, &mut body, "/name", "dogs".into()).unwrap_err();
/// assert_eq!(error, "there is no field `name`; `Name` may be meant");
/// ```
pub fn set(callback: &Callback, body: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let (parent, last, target) = place(body, pointer)?;
    let Value::Object(fields) = target else { return insert(body, pointer, value) };
    if fields.contains_key(&last) {
        return insert(body, pointer, value);
    }
    if let Some(meant) = meant(callback, fields, parent, &last) {
        return Err(format!("there is no field `{last}`; `{meant}` may be meant"));
    }
    let mut changed = body.clone();
    insert(&mut changed, pointer, value)?;
    if unread_fields(callback, changed.to_string().as_bytes()).contains(&json_path(pointer)) {
        return Err(format!("there is no field `{last}`"));
    }
    *body = changed;
    Ok(())
}

/// The field of the body, or of another sample, that has this name but for its case and its underscores.
fn meant(callback: &Callback, fields: &Map<String, Value>, parent: &str, name: &str) -> Option<String> {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let wanted = plain(name);
    let is_meant = |field: &&String| field.as_str() != name && plain(field) == wanted;
    let here = fields.keys().find(is_meant).cloned();
    here.or_else(|| {
        of(callback.command).find_map(|(_, body)| {
            let body: Value = serde_json::from_str(body).ok()?;
            let fields = body.pointer(parent)?.as_object()?;
            // A field of another shape of this callback is no mistake.
            if fields.contains_key(name) { None } else { fields.keys().find(is_meant).cloned() }
        })
    })
}

/// `/MemberList/0/NickName` as `MemberList[0].NickName`.
fn json_path(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(|step| {
        let is_index = step.bytes().all(|byte| byte.is_ascii_digit());
        if is_index { format!("[{step}]") } else { format!(".{}", step.replace("~1", "/").replace("~0", "~")) }
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

/// Sets what a JSON pointer points at; the last step may be any new field, or `-` for the end of a list.
///
/// The error names the part of the pointer that leads to no value.
pub fn insert(body: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let (parent, last, target) = place(body, pointer)?;
    match target {
        Value::Object(fields) => {
            fields.insert(last, value);
        }
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let index = index(&last, items.len()).ok_or_else(|| no_place(&last, items.len(), parent))?;
            items[index] = value;
        }
        _ => return Err(format!("`{parent}` is neither an object nor a list")),
    }
    Ok(())
}

/// Removes what a JSON pointer points at, and gives it back.
///
/// The error names the part of the pointer that leads to no value.
pub fn remove(body: &mut Value, pointer: &str) -> Result<Value, String> {
    let (parent, last, target) = place(body, pointer)?;
    match target {
        Value::Object(fields) => fields.remove(&last).ok_or_else(|| format!("there is no `{last}` at `{parent}`")),
        Value::Array(items) => {
            let index = index(&last, items.len()).ok_or_else(|| no_place(&last, items.len(), parent))?;
            Ok(items.remove(index))
        }
        _ => Err(format!("`{parent}` is neither an object nor a list")),
    }
}

/// What the last step of a pointer is taken in: its pointer, the step, and the value.
fn place<'a, 'p>(body: &'a mut Value, pointer: &'p str) -> Result<(&'p str, String, &'a mut Value), String> {
    let (parent, last) = pointer
        .rsplit_once('/')
        .filter(|_| pointer.starts_with('/'))
        .ok_or_else(|| format!("`{pointer}` does not begin with a slash"))?;
    let target = body.pointer_mut(parent).ok_or_else(|| format!("there is nothing at `{parent}`"))?;
    Ok((parent, last.replace("~1", "/").replace("~0", "~"), target))
}

fn index(step: &str, length: usize) -> Option<usize> {
    step.parse().ok().filter(|index| *index < length)
}

fn no_place(step: &str, length: usize, parent: &str) -> String {
    format!("`{step}` is no place in a list of {length} at `{parent}`")
}

fn add_everywhere(value: &mut Value, key: &str, added: &Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| add_everywhere(value, key, added));
            fields.insert(key.to_owned(), added.clone());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| add_everywhere(item, key, added)),
        _ => {}
    }
}
