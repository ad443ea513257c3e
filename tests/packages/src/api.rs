//! The public items of a package and their signatures, read out of its documentation.
//!
//! The JSON of rustdoc would be better to read, and needs a nightly toolchain.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// What a package shows to its users.
#[derive(Debug, Default)]
pub struct Api {
    /// Each item with its methods and its traits.
    pub listing: String,
    /// The types of other crates in signatures: their paths where rustdoc has a link, else their names.
    pub foreign: BTreeSet<String>,
}

/// Reads the documentation of a crate, which `cargo doc` has written into this folder.
///
/// # Errors
/// If there is none.
pub fn read(folder: &Path) -> io::Result<Api> {
    const KINDS: [&str; 9] = ["attr.", "constant.", "derive.", "enum.", "fn.", "macro.", "struct.", "trait.", "type."];
    let mut pages = Vec::new();
    collect(folder, &mut pages)?;
    pages.sort();
    let mut api = Api::default();
    for page in pages {
        let name = page.file_name().and_then(|name| name.to_str()).unwrap_or_default().trim_end_matches(".html");
        if KINDS.iter().any(|kind| name.starts_with(kind)) {
            let module = page.parent().and_then(|parent| parent.strip_prefix(folder).ok()).unwrap_or(Path::new(""));
            let mut steps: Vec<_> = module.iter().map(|step| step.to_string_lossy()).collect();
            steps.push("".into());
            api.add(&steps.join("::"), &fs::read_to_string(&page)?);
        }
    }
    Ok(api)
}

/// Adds the names of the public items that have a page of their own.
pub fn names(folder: &Path, names: &mut BTreeSet<String>) {
    let mut pages = Vec::new();
    // A package without a library has no pages.
    if collect(folder, &mut pages).is_ok() {
        let name = |page: &PathBuf| Some(page.file_stem()?.to_str()?.split_once('.')?.1.to_owned());
        names.extend(pages.iter().filter_map(name));
    }
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "html") {
            pages.push(path);
        }
    }
    Ok(())
}

impl Api {
    fn add(&mut self, module: &str, page: &str) {
        // What follows from the rest is left out: `Send`, and the implementations for all types.
        let page = page.split("id=\"synthetic-implementations").next().unwrap_or_default();
        let (own, traits) = page.split_once("id=\"trait-implementations-list\"").unwrap_or((page, ""));
        let declaration = pieces(own, "<pre class=\"rust item-decl\"><code>", "</code></pre>").next();
        if let Some(declaration) = declaration {
            self.line(&format!("{module} "), declaration);
        }
        let of_traits = pieces(traits, "<h3 class=\"code-header\">", "</h3>");
        pieces(own, "<h4 class=\"code-header\">", "</h4>").chain(of_traits).for_each(|html| self.line("    ", html));
    }

    fn line(&mut self, head: &str, html: &str) {
        for title in pieces(html, "title=\"", "\"") {
            let path = title.split_once(' ').map_or(title, |(_, path)| path);
            let root = path.split("::").next().unwrap_or_default();
            let is_own = root.starts_with("tencent_im_callback") || ["std", "core", "alloc"].contains(&root);
            if path.contains("::") && !is_own {
                self.foreign.insert(path.to_owned());
            }
        }
        if html.contains("StructuralPartialEq") {
            return;
        }
        self.foreign.extend(unlinked(html, !head.starts_with("  ")).into_iter().map(str::to_owned));
        let line = format!("{head}{}", text(&shown(html)).split_whitespace().collect::<Vec<_>>().join(" "));
        self.listing.push_str(line.trim_start_matches(|char| char == ' ' && !head.starts_with("  ")));
        self.listing.push('\n');
    }
}

/// The pieces of a text between two marks.
fn pieces<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| rest.split_once(end).map(|(piece, _)| piece))
}

/// The names of types without a link: those of crates whose documentation is not known to rustdoc. In a declaration
/// the names of variants have none either, so only what is behind a mark such as a colon is taken.
fn unlinked(html: &str, is_declaration: bool) -> Vec<&str> {
    let mut names = Vec::new();
    // The value of a constant has no types.
    let html = html.split(" = &quot;").next().unwrap_or_default();
    for piece in html.split('<') {
        // What follows a tag other than one that opens a link, a name or a comment.
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        if tag.starts_with("a ") || tag.starts_with("span") {
            continue;
        }
        let mut before = "";
        for word in text.split_inclusive(|char: char| !char.is_alphanumeric() && char != '_') {
            let name = word.trim_end_matches(|char: char| !char.is_alphanumeric() && char != '_');
            let is_behind_mark = before.ends_with([':', '(', '&', ';', '=']);
            let is_name = name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase);
            if is_name && name != "Self" && (!is_declaration || is_behind_mark) {
                names.push(name);
            }
            before = if word.trim().is_empty() { before } else { word.trim_end() };
        }
    }
    names
}

/// The HTML without the buttons that open what is long.
fn shown(html: &str) -> String {
    let mut pieces = html.split("<summary");
    let first = pieces.next().unwrap_or_default().to_owned();
    first + &pieces.map(|piece| piece.split_once("</summary>").map_or(piece, |(_, rest)| rest)).collect::<String>()
}

/// HTML as plain text.
fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    for (entity, char) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, char);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_its_declaration_its_methods_and_its_traits() {
        let mut api = Api::default();
        let page = "<pre class=\"rust item-decl\"><code>pub struct <a title=\"struct tencent_im_callback::App\">App</a> { \
                    <span>/* private fields */</span> }</code></pre><h4 class=\"code-header\">pub fn new(of: \
                    &amp;<a title=\"struct http::request::Request\">Request</a>&lt;u8&gt;) -&gt; Self</h4>\
                    <div id=\"trait-implementations-list\"><h3 class=\"code-header\">impl <a href=\"c\">Clone</a> for <a href=\"a\">App</a></h3>\
                    <h4 class=\"code-header\">fn clone(&amp;self) -&gt; App</h4></div>\
                    <div id=\"synthetic-implementations\"><h3 class=\"code-header\">impl Send for App</h3></div>";
        api.add("", page);
        assert_eq!(
            api.listing,
            "pub struct App { /* private fields */ }\n    pub fn new(of: &Request<u8>) -> Self\n    impl Clone for App\n"
        );
        assert_eq!(api.foreign, ["http::request::Request".to_owned()].into());
        api.add("", "<h4 class=\"code-header\">pub fn body(&amp;self) -&gt; &amp;Bytes</h4>");
        assert!(api.foreign.contains("Bytes") && api.foreign.len() == 2, "{:?}", api.foreign);
    }
}
