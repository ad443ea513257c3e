//! Recordings to save and to share: as they came, or without what people wrote.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;
use tencent_im_callback_testkit::recording::Recorded;

/// The parameters of the service. Others are the user's own, and may be secret.
const PARAMETERS: [&str; 8] = [
    "SdkAppid",
    "CallbackCommand",
    "WebhookCommand",
    "contenttype",
    "ClientIP",
    "OptPlatform",
    "RequestTime",
    "RequestID",
];

/// The fields whose text is a word of the protocol or an id, and so is kept. The text of every other field may have been
/// written by a person.
const KEPT: [&str; 38] = [
    "ActionStatus",
    "ActionType",
    "Action",
    "AddSource",
    "AddType",
    "ApplyJoinOption",
    "CallId",
    "CallMediaType",
    "CallResult",
    "CallType",
    "CallbackCommand",
    "ChannelType",
    "ClientCmd",
    "ContentType",
    "CtxcbSuggestion",
    "Event",
    "EventCause",
    "EventType",
    "ExitType",
    "GroupID",
    "GroupId",
    "InviteOption",
    "JoinType",
    "MediaType",
    "MsgPriority",
    "MsgType",
    "OptionType",
    "OptPlatform",
    "Platform",
    "PushID",
    "ResponseAction",
    "Role",
    "RoomId",
    "RoomStatus",
    "RoomType",
    "TaskId",
    "TopicId",
    "Type",
];

/// The query with `***` for the values of the user's own parameters.
pub(super) fn masked(query: &str) -> String {
    let pieces = query.split('&').map(|piece| match piece.split_once('=') {
        Some((key, value)) if !value.is_empty() && !is_of_service(key) => Cow::Owned(format!("{key}=***")),
        // A key without a value may be all of a secret.
        None if !piece.is_empty() && !is_of_service(piece) => "***".into(),
        _ => piece.into(),
    });
    pieces.collect::<Vec<_>>().join("&")
}

fn is_of_service(key: &str) -> bool {
    PARAMETERS.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// The callback without what people wrote, without the address of their client and without the user's own parameters.
///
/// Each letter or digit of a text becomes an `x`, so that lengths stay. A body that is no JSON is left out.
pub(super) fn shared(recorded: &Recorded) -> Recorded {
    let query = masked(recorded.query());
    let query = query.split('&').map(|piece| match piece.split_once('=') {
        Some((key, _)) if key.eq_ignore_ascii_case("ClientIP") => format!("{key}=0.0.0.0"),
        _ => piece.to_owned(),
    });
    let query = query.collect::<Vec<_>>().join("&");
    let shared = Recorded::new(recorded.at(), &query, without_words(recorded.body(), false))
        .method(recorded.http_method())
        .signed(recorded.is_signed());
    match recorded.answer() {
        Some(answer) => shared.answered(answer.status, without_words(&answer.body, true), answer.took),
        None => shared,
    }
}

/// The text of an error in an answer is the app's, and is kept.
fn without_words(body: &Bytes, is_answer: bool) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return Bytes::new() };
    hide(&mut value, "", is_answer);
    value.to_string().into()
}

fn hide(value: &mut Value, key: &str, is_answer: bool) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| hide(value, key, is_answer)),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, key, is_answer)),
        Value::String(text) if !is_kept(key, text, is_answer) => {
            *text = text.chars().map(|char| if char.is_alphanumeric() { 'x' } else { char }).collect();
        }
        _ => {}
    }
}

fn is_kept(key: &str, text: &str, is_answer: bool) -> bool {
    let is_number = || text.bytes().all(|byte| byte.is_ascii_digit());
    KEPT.contains(&key)
        || key.ends_with("_Account")
        || (is_answer && key == "ErrorInfo")
        || (["Time", "Seq", "Random", "Id", "ID", "Key"].iter().any(|end| key.ends_with(end)) && is_number())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn what_people_wrote_is_left_out_and_what_the_protocol_needs_is_not() {
        let query =
            "SdkAppid=1&CallbackCommand=C2C.CallbackBeforeSendMsg&ClientIP=203.0.113.9&tenant=hush&flag&RequestTime=7";
        let body = r#"{"CallbackCommand":"C2C.CallbackBeforeSendMsg","From_Account":"anna","MsgTime":"1670574414",
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"meet me at 5, Ünal"}}],"CloudCustomData":"{\"a\":1}","New":"1234"}"#;
        let answer = r#"{"ActionStatus":"OK","ErrorInfo":"mind your words","ErrorCode":120001,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"secret"}}]}"#;
        let recorded = Recorded::new(SystemTime::now(), query, body).answered(200, answer, Duration::ZERO);
        let shared = shared(&recorded);
        assert_eq!(
            shared.query(),
            "SdkAppid=1&CallbackCommand=C2C.CallbackBeforeSendMsg&ClientIP=0.0.0.0&tenant=***&***&RequestTime=7"
        );
        let body: Value = serde_json::from_slice(shared.body()).unwrap();
        assert_eq!(body["MsgBody"][0]["MsgContent"]["Text"], "xxxx xx xx x, xxxx");
        assert_eq!(body["MsgBody"][0]["MsgType"], "TIMTextElem");
        assert_eq!((&body["From_Account"], &body["MsgTime"]), (&"anna".into(), &"1670574414".into()));
        assert_eq!((&body["CloudCustomData"], &body["New"]), (&"{\"x\":x}".into(), &"xxxx".into()));
        let answer: Value = serde_json::from_slice(&shared.answer().unwrap().body).unwrap();
        assert_eq!((&answer["ErrorInfo"], &answer["ErrorCode"]), (&"mind your words".into(), &120_001.into()));
        assert_eq!(answer["MsgBody"][0]["MsgContent"]["Text"], "xxxxxx");
    }

    #[test]
    fn every_sample_still_decodes_without_its_words() {
        for (callback, variant, body) in tencent_im_callback_testkit::sample::all() {
            let recorded = Recorded::new(SystemTime::now(), "", body);
            let decoded = crate::decode::decode(callback, 1, shared(&recorded).body());
            assert!(decoded.is_ok(), "{callback:?} {variant}");
        }
    }

    #[test]
    fn a_body_that_is_no_json_is_left_out() {
        let recorded = Recorded::new(SystemTime::now(), "Sign=00", "hello, this is private");
        assert_eq!((shared(&recorded).body().len(), shared(&recorded).query()), (0, ""));
    }
}
