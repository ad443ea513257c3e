//! What the packages of this workspace are published with.

pub mod api;
pub mod licence;
pub mod metadata;
pub mod readme;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a generated file with what it should be, or rewrites it if `UPDATE_DOCS` is set.
///
/// # Errors
/// The reason, if the file is out of date or cannot be written.
pub fn check(path: &Path, expected: &str) -> Result<(), String> {
    if fs::read_to_string(path).unwrap_or_default() == expected {
        return Ok(());
    }
    if env::var_os("UPDATE_DOCS").is_none() {
        return Err(format!("{} is out of date: UPDATE_DOCS=1 rewrites it", path.display()));
    }
    fs::write(path, expected).map_err(|error| format!("{}: {error}", path.display()))
}
