use std::{fs, os::unix::fs::PermissionsExt as _};

use serde_json::{Value, json};

use crate::{
    program::{Listening, bare, run},
    server::Server,
};

const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// The lines, without the time of day and how long it took.
fn compact(out: &str) -> Vec<String> {
    let lines = out.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    lines
        .map(|line| {
            let words: Vec<_> = line
                .split("  ")
                .skip(1)
                .map(str::trim)
                .filter(|word| !word.ends_with(" ms") && !word.ends_with(" µs"))
                .collect();
            words.join("  ")
        })
        .collect()
}

#[test]
fn each_callback_is_shown_on_a_line() {
    let listen = Listening::start(&["--count", "3"]);
    run(&["send", &listen.url(), TOPIC, "--platform", "iOS"]).exited(0);
    run(&["send", &listen.url(), "State.StateChange", "--set", "/EventTime={}", "--variant", "logout"]).exited(0);
    run(&["send", &listen.url(), "Push.OfflinePush", "--unsigned"]).exited(1);
    let out = listen.ended();
    assert_eq!(
        compact(&out),
        [
            "Group.CallbackBeforeCreateTopic  iOS  allowed  Operator_Account=\"acct_1042\" Type=\"Community\" Name=\"Release notes\"",
            "State.StateChange  Android  1 dropped  acknowledged  Info.Action=\"Logout\" Info.To_Account=\"rowan_ash\" Info.Reason=\"Unregister\"",
            "Push.OfflinePush  not authentic  failed with status 401: not authenticated",
        ]
    );
    assert!(out.contains("authentication is not switched on in the console, or a proxy cuts the query"), "{out}");
}

#[test]
fn all_of_a_callback_can_be_shown() {
    let listen = Listening::start(&["--count", "1", "--output", "full", "--answer", "refuse=10123,no spam"]);
    run(&[
        "send",
        &listen.url(),
        TOPIC,
        "--platform",
        "iOS",
        "--client-ip",
        "10.0.0.9",
        "--request-id",
        "the-id",
        "--set",
        "/EventTime=1670574414123",
    ])
    .exited(0);
    let out = listen.ended();
    let (head, rest) = out.split_once('\n').unwrap();
    assert!(head.starts_with("Group.CallbackBeforeCreateTopic  before  20") && head.ends_with(" UTC"), "{head}");
    let answer = rest.find("  answer").unwrap();
    assert_eq!(
        &rest[..answer],
        r#"  method   group_before_create_topic(group::BeforeCreateTopic) -> Decision<GroupCode>
  app      1400000001, from iOS 10.0.0.9
  request  the-id
  signed   authentic
  body     {
             "CallbackCommand": "Group.CallbackBeforeCreateTopic",
             "Operator_Account": "acct_1042",
             "Type": "Community",
             "Name": "Release notes",
             "EventTime": 1670574414123  2022-12-09 08:26:54.123 UTC
           }
"#
    );
    assert!(rest[answer..].starts_with("  answer   refused with code 10123: `no spam` in "), "{rest}");
    assert!(rest.ends_with("\"ErrorCode\": 10123\n           }\n\n"), "{rest}");
}

#[test]
fn programs_get_json_on_a_line() {
    let listen = Listening::start(&["--count", "2", "--output", "json"]);
    run(&["send", &listen.url(), "State.StateChange", "--variant", "logout"]).exited(0);
    run(&["send", &listen.url(), "State.StateChange", "--app", "5"]).exited(1);
    let out = listen.ended();
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["callback"], "state_state_change");
    assert_eq!(lines[0]["authentic"], true);
    assert_eq!(lines[0]["body"]["CallbackCommand"], "State.StateChange");
    assert_eq!(lines[0]["dropped"], json!([]));
    assert_eq!(lines[0]["answer"]["word"], "ack");
    assert_eq!(lines[1]["authentic"], false);
    assert_eq!(lines[1]["faults"][0]["about"], "SdkAppid");
    assert!(!out.contains("Sign="), "{out}");
}

#[test]
fn answers_are_as_they_were_asked_for() {
    let listen = Listening::start(&[
        "--answer",
        "refuse=10123,no spam",
        "--answer",
        "Group.CallbackBeforeSendMsg:discard",
        "--answer",
        "State.StateChange:status=503",
        "--answer",
        r#"Chatbot.OnC2CSignalMessage:{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RspData":"hi"}"#,
    ]);
    for (command, expect) in [
        (TOPIC, "refuse=10123"),
        ("C2C.CallbackBeforeSendMsg", "refuse=1"),
        ("Sns.CallbackPrevFriendAdd", "allow"),
        ("Group.CallbackBeforeSendMsg", "discard"),
        ("State.StateChange", "status=503"),
        ("Chatbot.OnC2CSignalMessage", "data"),
        ("Push.OfflinePush", "ack"),
    ] {
        run(&["send", &listen.url(), command, "--expect", expect]).exited(0);
    }
    let err = run(&["listen", "0", "--answer", "Group.CallbackBeforeCreateTopic:refuse=120001"]).complained(2);
    assert!(err.contains("can be answered with: allow, refuse, own code 10100..=10200"), "{err}");
}

#[test]
fn a_slow_receiver_can_be_played() {
    let listen = Listening::start(&["--delay", "2100ms"]);
    run(&["send", &listen.url(), TOPIC, "--expect", "late"]).exited(0);
}

#[test]
fn without_a_token_everybody_is_believed_and_that_is_said() {
    let mut command = bare(&["listen", "0", "--count", "1", "--output", "full"]);
    command.env("IM_CALLBACK_APP", "1400000001");
    let listen = Listening::start_as(command);
    run(&["send", &listen.url(), "State.StateChange", "--unsigned"]).exited(0);
    assert!(listen.ended().contains("signed   not checked: there is no token"));
}

#[test]
fn a_proxy_passes_everything_on_and_shows_both_sides() {
    let server = Server::good();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let args = ["--forward-to", &server.url(), "--record", file.to_str().unwrap(), "--count", "3"];
    let listen = Listening::start(&args);
    run(&["send", &listen.url(), TOPIC, "--set", "/Name=spam", "--expect", "refuse=10123"]).exited(0);
    run(&["send", &listen.url(), TOPIC, "--unsigned", "--expect", "status=401"]).exited(0);
    run(&["send", &listen.url(), TOPIC, "--expect", "allow"]).exited(0);
    let out = listen.ended();
    assert!(compact(&out)[0].contains("refused with code 10123: `no spam`"), "{out}");

    let recording = fs::read_to_string(&file).unwrap();
    assert!(!recording.contains("Sign=") && !recording.contains("Sign%"), "{recording}");
    let lines: Vec<Value> = recording.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((&lines[0]["signed"], &lines[0]["answer"]["ErrorCode"]), (&true.into(), &10_123.into()));
    assert_eq!((&lines[1]["signed"], &lines[1]["status"]), (&false.into(), &401.into()));
    // It holds users' messages.
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_receiver_that_is_not_there_is_told() {
    let port = Server::good().port();
    let listen = Listening::start(&["--forward-to", &format!(":{port}"), "--count", "1"]);
    run(&["send", &listen.url(), TOPIC, "--expect", "status=502"]).exited(0);
    assert!(listen.ended().contains("not forwarded: 127.0.0.1"));
}

#[test]
fn a_filter_hides_and_leaves_out_but_all_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let listen = Listening::start(&["--filter", "sendmsg", "--count", "1", "--record", file.to_str().unwrap()]);
    run(&["send", &listen.url(), "State.StateChange", "--expect", "ack"]).exited(0);
    run(&["send", &listen.url(), "C2C.CallbackAfterSendMsg", "--expect", "ack"]).exited(0);
    assert_eq!(compact(&listen.ended()).len(), 1);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1);
}

#[test]
fn it_ends_when_it_is_interrupted() {
    let listen = Listening::start(&[]);
    run(&["send", &listen.url(), TOPIC]).exited(0);
    assert_eq!(compact(&listen.interrupted()).len(), 1);
}

#[test]
fn an_address_that_cannot_be_had_is_told() {
    let server = Server::good();
    let err = run(&["listen", &server.port().to_string()]).complained(2);
    assert!(err.starts_with(&format!("error: cannot listen on 127.0.0.1:{}: ", server.port())), "{err}");
    let err = run(&["listen", "everywhere"]).complained(2);
    assert!(err.contains("it is a port, or an IP address with a port"), "{err}");
    let err = run(&["listen", "0", "--record", "/no/such/folder/file"]).complained(2);
    assert!(err.starts_with("error: /no/such/folder/file: "), "{err}");
}

#[test]
fn fields_that_this_version_does_not_read_are_counted_and_listed_if_wanted() {
    let send = |url: &str| {
        let set = ["--insert", "/MemberList/0/NickName=B", "--insert", "/Reason=empty"];
        let args =
            [["send", url, "Group.CallbackAfterGroupDestroyed", "--request-id", "the-id"].as_slice(), &set].concat();
        run(&args).exited(0);
    };
    let listen = Listening::start(&["--count", "1"]);
    send(&listen.url());
    assert!(listen.ended().contains("  2 unread  "));

    let listen = Listening::start(&["--count", "1", "--strict"]);
    send(&listen.url());
    let out = listen.ended_with(1);
    assert!(out.contains("unread MemberList[0].NickName") && out.contains("unread Reason"), "{out}");

    let listen = Listening::start(&["--count", "1", "--output", "json"]);
    send(&listen.url());
    let shown: Value = serde_json::from_str(&listen.ended()).unwrap();
    assert_eq!(shown["unread"], json!(["Reason", "MemberList[0].NickName"]));
    assert_eq!(shown["request_id"], "the-id");
}

#[test]
fn every_request_of_send_has_an_id_of_its_own() {
    let listen = Listening::start(&["--count", "3", "--output", "json"]);
    run(&["send", &listen.url(), TOPIC, "--repeat", "2"]).exited(0);
    run(&["send", &listen.url(), TOPIC, "--request-id", ""]).exited(0);
    let out = listen.ended();
    let ids: Vec<Value> =
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["request_id"].clone()).collect();
    assert!(ids[0].as_str().is_some_and(|id| id.len() == 36) && ids[1].is_string() && ids[0] != ids[1], "{ids:?}");
    assert_eq!(ids[2], Value::Null);
}
