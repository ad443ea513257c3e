//! The README of a package: the front page of its documentation, for people who see no rustdoc.

use std::fmt::Write as _;

use serde_json::Value;

use crate::metadata::text;

/// The README of a package with this front page.
#[must_use]
pub fn of(package: &Value, source: &str) -> String {
    let name = text(package, "name");
    let mut page = format!("# {name}\n\n");
    let mut is_in_code = false;
    for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(info) = line.strip_prefix("```") {
            let is_rust = info.is_empty() || info.split(',').any(|word| word == "no_run" || word == "ignore");
            let info = if is_in_code || !is_rust { info } else { "rust" };
            is_in_code = !is_in_code;
            let _ = writeln!(page, "```{info}");
        } else if is_in_code {
            // Lines that rustdoc does not show.
            if line != "#" && !line.starts_with("# ") {
                page.push_str(line);
                page.push('\n');
            }
        } else {
            let heading = if line.starts_with('#') { "#" } else { "" };
            let _ = writeln!(page, "{heading}{}", without_items(line));
        }
    }
    let version: Vec<_> = text(package, "version").split('.').take(2).collect();
    let (homepage, documentation) = (text(package, "homepage"), text(package, "documentation"));
    let rust = text(package, "rust_version").trim_end_matches(".0").to_owned();
    let _ = write!(
        page,
        "\n## More\n\n[Documentation]({documentation}) · [Repository]({homepage}) · \
         [Changes]({homepage}/blob/main/CHANGELOG.md) · [Security]({homepage}/blob/main/SECURITY.md)\n\n\
         Version {} needs Rust {rust}. Licensed under MIT or Apache-2.0, as you like.\n",
        version.join("."),
    );
    page
}

/// Links to items become their words: only rustdoc knows where they lead.
fn without_items(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let Some((label, after)) = after.split_once(']') else {
            text.push('[');
            rest = after;
            continue;
        };
        let target = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        match target {
            Some((target, after)) if target.starts_with("https://") => {
                let _ = write!(text, "[{label}]({target})");
                rest = after;
            }
            Some((_, after)) => {
                text.push_str(label);
                rest = after;
            }
            None => {
                text.push_str(label);
                rest = after;
            }
        }
    }
    text + rest
}
