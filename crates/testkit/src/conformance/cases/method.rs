//! The method is POST, and nothing but the method, query and body of a request matters.

use http::Method;
use serde_json::json;

use super::before_create_topic;
use crate::conformance::case::Case;

const EXTENSIONS: &str = "what_a_middleware_leaves_in_the_extensions_reaches_the_handler";

pub(super) fn cases() -> Vec<Case> {
    let good = before_create_topic();
    vec![
        Case::new("a_get_is_refused", good.clone().method(Method::GET).body("")).refused(405),
        Case::new("a_get_with_a_body_is_refused", good.clone().method(Method::GET)).refused(405),
        Case::new("a_head_is_refused", good.clone().method(Method::HEAD).body("")).refused(405),
        Case::new("a_put_is_refused", good.clone().method(Method::PUT)).refused(405),
        Case::new("a_delete_is_refused", good.clone().method(Method::DELETE)).refused(405),
        Case::new("a_patch_is_refused", good.clone().method(Method::PATCH)).refused(405),
        Case::new("an_options_is_refused", good.clone().method(Method::OPTIONS)).refused(405),
        Case::new("a_trace_is_refused", good.clone().method(Method::TRACE)).refused(405),
        Case::new("an_unknown_method_is_refused", good.clone().method("PURGE".parse().expect("a method"))).refused(405),
        Case::new("a_method_in_lower_case_is_another_method", good.clone().method("post".parse().expect("a method")))
            .refused(405),
        Case::new("a_post_is_taken", good.clone()).calls("group_before_create_topic"),
        Case::new("a_post_in_chunks_is_taken", good.clone().chunked(7)).calls("group_before_create_topic"),
        Case::new("a_post_in_chunks_of_one_byte_is_taken", good.clone().chunked(1)).calls("group_before_create_topic"),
        Case::new("the_content_type_is_not_looked_at", good.clone().header("Content-Type", "text/plain"))
            .calls("group_before_create_topic"),
        // Every request of a case has the case's name for the middleware.
        Case::new(EXTENSIONS, good).seen(json!({ "visitor": EXTENSIONS })),
    ]
}
