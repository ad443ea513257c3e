//! Tolerant decoding: which shapes of a callback are read, and what is reported of the others.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, Endpoint, Event, GroupCode, Result, UnknownAnswer, async_trait,
    group,
};

const BEFORE_CREATE_TOPIC: &str = "Group.CallbackBeforeCreateTopic";
const AFTER_CREATE_TOPIC: &str = "Group.CallbackAfterCreateTopic";
const AFTER_TOPIC_DESTROYED: &str = "Group.CallbackAfterTopicDestroyed";
const AFTER_GROUP_DESTROYED: &str = "Group.CallbackAfterGroupDestroyed";

/// What the handler was told.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    /// The event as it writes itself, and the paths of the dropped fields in order.
    Event(Value, Vec<String>),
    /// The command, the path and the reason.
    Undecodable(&'static str, String, String),
    Unknown,
}

#[derive(Default)]
struct Recorder {
    told: Mutex<Vec<Told>>,
    reasons: Mutex<Vec<String>>,
}

impl Recorder {
    fn note(&self, ctx: &Context, event: &impl Event) {
        let fields = ctx.dropped_fields();
        let mut dropped: Vec<_> = fields.iter().map(|field| field.path().to_owned()).collect();
        dropped.sort();
        self.reasons.lock().unwrap().extend(fields.iter().map(|field| field.reason().to_owned()));
        self.told.lock().unwrap().push(Told::Event(serde_json::to_value(event).unwrap(), dropped));
    }
}

#[async_trait]
impl CallbackHandler for Recorder {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        self.note(ctx, &event);
        Ok(Decision::Allow)
    }

    async fn group_after_create_topic(&self, ctx: &Context, event: group::AfterCreateTopic) -> Result<()> {
        self.note(ctx, &event);
        Ok(())
    }

    async fn group_after_topic_destroyed(&self, ctx: &Context, event: group::AfterTopicDestroyed) -> Result<()> {
        self.note(ctx, &event);
        Ok(())
    }

    async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        self.note(ctx, &event);
        Ok(())
    }

    async fn unknown(&self, _: &Context) -> Result<UnknownAnswer> {
        self.told.lock().unwrap().push(Told::Unknown);
        Ok(UnknownAnswer::acknowledge())
    }

    async fn undecodable(&self, _: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        let told = Told::Undecodable(error.command(), error.path().to_owned(), error.reason().to_owned());
        self.told.lock().unwrap().push(told);
        Err(error.into())
    }
}

/// What the handler gets of a body, and why fields were dropped.
async fn tell_with_reasons(command: &str, body: impl Into<Bytes>) -> (Told, Vec<String>) {
    let recorder = Arc::new(Recorder::default());
    let endpoint = Endpoint::builder(Arc::clone(&recorder)).unverified_app(1).build().unwrap();
    let request = Request::post(format!("/?SdkAppid=1&CallbackCommand={command}")).body(body.into()).unwrap();
    let status = endpoint.handle(request).await.status();
    let told = recorder.told.lock().unwrap().clone();
    assert_eq!(told.len(), 1, "every callback reaches one method: {told:?}");
    let undecodable = if command == BEFORE_CREATE_TOPIC { 500 } else { 400 };
    assert_eq!(status, if matches!(told[0], Told::Undecodable(..)) { undecodable } else { 200 });
    (told[0].clone(), recorder.reasons.lock().unwrap().clone())
}

async fn tell(command: &str, body: impl Into<Bytes>) -> Told {
    tell_with_reasons(command, body).await.0
}

fn event(event: Value) -> Told {
    Told::Event(event, Vec::new())
}

fn event_without(event: Value, dropped: &[&str]) -> Told {
    Told::Event(event, dropped.iter().map(|&path| path.to_owned()).collect())
}

/// A body with a field for each that its event has.
struct Full {
    command: &'static str,
    /// Key and value; the value as the vendor writes it and as the event writes it.
    fields: Vec<(&'static str, String, Value)>,
    required: &'static [&'static str],
}

fn full() -> [Full; 4] {
    let same = |key, value: Value| (key, value.to_string(), value);
    let custom = json!([{ "Key": "Region", "Value": "north" }, { "Key": "Tier" }]);
    [
        Full {
            command: BEFORE_CREATE_TOPIC,
            fields: vec![
                same("CallbackCommand", json!(BEFORE_CREATE_TOPIC)),
                same("Operator_Account", json!("acct_1042")),
                same("Type", json!("Community")),
                same("Name", json!("Release \"notes\", {1} [2] \\ 不")),
            ],
            required: &["Operator_Account", "Name"],
        },
        Full {
            command: AFTER_CREATE_TOPIC,
            fields: vec![
                same("CallbackCommand", json!(AFTER_CREATE_TOPIC)),
                same("GroupId", json!("@TGS#_@TGS#c1")),
                same("TopicId", json!("@TGS#_@TGS#c1@TOPIC#_t")),
                same("Operator_Account", json!("ops")),
                same("Owner_Account", json!("acct_2077")),
                same("Type", json!("Community")),
                same("Name", json!("Lost, and found")),
                same("UserDefinedDataList", custom),
            ],
            required: &["GroupId", "TopicId"],
        },
        Full {
            command: AFTER_TOPIC_DESTROYED,
            fields: vec![
                same("CallbackCommand", json!(AFTER_TOPIC_DESTROYED)),
                same("GroupId", json!("@TGS#_@TGS#c1")),
                same("Type", json!("Community")),
                same("TopicIdList", json!(["a", "b"])),
            ],
            required: &["GroupId", "TopicIdList"],
        },
        Full {
            command: AFTER_GROUP_DESTROYED,
            fields: vec![
                same("CallbackCommand", json!(AFTER_GROUP_DESTROYED)),
                same("Operator_Account", json!("ops")),
                same("GroupId", json!("@TGS#3")),
                same("Type", json!("Public")),
                same("Owner_Account", json!("acct_1042")),
                same("Name", json!("Trail maps")),
                same("MemberList", json!([{ "Member_Account": "a" }, { "Member_Account": "b" }])),
                ("EventTime", "\"1733218807817\"".to_owned(), json!(1_733_218_807_817_u64)),
            ],
            required: &["GroupId"],
        },
    ]
}

impl Full {
    fn is_required(&self, key: &str) -> bool {
        self.required.contains(&key)
    }

    /// The event without one of its fields.
    fn event_without(&self, key: &str) -> Value {
        let fields = self.fields.iter().filter(|(name, ..)| *name != key);
        fields.map(|(name, _, value)| ((*name).to_owned(), value.clone())).collect()
    }

    /// Bodies in which a field has another value, or is missing: with the fields in any turn, and with and
    /// without blanks.
    fn bodies(&self, key: &str, value: Option<&str>) -> Vec<String> {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for (name, text, _) in &self.fields {
            match value {
                Some(value) if *name == key => fields.push((name, value)),
                None if *name == key => {}
                _ => fields.push((name, text)),
            }
        }
        let mut bodies = Vec::new();
        for turn in 0..fields.len() {
            fields.rotate_left(1);
            let blanks = if turn == 0 { 2 } else { 0 };
            let between = [",", ", ", " ,\r\n\t"];
            for between in &between[..=blanks] {
                let text = |(name, value): &(&str, &str)| format!("\"{name}\":{value}");
                let texts: Vec<_> = fields.iter().map(text).collect();
                bodies.push(format!("{{{}}}", texts.join(between)));
            }
            let text = |(name, value): &(&str, &str)| format!("\n  \"{name}\" : {value}");
            let texts: Vec<_> = fields.iter().map(text).collect();
            bodies.push(format!(" {{{}\n}} ", texts.join(" ,")));
        }
        bodies
    }
}

/// Values that a field cannot have, as they are written.
fn wrong_values(key: &str) -> Vec<&'static str> {
    const NEITHER: [&str; 9] = [
        "true",
        "{}",
        "1.5",
        "-0",
        "1e999",
        "18446744073709551616",
        "9007199254740992.0",
        "-1e300",
        r#"{"a":[1,{"b":"]}"}]}"#,
    ];
    let more: &[&str] = match key {
        "CallbackCommand" | "Type" => &["5", "-5", "[]", r#"["Public"]"#],
        "EventTime" => {
            &["-5", r#""""#, r#""soon""#, r#""1.5""#, r#"" 5""#, r#""18446744073709551616""#, "[5]", r#""\ud800""#]
        }
        "MemberList" | "UserDefinedDataList" | "TopicIdList" => &["5", r#""a""#, r#""\ud800""#],
        _ => &["[]", r#"["a"]"#],
    };
    [&NEITHER, more].concat()
}

#[tokio::test]
async fn a_full_body_is_read_whole() {
    for full in full() {
        for body in full.bodies("", None) {
            assert_eq!(tell(full.command, body.clone()).await, event(full.event_without("")), "{body}");
        }
    }
}

#[tokio::test]
async fn an_optional_field_may_be_absent() {
    for full in full() {
        for (key, ..) in full.fields.iter().filter(|(key, ..)| !full.is_required(key)) {
            for body in full.bodies(key, None) {
                assert_eq!(tell(full.command, body.clone()).await, event(full.event_without(key)), "{body}");
            }
        }
    }
}

#[tokio::test]
async fn an_optional_field_may_be_null() {
    for full in full() {
        for (key, ..) in full.fields.iter().filter(|(key, ..)| !full.is_required(key)) {
            for body in full.bodies(key, Some("null")) {
                assert_eq!(tell(full.command, body.clone()).await, event(full.event_without(key)), "{body}");
            }
        }
    }
}

#[tokio::test]
async fn an_optional_field_of_the_wrong_type_is_dropped_and_named() {
    for full in full() {
        for (key, ..) in full.fields.iter().filter(|(key, ..)| !full.is_required(key)) {
            let expected = event_without(full.event_without(key), &[key]);
            for value in wrong_values(key) {
                for body in full.bodies(key, Some(value)) {
                    assert_eq!(tell(full.command, body.clone()).await, expected, "{body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_missing_required_field_is_named() {
    for full in full() {
        for key in full.required {
            for value in [None, Some("null")] {
                for body in full.bodies(key, value) {
                    let told = tell(full.command, body.clone()).await;
                    let Told::Undecodable(command, path, reason) = told else { panic!("{body}: {told:?}") };
                    assert_eq!((command, path.as_str(), reason.is_empty()), (full.command, *key, false), "{body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_required_field_of_the_wrong_type_is_named_with_what_is_wrong() {
    for full in full() {
        for key in full.required {
            for value in wrong_values(key) {
                for body in full.bodies(key, Some(value)) {
                    let told = tell(full.command, body.clone()).await;
                    let Told::Undecodable(command, path, reason) = told else { panic!("{body}: {told:?}") };
                    assert_eq!(command, full.command);
                    assert_eq!(path, *key, "{body}");
                    assert_ne!(reason, "missing", "it is there: {body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn all_optional_fields_may_be_wrong_at_once() {
    for full in full() {
        let fields = full
            .fields
            .iter()
            .map(|(key, text, _)| format!("\"{key}\":{}", if full.is_required(key) { text } else { "{\"a\":1}" }));
        let body = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
        let told = tell(full.command, body.clone()).await;
        let kept = full.fields.iter().filter(|(key, ..)| full.is_required(key));
        let mut dropped: Vec<_> =
            full.fields.iter().map(|(key, ..)| *key).filter(|key| !full.is_required(key)).collect();
        dropped.sort_unstable();
        let kept = kept.map(|(key, _, value)| ((*key).to_owned(), value.clone())).collect();
        assert_eq!(told, event_without(kept, &dropped), "{body}");
    }
}

/// A topic was created, with these custom fields.
async fn tell_custom_fields(list: &str) -> Told {
    tell(AFTER_CREATE_TOPIC, format!(r#"{{"GroupId":"g","UserDefinedDataList":{list},"TopicId":"t"}}"#)).await
}

#[tokio::test]
async fn what_may_be_absent_within_a_list_is_dropped_there_alone() {
    let told = tell_custom_fields(r#"[{"Key":"a","Value":"1"},{"Value":{"x":[]},"Key":"b"},{"Key":3}]"#).await;
    let list = json!([{ "Key": "a", "Value": "1" }, { "Key": "b" }, { "Key": "3" }]);
    let event = json!({ "GroupId": "g", "TopicId": "t", "UserDefinedDataList": list });
    assert_eq!(told, event_without(event, &["UserDefinedDataList[1].Value"]));
}

#[tokio::test]
async fn an_entry_of_a_list_that_cannot_be_read_is_dropped_alone() {
    let good = json!([{ "Key": "a" }, { "Key": "z" }]);
    let event = json!({ "GroupId": "g", "TopicId": "t", "UserDefinedDataList": good });
    for entry in [
        r#"{"Value":"1"}"#,
        r#"{"Key":null}"#,
        r#"{"Key":[],"Value":"1"}"#,
        r#"{"Key":{"Key":"a"}}"#,
        "null",
        "{}",
        r#""b""#,
        "5",
        "[[]]",
    ] {
        let told = tell_custom_fields(&format!(r#"[{{"Key":"a"}},{entry},{{"Key":"z"}}]"#)).await;
        assert_eq!(told, event_without(event.clone(), &["UserDefinedDataList[1]"]), "{entry}");
    }
    let told = tell(AFTER_TOPIC_DESTROYED, r#"{"GroupId":"g","TopicIdList":["a",true,null,"b"]}"#).await;
    let event = json!({ "GroupId": "g", "TopicIdList": ["a", "b"] });
    assert_eq!(told, event_without(event, &["TopicIdList[1]", "TopicIdList[2]"]));
}

#[tokio::test]
async fn the_reason_for_a_dropped_entry_names_what_is_wrong_in_it() {
    let body = r#"{"GroupId":"g","MemberList":[{"Member_Account":{}},{},{"Member_Account":"a"}]}"#;
    let (_, reasons) = tell_with_reasons(AFTER_GROUP_DESTROYED, body).await;
    assert_eq!(
        reasons,
        [
            "invalid type: map, expected text or an integer, at `MemberList[0].Member_Account`",
            "missing, at `MemberList[1].Member_Account`"
        ]
    );
}

#[tokio::test]
async fn unknown_fields_are_passed_over_whatever_is_in_them() {
    let plain = json!({ "GroupId": "g" });
    for unknown in [
        "1e999",
        "-1e-999",
        "123456789012345678901234567890",
        r#""\ud800""#,
        r#""\udead\u0000""#,
        r#"{"GroupId":7,"Name":[],"":{}}"#,
        r#"[{"Member_Account":1.5}]"#,
        r#"{"a":1,"a":2}"#,
    ] {
        for body in [format!(r#"{{"New":{unknown},"GroupId":"g"}}"#), format!(r#"{{"GroupId":"g","":{unknown}}}"#)] {
            assert_eq!(tell(AFTER_GROUP_DESTROYED, body.clone()).await, event(plain.clone()), "{body}");
        }
    }
}

#[tokio::test]
async fn a_name_that_is_not_unicode_is_reported_and_not_quoted() {
    let told = tell(AFTER_GROUP_DESTROYED, r#"{"GroupId":"g","\ud800":{"a":[1]},"Name":"n"}"#).await;
    assert_eq!(told, event_without(json!({ "GroupId": "g", "Name": "n" }), &["?"]));
}

#[tokio::test]
async fn text_that_is_not_unicode_is_read_with_replacement_characters_and_reported() {
    for (text, read) in [
        (&br"casino \ud83d"[..], "casino \u{fffd}"),
        (br"\uD83D casino", "\u{fffd} casino"),
        (br"a\udc00b", "a\u{fffd}b"),
        (br"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
        (br"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (br"\\ud83d\ud83d\n", "\\ud83d\u{fffd}\n"),
        (b"\xff casino", "\u{fffd} casino"),
        // A surrogate in three bytes.
        (b"casino \xed\xa0\xbd", "casino \u{fffd}\u{fffd}\u{fffd}"),
        (b"casino \xf0\x9f\x98", "casino \u{fffd}"),
    ] {
        for command in [BEFORE_CREATE_TOPIC, AFTER_GROUP_DESTROYED] {
            let required = if command == BEFORE_CREATE_TOPIC { "Operator_Account" } else { "GroupId" };
            let body = [format!(r#"{{"{required}":"g","Name":""#).as_bytes(), text, b"\"}"].concat();
            let expected = event_without(json!({ required: "g", "Name": read }), &["Name"]);
            assert_eq!(tell(command, body).await, expected, "{}", text.escape_ascii());
        }
    }
}

#[tokio::test]
async fn text_in_the_entries_of_a_list_is_reported_too() {
    let members: &[u8] = b"[{\"Member_Account\":\"a\"},{\"Member_Account\":\"b\xff\"}]";
    let body = [&b"{\"GroupId\":\"g\",\"MemberList\":"[..], members, b"}"].concat();
    let members = json!([{ "Member_Account": "a" }, { "Member_Account": "b\u{fffd}" }]);
    let expected = json!({ "GroupId": "g", "MemberList": members });
    let told = tell(AFTER_GROUP_DESTROYED, body).await;
    assert_eq!(told, event_without(expected, &["MemberList[1].Member_Account"]));
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_in_a_field_that_no_event_knows_change_nothing() {
    let told = tell(AFTER_GROUP_DESTROYED, &b"{\"GroupId\":\"g\",\"New\":\"\xff\",\"Name\":\"n\"}"[..]).await;
    assert_eq!(told, event(json!({ "GroupId": "g", "Name": "n" })));
}

#[tokio::test]
async fn one_byte_order_mark_before_a_body_is_skipped() {
    assert_eq!(tell(AFTER_GROUP_DESTROYED, "\u{feff}{\"GroupId\":\"g\"}").await, event(json!({ "GroupId": "g" })));
    let named = format!("\u{feff}{{\"CallbackCommand\":\"{AFTER_GROUP_DESTROYED}\",\"GroupId\":\"g\"}}");
    assert!(matches!(tell("X.Y", named).await, Told::Event(..)));
}

#[tokio::test]
async fn whole_numbers_written_as_floats_are_integers() {
    for (written, read) in
        [("48374.0", 48_374_u64), ("1.5e9", 1_500_000_000), ("9007199254740991.0", 9_007_199_254_740_991)]
    {
        let body = format!(r#"{{"GroupId":{written},"EventTime":{written},"Owner_Account":{written}}}"#);
        let expected = json!({ "GroupId": read.to_string(), "EventTime": read, "Owner_Account": read.to_string() });
        assert_eq!(tell(AFTER_GROUP_DESTROYED, body).await, event(expected));
    }
}

#[tokio::test]
async fn ten_thousand_levels_in_an_unknown_field_do_no_harm() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let core = if close == "}" { "1" } else { "" };
        let deep = format!("{}{core}{}", open.repeat(10_000), close.repeat(10_000));
        let body = format!(r#"{{"New":{deep},"GroupId":"g"}}"#);
        assert_eq!(tell(AFTER_GROUP_DESTROYED, body.clone()).await, event(json!({ "GroupId": "g" })));
        assert_eq!(tell("X.Y", body).await, Told::Unknown);

        let body = format!(r#"{{"Name":true,"New":{deep},"EventTime":[],"GroupId":"g"}}"#);
        let expected = event_without(json!({ "GroupId": "g" }), &["EventTime", "Name"]);
        assert_eq!(tell(AFTER_GROUP_DESTROYED, body).await, expected);

        for key in ["Name", "Type", "EventTime"] {
            let body = format!(r#"{{"{key}":{deep},"GroupId":"g"}}"#);
            assert_eq!(tell(AFTER_GROUP_DESTROYED, body).await, event_without(json!({ "GroupId": "g" }), &[key]));
        }
        let body = format!(r#"{{"MemberList":[{deep},{{"Member_Account":"a"}}],"GroupId":"g"}}"#);
        let members = json!({ "GroupId": "g", "MemberList": [{ "Member_Account": "a" }] });
        assert_eq!(tell(AFTER_GROUP_DESTROYED, body).await, event_without(members, &["MemberList[0]"]));
        for body in [format!(r#"{{"GroupId":{deep}}}"#), deep] {
            let told = tell(AFTER_GROUP_DESTROYED, body).await;
            assert!(matches!(told, Told::Undecodable(..)), "{told:?}");
        }
    }
}

#[tokio::test]
async fn of_a_field_given_twice_the_first_counts_and_the_other_is_named() {
    let told = tell(AFTER_GROUP_DESTROYED, r#"{"GroupId":"g","Name":"first","Name":"second"}"#).await;
    assert_eq!(told, event_without(json!({ "GroupId": "g", "Name": "first" }), &["Name"]));
    let told = tell(AFTER_GROUP_DESTROYED, r#"{"GroupId":"first","GroupId":"second"}"#).await;
    assert_eq!(told, event_without(json!({ "GroupId": "first" }), &["GroupId"]));
    let told = tell(AFTER_GROUP_DESTROYED, r#"{"GroupId":{},"GroupId":"second"}"#).await;
    assert!(matches!(&told, Told::Undecodable(_, path, _) if path == "GroupId"), "{told:?}");
    let told = tell_custom_fields(r#"[{"Key":"a","Key":"b"}]"#).await;
    let event = json!({ "GroupId": "g", "TopicId": "t", "UserDefinedDataList": [{ "Key": "a" }] });
    assert_eq!(told, event_without(event, &["UserDefinedDataList[0].Key"]));
}

#[tokio::test]
async fn escaped_keys_are_the_keys_that_they_stand_for() {
    let told = tell(AFTER_GROUP_DESTROYED, r#"{"Group\u0049d":"g","\u004eame":"n"}"#).await;
    assert_eq!(told, event(json!({ "GroupId": "g", "Name": "n" })));
    let told = tell(AFTER_GROUP_DESTROYED, r#"{"Group\u0049d":"g","\u004eame":true}"#).await;
    assert_eq!(told, event_without(json!({ "GroupId": "g" }), &["Name"]));
    let told = tell(AFTER_GROUP_DESTROYED, r#"{"Group\u0049d":true}"#).await;
    let Told::Undecodable(_, path, reason) = told else { panic!("{told:?}") };
    assert_eq!(path, "GroupId");
    assert!(reason.contains("boolean"), "{reason}");
}

#[tokio::test]
async fn integers_are_read_exactly_bare_and_quoted() {
    for time in [0, 1, 9_007_199_254_740_993, u64::MAX] {
        for text in [format!("{time}"), format!("\"{time}\"")] {
            let told = tell(AFTER_GROUP_DESTROYED, format!(r#"{{"GroupId":"g","EventTime":{text}}}"#)).await;
            assert_eq!(told, event(json!({ "GroupId": "g", "EventTime": time })));
        }
    }
}

#[tokio::test]
async fn bare_ids_are_kept_as_they_are_written() {
    for id in ["0", "7", "-7", "9007199254740993", "18446744073709551615", "-9223372036854775808"] {
        let body = format!(r#"{{"GroupId":{id},"Owner_Account":{id},"MemberList":[{{"Member_Account":{id}}}]}}"#);
        let members = json!([{ "Member_Account": id }]);
        let expected = json!({ "GroupId": id, "Owner_Account": id, "MemberList": members });
        assert_eq!(tell(AFTER_GROUP_DESTROYED, body).await, event(expected));
    }
}

#[tokio::test]
async fn what_is_not_one_object_is_undecodable_as_a_whole() {
    let bodies: [&[u8]; 20] = [
        b"",
        b" ",
        b"\0",
        b"{",
        b"}",
        b"{}}",
        b"{} {}",
        b"null",
        b"true",
        b"0",
        b"\"GroupId\"",
        b"[]",
        b"[{\"GroupId\":\"g\"}]",
        br#"["Group.CallbackAfterGroupDestroyed","o","g","Public","o","n",[],1]"#,
        b"{\"GroupId\":\"g\",}",
        b"{\"GroupId\":\"g\"",
        b"{GroupId:\"g\"}",
        b"{'GroupId':'g'}",
        b"\xff{\"GroupId\":\"g\"}",
        b"\xef\xbb\xbf\xef\xbb\xbf{\"GroupId\":\"g\"}",
    ];
    for body in bodies {
        let told = tell(AFTER_GROUP_DESTROYED, body).await;
        let Told::Undecodable(command, path, _) = &told else { panic!("{told:?}") };
        assert_eq!((*command, path.as_str()), (AFTER_GROUP_DESTROYED, "."), "{}", String::from_utf8_lossy(body));
    }
}

#[tokio::test]
async fn an_empty_object_lacks_what_is_required() {
    let told = tell(AFTER_GROUP_DESTROYED, "{}").await;
    assert!(
        matches!(&told, Told::Undecodable(_, path, reason) if path == "GroupId" && reason == "missing"),
        "{told:?}"
    );
}

#[tokio::test]
async fn no_reason_quotes_what_somebody_has_written() {
    let secret = "meet me, \\\"expected\\\" at line 5: string \\\"x\\\", expected soon";
    for body in [
        format!(r#"{{"GroupId":"g","EventTime":"{secret}","MemberList":"{secret}"}}"#),
        format!(r#"{{"GroupId":"g","MemberList":["{secret}"]}}"#),
        format!(r#"{{"GroupId":"g","MemberList":{{"{secret}":1}}}}"#),
    ] {
        let (told, reasons) = tell_with_reasons(AFTER_GROUP_DESTROYED, body).await;
        assert!(matches!(told, Told::Event(..)), "{told:?}");
        assert!(!reasons.is_empty());
        assert!(reasons.iter().all(|reason| !reason.contains("meet") && !reason.contains("soon")), "{reasons:?}");
    }
    let told = tell(AFTER_TOPIC_DESTROYED, format!(r#"{{"GroupId":"g","TopicIdList":"{secret}"}}"#)).await;
    let Told::Undecodable(_, path, reason) = told else { panic!("{told:?}") };
    assert_eq!(path, "TopicIdList");
    assert!(!reason.contains("meet") && !reason.contains("soon"), "{reason}");
}

fn repeated(times: usize, text: impl Fn(usize) -> String) -> String {
    (0..times).map(text).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn more_than_sixteen_fields_that_cannot_be_read_make_a_body_unreadable() {
    let body = |wrong| {
        let wrong = repeated(wrong, |_| "{}".to_owned());
        format!(r#"{{"GroupId":"g","MemberList":[{{"Member_Account":"a"}},{wrong}]}}"#)
    };
    let told = tell(AFTER_GROUP_DESTROYED, body(16)).await;
    assert!(matches!(&told, Told::Event(_, dropped) if dropped.len() == 16), "{told:?}");
    let told = tell(AFTER_GROUP_DESTROYED, body(17)).await;
    assert!(matches!(&told, Told::Undecodable(_, path, _) if path == "."), "{told:?}");
}

#[tokio::test]
async fn any_number_of_texts_that_are_not_unicode_is_read_and_the_first_are_named() {
    let members = repeated(5_000, |_| r#"{"Member_Account":"\ud83d"}"#.to_owned());
    let told = tell(AFTER_GROUP_DESTROYED, format!(r#"{{"MemberList":[{members}],"GroupId":"g"}}"#)).await;
    let Told::Event(event, dropped) = told else { panic!("{told:?}") };
    assert_eq!(event["MemberList"].as_array().unwrap().len(), 5_000);
    assert_eq!((dropped.len(), dropped[0].as_str()), (17, "."));
}

#[tokio::test]
async fn a_few_wrong_fields_in_a_long_list_are_dropped_alone() {
    let custom = repeated(5_000, |index| {
        let value = if index % 500 == 499 { "{}" } else { "\"v\"" };
        format!(r#"{{"Key":"{index}","Value":{value}}}"#)
    });
    let body = format!(r#"{{"GroupId":"g","TopicId":"t","UserDefinedDataList":[{custom}]}}"#);
    let Told::Event(event, dropped) = tell(AFTER_CREATE_TOPIC, body).await else { panic!("delivered") };
    assert_eq!(event["UserDefinedDataList"].as_array().unwrap().len(), 5_000);
    assert_eq!(dropped.len(), 10);
    assert!(dropped.contains(&"UserDefinedDataList[499].Value".to_owned()), "{dropped:?}");
}

#[tokio::test]
async fn a_body_that_names_another_callback_is_read_as_that() {
    let gone = json!({ "CallbackCommand": AFTER_GROUP_DESTROYED, "GroupId": "g" });
    for command in [BEFORE_CREATE_TOPIC, AFTER_CREATE_TOPIC, AFTER_TOPIC_DESTROYED, "X.Y", ""] {
        assert_eq!(tell(command, gone.to_string()).await, event(gone.clone()), "{command}");
    }
    // It is read once more and no further, so that a body cannot lead in circles.
    let lost =
        tell(AFTER_GROUP_DESTROYED, format!(r#"{{"CallbackCommand":"{AFTER_TOPIC_DESTROYED}","GroupId":"g"}}"#)).await;
    assert!(matches!(&lost, Told::Undecodable(AFTER_TOPIC_DESTROYED, path, _) if path == "TopicIdList"), "{lost:?}");
}
