//! Pages that are made from the code, in English and Chinese, and the guides as docs.rs shows them.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use tencent_im_callback::{CALLBACKS, Callback, Phase};

mod callbacks;
mod callbacks_zh;
mod guides;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// Compares a page with what it should be, or rewrites it if that is wanted.
fn check(page: &str, expected: &str) {
    let path = root().join(page);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == expected {
        return;
    }
    assert!(
        env::var_os("UPDATE_DOCS").is_some(),
        "{page} is out of date; `UPDATE_DOCS=1 cargo test -p tencent-im-callback --test pages` rewrites it"
    );
    fs::write(path, expected).unwrap();
}

/// The families in the order of the table, each with its callbacks. The vendor writes both `Chatbot` and `ChatBot`.
fn families() -> Vec<(&'static str, Vec<&'static Callback>)> {
    let mut families: Vec<(&str, Vec<_>)> = Vec::new();
    for callback in CALLBACKS {
        let family = callback.command.split('.').next().expect("a command has two halves");
        match families.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(family)) {
            Some((_, callbacks)) => callbacks.push(callback),
            None => families.push((family, vec![callback])),
        }
    }
    families
}

/// The module of a callback's family.
fn module(callback: &Callback) -> &'static str {
    callback.event.split("::").next().expect("an event is in a module")
}

/// What the module of a family says of itself.
fn about(callback: &Callback) -> String {
    let path = format!("crates/core/src/events/{}.rs", module(callback));
    let source = read(&path);
    let first = source.strip_prefix("//! ").and_then(|rest| rest.split(':').next());
    first.unwrap_or_else(|| panic!("{path} does not begin with what it is")).to_owned()
}

/// How many of the callbacks are sent before something and decide about it; empty for none.
fn before(callbacks: &[&Callback]) -> String {
    match callbacks.iter().filter(|callback| callback.phase == Phase::Before).count() {
        0 => String::new(),
        count => count.to_string(),
    }
}

/// Writes a table of the families between the markers of a page.
fn check_families(page: &str, head: &str, link: &str, about: impl Fn(&Callback) -> String) {
    let mut table = format!("{head}\n| --- | --- | --- | --- |\n");
    for (family, callbacks) in families() {
        let (count, before, anchor) = (callbacks.len(), before(&callbacks), family.to_lowercase());
        writeln!(table, "| [`{family}`]({link}#{anchor}) | {count} | {before} | {} |", about(callbacks[0])).unwrap();
    }
    let text = read(page);
    let (start, rest) = text.split_once("<!-- callbacks -->\n").expect("the page has the marker");
    let (_, end) = rest.split_once("<!-- /callbacks -->").expect("the page has the closing marker");
    check(page, &format!("{start}<!-- callbacks -->\n{table}<!-- /callbacks -->{end}"));
}

#[test]
fn the_readme_has_the_families_with_their_counts() {
    check_families("README.md", "| family | callbacks | *before* | what it is about |", "docs/callbacks.md", about);
}

#[test]
fn the_chinese_readme_has_the_families_with_their_counts() {
    let head = "| 回调族 | 数量 | 事前 | 内容 |";
    check_families("README.zh-CN.md", head, "docs/callbacks.zh-CN.md", callbacks_zh::about);
}
