//! The query's word selects the type; a known word in the body wins over it.

use serde_json::json;

use super::before_create_topic;
use crate::conformance::{case::Case, request::callback};

pub(super) fn cases() -> Vec<Case> {
    let unknown = |word: &str| callback(word, r#"{"CallbackCommand":"Group.CallbackNeverSeen","A":1}"#);
    let destroyed = r#"{"CallbackCommand":"Group.CallbackAfterGroupDestroyed","GroupId":"g","Name":"n"}"#;
    let topics_gone = r#"{"CallbackCommand":"Group.CallbackAfterTopicDestroyed","GroupId":"g","TopicIdList":["t"]}"#;
    let good = before_create_topic();
    let seen_destroyed = json!({ "method": "group_after_group_destroyed", "event": { "GroupId": "g" } });
    vec![
        Case::new("an_unknown_command_is_acknowledged", unknown("Group.CallbackNeverSeen")).seen(json!({
            "method": "unknown",
            "command": "Group.CallbackNeverSeen",
            "body": r#"{"CallbackCommand":"Group.CallbackNeverSeen","A":1}"#,
        })),
        Case::new("an_unknown_alert_is_acknowledged", callback("Alert.NeverSeen", "{}")).calls("unknown"),
        Case::new("an_unknown_command_may_have_any_body", unknown("X.Y").body(vec![0xff, 0xfe])).calls("unknown"),
        Case::new("an_unknown_command_may_have_no_body", unknown("X.Y").body("")).calls("unknown"),
        Case::new("an_array_names_no_command", unknown("X.Y").body(r#"["Group.CallbackAfterGroupDestroyed"]"#))
            .calls("unknown"),
        Case::new("a_known_command_in_another_case_is_unknown", unknown("group.callbackbeforecreatetopic"))
            .calls("unknown"),
        Case::new("a_callback_without_any_command_is_unknown", good.clone().without("CallbackCommand").body("{}"))
            .seen(json!({ "method": "unknown", "command": "" })),
        Case::new("the_body_may_name_the_command_where_the_query_does_not", good.clone().without("CallbackCommand"))
            .seen(json!({ "method": "group_before_create_topic", "command": "" })),
        Case::new("the_body_names_the_command_where_the_word_of_the_query_is_unknown", unknown("X.Y").body(destroyed))
            .seen(seen_destroyed.clone()),
        Case::new("another_known_command_in_the_body_wins", good.clone().body(destroyed)).seen(seen_destroyed.clone()),
        Case::new(
            "another_known_command_in_the_body_wins_though_the_body_fits_both",
            callback("Group.CallbackAfterGroupDestroyed", topics_gone),
        )
        .seen(json!({ "method": "group_after_topic_destroyed", "event": { "TopicIdList": ["t"] } })),
        Case::new(
            "an_unknown_command_in_the_body_does_not_win",
            good.clone().body(r#"{"CallbackCommand":"X.Y","Operator_Account":"o","Name":"n"}"#),
        )
        .seen(json!({ "method": "group_before_create_topic", "event": { "CallbackCommand": "X.Y" } })),
        Case::new("a_body_need_not_name_its_command", good.clone().body(r#"{"Operator_Account":"o","Name":"n"}"#))
            .seen(json!({ "method": "group_before_create_topic", "dropped": [] })),
        Case::new(
            "a_command_in_the_body_that_is_no_word_is_dropped",
            good.clone().body(r#"{"CallbackCommand":7,"Operator_Account":"o","Name":"n"}"#),
        )
        .seen(json!({ "method": "group_before_create_topic", "dropped": ["CallbackCommand"] })),
        Case::new(
            "a_null_command_in_the_body_is_none",
            good.body(r#"{"CallbackCommand":null,"Operator_Account":"o","Name":"n"}"#),
        )
        .seen(json!({ "method": "group_before_create_topic", "dropped": [] })),
        Case::new(
            "a_body_that_fits_only_its_own_command_wins_too",
            callback("Group.CallbackAfterCreateTopic", destroyed),
        )
        .seen(seen_destroyed),
        Case::new(
            "a_body_that_wins_and_does_not_decode_is_undecodable_for_its_own_command",
            before_create_topic().body(r#"{"CallbackCommand":"Group.CallbackAfterGroupDestroyed"}"#),
        )
        .refused(400)
        .seen(json!({ "method": "undecodable", "error": ["Group.CallbackAfterGroupDestroyed", "GroupId"] })),
    ]
}
