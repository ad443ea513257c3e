//! docs/troubleshooting.md has every text that the library writes: log lines, errors, statuses, reasons and hints.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The folder of the packages.
fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The source files of a folder and of its folders.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// A source file without comments and its own tests.
fn code(path: &Path) -> String {
    let source = fs::read_to_string(path).unwrap();
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.take_while(|line| line.trim() != "#[cfg(test)]").collect::<Vec<_>>().join("\n");
    // The only literals that would be taken for the start of a text.
    code.replace("'\"'", "' '").replace("b'\"'", "b' '")
}

/// The literal that the code begins with, behind its first quote, and the code behind the literal.
fn literal(code: &str) -> (String, &str) {
    let mut text = String::new();
    let mut rest = code.chars();
    loop {
        match rest.next().expect("a literal has an end") {
            '"' => return (text, rest.as_str()),
            '\\' => match rest.next().expect("an escape has two characters") {
                '\n' => rest = rest.as_str().trim_start().chars(),
                'n' => text.push('\n'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
}

/// All literals of the code.
fn literals(code: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = code;
    while let Some((_, from)) = rest.split_once('"') {
        let (text, after) = literal(from);
        texts.push(text);
        rest = after;
    }
    texts
}

/// The last literal within the parentheses that the code is behind.
fn last_literal_of_call(code: &str) -> Option<String> {
    let (mut depth, mut rest, mut last) = (1, code, None);
    while depth > 0 {
        let at = rest.find(['"', '(', ')']).expect("a call has an end");
        let (found, after) = (&rest[at..=at], &rest[at + 1..]);
        rest = after;
        match found {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {
                let (text, after) = literal(rest);
                (last, rest) = (Some(text), after);
            }
        }
    }
    last
}

/// A text as it is on the page: with `…` for what is filled in.
fn on_page(text: &str) -> String {
    let mut parts = text.split('{');
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |text, part| text + "…" + part.split_once('}').map_or("", |(_, rest)| rest))
}

/// Every text of the library that can be in a log, in an error or in an answer.
fn texts() -> BTreeSet<String> {
    let mut files = Vec::new();
    for package in ["core", "axum", "actix-web", "hyper", "journal"] {
        sources(&packages().join(package).join("src"), &mut files);
    }
    // The suite for stores is a test.
    files.retain(|path| !path.ends_with("journal/src/suite.rs"));

    let mut texts = BTreeSet::new();
    for path in files {
        let code = code(&path);
        for level in ["error", "warn", "info", "debug", "trace"] {
            let call = format!("tracing::{level}!(");
            texts.extend(code.split(&call).skip(1).filter_map(last_literal_of_call));
        }
        texts.extend(code.split("#[error(\"").skip(1).map(|rest| literal(rest).0));
        for start in ["failure!(", "malformed(\"", "Malformed { parameter: \"all\", reason: \"", "lost(&request.ctx"] {
            for rest in code.split(start).skip(1) {
                texts.extend(if start.ends_with('"') { Some(literal(rest).0) } else { call_text(rest) });
            }
        }
        let has_only_such_texts = ["endpoint/signature.rs", "wire/reasons.rs", "core/src/error.rs"];
        if has_only_such_texts.iter().any(|end| path.ends_with(end)) {
            texts.extend(literals(&code).into_iter().filter(|text| text.contains(' ')));
        }
    }
    texts.remove("{reason}"); // an error that has only the text of another
    texts.iter().map(|text| on_page(text)).collect()
}

/// The text in a call whose other literals are not for people.
fn call_text(code: &str) -> Option<String> {
    last_literal_of_call(code).filter(|text| text.contains(' '))
}

/// The first cells of the tables between the markers.
fn rows(page: &str) -> BTreeSet<String> {
    let tables = page.split("<!-- texts -->").skip(1);
    let tables = tables.map(|rest| rest.split_once("<!-- /texts -->").expect("a table has an end marker").0);
    let rows = tables.flat_map(str::lines).filter(|line| line.starts_with("| `"));
    rows.map(|line| span(line.split(" | ").next().unwrap().trim_start_matches("| ")).to_owned()).collect()
}

/// The text of a span of code. Two quotes are around a text with quotes in it.
fn span(cell: &str) -> &str {
    let double = cell.strip_prefix("`` ").and_then(|cell| cell.strip_suffix(" ``"));
    let single = || cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
    double.or_else(single).unwrap_or_else(|| panic!("{cell} is no span of code"))
}

#[test]
fn the_page_has_every_text_of_the_library_and_no_other() {
    let page = fs::read_to_string(packages().join("../docs/troubleshooting.md")).unwrap();
    let (texts, rows) = (texts(), rows(&page));
    let missing: Vec<_> = texts.difference(&rows).collect();
    let gone: Vec<_> = rows.difference(&texts).collect();
    assert!(missing.is_empty(), "docs/troubleshooting.md has no row for {missing:#?}");
    assert!(gone.is_empty(), "the library does not write {gone:#?}");
}

#[test]
fn texts_are_found_in_code() {
    let code = r#"tracing::warn!(hint = f("b)"), "a line \
        of \"two\" parts"); other("no")"#;
    let call = code.split("warn!(").nth(1).unwrap();
    assert_eq!(last_literal_of_call(call).unwrap(), "a line of \"two\" parts");
    assert_eq!(literals(code), ["b)", "a line of \"two\" parts", "no"]);
    assert_eq!(on_page("application {app_id} is in {min}..={max}"), "application … is in …..=…");
}
