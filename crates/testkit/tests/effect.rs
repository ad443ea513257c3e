//! What the service makes of an answer: the samples of the protocol, and answers that are wrong.

use http::StatusCode;
use tencent_im_callback::CALLBACKS;
use tencent_im_callback_testkit::{Answer, Choices, Effect, sample};

fn read(command: &str, body: &str) -> Answer {
    Answer::read(command, http::Response::new(body.to_owned()))
}

#[test]
fn every_sample_answer_is_what_its_name_says() {
    let mut seen = 0;
    for callback in CALLBACKS {
        for (variant, body) in sample::answers_to(callback.command) {
            let answer = read(callback.command, body);
            let word = answer.effect().word();
            let after = callback.phase.as_str() == "after";
            let expected = match variant.strip_prefix("live-").unwrap_or(variant) {
                _ if after => "ack",
                "allow" | "allow-all" => "allow",
                "refuse" | "refuse-all" | "custom-code" | "own-code" => "refuse",
                "refuse-one" | "refuse-some" => "partial",
                "discard" | "silent-drop" => "discard",
                "reply" => "data",
                "variables" => "variables",
                "group" | "agents" | "none" => "assign",
                "app-error" | "error" | "no-order" => "failed",
                _ if variant.contains("modif") || variant.contains("replace") => "modify",
                other => panic!("{}: {other}: {word}", callback.command),
            };
            assert_eq!(word, expected, "{}.{variant}\n{answer}", callback.command);
            seen += 1;
        }
    }
    assert!(seen >= 90, "only {seen} answers");
}

#[test]
fn an_answer_with_another_status_has_failed_whatever_it_says() {
    let body = br#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
    let effect = Effect::read("Group.CallbackBeforeCreateTopic", StatusCode::CREATED, body);
    assert!(matches!(effect, Effect::Failed { status: 201, .. }), "{effect}");
}

#[test]
fn what_is_no_json_object_has_failed() {
    for body in ["", "OK", "[]", "{\"ActionStatus\"", "\u{feff}{}"] {
        let answer = read("Group.CallbackBeforeCreateTopic", body);
        answer.assert_failed().assert_status(200);
    }
}

#[test]
fn what_no_document_defines_is_undefined() {
    for body in [
        "{}",
        r#"{"ErrorInfo":"","ErrorCode":0}"#,
        r#"{"ActionStatus":"OK","ErrorCode":0}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":""}"#,
        r#"{"ActionStatus":"ok","ErrorInfo":"","ErrorCode":0}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":"0"}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0.5}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":null,"ErrorCode":0}"#,
        r#"{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":0}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":2}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":-1}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":10099}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":10201}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":120001}"#,
    ] {
        let answer = read("Group.CallbackBeforeCreateTopic", body);
        assert_eq!(answer.effect().word(), "undefined", "{answer}");
    }
}

#[test]
fn a_code_belongs_to_its_command() {
    let body = |code: u32| format!(r#"{{"ActionStatus":"OK","ErrorInfo":"no","ErrorCode":{code}}}"#);
    read("Group.CallbackBeforeCreateTopic", &body(10_100)).assert_refused_with(10_100).assert_text("no");
    read("Group.CallbackBeforeSendMsg", &body(10_200)).assert_refused_with(10_200);
    read("C2C.CallbackBeforeSendMsg", &body(120_001)).assert_refused_with(120_001);
    read("Group.CallbackBeforeSendMsg", &body(2)).assert_discarded();
    read("Group.CallbackAfterSendMsg", &body(10_100)).assert_acknowledged();
    let of_the_whole = read("Sns.CallbackPrevFriendAdd", &body(38_000));
    assert!(matches!(of_the_whole.effect(), Effect::Failed { .. }), "{of_the_whole}");
}

#[test]
fn what_is_in_vain_is_remarked() {
    let body = r#"{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":1,"MsgBody":[],"Extra":1}"#;
    let answer = read("Group.CallbackBeforeSendMsg", body);
    answer.assert_refused_with(1);
    let remarks = answer.remarks().join("; ");
    for word in ["`Extra`", "`MsgBody`", "\"FAIL\"", "text of a refusal"] {
        assert!(remarks.contains(word), "{remarks}");
    }
    let good = read("Group.CallbackBeforeSendMsg", r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
    assert!(good.remarks().is_empty(), "{good}");
}

#[test]
fn an_account_with_a_code_of_another_range_is_undefined() {
    let body = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,
        "ResultItem":[{"To_Account":"mika_l","ResultCode":1,"ResultInfo":""}]}"#;
    assert_eq!(read("Sns.CallbackPrevFriendAdd", body).effect().word(), "undefined");
}

#[test]
fn an_assertion_that_fails_says_what_was_decided_instead() {
    let answer = read("Group.CallbackBeforeCreateTopic", r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#);
    let panic = std::panic::catch_unwind(|| drop(answer.assert_allowed().clone())).unwrap_err();
    let text = panic.downcast_ref::<String>().expect("a message");
    assert!(text.starts_with("expected Group.CallbackBeforeCreateTopic to be allowed\n"), "{text}");
    assert!(text.contains("decided: refused with code 1\n") && text.contains("status:  200 OK"), "{text}");
}

#[test]
fn the_choices_are_those_of_the_protocol() {
    for (command, choices) in [
        ("Group.CallbackBeforeCreateTopic", "allow, refuse, own code 10100..=10200"),
        (
            "Group.CallbackBeforeInviteJoinGroup",
            "allow, refuse, own code 10100..=10200, allow except RefusedMembers_Account",
        ),
        ("Sns.CallbackPrevFriendAdd", "by account: allow, refuse with own code 38000..=39000"),
        ("Chatbot.OnC2CSignalMessage", "data"),
        ("Group.CallbackAfterSendMsg", "acknowledge"),
        ("Unknown.Command", "acknowledge"),
    ] {
        assert_eq!(Choices::of(command).to_string(), choices, "{command}");
    }
}
