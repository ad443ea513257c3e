//! What is odd in a body but does no harm does not lose the callback.

use serde_json::{Value, json};

use super::{after_group_destroyed, before_create_topic};
use crate::conformance::{case::Case, request::callback};

pub(super) fn cases() -> Vec<Case> {
    [fields(), texts()].concat()
}

/// What a field may be.
fn fields() -> Vec<Case> {
    let destroyed = |name: &'static str, body: Value| Case::new(name, after_group_destroyed(&body));
    let event = |event: Value| json!({ "method": "group_after_group_destroyed", "event": event, "dropped": [] });
    let without =
        |path: &str| json!({ "method": "group_after_group_destroyed", "event": { "GroupId": "g" }, "dropped": [path] });
    let members: Vec<_> = (0..6_000).map(|member| json!({ "Member_Account": format!("member-{member}") })).collect();
    let all_null = json!({
        "GroupId": "g", "CallbackCommand": null, "Operator_Account": null, "Type": null, "Owner_Account": null,
        "Name": null, "MemberList": null, "EventTime": null,
    });
    vec![
        destroyed("a_bare_time_is_read", json!({ "GroupId": "g", "EventTime": 1_733_218_807_817_u64 }))
            .seen(event(json!({ "EventTime": 1_733_218_807_817_u64 }))),
        destroyed("a_quoted_time_is_read", json!({ "GroupId": "g", "EventTime": "1733218807817" }))
            .seen(event(json!({ "EventTime": 1_733_218_807_817_u64 }))),
        destroyed(
            "the_largest_time_of_all_is_read_exactly",
            json!({ "GroupId": "g", "EventTime": u64::MAX.to_string() }),
        )
        .seen(event(json!({ "EventTime": u64::MAX }))),
        destroyed("null_is_the_same_as_absent", all_null).seen(event(json!({ "GroupId": "g" }))),
        destroyed(
            "unknown_fields_are_no_fault",
            json!({ "GroupId": "g", "New": { "deep": [1, { "a": null }] }, "": 0 }),
        )
        .seen(event(json!({ "GroupId": "g" }))),
        destroyed(
            "an_id_may_come_as_a_bare_integer",
            json!({ "GroupId": 7, "Operator_Account": 9_007_199_254_740_993_u64 }),
        )
        .seen(event(json!({ "GroupId": "7", "Operator_Account": "9007199254740993" }))),
        destroyed("the_largest_bare_id_is_kept_exactly", json!({ "GroupId": "g", "Owner_Account": u64::MAX }))
            .seen(event(json!({ "Owner_Account": "18446744073709551615" }))),
        destroyed(
            "a_bare_id_in_a_list_is_kept_exactly",
            json!({ "GroupId": "g", "MemberList": [{ "Member_Account": 144_115_198_244_471_703_u64 }] }),
        )
        .seen(event(json!({ "MemberList": [{ "Member_Account": "144115198244471703" }] }))),
        destroyed("an_unknown_group_type_is_kept", json!({ "GroupId": "g", "Type": "Galaxy" }))
            .seen(event(json!({ "Type": "Galaxy" }))),
        destroyed("the_two_names_of_a_group_type_are_one", json!({ "GroupId": "g", "Type": "Work" }))
            .seen(event(json!({ "Type": "Private" }))),
        destroyed("six_thousand_members_arrive", json!({ "GroupId": "g", "MemberList": members }))
            .seen(event(json!({ "MemberList": members }))),
        destroyed("an_optional_text_that_is_a_list_is_dropped", json!({ "GroupId": "g", "Name": ["n"] }))
            .seen(without("Name")),
        destroyed("an_optional_time_that_is_no_number_is_dropped", json!({ "GroupId": "g", "EventTime": "soon" }))
            .seen(without("EventTime")),
        destroyed("an_optional_word_that_is_a_number_is_dropped", json!({ "GroupId": "g", "Type": 3 }))
            .seen(without("Type")),
        destroyed(
            "an_entry_of_a_list_that_cannot_be_read_is_dropped",
            json!({ "GroupId": "g", "MemberList": [{ "Member_Account": "a" }, 5] }),
        )
        .seen(json!({
            "event": { "GroupId": "g", "MemberList": [{ "Member_Account": "a" }] }, "dropped": ["MemberList[1]"],
        })),
        Case::new(
            "an_entry_of_a_required_list_that_cannot_be_read_is_dropped",
            callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":["a",{},"b"]}"#),
        )
        .seen(json!({
            "event": { "GroupId": "g", "TopicIdList": ["a", "b"] }, "dropped": ["TopicIdList[1]"],
        })),
        Case::new(
            "whole_numbers_written_as_floats_are_integers",
            callback("Group.CallbackAfterGroupDestroyed", r#"{"GroupId":48374.0,"EventTime":1.5e9}"#),
        )
        .seen(event(json!({ "GroupId": "48374", "EventTime": 1_500_000_000 }))),
        destroyed(
            "several_wrong_fields_are_dropped_together",
            json!({ "EventTime": {}, "GroupId": "g", "Name": true, "Type": [] }),
        )
        .seen(json!({ "event": { "GroupId": "g" }, "dropped": ["Type", "Name", "EventTime"] })),
    ]
}

/// How the text of a body may be written.
fn texts() -> Vec<Case> {
    vec![
        Case::new(
            "half_a_surrogate_pair_becomes_a_replacement_character",
            before_create_topic().body(r#"{"Operator_Account":"o","Name":"casino \ud83d"}"#),
        )
        .seen(json!({ "event": { "Name": "casino \u{fffd}" }, "dropped": ["Name"] })),
        Case::new(
            "a_surrogate_in_three_bytes_becomes_replacement_characters",
            before_create_topic().body(b"{\"Operator_Account\":\"o\",\"Name\":\"casino \xed\xa0\xbd\"}".to_vec()),
        )
        .seen(json!({ "event": { "Name": "casino \u{fffd}\u{fffd}\u{fffd}" }, "dropped": ["Name"] })),
        Case::new(
            "bytes_that_are_not_utf_8_in_a_field_that_no_event_knows_do_no_harm",
            before_create_topic().body(b"{\"Operator_Account\":\"o\",\"Name\":\"n\",\"X\":\"\xc3\"}".to_vec()),
        )
        .seen(json!({ "event": { "Name": "n" }, "dropped": [] })),
        Case::new(
            "a_byte_order_mark_before_a_body_is_skipped",
            before_create_topic().body("\u{feff}{\"Operator_Account\":\"o\",\"Name\":\"n\"}"),
        )
        .seen(json!({ "event": { "Name": "n" }, "dropped": [] })),
        Case::new(
            "white_space_around_a_body_is_no_fault",
            before_create_topic().body("\r\n\t {\n \"Operator_Account\" : \"o\" ,\r\n\"Name\":\"n\" } \n"),
        )
        .seen(json!({ "event": { "Operator_Account": "o", "Name": "n" } })),
        Case::new(
            "text_beyond_ascii_arrives",
            before_create_topic().body(r#"{"Operator_Account":"密钥","Name":"\u4e0d\ud83d\ude00"}"#),
        )
        .seen(json!({ "event": { "Operator_Account": "密钥", "Name": "不😀" } })),
        Case::new(
            "escaped_keys_are_read",
            before_create_topic().body(r#"{"Operator\u005fAccount":"o","N\u0061me":"n"}"#),
        )
        .seen(json!({ "event": { "Operator_Account": "o", "Name": "n" } })),
    ]
}
