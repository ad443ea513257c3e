//! The checks have one order: the first that fails decides the answer.

use http::Method;

use super::{CaseGroup, before_create_topic};
use crate::conformance::case::Case;

/// One more byte than the endpoint takes.
const TOO_LARGE: usize = 20_001;

pub(super) fn groups() -> Vec<CaseGroup> {
    vec![CaseGroup::new(|builder| builder.body_limit(TOO_LARGE - 1), cases())]
}

fn cases() -> Vec<Case> {
    let good = before_create_topic();
    let wrong_app = good.clone().set("SdkAppid", "1400000009");
    let malformed = good.clone().with("OptPlatform", "");
    vec![
        Case::new("the_method_is_looked_at_before_the_body", good.clone().method(Method::PUT).padded(TOO_LARGE))
            .refused(405),
        Case::new("the_method_is_looked_at_before_the_query", malformed.clone().method(Method::PUT)).refused(405),
        Case::new("the_method_is_looked_at_before_the_app", wrong_app.clone().method(Method::PUT)).refused(405),
        Case::new("the_method_is_looked_at_before_the_signature", good.clone().forged().method(Method::PUT))
            .refused(405),
        Case::new("the_body_is_measured_before_the_query", malformed.clone().padded(TOO_LARGE)).refused(413),
        Case::new("the_body_is_measured_before_the_app", wrong_app.clone().padded(TOO_LARGE)).refused(413),
        Case::new("the_body_is_measured_before_the_signature", good.clone().forged().padded(TOO_LARGE)).refused(413),
        Case::new("the_query_is_read_before_the_app", malformed.clone().set("SdkAppid", "1400000009")).refused(400),
        Case::new("the_query_is_read_before_the_signature", malformed.forged()).refused(400),
        Case::new("the_app_is_looked_at_before_the_signature", wrong_app.forged()).refused(403),
        Case::new("the_signature_is_looked_at_before_the_command", good.clone().forged().set("CallbackCommand", "X.Y"))
            .refused(401),
        Case::new("the_signature_is_looked_at_before_the_body", good.forged().body("{")).refused(401),
    ]
}
