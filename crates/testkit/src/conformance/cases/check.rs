//! The console's own check of the URL: rightly signed, for no application, with no command that is known.

use http::Method;

use super::before_create_topic;
use crate::{
    Request,
    conformance::{
        case::Case,
        request::{NOW, OTHER_TOKEN, PREVIOUS_TOKEN},
    },
};

fn check() -> Request {
    before_create_topic().without("SdkAppid").without("CallbackCommand")
}

pub(super) fn cases() -> Vec<Case> {
    let now = NOW.to_string();
    let unknown = check().with("CallbackCommand", "Console.Check");
    vec![
        Case::new("the_check_of_the_console_is_passed", check().body("{}")),
        Case::new("the_check_may_have_no_body", check().body("")),
        Case::new("the_check_may_have_any_body", check().body("<html>")),
        Case::new("the_check_may_have_an_unknown_command", unknown.clone()),
        Case::new("the_check_may_have_a_known_command_in_its_body", check()),
        Case::new(
            "the_check_may_have_an_empty_app_and_command",
            check().with("SdkAppid", "").with("CallbackCommand", ""),
        ),
        Case::new("the_check_may_be_signed_with_the_previous_token", check().signed(PREVIOUS_TOKEN, &now)),
        Case::new("the_check_may_be_signed_with_the_token_of_any_app", check().signed(OTHER_TOKEN, &now)),
        Case::new(
            "a_check_with_a_known_command_is_a_callback_without_an_app",
            before_create_topic().without("SdkAppid"),
        )
        .refused(403),
        Case::new("a_forged_check_is_refused", check().forged()).refused(403),
        Case::new("a_forged_check_with_an_unknown_command_is_refused", unknown.forged()).refused(403),
        Case::new("an_unsigned_check_is_refused", check().unsigned()).refused(403),
        Case::new("an_old_check_is_refused", check().seconds_from_now(-61)).refused(403),
        Case::new("a_check_for_another_app_is_refused", check().set("SdkAppid", "1400000009")).refused(403),
        Case::new("a_check_by_get_is_refused", check().method(Method::GET).body("")).refused(405),
        Case::new("a_request_without_any_query_is_refused", check().query("")).refused(403),
    ]
}
