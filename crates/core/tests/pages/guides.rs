//! The guides of the folder docs, as docs.rs shows them: copies within the crate, because a package has no files from
//! outside its folder.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use crate::{check, read, root};

/// The guides in reading order. The module of each has the name of the file.
const GUIDES: [&str; 14] = [
    "getting-started",
    "deciding",
    "reliability",
    "several-apps",
    "nothing-lost",
    "scaling",
    "testing",
    "observing",
    "deploying",
    "troubleshooting",
    "cookbook",
    "comparison",
    "when-it-does-not-compile",
    "upgrading",
];

fn module(guide: &str) -> String {
    guide.replace('-', "_")
}

#[test]
fn the_guides_of_the_crate_are_those_of_the_folder() {
    for guide in GUIDES {
        let text = for_rustdoc(&read(&format!("docs/{guide}.md")));
        check(&format!("crates/core/src/_documentation/{}.md", module(guide)), &text);
    }
}

#[test]
fn the_module_has_the_guides_in_reading_order() {
    let source = read("crates/core/src/_documentation.rs");
    let includes = source.split("include_str!(\"_documentation/").skip(1);
    let includes: Vec<_> = includes.map(|rest| rest.split(".md").next().unwrap()).collect();
    assert_eq!(includes, GUIDES.map(module));
    let modules = source.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(" {}"));
    assert_eq!(modules.collect::<Vec<_>>(), includes);
    // rustdoc lists modules by name, so the reading order is in the text.
    let links = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! ")?.split_once(". [")?.1.split_once("](")?.1.strip_suffix(')'));
    assert_eq!(links.collect::<Vec<_>>(), includes);
}

#[test]
fn the_index_and_both_readmes_link_the_guides_in_reading_order() {
    for (page, folder) in [("docs/README.md", ""), ("README.md", "docs/"), ("README.zh-CN.md", "docs/")] {
        let text = read(page);
        let (_, list) = text.split_once("<!-- guides -->").unwrap_or_else(|| panic!("{page} has no list of guides"));
        let (list, _) = list.split_once("<!-- /guides -->").unwrap_or_else(|| panic!("the list of {page} has no end"));
        let places = GUIDES.map(|guide| list.find(&format!("]({folder}{guide}.md)")));
        assert!(places.iter().all(Option::is_some), "{page} does not link {:?}", missing(&places));
        assert!(places.is_sorted(), "the guides of {page} have another order");
    }
}

fn missing(places: &[Option<usize>]) -> Vec<&'static str> {
    GUIDES.iter().zip(places).filter(|(_, place)| place.is_none()).map(|(guide, _)| *guide).collect()
}

/// The pages of the folder, without `.md`.
fn pages() -> Vec<String> {
    let files = fs::read_dir(root().join("docs")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    files.filter_map(|name| name.strip_suffix(".md").map(str::to_owned)).collect()
}

#[test]
fn the_index_links_every_page_of_the_folder() {
    let index = read("docs/README.md");
    let pages = pages().into_iter().filter(|page| page != "README");
    let unlinked: BTreeSet<_> = pages.filter(|page| !index.contains(&format!("]({page}.md)"))).collect();
    assert_eq!(unlinked, BTreeSet::new());
}

/// A program that no test compiles becomes wrong without notice. `testkit/tests/guide.rs` has those of testing.md.
#[test]
fn the_programs_of_every_page_are_compiled() {
    let examples = read("examples/src/lib.rs");
    for page in pages().into_iter().filter(|page| page != "testing") {
        let text = read(&format!("docs/{page}.md"));
        let has_programs = text.lines().any(|line| line == "```rust" || line == "```rust,no_run");
        let is_compiled = examples.contains(&format!("include_str!(\"../../docs/{page}.md\")"));
        assert_eq!(
            has_programs, is_compiled,
            "examples/src/lib.rs has to include docs/{page}.md exactly if it has programs"
        );
    }
}

/// Links between guides become links between modules. Other files are not on docs.rs: of a link to them the label stays.
fn for_rustdoc(text: &str) -> String {
    // Every second part is a block of code.
    let parts = text.split_inclusive("```").enumerate();
    parts.map(|(at, part)| if at % 2 == 0 { links_for_rustdoc(part) } else { part.to_owned() }).collect()
}

fn links_for_rustdoc(part: &str) -> String {
    let mut text = String::new();
    let mut rest = part;
    while let Some((before, link)) = rest.split_once("](") {
        let (target, after) = link.split_once(')').expect("a link has an end");
        if let Some(target) = target_for_rustdoc(target) {
            write!(text, "{before}]({target})").unwrap();
        } else {
            let (start, label) = before.rsplit_once('[').expect("a link has a label");
            write!(text, "{start}{label}").unwrap();
        }
        rest = after;
    }
    text + rest
}

fn target_for_rustdoc(target: &str) -> Option<String> {
    if target.starts_with("http") || target.starts_with('#') {
        return Some(target.to_owned());
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let name = file.strip_suffix(".md")?;
    match name {
        "callbacks" => Some("crate::CallbackHandler".to_owned()),
        guide if GUIDES.contains(&guide) && anchor.is_empty() => {
            Some(format!("crate::_documentation::{}", module(guide)))
        }
        guide if GUIDES.contains(&guide) => Some(format!("crate::_documentation::{}#{anchor}", module(guide))),
        _ => None,
    }
}

#[test]
fn links_become_those_of_docs_rs() {
    let text =
        "See [a](testing.md), [b](testing.md#unit-tests), [c](callbacks.md#x), [d](../examples/axum.rs), [e\ng](#f).";
    let expected = "See [a](crate::_documentation::testing), [b](crate::_documentation::testing#unit-tests), \
                    [c](crate::CallbackHandler), d, [e\ng](#f).";
    assert_eq!(for_rustdoc(text), expected);
    assert_eq!(for_rustdoc("```sh\n[a](../b)\n```\n"), "```sh\n[a](../b)\n```\n");
}
