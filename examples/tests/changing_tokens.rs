//! The receiver whose tokens change while it runs: it reads them again at SIGHUP.
#![cfg(unix)]

mod receiver;

use std::{fs, path::Path, thread, time::Duration, time::Instant, time::SystemTime};

use receiver::{PATIENCE, Receiver, program};
use tencent_im_callback_testkit::Signer;

const COMMAND: &str = "Group.CallbackBeforeCreateTopic";

fn status(receiver: &Receiver, app_id: u64, token: &str) -> u16 {
    let signature = Signer::new(token).query_at(SystemTime::now());
    let query = format!("SdkAppid={app_id}&CallbackCommand={COMMAND}&{signature}");
    let answer = receiver.post(&query, r#"{"Operator_Account":"a","Name":"Release notes"}"#);
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

fn until(receiver: &Receiver, app_id: u64, token: &str, expected: u16) {
    let begin = Instant::now();
    while status(receiver, app_id, token) != expected {
        assert!(begin.elapsed() < PATIENCE, "application {app_id} does not get {expected}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn start(file: &Path) -> Receiver {
    let mut command = program("changing-tokens");
    command.env("APPS_FILE", file).env("LISTEN", "127.0.0.1:0");
    Receiver::spawn("changing-tokens", command)
}

#[test]
fn tokens_and_applications_are_read_again_at_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apps.txt");
    fs::write(&file, "1 old-token\n").unwrap();
    let receiver = start(&file);
    assert_eq!(status(&receiver, 1, "old-token"), 200);
    assert_eq!((status(&receiver, 1, "new-token"), status(&receiver, 2, "another-token")), (401, 403));

    fs::write(&file, "1 new-token\n1 old-token\n\n2 another-token\n").unwrap();
    receiver.signal("HUP");
    until(&receiver, 2, "another-token", 200);
    assert_eq!((status(&receiver, 1, "old-token"), status(&receiver, 1, "new-token")), (200, 200));

    fs::write(&file, "1 new-token\n").unwrap();
    receiver.signal("HUP");
    until(&receiver, 2, "another-token", 403);
    assert_eq!((status(&receiver, 1, "old-token"), status(&receiver, 1, "new-token")), (401, 200));

    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
    assert!(!log.contains("-token\""), "{log}");
}

#[test]
fn a_file_with_a_fault_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apps.txt");
    fs::write(&file, "1 good-token\n").unwrap();
    let mut receiver = start(&file);
    for (text, fault) in [
        ("1 other-token\nsecret-without-an-id\n", "line 2 is not"),
        ("1 other-token\n2  padded-token\n", "begins or ends with white space"),
        ("", "no application is registered"),
    ] {
        fs::write(&file, text).unwrap();
        receiver.signal("HUP");
        let line = receiver.log_line("the applications stay as they were");
        assert!(line.contains(fault) && !line.contains("secret") && !line.contains("padded-token"), "{line}");
        assert_eq!((status(&receiver, 1, "good-token"), status(&receiver, 1, "other-token")), (200, 401), "{text}");
    }
}
