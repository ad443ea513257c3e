//! A known command whose body cannot be read reaches `undecodable`, with the place of the fault.

use serde_json::json;

use super::before_create_topic;
use crate::{
    Request,
    conformance::{case::Case, request::callback},
};

pub(super) fn cases() -> Vec<Case> {
    let destroyed = |body: &str| callback("Group.CallbackAfterGroupDestroyed", body.to_owned());
    let case = |name: &'static str, request: Request, path: &str| {
        Case::new(name, request)
            .refused(400)
            .seen(json!({ "method": "undecodable", "error": ["Group.CallbackAfterGroupDestroyed", path] }))
    };
    let good = r#"{"GroupId":"g"}"#;
    let whole_array = r#"["Group.CallbackAfterGroupDestroyed","o","g","Public","o","n",[],1]"#;
    vec![
        case("an_empty_body_is_undecodable", destroyed(""), "."),
        case("a_blank_body_is_undecodable", destroyed("  \r\n"), "."),
        case("a_truncated_body_is_undecodable", destroyed(r#"{"GroupId":"g","#), "."),
        case("a_body_with_garbage_behind_it_is_undecodable", destroyed(&format!("{good}}}")), "."),
        case("two_bodies_in_one_are_undecodable", destroyed(&format!("{good}{good}")), "."),
        case("a_body_that_is_a_word_is_undecodable", destroyed("null"), "."),
        case("a_body_that_is_a_number_is_undecodable", destroyed("17"), "."),
        case("a_body_that_is_text_is_undecodable", destroyed(r#""GroupId""#), "."),
        case("an_array_is_undecodable", destroyed(&format!("[{good}]")), "."),
        case("an_empty_array_is_undecodable", destroyed("[]"), "."),
        case("an_array_with_every_field_in_its_place_is_undecodable", destroyed(whole_array), "."),
        case("a_form_is_undecodable", destroyed("GroupId=g&Name=n"), "."),
        case("invalid_utf8_is_undecodable", destroyed("").body(b"{\"GroupId\":\"\xff\"}".to_vec()), "."),
        case(
            "invalid_utf8_in_a_field_that_nobody_knows_is_undecodable",
            destroyed("").body(b"{\"GroupId\":\"g\",\"X\":\"\xc3\"}".to_vec()),
            ".",
        ),
        case(
            "a_body_in_utf16_is_undecodable",
            destroyed("").body(good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
            ".",
        ),
        case("a_missing_required_field_is_undecodable", destroyed(r#"{"Name":"n"}"#), "GroupId"),
        case("a_null_required_field_is_undecodable", destroyed(r#"{"GroupId":null}"#), "GroupId"),
        case(
            "a_required_field_of_the_wrong_type_is_undecodable",
            destroyed(r#"{"Name":"n","GroupId":{"a":1}}"#),
            "GroupId",
        ),
        Case::new(
            "a_wrong_element_in_a_required_list_is_undecodable",
            callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":["a",{}]}"#),
        )
        .refused(400)
        .seen(json!({ "error": ["Group.CallbackAfterTopicDestroyed", "TopicIdList[1]"] })),
        Case::new("the_handler_may_take_what_is_undecodable", before_create_topic().body("{").order("take"))
            .seen(json!({ "method": "undecodable", "body": "{", "body_length": 1 })),
        Case::new("an_error_about_what_is_undecodable_is_still_a_400", before_create_topic().body("{").order("fail"))
            .refused(400)
            .calls("undecodable"),
        Case::new("a_panic_about_what_is_undecodable_is_a_500", before_create_topic().body("{").order("panic-str"))
            .refused(500)
            .calls("undecodable"),
    ]
}
