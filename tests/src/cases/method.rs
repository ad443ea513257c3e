//! The method is POST, and nothing but the method, query and body of a request matters.

use serde_json::json;

use super::before_create_topic;
use crate::case::Case;

pub(super) fn cases() -> Vec<Case> {
    let good = before_create_topic();
    vec![
        Case::new("a_get_is_refused", good.clone().method("GET").body("")).refused(405),
        Case::new("a_get_with_a_body_is_refused", good.clone().method("GET")).refused(405),
        Case::new("a_head_is_refused", good.clone().method("HEAD").body("")).refused(405),
        Case::new("a_put_is_refused", good.clone().method("PUT")).refused(405),
        Case::new("a_delete_is_refused", good.clone().method("DELETE")).refused(405),
        Case::new("a_patch_is_refused", good.clone().method("PATCH")).refused(405),
        Case::new("an_options_is_refused", good.clone().method("OPTIONS")).refused(405),
        Case::new("a_trace_is_refused", good.clone().method("TRACE")).refused(405),
        Case::new("a_method_that_nobody_knows_is_refused", good.clone().method("PURGE")).refused(405),
        Case::new("a_method_in_lower_case_is_another_method", good.clone().method("post")).refused(405),
        Case::new("a_post_is_taken", good.clone()).calls("group_before_create_topic"),
        Case::new("a_post_in_chunks_is_taken", good.clone().chunked(7)).calls("group_before_create_topic"),
        Case::new("a_post_in_chunks_of_one_byte_is_taken", good.clone().chunked(1)).calls("group_before_create_topic"),
        Case::new("the_content_type_is_not_looked_at", good.clone().header("Content-Type", "text/plain"))
            .calls("group_before_create_topic"),
        Case::new(
            "what_a_middleware_leaves_in_the_extensions_reaches_the_handler",
            good.header("X-Visitor", "night shift"),
        )
        .seen(json!({ "visitor": "night shift" })),
    ]
}
