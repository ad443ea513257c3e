//! The usual mistakes do not compile, and docs/when-it-does-not-compile.md explains the messages.

use std::{collections::BTreeSet, fs, path::Path};

/// The messages are those of one version of the compiler: with another version this test is ignored. CONTRIBUTING.md
/// says how to bring them up to date.
#[rustversion::attr(not(stable(1.95)), ignore = "the messages in tests/compile_errors are those of Rust 1.95")]
#[test]
fn the_usual_mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_errors/*.rs");
}

#[test]
fn the_page_has_the_first_line_of_every_message_and_no_other() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(package.join("../../docs/when-it-does-not-compile.md")).unwrap();
    let on_page: BTreeSet<_> = page.lines().filter(|line| line.starts_with("error")).map(str::to_owned).collect();
    let files = fs::read_dir(package.join("tests/compile_errors")).unwrap().map(|file| file.unwrap().path());
    let messages = files.filter(|path| path.extension().is_some_and(|extension| extension == "stderr"));
    let first_line = |path| fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(on_page, messages.map(first_line).collect());
}
