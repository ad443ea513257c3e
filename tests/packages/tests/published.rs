//! The packages can be published: their manifests, pages and licences are complete.

use std::{collections::BTreeSet, fs, path::Path};

use packages::{
    check,
    metadata::{all, published, text},
    readme, root,
};
use serde_json::Value;

fn folder(package: &Value) -> &Path {
    Path::new(text(package, "manifest_path")).parent().expect("a manifest is in a folder")
}

#[test]
fn these_packages_are_published_in_the_version_of_the_workspace() {
    let names: BTreeSet<_> = published().map(|package| text(package, "name")).collect();
    let expected =
        ["", "-actix-web", "-axum", "-cli", "-hyper", "-journal", "-journal-nats", "-journal-postgres", "-testkit"];
    assert_eq!(names, expected.map(|end| format!("tencent-im-callback{end}")).iter().map(String::as_str).collect());
    let versions: BTreeSet<_> = published().map(|package| text(package, "version")).collect();
    assert_eq!(versions.len(), 1, "{versions:?}");
}

#[test]
fn each_manifest_has_what_a_registry_shows() {
    let homepages: BTreeSet<_> = published().map(|package| text(package, "homepage")).collect();
    assert_eq!(homepages.len(), 1, "{homepages:?}");
    for package in published() {
        let name = text(package, "name");
        for field in ["description", "license", "repository", "homepage", "documentation", "readme", "rust_version"] {
            assert!(!text(package, field).is_empty(), "{name} has no `{field}`");
        }
        assert_eq!(text(package, "repository"), text(package, "homepage"), "{name}");
        let description = text(package, "description");
        assert!(description.len() <= 200 && !description.ends_with('.'), "{name}: {description}");
        let keywords: Vec<_> =
            package["keywords"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        // What crates.io accepts.
        assert!(
            (1..=5).contains(&keywords.len()) && keywords.iter().all(|word| word.len() <= 20),
            "{name}: {keywords:?}"
        );
        assert!(!package["categories"].as_array().unwrap().is_empty(), "{name} has no category");
    }
}

#[test]
fn each_package_has_the_licences_of_the_repository() {
    for package in published() {
        for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let here = fs::read(folder(package).join(file)).unwrap_or_default();
            assert!(here == fs::read(root().join(file)).unwrap(), "{file} of {}", text(package, "name"));
        }
    }
}

#[test]
fn the_readme_of_each_package_is_its_front_page() {
    for package in published() {
        let targets = package["targets"].as_array().unwrap();
        let is_main = |target: &&Value| target["kind"][0] == "lib" || target["kind"][0] == "bin";
        let source = text(targets.iter().find(is_main).expect("a library or a program"), "src_path");
        let page = readme::of(package, &fs::read_to_string(source).unwrap());
        check(&folder(package).join("README.md"), &page).unwrap();
    }
}

#[test]
fn every_link_of_a_readme_leads_somewhere_from_a_registry() {
    let mut in_repository = 0;
    for package in published() {
        let (name, homepage) = (text(package, "name"), text(package, "homepage"));
        let page = fs::read_to_string(folder(package).join("README.md")).unwrap();
        for target in page.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            // A link that is relative is dead outside of the repository.
            assert!(target.starts_with("https://"), "{name}: {target}");
            if let Some(file) = target.strip_prefix(&format!("{homepage}/blob/main/")) {
                assert!(root().join(file).exists(), "{name}: there is no {file}");
                in_repository += 1;
            }
            if let Some(other) = target.strip_prefix("https://docs.rs/") {
                assert!(published().any(|package| text(package, "name") == other), "{name}: {target}");
            }
        }
    }
    assert!(in_repository > 10, "{in_repository}");
}

#[test]
fn the_links_of_the_front_pages_name_the_repository_of_the_manifest() {
    for package in published() {
        let homepage = text(package, "homepage");
        let source = fs::read_to_string(folder(package).join("src/lib.rs")).unwrap_or_default();
        for (place, _) in source.match_indices("https://github.com/") {
            assert!(source[place..].starts_with(homepage), "{}", text(package, "name"));
        }
    }
}

#[test]
fn what_is_to_be_copied_names_the_version_that_it_is_in() {
    for package in published() {
        let version: Vec<_> = text(package, "version").split('.').take(2).collect();
        let version = version.join(".");
        let page = fs::read_to_string(folder(package).join("README.md")).unwrap();
        for line in page.lines().filter(|line| line.starts_with("tencent-im-callback") && line.contains(" = ")) {
            assert!(line.contains(&format!("\"{version}\"")), "{line}");
        }
    }
}

#[test]
fn nothing_but_the_packages_is_published() {
    for package in all().iter().filter(|package| package["source"].is_null()) {
        let (name, publish) = (text(package, "name"), &package["publish"]);
        let is_kept = publish.as_array().is_some_and(Vec::is_empty);
        assert_eq!(is_kept, !name.starts_with("tencent-im-callback"), "{name}");
    }
}
