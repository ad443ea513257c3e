//! `SdkAppid` is an app of ours, and each app has its own tokens and handler.

use serde_json::json;

use super::before_create_topic;
use crate::{
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
