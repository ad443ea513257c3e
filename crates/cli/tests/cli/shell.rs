//! What goes into the shell and the manual.

use std::process::Command;

use crate::program::{Ran, bare, finish, run};

#[test]
fn completions_know_the_subcommands_and_the_command_words() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).exited(0);
        assert!(script.contains("im-callback") && script.contains("doctor"), "{shell}");
    }
    assert!(run(&["completions", "bash"]).exited(0).contains("Group.CallbackBeforeCreateTopic"));
    let err = run(&["completions", "cmd"]).complained(2);
    assert!(err.contains("possible values: bash"), "{err}");
}

#[test]
fn bash_takes_the_completions() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("completions");
    std::fs::write(&file, run(&["completions", "bash"]).exited(0)).unwrap();
    let mut bash = Command::new("bash");
    let script = format!(
        "source '{}'; COMP_WORDS=(im-callback sample Group.CallbackBeforeCreateT); COMP_CWORD=2; \
         _im__callback im-callback Group.CallbackBeforeCreateT sample; echo \"${{COMPREPLY[*]}}\"",
        file.display()
    );
    bash.args(["-c", &script]);
    let Ran { out, err, .. } = finish(bash);
    assert_eq!((out.as_str(), err.as_str()), ("Group.CallbackBeforeCreateTopic\n", ""));
}

#[test]
fn there_is_a_page_of_the_manual_for_each_subcommand() {
    let page = run(&["man"]).exited(0);
    assert!(page.contains(".TH im-callback 1") && page.contains("Exit status:"), "{page}");
    let page = run(&["man", "doctor"]).exited(0);
    assert!(page.contains(".TH im-callback-doctor 1"), "{page}");
    let page = run(&["man", "journal", "ls"]).exited(0);
    assert!(page.contains(".TH im-callback-journal-ls 1"), "{page}");
    let err = run(&["man", "nurse"]).complained(2);
    assert!(err.starts_with("error: there is no subcommand `nurse`\nhint: there are: list, sample"), "{err}");

    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("man1");
    run(&["man", "--dir", dir.to_str().unwrap()]).exited(0);
    let mut pages: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    let subcommands = [
        "completions",
        "doctor",
        "journal-copy",
        "journal-drop",
        "journal-export",
        "journal-ls",
        "journal-replay",
        "journal-retry",
        "journal-show",
        "journal-stats",
        "journal-tail",
        "journal",
        "list",
        "listen",
        "man",
        "replay",
        "sample",
        "send",
        "sign",
        "stub",
        "ui",
        "verify",
    ];
    let mut expected: Vec<_> = subcommands.iter().map(|name| format!("im-callback-{name}.1")).collect();
    expected.push("im-callback.1".into());
    assert_eq!(pages, expected);
}

#[test]
fn help_has_examples_and_mistakes_have_hints() {
    let help = run(&["--help"]).exited(0);
    assert!(help.contains("Exit status:") && help.contains("Examples:"), "{help}");
    let mut narrow = bare(&["sign", "--help"]);
    narrow.env("COLUMNS", "60");
    let help = finish(narrow).exited(0);
    assert!(help.contains(" \\\n      -d \"$(im-callback sample State.StateChange)\"\n"), "{help}");
    // What every subcommand has is at the end, and the variables are beside their options.
    let help = run(&["send", "-h"]).exited(0);
    let place = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text}: {help}"));
    assert!(place("--json") < place("--color") && place("--color") < place("--help"), "{help}");
    for (option, variable) in
        [("--app <ID>", "[env: IM_CALLBACK_APP]"), ("--token-file <FILE>", "`IM_CALLBACK_TOKEN`]")]
    {
        let rest = &help[place(option)..];
        let end = rest[2..].find("--").unwrap();
        assert!(rest[..end].contains(variable), "{help}");
    }
    let err = run(&["sned"]).complained(2);
    assert!(err.contains("a similar subcommand exists: 'send'"), "{err}");
    assert!(run(&["--version"]).exited(0).starts_with("im-callback "));
}
