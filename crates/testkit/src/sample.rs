//! The samples of the protocol: a body and an answer of every shape that is known.

use std::marker::PhantomData;

use serde_json::Value;
use tencent_im_callback::{Callback, Event};

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

/// A body as the service sends it, to be changed and used in a test.
#[derive(Debug, Clone)]
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
    /// What is special about it; empty for the plain one.
    #[must_use]
    pub const fn variant(&self) -> &'static str {
        self.variant
    }

    /// Sets what `pointer`, a JSON pointer such as `/MemberList/0/Member_Account`, points at.
    ///
    /// # Panics
    /// When there is nothing to set it in.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        set(&mut self.body, pointer, value.into()).unwrap_or_else(|error| panic!("{error}"));
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
    /// When it cannot be, because of what was set.
    #[must_use]
    pub fn event(&self) -> E {
        serde_json::from_value(self.body.clone()).unwrap_or_else(|error| panic!("{}: {error}", E::COMMAND))
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

/// Sets what a JSON pointer points at; the last step may be a new field, or `-` for the end of a list.
///
/// The error says at which step there was nothing to go on with.
pub fn set(body: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let (parent, last) = pointer.rsplit_once('/').ok_or_else(|| format!("`{pointer}` does not begin with a slash"))?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let target = body.pointer_mut(parent).ok_or_else(|| format!("there is nothing at `{parent}`"))?;
    match target {
        Value::Object(fields) => {
            fields.insert(last, value);
        }
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let length = items.len();
            let item = last.parse().ok().and_then(|index: usize| items.get_mut(index));
            *item.ok_or_else(|| format!("`{last}` is no place in a list of {length} at `{parent}`"))? = value;
        }
        _ => return Err(format!("`{parent}` is neither an object nor a list")),
    }
    Ok(())
}
