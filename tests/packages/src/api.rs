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
    /// The types of other crates in signatures, with their paths.
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
        let line = format!("{head}{}", text(html).split_whitespace().collect::<Vec<_>>().join(" "));
        self.listing.push_str(line.trim_start_matches(|char| char == ' ' && !head.starts_with("  ")));
        self.listing.push('\n');
    }
}

/// The pieces of a text between two marks.
fn pieces<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| rest.split_once(end).map(|(piece, _)| piece))
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
                    <div id=\"trait-implementations-list\"><h3 class=\"code-header\">impl Clone for App</h3>\
                    <h4 class=\"code-header\">fn clone(&amp;self) -&gt; App</h4></div>\
                    <div id=\"synthetic-implementations\"><h3 class=\"code-header\">impl Send for App</h3></div>";
        api.add("", page);
        assert_eq!(
            api.listing,
            "pub struct App { /* private fields */ }\n    pub fn new(of: &Request<u8>) -> Self\n    impl Clone for App\n"
        );
        assert_eq!(api.foreign, ["http::request::Request".to_owned()].into());
    }
}
