//! A known command whose body cannot be read reaches `undecodable`, with the place of the fault.

use serde_json::json;

use super::before_create_topic;
use crate::{
    Request,
    conformance::{
        case::{Case, decision},
        request::callback,
    },
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
        case(
            "bytes_that_are_not_utf_8_between_the_fields_are_undecodable",
            destroyed("").body(b"{\xff}".to_vec()),
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
        Case::new("the_handler_may_take_what_is_undecodable", before_create_topic().body("{").order("take"))
            .seen(json!({ "method": "undecodable", "body": "{", "body_length": 1 })),
        Case::new("the_handler_may_refuse_what_is_undecodable", before_create_topic().body("{").order("refuse"))
            .answered(decision(1, ""))
            .calls("undecodable"),
        Case::new("an_after_callback_that_is_undecodable_cannot_be_refused", destroyed("{").order("refuse"))
            .refused(400)
            .calls("undecodable"),
        Case::new("a_before_callback_that_is_undecodable_follows_the_failure_policy", before_create_topic().body("{"))
            .refused(500)
            .calls("undecodable"),
        Case::new(
            "an_error_about_a_before_callback_that_is_undecodable_follows_the_failure_policy",
            before_create_topic().body("{").order("fail"),
        )
        .refused(500)
        .calls("undecodable"),
        Case::new("an_error_about_an_after_callback_that_is_undecodable_is_a_400", destroyed("{").order("fail"))
            .refused(400)
            .calls("undecodable"),
        Case::new("a_panic_about_what_is_undecodable_is_a_500", before_create_topic().body("{").order("panic-str"))
            .refused(500)
            .calls("undecodable"),
    ]
}
