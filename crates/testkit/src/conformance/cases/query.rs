//! The query is read tolerantly, but never two ways.

use serde_json::{Value, json};

use super::before_create_topic;
use crate::{
    Request,
    conformance::{
        case::Case,
        request::{APP, NOW, TOKEN, sign},
    },
};

pub(super) fn cases() -> Vec<Case> {
    [doubled(), badly_encoded(), well_encoded(), spellings(), unknown(), words()].into_iter().flatten().collect()
}

/// With its command under the name that a newer page has for it.
fn webhook() -> Request {
    before_create_topic().renamed("CallbackCommand", "WebhookCommand")
}

fn doubled() -> Vec<Case> {
    let good = before_create_topic();
    let now = NOW.to_string();
    vec![
        Case::new("the_app_twice_is_malformed", good.clone().with("SdkAppid", APP.to_string())).refused(400),
        Case::new("the_command_twice_is_malformed", good.clone().with("CallbackCommand", "Group.X")).refused(400),
        Case::new("the_webhook_command_twice_is_malformed", webhook().with("WebhookCommand", "Group.X")).refused(400),
        Case::new("the_content_type_twice_is_malformed", good.clone().with("contenttype", "json")).refused(400),
        Case::new("the_client_address_twice_is_malformed", good.clone().with("ClientIP", "203.0.113.8")).refused(400),
        Case::new("the_platform_twice_is_malformed", good.clone().with("OptPlatform", "iOS")).refused(400),
        Case::new("the_signature_twice_is_malformed", good.clone().with("Sign", sign(TOKEN, &now))).refused(400),
        Case::new("the_time_twice_is_malformed", good.clone().with("RequestTime", &now)).refused(400),
        Case::new("twice_in_another_case_is_malformed", good.clone().with("sdkappid", APP.to_string())).refused(400),
        Case::new("twice_with_an_encoded_key_is_malformed", good.clone().with("%53ign", "00")).refused(400),
        Case::new("twice_with_an_empty_value_is_malformed", good.clone().with("ClientIP", "")).refused(400),
        Case::new("twice_without_a_value_is_malformed", good.with_key("OptPlatform")).refused(400),
    ]
}

fn badly_encoded() -> Vec<Case> {
    let good = before_create_topic();
    vec![
        Case::new("a_bad_escape_in_the_app_is_malformed", good.clone().set("SdkAppid", "14%0g")).refused(400),
        Case::new("a_bad_escape_in_the_command_is_malformed", good.clone().set("CallbackCommand", "Group.%zz"))
            .refused(400),
        Case::new("a_bad_escape_in_the_platform_is_malformed", good.clone().set("OptPlatform", "%")).refused(400),
        Case::new("a_bad_escape_in_the_signature_is_malformed", good.clone().set("Sign", "%+1")).refused(400),
        Case::new("a_cut_escape_in_the_time_is_malformed", good.clone().set("RequestTime", "17%3")).refused(400),
        Case::new("an_escape_that_is_no_text_is_malformed", good.clone().set("ClientIP", "%ff")).refused(400),
        Case::new("a_bad_escape_in_an_unknown_value_is_kept", good.clone().with("note", "100%"))
            .seen(json!({ "parameters": [["note", "100%"]] })),
        Case::new("a_bad_escape_in_an_unknown_key_is_kept", good.with("no%zzte", "1"))
            .seen(json!({ "parameters": [["no%zzte", "1"]] })),
    ]
}

fn well_encoded() -> Vec<Case> {
    let good = before_create_topic();
    let escaped = |text: &str| text.bytes().fold(String::new(), |all, byte| format!("{all}%{byte:02X}"));
    vec![
        Case::new(
            "an_encoded_command_is_decoded",
            good.clone().set("CallbackCommand", "Group%2eCallback%42eforeCreateTopic"),
        )
        .seen(json!({ "command": "Group.CallbackBeforeCreateTopic" })),
        Case::new("an_encoded_app_is_decoded", good.clone().set("SdkAppid", escaped(&APP.to_string())))
            .seen(json!({ "app_id": APP })),
        Case::new("an_encoded_time_is_decoded", good.clone().set("RequestTime", escaped(&NOW.to_string())))
            .calls("group_before_create_topic"),
        Case::new("an_encoded_signature_is_decoded", good.clone().set("Sign", escaped(&sign(TOKEN, &NOW.to_string()))))
            .calls("group_before_create_topic"),
        Case::new("an_encoded_client_address_is_decoded", good.clone().set("ClientIP", "2001%3Adb8%3A%3A7"))
            .seen(json!({ "client_ip": "2001:db8::7" })),
        Case::new("an_encoded_platform_is_decoded", good.clone().set("OptPlatform", "%E9%B8%BF%E8%92%99"))
            .seen(json!({ "platform": "鸿蒙", "platform_text": "鸿蒙" })),
        Case::new("an_encoded_key_is_decoded", good.clone().renamed("ClientIP", "Client%49P"))
            .seen(json!({ "client_ip": "203.0.113.7" })),
        Case::new("an_encoded_unknown_parameter_is_decoded", good.clone().with("%6eote", "a%20b%26c"))
            .seen(json!({ "parameters": [["note", "a b&c"]] })),
        Case::new("a_plus_is_a_plus", good.with("note", "a+b")).seen(json!({ "parameters": [["note", "a+b"]] })),
    ]
}

fn spellings() -> Vec<Case> {
    let good = before_create_topic();
    let in_case = |of: fn(&str) -> String| {
        ["SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"]
            .iter()
            .fold(before_create_topic(), |request, key| request.renamed(*key, of(key)))
    };
    let everything = json!({ "app_id": APP, "client_ip": "203.0.113.7", "platform": "Android", "parameters": [] });
    vec![
        Case::new("keys_in_lower_case_are_read", in_case(str::to_ascii_lowercase)).seen(everything.clone()),
        Case::new("keys_in_upper_case_are_read", in_case(str::to_ascii_uppercase)).seen(everything.clone()),
        Case::new("the_order_of_the_parameters_does_not_matter", good.clone().reversed()).seen(everything),
        Case::new("the_app_may_be_spelled_sdk_app_id", good.clone().renamed("SdkAppid", "SDKAppID"))
            .seen(json!({ "app_id": APP })),
        Case::new("the_command_may_be_called_webhook_command", webhook())
            .seen(json!({ "method": "group_before_create_topic", "command": "Group.CallbackBeforeCreateTopic" })),
        Case::new("a_client_address_without_a_value_is_absent", good.clone().without("ClientIP").with_key("ClientIP"))
            .seen(json!({ "client_ip": null })),
        Case::new("a_platform_without_a_value_is_absent", good.clone().without("OptPlatform").with_key("OptPlatform"))
            .seen(json!({ "platform": null, "platform_text": null })),
        Case::new("an_empty_client_address_is_absent", good.clone().set("ClientIP", ""))
            .seen(json!({ "client_ip": null })),
        Case::new("address_and_platform_may_be_absent", good.clone().without("ClientIP").without("OptPlatform"))
            .seen(json!({ "client_ip": null, "platform": null })),
        Case::new("empty_pieces_in_the_query_are_nothing", good.with_key("").with_key(""))
            .seen(json!({ "parameters": [] })),
    ]
}

fn unknown() -> Vec<Case> {
    let good = before_create_topic();
    let long = "y".repeat(20_000);
    let seen = |parameters: Value| json!({ "method": "group_before_create_topic", "parameters": parameters });
    vec![
        Case::new("an_unknown_parameter_is_reachable", good.clone().with("region", "eu"))
            .seen(seen(json!([["region", "eu"]]))),
        Case::new("an_unknown_parameter_twice_is_kept_twice", good.clone().with("x", "1").with("x", "2"))
            .seen(seen(json!([["x", "1"], ["x", "2"]]))),
        Case::new("an_unknown_key_without_a_value_is_kept", good.clone().with_key("flag"))
            .seen(seen(json!([["flag", ""]]))),
        Case::new("a_value_may_have_equals_signs_in_it", good.clone().with("x", "a=b=c"))
            .seen(seen(json!([["x", "a=b=c"]]))),
        Case::new(
            "a_key_that_begins_like_a_known_one_is_another",
            good.clone().with("Signature", "1").with("Sig", "2"),
        )
        .seen(seen(json!([["Signature", "1"], ["Sig", "2"]]))),
        Case::new("a_query_with_slashes_and_question_marks_is_read", good.clone().with("back", "/a?b"))
            .seen(seen(json!([["back", "/a?b"]]))),
        Case::new("a_query_with_brackets_and_such_is_read", good.clone().with("x", "{a}[b]|^`\\"))
            .seen(seen(json!([["x", "{a}[b]|^`\\"]]))),
        Case::new("a_query_of_twenty_thousand_characters_is_read", good.with("x", &long))
            .seen(seen(json!([["x", long]]))),
    ]
}

fn words() -> Vec<Case> {
    let platform = |word: &str| before_create_topic().set("OptPlatform", word);
    let seen = |platform: &str, text: &str| json!({ "platform": platform, "platform_text": text });
    vec![
        Case::new("two_spellings_of_ios_are_one_platform", platform("IOS")).seen(seen("iOS", "IOS")),
        Case::new("two_names_of_the_mac_are_one_platform", platform("macOS")).seen(seen("Mac", "macOS")),
        Case::new("an_unknown_platform_is_kept", platform("Fridge")).seen(seen("Fridge", "Fridge")),
        Case::new("the_restful_api_is_a_platform", platform("RESTAPI")).seen(seen("RESTAPI", "RESTAPI")),
    ]
}
