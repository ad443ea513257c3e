//! Receivers and workers as processes over one journal: nothing is lost, and every group is in order.
#![cfg(unix)]

use std::{collections::HashMap, env, process::Command};

/// What the program has printed.
struct Printed {
    text: String,
    /// The lines with a name and a number.
    sums: HashMap<String, u64>,
}

impl Printed {
    /// The number after a name.
    fn sum(&self, name: &str) -> u64 {
        *self.sums.get(name).unwrap_or_else(|| panic!("{name} is not printed: {}", self.text))
    }
}

/// Runs the program to its end; `None` where the server of the store is not installed. In CI that is a failure.
fn journal_cluster(arguments: &[&str]) -> Option<Printed> {
    let output = Command::new(env!("CARGO_BIN_EXE_journal-cluster")).args(arguments).output().unwrap();
    let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    if let Some(left_out) = errors.lines().find(|line| line.ends_with("are left out")) {
        eprintln!("{left_out}");
        return None;
    }
    assert!(output.status.success(), "{arguments:?}: {}\n{text}{errors}", output.status);
    let sum = |line: &str| {
        let (name, number) = line.split_once(':')?;
        Some((name.to_owned(), number.trim().parse().ok()?))
    };
    let sums = text.lines().filter_map(sum).collect();
    Some(Printed { text, sums })
}

/// Everything that was answered with status 200 was delivered, in order.
fn assert_complete(printed: &Printed) {
    assert!(printed.sum("kept") > 0, "{}", printed.text);
    assert_eq!(printed.sum("delivered"), printed.sum("kept"), "{}", printed.text);
    assert_eq!((printed.sum("lost"), printed.sum("out of order")), (0, 0), "{}", printed.text);
}

fn demonstrate(store: &str) {
    let Some(printed) = journal_cluster(&["--store", store, "--seconds", "2", "--rate", "200"]) else { return };
    assert_complete(&printed);
    for phase in ["one worker", "two workers", "three workers", "one is killed", "no load"] {
        assert!(printed.text.lines().any(|line| line.starts_with(phase)), "{phase}: {}", printed.text);
    }
}

/// 1 kill of each; `JOURNAL_KILLS` sets another number.
fn crash(store: &str) {
    let kills: u64 = env::var("JOURNAL_KILLS").map_or(1, |kills| kills.parse().unwrap());
    let arguments = ["--store", store, "--crashes", &kills.to_string(), "--rate", "200"];
    let Some(printed) = journal_cluster(&arguments) else { return };
    assert_complete(&printed);
    assert_eq!(printed.sum("killed receivers"), kills);
    assert_eq!(printed.sum("killed workers"), kills);
    assert_eq!(printed.sum("killed servers"), 2 * kills);
    assert!(printed.sum("after callbacks answered while away") > 0, "{}", printed.text);
    assert_eq!(printed.sum("of them with status 200"), 0, "{}", printed.text);
    assert!(printed.sum("before callbacks sent while away") > 0, "{}", printed.text);
    println!("{store}:\n{}", printed.text);
}

#[test]
fn workers_over_postgresql_come_and_go_and_nothing_is_lost_or_out_of_order() {
    demonstrate("postgres");
}

#[test]
fn workers_over_nats_come_and_go_and_nothing_is_lost_or_out_of_order() {
    demonstrate("nats");
}

#[test]
fn receivers_workers_and_postgresql_are_killed_and_nothing_is_lost_or_out_of_order() {
    crash("postgres");
}

#[test]
fn receivers_workers_and_nats_are_killed_and_nothing_is_lost_or_out_of_order() {
    crash("nats");
}

#[test]
fn wrong_options_are_named() {
    for (arguments, text) in [
        (["--store", "paper"], "there is no store \"paper\""),
        (["--seconds", "soon"], "soon"),
        (["--unknown", "1"], "--unknown"),
        (["--journal", "mysql://host/database"], "postgres://"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_journal-cluster")).args(arguments).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(errors.starts_with("journal-cluster: ") && errors.contains(text), "{arguments:?}: {errors}");
    }
}
