//! `cargo run -p packages` after `cargo doc`: the public items and the foreign types in their signatures are those of the
//! lists in `tests/packages/api`. With `UPDATE_DOCS=1` it writes the lists.

use std::{collections::BTreeSet, env, fmt::Write as _, process::ExitCode};

use packages::{
    api, check,
    metadata::{published, text},
    root,
};

/// The release whose rustdoc has written the lists: others write signatures in other ways.
const RUST: &str = "1.95.";

fn main() -> ExitCode {
    match compare() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<(), String> {
    let rustdoc = std::process::Command::new(env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into()));
    let version = { rustdoc }.arg("--version").output().map_err(|error| format!("rustdoc: {error}"))?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let is_known = version.starts_with(&format!("rustdoc {RUST}"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let mut foreign = String::new();
    let mut own = BTreeSet::new();
    for package in published() {
        api::names(&target.join("doc").join(text(package, "name").replace('-', "_")), &mut own);
    }
    for package in published().filter(|package| package["targets"][0]["kind"][0] == "lib") {
        let name = text(package, "name");
        let folder = target.join("doc").join(name.replace('-', "_"));
        let api = api::read(&folder).map_err(|error| format!("{}: {error}; run cargo doc first", folder.display()))?;
        if api.listing.is_empty() {
            return Err(format!("{}: no public item is found", folder.display()));
        }
        let _ = writeln!(foreign, "{name}");
        // Whether rustdoc has a link to another package of ours depends on which page was written first.
        for path in api.foreign.difference(&own) {
            let _ = writeln!(foreign, "    {path}");
        }
        if is_known {
            check(&root().join("tests/packages/api").join(format!("{name}.txt")), &api.listing)?;
        }
    }
    // The paths do not depend on the toolchain.
    check(&root().join("tests/packages/api/foreign.txt"), &foreign)?;
    if !is_known {
        eprintln!("the signatures are not compared: this is {} and not {RUST}", version.trim());
    }
    Ok(())
}
