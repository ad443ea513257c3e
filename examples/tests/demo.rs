//! The demonstration as its user sees it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Output, Stdio},
};

fn demo(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args(args).env_remove("RUST_LOG").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str]) -> Output {
    demo(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_framework_gives_every_answer() {
    let output = run(&[]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}\n{shown}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    for framework in ["axum", "actix-web", "hyper"] {
        for decision in ["allow", "refuse ", "refuse, 10123:", "acknowledged", "failed: not authenticated"] {
            let row = shown.lines().find(|line| line.contains(&format!(" {framework} ")) && line.contains(decision));
            assert!(row.is_some(), "{framework} has no row with `{decision}` in\n{shown}");
        }
    }
    assert!(shown.ends_with("All 30 answers are what the protocol asks.\n"), "{shown}");
}

#[test]
fn help_is_shown_on_request() {
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("--serve"));
}

#[test]
fn an_unknown_argument_is_an_error_of_its_own() {
    let output = run(&["--server"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    assert_eq!(text(&output.stderr), "demo: unknown argument --server; `--help` shows what there is\n");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let mut child = demo(&[]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn enter_shows_lines_to_paste_that_are_signed_anew() {
    let mut child = demo(&["--serve"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let lines_of_curl = |lines: &mut dyn Iterator<Item = String>| -> Vec<String> {
        lines.take_while(|line| !line.starts_with("Enter")).filter(|line| line.starts_with("curl")).collect()
    };
    assert_eq!(lines_of_curl(&mut lines).len(), 7);
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert_eq!(lines_of_curl(&mut lines).len(), 7);
    child.kill().unwrap();
    child.wait().unwrap();
}
