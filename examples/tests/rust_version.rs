//! Each package's `rust-version` holds for its dependencies too.
//!
//! It is checked from below here: with less, cargo would refuse to build. That the package's own
//! code needs no newer standard library is clippy's `incompatible_msrv`.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::Value;

type Version = (u64, u64, u64);

fn version(text: &str) -> Version {
    let mut parts = text.split('.').map(|part| part.parse().unwrap());
    (parts.next().unwrap(), parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

struct Metadata {
    packages: HashMap<String, Value>,
    /// What each package is built with: its normal dependencies, by id.
    dependencies: HashMap<String, Vec<String>>,
    members: Vec<String>,
}

fn metadata() -> Metadata {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let is_normal = |dependency: &Value| list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
    let normal =
        |node: &Value| list(&node["deps"]).iter().filter(|dep| is_normal(dep)).map(|dep| id(&dep["pkg"])).collect();
    Metadata {
        dependencies: list(&metadata["resolve"]["nodes"]).iter().map(|node| (id(&node["id"]), normal(node))).collect(),
        members: list(&metadata["workspace_members"]).iter().map(id).collect(),
        packages: list(&metadata["packages"]).into_iter().map(|package| (id(&package["id"]), package)).collect(),
    }
}

impl Metadata {
    /// The packages that are for others to use.
    fn published(&self) -> impl Iterator<Item = &Value> {
        self.members.iter().map(|id| &self.packages[id]).filter(|package| package["publish"].is_null())
    }

    /// All that a package is built with.
    fn closure(&self, package: &Value) -> Vec<&Value> {
        let mut found = HashSet::new();
        let mut open = vec![package["id"].as_str().unwrap()];
        while let Some(id) = open.pop() {
            open.extend(self.dependencies[id].iter().map(String::as_str).filter(|id| found.insert(*id)));
        }
        found.into_iter().map(|id| &self.packages[id]).collect()
    }
}

#[test]
fn no_package_promises_less_than_its_dependencies_need() {
    let metadata = metadata();
    assert!(metadata.published().count() >= 4);
    for package in metadata.published() {
        let name = &package["name"];
        let own = package["rust_version"].as_str().unwrap_or_else(|| panic!("{name} has no rust-version"));
        for dependency in metadata.closure(package) {
            let needed = dependency["rust_version"].as_str().unwrap_or("1.0");
            assert!(
                version(own) >= version(needed),
                "{name} has rust-version {own}, but {} {} needs {needed}",
                dependency["name"],
                dependency["version"],
            );
        }
    }
}

#[test]
fn the_readme_says_the_versions_of_the_packages() {
    let metadata = metadata();
    let of = |name: &str| {
        let package = metadata.published().find(|package| package["name"] == name).unwrap();
        package["rust_version"].as_str().unwrap().to_owned()
    };
    let (core, actix_web) = (of("tencent-im-callback"), of("tencent-im-callback-actix-web"));
    for name in ["tencent-im-callback-axum", "tencent-im-callback-hyper"] {
        assert_eq!(of(name), core, "{name}");
    }
    let journal = of("tencent-im-callback-journal");
    assert_eq!(of("tencent-im-callback-cli"), journal);
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    assert!(readme.contains(&format!("Rust {core}; with actix-web {actix_web},")), "{core} and {actix_web}");
    assert!(readme.contains(&format!("with the journal, and for the command, {journal}.")), "{journal}");
}
