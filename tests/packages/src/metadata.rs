//! What `cargo metadata` says of the workspace and its dependencies.

use std::{env, process::Command, sync::OnceLock};

use serde_json::Value;

/// All packages: those of the workspace, and their dependencies.
///
/// # Panics
/// If cargo cannot read the workspace.
pub fn all() -> &'static [Value] {
    static METADATA: OnceLock<Value> = OnceLock::new();
    let metadata = METADATA.get_or_init(|| {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["metadata", "--format-version", "1", "--all-features", "--offline", "--locked"]);
        let output = command.current_dir(crate::root()).output().expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("metadata is JSON")
    });
    metadata["packages"].as_array().expect("there are packages")
}

/// The packages of the workspace that are published.
pub fn published() -> impl Iterator<Item = &'static Value> {
    all().iter().filter(|package| package["source"].is_null() && package["publish"].is_null())
}

/// A field of a package that is text, empty if it is not there.
#[must_use]
pub fn text<'a>(package: &'a Value, field: &str) -> &'a str {
    package[field].as_str().unwrap_or_default()
}
