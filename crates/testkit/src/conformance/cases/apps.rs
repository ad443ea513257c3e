//! `SdkAppid` is an app of ours, and each app has its own tokens and handler.

use serde_json::json;

use super::{CaseGroup, before_create_topic};
use crate::conformance::{
    case::Case,
    request::{APP, NOW, OTHER_APP, OTHER_TOKEN, TOKEN},
};

pub(super) fn cases() -> Vec<Case> {
    let good = before_create_topic();
    let app = |id: &str| before_create_topic().set("SdkAppid", id);
    let (now, other) = (NOW.to_string(), OTHER_APP.to_string());
    vec![
        Case::new("a_callback_without_an_app_is_refused", good.clone().without("SdkAppid")).refused(403),
        Case::new("a_callback_with_an_empty_app_is_refused", app("")).refused(403),
        Case::new("an_app_without_a_value_is_refused", good.without("SdkAppid").with_key("SdkAppid")).refused(403),
        Case::new("an_app_that_is_not_a_number_is_refused", app("fourteen")).refused(403),
        Case::new("another_app_is_refused", app("1400000009")).refused(403),
        Case::new("an_app_too_large_for_any_integer_is_refused", app(&"9".repeat(40))).refused(403),
        Case::new("an_app_that_wraps_around_to_ours_is_refused", app("18446744075109551617")).refused(403),
        Case::new("an_app_with_a_sign_is_refused", app("+1400000001")).refused(403),
        Case::new("a_negative_app_is_refused", app("-1400000001")).refused(403),
        Case::new("a_fractional_app_is_refused", app("1400000001.0")).refused(403),
        Case::new("an_app_with_a_blank_is_refused", app("%201400000001")).refused(403),
        Case::new("each_app_has_its_own_handler", app(&other).signed(OTHER_TOKEN, &now))
            .seen(json!({ "handler": "other", "app_id": OTHER_APP })),
        Case::new("the_first_app_has_the_first_handler", app(&APP.to_string()))
            .seen(json!({ "handler": "main", "app_id": APP })),
        Case::new("the_token_of_one_app_does_not_open_the_other", app(&other).signed(TOKEN, &now)).refused(401),
        Case::new("nor_the_other_way_round", app(&APP.to_string()).signed(OTHER_TOKEN, &now)).refused(401),
    ]
}

/// An app whose signatures are not checked, beside those whose are.
pub(super) fn groups() -> Vec<CaseGroup> {
    let open = before_create_topic().set("SdkAppid", "1400000003");
    let closed = before_create_topic();
    let seen = json!({ "app_id": 1_400_000_003_u64, "handler": "main" });
    let cases = vec![
        Case::new("an_app_without_a_token_takes_what_is_not_signed", open.clone().unsigned()).seen(seen.clone()),
        Case::new("an_app_without_a_token_takes_what_is_forged", open.clone().forged()).seen(seen.clone()),
        Case::new("an_app_without_a_token_takes_what_is_old", open.clone().seconds_from_now(-1_000)).seen(seen.clone()),
        Case::new("an_app_without_a_token_takes_what_is_half_signed", open.clone().without("Sign")).seen(seen),
        Case::new("an_app_without_a_token_takes_no_parameter_twice", open.with("Sign", "00")).refused(400),
        Case::new("an_app_without_a_token_does_not_open_those_that_have_one", closed.clone().unsigned()).refused(401),
        Case::new("an_app_without_a_token_does_not_make_forgeries_good", closed.forged()).refused(401),
    ];
    vec![CaseGroup::new(|builder| builder.unverified_app(1_400_000_003), cases)]
}
