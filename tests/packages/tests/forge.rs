//! The files for a public forge say what the repository says.

use std::{collections::BTreeSet, fs};

use packages::{
    metadata::{published, text},
    root,
};

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn the_workflow_runs_the_checks_of_the_repository() {
    assert!(read(".github/workflows/ci.yml").contains("      - run: .ci/run\n"));
}

#[test]
fn every_package_is_checked_with_its_lowest_version_of_rust() {
    let workflow = read(".github/workflows/ci.yml");
    for package in published() {
        let (name, rust) = (text(package, "name"), text(package, "rust_version"));
        let mut lines = workflow.lines().skip_while(|line| line.trim() != format!("- rust: \"{rust}\""));
        let packages = lines.nth(1).unwrap_or_else(|| panic!("no job has Rust {rust}, which {name} needs"));
        assert!(packages.split_whitespace().any(|word| word == name), "{name} is not checked with Rust {rust}");
    }
}

#[test]
fn every_package_is_released_in_one_group() {
    let settings = read("release-plz.toml");
    for package in published() {
        let entry = format!("[[package]]\nname = \"{}\"\nversion_group = \"packages\"\n", text(package, "name"));
        assert!(settings.contains(&entry), "{entry}");
    }
}

#[test]
fn a_release_has_programs_for_three_systems_with_checksums_and_provenance() {
    let workflow = read(".github/workflows/release.yml");
    for wanted in ["linux", "apple-darwin", "windows", "sha256", "attest-build-provenance", "gh release upload"] {
        assert!(workflow.contains(wanted), "{wanted}");
    }
}

#[test]
fn the_form_for_refused_callbacks_asks_for_the_output_of_verify() {
    let form = read(".github/ISSUE_TEMPLATE/refused.yml");
    let (_, field) = form.split_once("id: verify\n").expect("a field");
    let (field, _) = field.split_once("  - type:").expect("another field");
    assert!(field.contains("im-callback verify") && field.contains("required: true"), "{field}");
}

#[test]
fn the_links_name_the_repository_of_the_manifest() {
    let homepages: BTreeSet<_> = published().map(|package| text(package, "homepage")).collect();
    let homepage = homepages.first().expect("a package");
    let mut links = 0;
    for file in ["release-plz.toml", ".github/ISSUE_TEMPLATE/config.yml"] {
        let text = read(file);
        for (place, _) in text.match_indices("https://github.com/") {
            assert!(text[place..].starts_with(homepage), "{file}");
            links += 1;
        }
    }
    assert!(links >= 2, "{links}");
}

#[test]
fn the_pages_of_the_repository_lead_to_files() {
    for page in ["VERSIONING.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md", "crates/README.md"] {
        let folder = root().join(page).parent().unwrap().to_owned();
        for target in read(page).split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
            let file = target.split('#').next().unwrap_or_default();
            assert!(target.starts_with("https://") || folder.join(file).exists(), "{page}: {target}");
        }
    }
}
