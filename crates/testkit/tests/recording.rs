//! Recordings: what is written is read again, what is wrong is named, and what is replayed is compared.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tencent_im_callback::{CallbackHandler, Context, Decision, Endpoint, GroupCode, Result, async_trait, group};
use tencent_im_callback_testkit::{
    Signer,
    recording::{Recorded, Recording, Writer, differences},
    request::{APP_ID, TOKEN},
    sample,
};

fn line(recorded: &Recorded) -> String {
    let mut line = Vec::new();
    Writer::new(&mut line).write(recorded).unwrap();
    String::from_utf8(line).unwrap()
}

fn read(lines: &str) -> Vec<Recorded> {
    Recording::read(lines.as_bytes()).unwrap().into_iter().collect()
}

fn error(lines: &str) -> String {
    Recording::read(lines.as_bytes()).unwrap_err().to_string()
}

fn at() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_764_688_540_123)
}

#[test]
fn a_line_looks_like_this() {
    let query = "SdkAppid=1400000001&CallbackCommand=A.B&Sign=abc&RequestTime=1764688540";
    let recorded = Recorded::new(at(), query, "{ \"a\": [1, 2],\r\n \"a b\": \"c \\\" d\" }").answered(
        200,
        r#"{"ErrorCode":0}"#,
        Duration::from_micros(1_234),
    );
    assert_eq!(
        line(&recorded),
        concat!(
            r#"{"at":1764688540123,"method":"POST","query":"SdkAppid=1400000001&CallbackCommand=A.B&RequestTime=1764688540","#,
            r#""signed":true,"body":{"a":[1,2],"a b":"c \" d"},"status":200,"answer":{"ErrorCode":0},"took_us":1234}"#,
            "\n"
        )
    );
}

#[test]
fn whatever_the_body_is_it_comes_back() {
    let bodies: [&[u8]; 22] = [
        b"",
        b"{}",
        b"null",
        br#"{"b":1,"a":2,"b":3}"#,
        br#"{"big":18446744073709551616,"float":1.10,"exp":1E400}"#,
        br#"{"half":"\ud800"}"#,
        "{\"text\":\"\u{2028} 不 \\\\\"}".as_bytes(),
        b"not JSON",
        b"{\"cut\":",
        b"{} {}",
        b"1 2",
        b"tr ue",
        b"- 1",
        b"\"a\nb\"",
        b"\xef\xbb\xbf{}",
        b"{\"a\":\"\xff\"}",
        b"\0",
        b" ",
        b"\n",
        b"[1,]",
        b"{\"a\" 1}",
        &[b'['; 10_000],
    ];
    for body in bodies {
        let recorded = Recorded::new(at(), "", body.to_vec()).answered(500, body.to_vec(), Duration::ZERO);
        let line = line(&recorded);
        assert_eq!(line.lines().count(), 1, "{line}");
        let again = read(&line);
        assert_eq!(again, [recorded], "{line}");
    }
}

#[test]
fn every_sample_comes_back_with_its_meaning() {
    for (callback, variant, body) in sample::all() {
        let query = format!("SdkAppid=1&CallbackCommand={}", callback.command);
        let again = &read(&line(&Recorded::new(at(), &query, body)))[0];
        assert_eq!(again.command(), callback.command);
        assert!(differences(body.as_bytes(), again.body()).is_empty(), "{} {variant}", callback.command);
    }
}

#[test]
fn deeply_nested_bodies_are_kept_as_json() {
    let body = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let line = line(&Recorded::new(at(), "", body.clone()));
    assert!(line.contains(&format!(r#""body":{body}"#)));
    assert_eq!(read(&line)[0].body(), &body);
}

#[test]
fn a_signature_is_never_written_however_it_is_spelled() {
    for query in ["Sign=secret", "a=b&SIGN=secret", "sign=secret&a=b", "%53ign=secret", "Sign=x&Sign=secret&Sign"] {
        let recorded = Recorded::new(at(), query, "");
        assert!(recorded.is_signed());
        assert!(!line(&recorded).contains("secret"), "{query}");
        assert!(
            !read(&line(&recorded).replace(r#""query":""#, r#""query":"Sign=secret&"#))[0].query().contains("secret")
        );
    }
    assert!(!Recorded::new(at(), "Signature=1&a=b", "").is_signed());
}

#[test]
fn an_error_names_line_and_field() {
    let good = line(&Recorded::new(at(), "", ""));
    let second = |line: &str| error(&format!("{good}{line}\n"));
    assert_eq!(second("{"), "line 2: it is not a JSON object: EOF while parsing an object at column 1");
    assert_eq!(second("[]"), "line 2: it is not a JSON object: invalid type: sequence, expected a map");
    assert_eq!(second(r#"{"query":""}"#), "line 2: the field `at` is missing");
    assert_eq!(second(r#"{"at":1}"#), "line 2: the field `query` is missing");
    assert_eq!(
        second(r#"{"at":"now","query":""}"#),
        "line 2: the field `at` is `\"now\"`, and not a time in Unix milliseconds"
    );
    assert_eq!(
        second(r#"{"at":1,"query":"","status":70000}"#),
        "line 2: the field `status` is `70000`, and not an HTTP status"
    );
    assert_eq!(
        second(r#"{"at":1,"query":"","body_base64":"!"}"#),
        "line 2: the field `body_base64` is not base64: Invalid symbol 33, offset 0."
    );
    assert_eq!(
        second(r#"{"at":1,"query":"","body":{},"body_base64":""}"#),
        "line 2: the field `body_base64` is given beside `body`; one of them is enough"
    );
    assert_eq!(
        second(r#"{"at":1,"query":"","method":"PO ST"}"#),
        "line 2: the field `method` is `PO ST`, which is no HTTP method"
    );
    let fault = Recording::read("\n\n{\"at\":1}".as_bytes()).unwrap_err();
    assert_eq!((fault.line(), fault.field()), (Some(3), Some("query")));
    let fault = Recording::read(&b"\xff"[..]).unwrap_err();
    assert_eq!((fault.line(), fault.field()), (Some(1), None));
    let missing = Recording::open("no/such/file.jsonl").unwrap_err();
    assert_eq!(missing.to_string(), "no/such/file.jsonl: the recording cannot be read");
    assert!(std::error::Error::source(&missing).is_some());
}

#[test]
fn empty_lines_and_unknown_fields_are_skipped() {
    let lines = "\n{\"at\":1,\"query\":\"a=b\",\"later\":{\"x\":1}}\r\n   \n";
    let recorded = read(lines);
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].query(), "a=b");
    assert_eq!(recorded[0].answer(), None);
}

#[test]
fn white_space_and_the_order_of_keys_are_no_difference() {
    assert!(differences(br#"{"a":1,"b":[{}]}"#, b"{ \"b\": [ { } ], \"a\": 1 }").is_empty());
    let found: Vec<_> = differences(br#"{"a":{"b/c":1},"d":[1,2],"e":0}"#, br#"{"a":{"b/c":2},"d":[1],"f":null}"#)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found, ["/a/b~1c: 1 became 2", "/d/1: 2 is gone", "/e: 0 is gone", "/f: null is new"]);
    assert_eq!(differences(b"a", b"b")[0].to_string(), "body: `a` became `b`");
}

const CLOSED: GroupCode = GroupCode::new(10_123);

struct Strict(bool);

#[async_trait]
impl CallbackHandler for Strict {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        Ok(if self.0 { Decision::refuse_with(CLOSED, "closed") } else { Decision::Allow })
    }
}

fn endpoint(strict: bool) -> Endpoint {
    Endpoint::builder(Strict(strict)).app(APP_ID, [TOKEN]).build().unwrap()
}

/// Some callbacks, good and bad, with the answers that they got.
async fn record() -> Recording {
    let topic = sample::<group::BeforeCreateTopic>().request();
    let requests = [
        topic.clone(),
        sample::<group::AfterCreateTopic>().request(),
        topic.clone().unsigned(),
        topic.clone().forged(),
        topic.clone().seconds_from_now(-61),
        topic.clone().app_id(7),
        topic.clone().with("ClientIP", "again"),
        topic.clone().query(""),
        topic.clone().with("note", "a%20b").renamed("SdkAppid", "SDKAPPID"),
        topic.clone().method(http::Method::PUT),
        topic.body("{"),
    ];
    let endpoint = endpoint(false);
    let mut callbacks = Vec::new();
    for request in requests {
        let query = request.query_string().unwrap_or_default();
        let http = request.build().unwrap();
        let method = http.method().to_string();
        let answer = endpoint.handle(http).await;
        let recorded = Recorded::new(at(), &query, request.content().clone()).method(method);
        callbacks.push(recorded.answered(answer.status().as_u16(), answer.into_body(), Duration::ZERO));
    }
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file);
    for recorded in &callbacks {
        writer.write(recorded).unwrap();
    }
    Recording::read(&file[..]).unwrap()
}

#[tokio::test]
async fn what_answers_as_before_is_unchanged() {
    let recording = record().await;
    let statuses: Vec<_> = recording.iter().map(|recorded| recorded.answer().unwrap().status).collect();
    assert_eq!(statuses, [200, 200, 401, 401, 401, 403, 400, 403, 200, 405, 500]);
    let replay = recording.replay(&endpoint(false), &Signer::new(TOKEN)).await;
    replay.assert_unchanged();
    assert_eq!(replay.callbacks().len(), 11);
}

#[tokio::test]
async fn what_answers_differently_is_told() {
    let replay = record().await.replay(&endpoint(true), &Signer::new(TOKEN)).await;
    assert_eq!(
        replay.to_string(),
        "2 of 11 answers have changed\n\
         1. Group.CallbackBeforeCreateTopic\n   /ErrorCode: 0 became 10123\n   /ErrorInfo: \"\" became \"closed\"\n\
         9. Group.CallbackBeforeCreateTopic\n   /ErrorCode: 0 became 10123\n   /ErrorInfo: \"\" became \"closed\""
    );
    assert!(std::panic::catch_unwind(|| replay.assert_unchanged()).is_err());
}
