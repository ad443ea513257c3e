//! The receivers as somebody runs them: settings from the environment, a callback over the network, an end by signal.
#![cfg(unix)]

mod receiver;

use receiver::{Receiver, TOKEN, program, signed};

fn a_receiver_decides_and_ends_in_peace(name: &str) {
    let receiver = Receiver::start(name);
    let query = signed("Group.CallbackBeforeCreateTopic");
    let answer = receiver.post(&query, r#"{"Operator_Account":"a","Name":"Casino night"}"#);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains(r#""ErrorCode":10123"#), "{answer}");
    let answer = receiver.post("SdkAppid=1&CallbackCommand=Group.CallbackBeforeCreateTopic", "{}");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");

    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
    assert!(log.contains("stopping"), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
    assert!(!log.contains("Sign="), "{log}");
}

#[test]
fn the_receiver_on_axum_decides_and_ends_in_peace() {
    a_receiver_decides_and_ends_in_peace("axum");
}

#[test]
fn the_receiver_on_actix_web_decides_and_ends_in_peace() {
    a_receiver_decides_and_ends_in_peace("actix-web");
}

#[test]
fn the_receiver_on_hyper_decides_and_ends_in_peace() {
    a_receiver_decides_and_ends_in_peace("hyper");
}

#[test]
fn a_missing_setting_is_named() {
    for name in ["axum", "actix-web", "hyper"] {
        let output = program(name).env("SDK_APP_ID", "1").output().unwrap();
        assert!(!output.status.success());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "Error: CALLBACK_TOKEN is not set\n", "{name}");
    }
}
