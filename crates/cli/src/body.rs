//! The bodies to work with: samples, changed as asked, and the user's own.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
    str::FromStr,
};

use serde_json::Value;
use tencent_im_callback_testkit::sample;

use crate::cli_error::CliError;

/// A change to a body: `/Pointer=value`. What is not JSON is taken as text.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pointer: String,
    value: Value,
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
        Ok(Self { pointer: pointer.into(), value })
    }
}

/// Makes the changes in `body`, one after the other.
pub(crate) fn change(body: &mut Value, changes: &[Change]) -> Result<(), CliError> {
    for Change { pointer, value } in changes {
        sample::set(body, pointer, value.clone())
            .map_err(|error| CliError::usage(format!("`{pointer}` cannot be set: {error}")))?;
    }
    Ok(())
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
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| CliError::usage(format!("standard input: {error}")))?;
    Ok(bytes)
}
