//! The programs that people look for first do what their first lines say.
#![cfg(unix)]

mod receiver;

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use receiver::{PATIENCE, Receiver, TOKEN, program};
use rusqlite::Connection;
use serde_json::{Value, json};
use tencent_im_callback::{c2c, group, sns};
use tencent_im_callback_testkit::{Signer, sample};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

fn start(name: &str, settings: &[(&str, &str)]) -> Receiver {
    let mut command = program(name);
    command.envs([("SDK_APP_ID", "1"), ("CALLBACK_TOKEN", TOKEN), ("LISTEN", "127.0.0.1:0")]);
    Receiver::spawn(name, {
        command.envs(settings.iter().copied());
        command
    })
}

fn query(command: &str) -> String {
    format!("SdkAppid=1&CallbackCommand={command}&{}", Signer::new(TOKEN).query_at(SystemTime::now()))
}

/// The answer to a request: its status and its body.
fn request(receiver: &Receiver, method: &str, target: &str, more: &str, body: &str) -> (u16, String) {
    let mut stream = receiver.connect();
    let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// The JSON that a callback is answered with.
fn answer(receiver: &Receiver, command: &str, body: &impl ToString) -> Value {
    let target = format!("/callback?{}", query(command));
    let (status, answer) = request(receiver, "POST", &target, "", &body.to_string());
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn every_program_begins_with_how_to_run_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let mut programs = 0;
    for entry in manifest.split("[[example]]").skip(1) {
        let value = |key: &str| entry.split_once(&format!("{key} = \"")).unwrap().1.split('"').next().unwrap();
        let (name, path) = (value("name"), value("path"));
        if path.starts_with("readme/") {
            continue;
        }
        let source = fs::read_to_string(folder.join(path)).unwrap();
        let front: String = source.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n");
        assert!(front.contains("```sh") && front.contains(&format!("--example {name}")), "{path}");
        programs += 1;
    }
    assert!(programs > 10, "{programs}");
}

#[test]
fn callbacks_are_mounted_into_an_application_that_is_there_already() {
    for name in ["existing-axum", "existing-actix-web"] {
        let receiver = start(name, &[("API_KEY", "a-key-that-nobody-else-knows")]);
        let messages =
            |key: &str| request(&receiver, "GET", "/api/messages", &format!("Authorization: Bearer {key}\r\n"), "");
        assert_eq!(messages("a-key-that-nobody-else-knows"), (200, "0".to_owned()), "{name}");
        // The service has no key, and the application no signature.
        let body = sample::<group::AfterSendMsg>().to_string();
        let target = format!("/hooks/tencent?{}", query("Group.CallbackAfterSendMsg"));
        assert_eq!(request(&receiver, "POST", &target, "", &body).0, 200, "{name}");
        assert_eq!(request(&receiver, "POST", "/hooks/tencent?SdkAppid=1", "", &body).0, 401, "{name}");
        assert_eq!(messages("another-key").0, 401, "{name}");
        assert_eq!(messages("a-key-that-nobody-else-knows"), (200, "1".to_owned()), "{name}");
        let (is_success, log) = receiver.stop();
        assert!(is_success, "{log}");
        assert!(log.contains("/hooks/tencent"), "{name} logs no request: {log}");
        assert!(!log.contains("Sign=") && !log.contains("a-key-that"), "{log}");
    }
}

#[test]
fn messages_are_covered_refused_or_dropped() {
    let receiver = start("moderation", &[("FORBIDDEN_WORDS", "darn"), ("MUTED", "odd_bird")]);
    let group_message = |text: &str| sample::<group::BeforeSendMsg>().set("/MsgBody/0/MsgContent/Text", text);
    let group = |body: &Value| answer(&receiver, "Group.CallbackBeforeSendMsg", body);
    assert_eq!(group(group_message("hello").body()), json!({ "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }));
    let covered = group(group_message("well, darn it").body());
    assert_eq!(
        (&covered["ErrorCode"], &covered["MsgBody"][0]["MsgContent"]["Text"]),
        (&json!(0), &json!("well, **** it"))
    );
    let refused = group(group_message("see https://example.com").body());
    assert_eq!((&refused["ErrorCode"], &refused["ErrorInfo"]), (&json!(10_101), &json!("no links, please")));
    let muted = group_message("hello").set("/From_Account", "odd_bird");
    assert_eq!(group(muted.body())["ErrorCode"], 2);
    let message = sample::<c2c::BeforeSendMsg>().set("/MsgBody/0/MsgContent/Text", "http://example.com");
    assert_eq!(answer(&receiver, "C2C.CallbackBeforeSendMsg", &message)["ErrorCode"], 120_001);
}

#[test]
fn friends_are_decided_one_by_one() {
    let receiver = start("friend-requests", &[("CLOSED", "odd_bird")]);
    let decided = answer(&receiver, "Sns.CallbackPrevFriendAdd", &sample::<sns::PrevFriendAdd>());
    let items = decided["ResultItem"].as_array().unwrap();
    let code = |account: &str| &items.iter().find(|item| item["To_Account"] == account).unwrap()["ResultCode"];
    assert_eq!((code("mika_l"), code("odd_bird"), &decided["ErrorCode"]), (&json!(0), &json!(38_011), &json!(0)));
}

#[test]
fn a_bot_answers_by_the_rest_api() {
    let api = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", api.local_addr().unwrap());
    let settings = [("ADMIN", "administrator"), ("USER_SIG", "a-signature-that-nobody-must-see"), ("REST_API", &*base)];
    let receiver = start("bot", &settings);
    let message = json!({
        "CallbackCommand": "Bot.OnC2CMessage", "From_Account": "ann", "To_Account": "@RBT#001", "MsgKey": "1_2_3",
        "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": "hello" } }],
    });
    // The callback is answered before the REST API is.
    assert_eq!(answer(&receiver, "Bot.OnC2CMessage", &message)["ErrorCode"], 0);

    let (stream, _) = api.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        head += &line;
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"ErrorCode\":0}").unwrap();
    assert!(head.starts_with("POST /v4/openim/sendmsg?sdkappid=1&identifier=administrator&usersig="), "{head}");
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["From_Account"], &body["To_Account"]), (&json!("@RBT#001"), &json!("ann")));
    assert_eq!(body["MsgBody"][0]["MsgContent"]["Text"], "You said: hello");
    drop(stream);
    let (is_success, log) = receiver.stop();
    assert!(is_success && !log.contains("nobody-must-see") && !log.contains("ERROR"), "{log}");
}

#[test]
fn a_receiver_speaks_https_itself() {
    let folder = tempfile::tempdir().unwrap();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("chain.pem"), certified.cert.pem()).unwrap();
    fs::write(path("key.pem"), certified.signing_key.serialize_pem()).unwrap();
    let receiver = start("tls", &[("TLS_CERTIFICATE", &path("chain.pem")), ("TLS_KEY", &path("key.pem"))]);
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(&receiver.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        let body = sample::<group::BeforeCreateTopic>().to_string();
        let head =
            format!("POST /callback?{} HTTP/1.1\r\nHost: localhost\r\n", query("Group.CallbackBeforeCreateTopic"));
        let request = format!("{head}Connection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    });
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with(r#""ErrorCode":0}"#), "{answer}");
    let (is_success, log) = receiver.stop();
    assert!(is_success, "{log}");
}

#[test]
fn a_message_is_in_the_database_once_however_often_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("messages.sqlite3");
    let settings = [("DATABASE", file.to_str().unwrap())];
    let (message, recall) = (
        sample::<group::AfterSendMsg>().set("/GroupId", "@TGS#1").set("/MsgSeq", 7),
        sample::<group::AfterRecallMsg>().set("/GroupId", "@TGS#1").set("/MsgSeqList", json!([{ "MsgSeq": 7 }])),
    );
    let rows = || {
        let database = Connection::open(&file).unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, bool>(1)?));
        let mut statement = database.prepare("SELECT seq, recalled FROM messages").unwrap();
        statement.query_map([], row).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    let receiver = start("sqlite", &settings);
    for _ in 0..3 {
        answer(&receiver, "Group.CallbackAfterSendMsg", &message);
    }
    assert_eq!(rows(), [(7, false)]);
    answer(&receiver, "Group.CallbackAfterRecallMsg", &recall);
    assert_eq!(rows(), [(7, true)]);
    assert!(receiver.stop().0);
    // A repetition after a restart does not bring back what was recalled.
    let receiver = start("sqlite", &settings);
    answer(&receiver, "Group.CallbackAfterSendMsg", &message);
    assert_eq!(rows(), [(7, true)]);
}
