//! Fields of a body that are in no event: the drift of the protocol.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tencent_im_callback::{CALLBACKS, Callback, CallbackHandler, Endpoint, unread_fields};

mod log;

use log::Log;

fn unread(command: &str, body: &Value) -> Vec<String> {
    unread_fields(Callback::find(command).unwrap(), body.to_string().as_bytes())
}

const DESTROYED: &str = "Group.CallbackAfterGroupDestroyed";

#[test]
fn unknown_fields_are_listed_at_every_depth() {
    let body = json!({
        "GroupId": "g",
        "Reason": "empty",
        "MemberList": [{ "Member_Account": "a" }, { "Member_Account": "b", "NickName": "B", "Role": null }],
    });
    assert_eq!(unread(DESTROYED, &body), ["Reason", "MemberList[1].NickName", "MemberList[1].Role"]);
}

#[test]
fn the_elements_of_a_message_and_their_contents_are_included() {
    let body = json!({
        "From_Account": "a",
        "To_Account": "b",
        "MsgKey": "k",
        "MsgBody": [
            { "MsgType": "TIMTextElem", "MsgContent": { "Text": "hello", "Style": "bold" }, "Index": 1 },
            { "MsgType": "TIMNewElem", "MsgContent": { "Anything": 1 } },
        ],
    });
    assert_eq!(unread("C2C.CallbackAfterSendMsg", &body), ["MsgBody[0].Index", "MsgBody[0].MsgContent.Style"]);
}

#[test]
fn a_field_that_is_read_in_another_spelling_or_dropped_is_not_unread() {
    let body = json!({ "GroupId": 7, "Type": ["odd"], "EventTime": "1670574414123", "New": 1 });
    assert_eq!(unread(DESTROYED, &body), ["New"]);
    let file = json!({
        "From_Account": "a",
        "To_Account": "b",
        "MsgKey": "k",
        "MsgBody": [{ "MsgType": "TIMFileElem", "MsgContent": { "fileName": "a.txt", "UUID": "u" } }],
    });
    assert_eq!(unread("C2C.CallbackAfterSendMsg", &file), [""; 0]);
}

#[test]
fn bodies_that_cannot_be_read_have_no_panic_and_a_bounded_list() {
    let callback = Callback::find(DESTROYED).unwrap();
    for body in ["", "no JSON", "[]", "null", "{\"GroupId\":", "{\"\\ud800\":1}"] {
        assert!(unread_fields(callback, body.as_bytes()).len() <= 1, "{body}");
    }
    let many: Vec<_> = (0..5_000).map(|number| format!("\"New{number}\":0")).collect();
    let body = format!("{{\"GroupId\":\"g\",{}}}", many.join(","));
    assert_eq!(unread_fields(callback, body.as_bytes()).len(), 256);
}

#[test]
fn every_callback_has_its_own_list() {
    for callback in CALLBACKS {
        let found = unread_fields(callback, br#"{"DriftField":1}"#);
        assert_eq!(found, ["DriftField"], "{callback:?}");
    }
}

struct App;

impl CallbackHandler for App {}

#[test]
fn the_log_has_their_number_and_not_their_names() {
    let log = Log(Arc::default(), Some("tencent_im_callback::unread"));
    tracing::subscriber::with_default(log.clone(), || {
        let endpoint = Endpoint::builder(App).unverified_app(1).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for body in [r#"{"GroupId":"g"}"#, r#"{"GroupId":"g","SecretPlan":1,"Other":2}"#] {
            let uri = format!("/?SdkAppid=1&CallbackCommand={DESTROYED}");
            let request = Request::post(uri).body(Bytes::from_static(body.as_bytes())).unwrap();
            assert_eq!(runtime.block_on(endpoint.handle(request)).status(), 200);
        }
    });
    let lines = log.0.lock().unwrap();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.contains("count=2") && line.contains(DESTROYED) && !line.contains("SecretPlan"), "{line}");
}
