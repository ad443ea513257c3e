//! Text from a sender never controls the terminal, in any field and any command.

use std::{fmt::Write as _, fs};

use serde_json::{Value, json};

use crate::{
    program::{APP, Listening, Ran, command, finish_with, run},
    server::{Raw, read_request},
};

const TOPIC: &str = "Group.CallbackBeforeCreateTopic";

/// A character that a terminal acts on, or that changes how the text around it is shown.
fn is_unsafe(char: char) -> bool {
    matches!(u32::from(char), 0..=0x1f | 0x7f..=0x9f | 0x200e..=0x200f | 0x2028..=0x202e | 0x2066..=0x2069 | 0x61c)
}

/// All of them, between words that are found again.
fn hostile() -> String {
    format!("before{}after", ('\0'..='\u{2100}').filter(|char| is_unsafe(*char)).collect::<String>())
}

/// The same as the value of a parameter.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut query, byte| {
        write!(query, "%{byte:02x}").unwrap();
        query
    })
}

/// The same without what a query cannot hold, as it is.
fn raw() -> String {
    hostile().replace(|char: char| char.is_ascii_control(), "")
}

#[track_caller]
fn assert_safe(text: &str) {
    let found = text.chars().find(|char| *char != '\n' && is_unsafe(*char));
    assert_eq!(found, None, "{text:?}");
    // Programs get all of a value.
    assert!(text.len() < 300_000 || text.starts_with('{'), "{} bytes are shown", text.len());
}

/// Runs a command whose output has something of the hostile text in it, and nothing that is unsafe.
#[track_caller]
fn check(args: &[&str], input: Option<&[u8]>) -> Ran {
    let ran = finish_with(command(args), input);
    assert_safe(&ran.out);
    assert_safe(&ran.err);
    assert!(format!("{}{}", ran.out, ran.err).contains("before"), "{args:?}: {ran:?}");
    ran
}

/// A server with this answer to everything, in its head and its body.
fn answering(head: &str, body: &str) -> Raw {
    let answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    Raw::new(move |mut stream| {
        while read_request(&mut stream)? {
            std::io::Write::write_all(&mut stream, answer.as_bytes())?;
        }
        Ok(())
    })
}

/// Answers with hostile text in each of their fields.
fn answers() -> Vec<Raw> {
    let text = hostile();
    let answer = |fields: Value| answering("200 OK", &fields.to_string());
    vec![
        answer(json!({ "ActionStatus": "OK", "ErrorInfo": text, "ErrorCode": 10_123 })),
        answer(json!({ "ActionStatus": text, "ErrorInfo": text, "ErrorCode": 1, text.clone(): text })),
        answer(json!({ "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": text })),
        answer(json!([text])),
        answering("200 OK", &text),
        answering("200 OK", &text.repeat(5000)),
        answering(&format!("401 {}", raw()), &text),
        answering(&format!("200 OK\r\nContent-Type: {}\r\nDate: {}", raw(), raw()), &text),
        answering(&format!("200 OK\r\nContent-Encoding: {}", raw()), &text),
        answering(&format!("302 Found\r\nLocation: /{}", raw()), &text),
        answering(&format!("200 OK\r\n{}", raw()), &text),
    ]
}

#[test]
fn no_answer_speaks_to_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    let query = format!("SdkAppid={APP}&CallbackCommand={TOPIC}");
    let line = json!({ "at": 1, "query": query, "signed": true, "body": {}, "status": 200, "answer": {} });
    fs::write(&file, format!("{line}\n")).unwrap();
    let file = file.to_str().unwrap();
    let mut shown = 0;
    for server in answers() {
        let url = server.url();
        for args in [
            &["send", &url, TOPIC][..],
            &["send", &url, TOPIC, "--json"],
            &["send", &url, TOPIC, "--repeat", "2"],
            &["send", &url, TOPIC, "--repeat", "2", "--json"],
            &["replay", file, &url],
            &["replay", file, &url, "--diff"],
            &["replay", file, &url, "--diff", "--json"],
            &["doctor", &url, "--requests", "1", "--command", TOPIC],
            &["doctor", &url, "--requests", "1", "--command", TOPIC, "--json"],
        ] {
            let ran = run(args);
            assert_safe(&ran.out);
            assert_safe(&ran.err);
            shown += usize::from(ran.out.contains("before"));
        }
    }
    // The text is shown at all.
    assert!(shown > 25, "{shown}");
}

#[test]
fn json_that_is_escaped_is_the_same_value() {
    let answer = json!({ "ActionStatus": "OK", "ErrorInfo": hostile(), "ErrorCode": 10_123 });
    let server = answering("200 OK", &answer.to_string());
    let out = check(&["send", &server.url(), TOPIC, "--json"], None).json(0);
    assert_eq!(out["answer"], answer);
    assert_eq!(out["decided"]["text"], hostile());
}

#[test]
fn no_recording_speaks_to_the_terminal() {
    let text = hostile();
    let query = format!("SdkAppid={APP}&CallbackCommand={TOPIC}");
    let good = json!({ "at": 1, "query": query, "signed": true, "body": {}, "status": 200, "answer": { "a": 1 } });
    let with = |field: &str, value: Value| {
        let mut line = good.clone();
        line[field] = value;
        line
    };
    let server = answering("200 OK", r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
    let command = |word: &str| with("query", format!("SdkAppid={APP}&CallbackCommand={word}").into());
    let long = text.repeat(5000);
    for line in [
        with("method", text.clone().into()),
        with("method", long.clone().into()),
        with("at", text.clone().into()),
        with("status", text.clone().into()),
        with("signed", text.clone().into()),
        with("body_base64", text.clone().into()),
        with("answer", json!({ text.clone(): text })),
        with("answer", json!({ "ErrorInfo": long, "ErrorCode": [long] })),
        command(&escaped(&text)),
        command(&raw()),
        with("query", text.clone().into()),
    ] {
        let line = format!("{line}\n");
        for args in [&["--diff"][..], &["--diff", "--json"]] {
            let ran = finish_with(
                crate::program::command(&[&["replay", "-", &server.url()], args].concat()),
                Some(line.as_bytes()),
            );
            assert_safe(&ran.out);
            assert_safe(&ran.err);
        }
    }
    let method = format!("{}\n", with("method", long.into()));
    check(&["replay", "-", &server.url()], Some(method.as_bytes())).exited(1);
}

/// Plays callbacks with hostile text in each of their fields to `listen`.
fn listened(args: &[&str]) -> String {
    let text = hostile();
    let escaped = escaped(&text);
    let bodies: [&[u8]; 3] = [
        // Where fields are dropped, the identity, and what cannot be read.
        &json!({ "CallbackCommand": "C2C.CallbackAfterSendMsg", "From_Account": text, "To_Account": text,
                "MsgSeq": text, "MsgRandom": text, "MsgTime": text, "MsgKey": text, "OnlineOnlyFlag": text,
                "MsgBody": [{ "MsgType": text, "MsgContent": { text.clone(): text } }], text.clone(): text })
        .to_string()
        .into_bytes(),
        &json!({ "CallbackCommand": text, "Name": [text] }).to_string().into_bytes(),
        text.as_bytes(),
    ];
    let long = text.repeat(5000);
    let mut queries = vec![format!("SdkAppid={APP}&CallbackCommand=C2C.CallbackAfterSendMsg"), raw(), escaped.clone()];
    for name in ["SdkAppid", "CallbackCommand", "WebhookCommand", "ClientIP", "OptPlatform", "Sign", "RequestTime"] {
        queries.push(format!("SdkAppid={APP}&{name}={escaped}"));
        queries.push(format!("SdkAppid={APP}&{name}={}", raw()));
    }
    queries.push(format!("SdkAppid={APP}&{escaped}=1&{}=2", raw()));
    let count = (bodies.len() * queries.len() + 1).to_string();
    let mut listen = command(&[&["listen", "0", "--count", &count], args].concat());
    // Everything is believed, so that everything is decoded.
    listen.env_remove("IM_CALLBACK_TOKEN").env_remove("IM_CALLBACK_APP");
    let listen = Listening::start_as(listen);
    let short = queries.iter().flat_map(|query| bodies.map(|body| (query, body)));
    for (query, body) in short.chain([(&queries[0], long.as_bytes())]) {
        let mut stream = std::net::TcpStream::connect(listen.address()).unwrap();
        let head = format!("POST /?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
        std::io::Write::write_all(&mut stream, &[head.as_bytes(), body].concat()).unwrap();
        let mut answer = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut answer).unwrap();
    }
    listen.ended()
}

#[test]
fn no_callback_speaks_to_the_terminal() {
    let server = answering("200 OK", &json!({ "ErrorInfo": hostile(), hostile(): hostile() }).to_string());
    let forwarding = ["--forward-to", &server.url()];
    for args in [&[][..], &forwarding[..]] {
        for output in ["compact", "full", "json"] {
            let out = listened(&[args, &["--output", output]].concat());
            assert!(out.matches("before").count() > 10, "{out}");
            out.lines().for_each(assert_safe);
            if output == "json" {
                let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                assert!(lines.iter().any(|line| line["body"][hostile()] == hostile()));
            }
        }
    }
}

#[test]
fn no_query_and_no_argument_speaks_to_the_terminal() {
    let text = hostile();
    // No argument holds a NUL.
    let argument = text.replace('\0', "");
    let escaped = escaped(&text);
    for name in ["SdkAppid", "CallbackCommand", "ClientIP", "Sign", "RequestTime", "&", &escaped, "tenant"] {
        for value in [&escaped, &raw()] {
            let query = format!("a?before=1&{name}={value}&{}=1", raw());
            check(&["verify", &query], None);
            check(&["verify", &query, "--json"], None);
            check(&["verify", "-"], Some(query.as_bytes()));
        }
    }
    let body = json!({ "CallbackCommand": text, "Name": text }).to_string();
    let server = answering("200 OK", "{}");
    for json in [&[][..], &["--json"][..]] {
        for repeat in ["1", "2"] {
            let args = ["send", &server.url(), "--body", "-", "--repeat", repeat];
            check(&[&args[..], json].concat(), Some(body.as_bytes()));
        }
    }
    for args in [
        &["send", &server.url(), &argument][..],
        &["send", &server.url(), &argument, "--body", "-"],
        &["send", &server.url(), TOPIC, "--set", &format!("/{argument}/b=1")],
        &["send", &server.url(), "--body", &argument],
        &["send", &argument, TOPIC],
        &["send", &server.url(), TOPIC, "--expect", &argument],
        &["sample", TOPIC, "--set", &format!("/Name={argument}")],
        &["sample", TOPIC, "--set", &format!("/Name={argument}"), "--compact"],
        &["sample", TOPIC, "--variant", &argument],
        &["sample", &argument],
        &["list", &argument],
        &["stub", &argument],
        &["stub", "--all", "--type", &argument],
        &["sign", "--time", &argument],
        &["sign", "--token-file", &argument],
        &["verify", "a", "--app", &argument],
        &["listen", &argument],
        &["listen", "0", "--answer", &argument],
        &["listen", "0", "--answer", &format!("@{argument}")],
        &["listen", "0", "--record", &format!("/no/such/{argument}")],
        &["replay", &argument, ":1"],
        &["doctor", ":1", "--skip", &argument],
        &["man", &argument],
        &["man", "--dir", &format!("/dev/null/{argument}")],
        &["completions", &argument],
        &[&argument],
    ] {
        check(args, Some(b"{}"));
    }
}
