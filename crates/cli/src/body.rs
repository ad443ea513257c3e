//! The bodies to work with: samples, changed as asked, and the user's own.

use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::Path,
    str::FromStr,
};

use clap::Args;
use serde_json::Value;
use tencent_im_callback::Callback;
use tencent_im_callback_testkit::sample;

use crate::{
    cli_error::{CliError, say},
    paint::HINT,
};

/// A change to a body: `/Pointer=value`. What is not JSON is taken as text.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pointer: String,
    value: Value,
    /// Whether it may add a field that no event has.
    is_new: bool,
}

/// The changes that are asked for, in the order in which they are made: first `--set`, then `--insert`.
#[derive(Args, Debug, Clone)]
pub(crate) struct Changes {
    /// Sets what a JSON pointer points at in the body; a value that is not JSON is text, and `-` is the end of a list
    #[arg(long, value_name = "/POINTER=VALUE")]
    set: Vec<Change>,
    /// Sets what a JSON pointer points at, also a field that the callback does not have
    #[arg(long, value_name = "/POINTER=VALUE", value_parser = insertion)]
    insert: Vec<Change>,
}

impl Changes {
    pub(crate) const fn is_empty(&self) -> bool {
        self.set.is_empty() && self.insert.is_empty()
    }

    /// Makes the changes in a body of this callback.
    pub(crate) fn make(&self, callback: Option<&Callback>, body: &mut Value) -> Result<(), CliError> {
        for Change { pointer, value, is_new } in self.set.iter().chain(&self.insert) {
            let set = match callback {
                Some(callback) if !is_new => sample::set(callback, body, pointer, value.clone()),
                _ => sample::insert(body, pointer, value.clone()),
            };
            set.map_err(|error| {
                let is_unknown = error.starts_with("there is no field");
                let hint = if is_unknown { "\n`--insert` adds a field that the callback does not have" } else { "" };
                CliError::usage(format!("`{pointer}` cannot be set: {error}{hint}"))
            })?;
        }
        Ok(())
    }
}

fn insertion(text: &str) -> Result<Change, String> {
    text.parse().map(|change| Change { is_new: true, ..change })
}

impl FromStr for Change {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pointer, value) =
            text.split_once('=').ok_or("a change is a JSON pointer and a value, as in /Name=spam")?;
        if !pointer.starts_with('/') {
            return Err(format!("the JSON pointer `{pointer}` does not begin with a slash; try `/{pointer}`"));
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        Ok(Self { pointer: pointer.into(), value, is_new: false })
    }
}

/// The samples of `command` by name, the plainest first; the one without a name is `-`.
pub(crate) fn samples_of(command: &str) -> Vec<(&'static str, &'static str)> {
    let mut samples: Vec<_> =
        sample::of(command).map(|(name, body)| (if name.is_empty() { "-" } else { name }, body)).collect();
    samples.sort_by_key(|(name, _)| (*name != "-", *name));
    samples
}

/// A sample of `command`: the plainest, or the one with this name.
pub(crate) fn sample_of(command: &str, variant: Option<&str>) -> Result<Value, CliError> {
    let samples = samples_of(command);
    let found = samples.iter().find(|(name, _)| variant.is_none_or(|variant| variant == *name));
    let (_, text) = found.ok_or_else(|| {
        let variants: Vec<_> = samples.iter().map(|(name, _)| *name).collect();
        let wanted = variant.unwrap_or_default();
        CliError::usage(format!("`{command}` has no sample variant `{wanted}`\nvariants: {}", variants.join(", ")))
    })?;
    serde_json::from_str(text).map_err(|error| CliError::usage(format!("the sample of {command}: {error}")))
}

/// The bytes of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    if path != Path::new("-") {
        return fs::read(path).map_err(|error| CliError::file(path, error));
    }
    on_terminal("a body");
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| CliError::usage(format!("standard input: {error}")))?;
    Ok(bytes)
}

/// Says what is waited for, where a person would have to type it.
pub(crate) fn on_terminal(what: &str) {
    if io::stdin().is_terminal() {
        say(format_args!("{HINT}note:{HINT:#} reads {what} from the terminal; Ctrl-D on an empty line ends it"));
    }
}
