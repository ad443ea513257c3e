//! The links between the pages of the repository lead to files and headings that are there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Markdown pages of the repository that people read.
fn pages() -> Vec<PathBuf> {
    let pages = ["", "docs", "crates"].into_iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let mut pages: Vec<_> = pages.map(|file| file.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    assert!(pages.len() >= 20, "{pages:?}");
    pages
}

/// The text without blocks of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The places of a page that a link can lead to: `#the-name-of-a-heading`, and the ids that are written out.
fn places(text: &str) -> BTreeSet<String> {
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let headings = headings.map(|line| slug(line.trim_start_matches('#').trim()));
    let ids = prose.split("<a id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    headings.chain(ids).collect()
}

/// The anchor of a heading: lower case, a hyphen for each space, and no punctuation.
fn slug(heading: &str) -> String {
    let is_kept = |char: &char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(is_kept).map(|char| if char == ' ' { '-' } else { char }).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let prose = prose(&text);
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.starts_with("http")) {
            let (file, place) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(path.exists(), "{} links to {target}, which is not there", page.display());
            if !place.is_empty() {
                let places = places(&fs::read_to_string(&path).unwrap());
                assert!(
                    places.contains(place),
                    "{} links to {target}: {} has no {place}",
                    page.display(),
                    path.display()
                );
            }
        }
    }
}

#[test]
fn a_heading_has_its_anchor() {
    let page =
        "# Two words\n```sh\n# no heading\n```\n## `im-callback`: a tool\n### <a id=\"x_y\"></a>A command\n## 试一试\n";
    let places = places(page);
    for place in ["two-words", "im-callback-a-tool", "x_y", "试一试"] {
        assert!(places.contains(place), "{places:?}");
    }
    assert!(!places.contains("no-heading"));
}
