//! The dependencies: their licences and sources are those of deny.toml, none is without use, and features build alone.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use packages::{
    licence,
    metadata::{all, published, text},
    root,
};

fn allowed() -> Vec<String> {
    let rules = fs::read_to_string(root().join("deny.toml")).unwrap();
    let (_, list) = rules.split_once("allow = [").expect("deny.toml has a list of licences");
    let (list, _) = list.split_once(']').unwrap();
    list.split(',').map(|licence| licence.trim().trim_matches('"').to_owned()).collect()
}

/// The licence that one crate alone may have.
fn exception(name: &str) -> Option<String> {
    let rules = fs::read_to_string(root().join("deny.toml")).unwrap();
    let (_, rest) = rules.split_once(&format!("{{ crate = \"{name}\", allow = [\""))?;
    rest.split_once('"').map(|(licence, _)| licence.to_owned())
}

#[test]
fn the_licence_of_every_dependency_is_allowed() {
    let allowed = allowed();
    let allowed: Vec<_> = allowed.iter().map(String::as_str).collect();
    assert!(allowed.len() > 5, "{allowed:?}");
    for package in all() {
        let (name, licence) = (text(package, "name"), text(package, "license"));
        let is_exception = exception(name).is_some_and(|exception| exception == licence);
        assert!(is_exception || licence::is_allowed(licence, &allowed), "{name}: `{licence}`");
    }
}

#[test]
fn every_dependency_is_from_the_registry_with_a_version() {
    for package in all() {
        let (name, source) = (text(package, "name"), text(package, "source"));
        assert!(source.is_empty() || source.starts_with("registry+https://github.com/rust-lang/"), "{name}: {source}");
        if !source.is_empty() {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let is_in_workspace = !dependency["path"].is_null();
            let is_wild = text(dependency, "req") == "*";
            let is_published = package["publish"].is_null();
            // A package is published without those.
            let is_for_tests = dependency["kind"] == "dev";
            let may_be_wild = is_in_workspace && (!is_published || is_for_tests);
            assert!(!is_wild || may_be_wild, "{name}: {}", text(dependency, "name"));
        }
    }
}

/// The Rust sources below a folder or in a file.
fn sources(path: &Path, texts: &mut Vec<String>) {
    if path.is_file() {
        texts.push(fs::read_to_string(path).unwrap());
    }
    for entry in fs::read_dir(path).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_dependency_is_used() {
    let mut looked_at = 0;
    for package in all().iter().filter(|package| package["source"].is_null()) {
        let folder = Path::new(text(package, "manifest_path")).parent().unwrap();
        let targets: BTreeSet<PathBuf> = package["targets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|target| {
                let path = PathBuf::from(text(target, "src_path"));
                // A target of several files has a folder of its own.
                let parent = path.parent().unwrap();
                if parent == folder { path } else { parent.to_owned() }
            })
            .collect();
        let mut texts = Vec::new();
        for target in &targets {
            sources(target, &mut texts);
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = dependency["rename"].as_str().unwrap_or_else(|| text(dependency, "name")).replace('-', "_");
            let is_used = texts.iter().any(|text| is_named(text, &name));
            assert!(is_used, "{} does not use {name}", text(package, "name"));
            looked_at += 1;
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}

/// Whether a source has this word, as the beginning of a path or alone.
fn is_named(source: &str, name: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    source
        .match_indices(name)
        .any(|(place, _)| !source[..place].ends_with(is_part) && !source[place + name.len()..].starts_with(is_part))
}

#[test]
fn every_feature_is_built_alone_by_the_checks() {
    let checks = fs::read_to_string(root().join(".ci/run")).unwrap();
    for package in published() {
        let name = text(package, "name");
        let features = package["features"].as_object().unwrap();
        for feature in features.keys() {
            let line = match feature.as_str() {
                "default" => format!("cargo check -p {name} --no-default-features\n"),
                feature => format!("cargo check -p {name} --no-default-features --features {feature}\n"),
            };
            assert!(checks.contains(&line), ".ci/run lacks: {line}");
        }
    }
}

/// Words that are often written wrongly, and how they are written.
const SLIPS: [(&str, &str); 16] = [
    ("recie", "ve"),
    ("seper", "ate"),
    ("occur", "ed"),
    ("adr", "ess"),
    ("len", "ght"),
    ("mes", "age"),
    ("reques", "st"),
    ("respo", "sne"),
    ("calb", "ack"),
    ("tehre", ""),
    ("wich", ""),
    ("becuase", ""),
    ("definat", "e"),
    ("succes", "ful"),
    ("signat", "rue"),
    ("neccess", "ary"),
];

#[test]
fn no_page_and_no_source_has_a_usual_slip() {
    let mut pages = Vec::new();
    collect(&root(), &mut pages);
    assert!(pages.len() > 300, "{}", pages.len());
    for page in pages {
        let text = fs::read_to_string(&page).unwrap().to_lowercase();
        for (head, tail) in SLIPS {
            // In two pieces, so that this file has none.
            let slip = format!("{head}{tail}");
            let is_word = |(place, _): (usize, &str)| !text[..place].ends_with(char::is_alphabetic);
            assert!(!text.match_indices(&slip).any(is_word), "{}: {slip}", page.display());
        }
    }
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_text =
            path.extension().is_some_and(|extension| ["rs", "md", "toml"].iter().any(|text| extension == *text));
        if path.is_dir() && !["target", ".git", "data"].contains(&name) {
            collect(&path, pages);
        } else if is_text && name != "dependencies.rs" {
            pages.push(path);
        }
    }
}

#[test]
fn a_dependency_is_used_where_its_name_is_a_word() {
    assert!(is_named("use http::Request;", "http"));
    assert!(!is_named("use http_body::Body; // https", "http"));
}
