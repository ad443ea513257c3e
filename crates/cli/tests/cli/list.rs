use tencent_im_callback::CALLBACKS;

use crate::program::{bare, finish, run};

#[test]
fn every_callback_is_listed() {
    let out = run(&["list", "--long"]).exited(0);
    assert_eq!(out.lines().count(), CALLBACKS.len());
    for (line, callback) in out.lines().zip(CALLBACKS) {
        assert!(line.starts_with(callback.command), "{line}");
        assert!(line.contains(callback.method) && line.contains("https://"), "{line}");
    }
}

#[test]
fn a_line_says_when_it_comes_what_can_be_answered_and_where_to_read_on() {
    let out = run(&["list", "topic", "before", "--long"]).exited(0);
    let words: Vec<_> = out.split_whitespace().collect();
    assert_eq!(
        words.join(" "),
        "Group.CallbackBeforeCreateTopic before group_before_create_topic allow, refuse, refuse=10100..=10200 \
         https://www.tencentcloud.com/document/product/1047/49463 Before a Topic Is Created"
    );
}

#[test]
fn a_program_gets_json() {
    let rows = run(&["list", "--json"]).json(0);
    assert_eq!(rows.as_array().unwrap().len(), CALLBACKS.len());
    let row = rows.as_array().unwrap().iter().find(|row| row["command"] == "Sns.CallbackPrevFriendAdd").unwrap();
    assert_eq!(row["can_answer"], serde_json::json!(["allow", "refuse=38000..=39000", "partial"]));
    assert_eq!(row["event"], "sns::PrevFriendAdd");
}

#[test]
fn words_that_no_callback_has_are_said() {
    let err = run(&["list", "weather"]).complained(2);
    assert_eq!(err, "error: no callback has the words `weather`\n");
    assert_eq!(run(&["list", "weather", "--json"]).exited(1), "[]\n");
}

#[test]
fn a_reader_who_has_had_enough_is_no_error() {
    let shell = format!("set -e; '{}' list | head -1", env!("CARGO_BIN_EXE_im-callback"));
    for command in ["list", "stub --all", "man", "completions bash", "sample State.StateChange", "--help"] {
        let line = shell.replace(" list ", &format!(" {command} ")).replace("head -1", "true");
        let mut shell = std::process::Command::new("bash");
        shell.args(["-c", &format!("{line}; echo ${{PIPESTATUS[0]}}")]);
        let ran = finish(shell);
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("0\n", ""), "{command}");
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let escape = "\u{1b}[";
    assert!(!run(&["list"]).exited(0).contains(escape));
    assert!(run(&["list", "--color", "always"]).exited(0).contains(escape));
    let mut forced = bare(&["list"]);
    forced.env("CLICOLOR_FORCE", "1");
    assert!(finish(forced).exited(0).contains(escape));
    let mut refused = bare(&["list"]);
    refused.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!finish(refused).exited(0).contains(escape));
    let mut refused = bare(&["list", "--color", "never"]);
    refused.env("CLICOLOR_FORCE", "1");
    assert!(!finish(refused).exited(0).contains(escape));
}

#[test]
fn callbacks_are_found_by_the_titles_of_the_vendor() {
    for title in ["群内发言之后回调", "after a group message is sent"] {
        let out = run(&["list", title]).exited(0);
        assert!(out.starts_with("after   Group.CallbackAfterSendMsg\n") && out.lines().count() == 3, "{out}");
    }
}

#[test]
fn a_list_is_no_wider_than_a_terminal_and_breaks_between_words() {
    for (columns, width) in [("60", 60), ("80", 80), ("200", 80)] {
        let mut list = bare(&["list"]);
        list.env("COLUMNS", columns);
        let out = finish(list).exited(0);
        for callback in CALLBACKS {
            assert!(out.contains(&format!("  {}\n", callback.command)), "{callback:?}");
        }
        for line in out.lines() {
            // A command word may be longer than a narrow line.
            let is_one_word = line.contains(".Callback");
            assert!(line.chars().count() <= width || is_one_word, "{line}");
        }
    }
    let out = run(&["list", "topic", "before"]).exited(0);
    assert_eq!(
        out,
        "before  Group.CallbackBeforeCreateTopic\n        Before a Topic Is Created\n        \
         allow, refuse, refuse=10100..=10200\n"
    );
}
