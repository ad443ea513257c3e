//! The body is within the limit, counted while it is read.

use http::Method;

use super::{CaseGroup, before_create_topic};
use crate::conformance::case::Case;

const DEFAULT: usize = 8 * 1024 * 1024;

/// How much is read of what is refused anyway.
const DRAINED: usize = 4 * 1024 * 1024;

pub(super) fn groups() -> Vec<CaseGroup> {
    let good = before_create_topic();
    let sized = |length| before_create_topic().padded(length);
    vec![
        CaseGroup::new(
            |builder| builder,
            vec![
                Case::new("a_body_of_eight_mebibytes_is_taken", sized(DEFAULT)).calls("group_before_create_topic"),
                Case::new("a_body_of_eight_mebibytes_in_chunks_is_taken", sized(DEFAULT).chunked(65_536))
                    .calls("group_before_create_topic"),
                Case::new("a_body_of_one_byte_more_is_too_large", sized(DEFAULT + 1)).refused(413),
                Case::new("a_body_of_one_byte_more_in_chunks_is_too_large", sized(DEFAULT + 1).chunked(65_536))
                    .refused(413),
                Case::new("a_forged_body_of_four_mebibytes_is_read_to_its_end", sized(DRAINED).forged()).refused(401),
                Case::new(
                    "a_forged_body_of_four_mebibytes_in_chunks_is_read_to_its_end",
                    sized(DRAINED).chunked(65_536).forged(),
                )
                .refused(401),
            ],
        ),
        CaseGroup::new(
            |builder| builder.body_limit(2_000),
            vec![
                Case::new("a_body_exactly_at_a_limit_of_ones_own_is_taken", sized(2_000))
                    .calls("group_before_create_topic"),
                Case::new("a_body_in_chunks_exactly_at_the_limit_is_taken", sized(2_000).chunked(333))
                    .calls("group_before_create_topic"),
                Case::new("the_frames_of_tiny_chunks_do_not_count", sized(2_000).chunked(1))
                    .calls("group_before_create_topic"),
                Case::new("a_body_one_byte_over_the_limit_is_too_large", sized(2_001)).refused(413),
                Case::new("a_body_in_chunks_one_byte_over_the_limit_is_too_large", sized(2_001).chunked(333))
                    .refused(413),
                Case::new("a_body_far_over_the_limit_is_too_large", sized(7_999)).refused(413),
                Case::new("a_body_too_large_for_a_wrong_method_is_a_wrong_method", sized(2_001).method(Method::DELETE))
                    .refused(405),
                Case::new("a_forged_body_one_byte_over_the_limit_is_too_large", sized(2_001).forged()).refused(413),
                Case::new("a_forged_body_exactly_at_the_limit_is_forged", sized(2_000).forged()).refused(401),
                Case::new("a_small_body_is_taken", good).calls("group_before_create_topic"),
            ],
        ),
    ]
}
