//! `Sign` and `RequestTime` prove that the sender has the token, and that the request is fresh.

use std::time::Duration;

use super::{CaseGroup, before_create_topic};
use crate::conformance::{
    case::Case,
    request::{NOW, PREVIOUS_TOKEN, TOKEN, sign},
};

pub(super) fn cases() -> Vec<Case> {
    [signs(), times()].into_iter().flatten().collect()
}

/// Cases for other settings.
pub(super) fn groups() -> Vec<CaseGroup> {
    let good = before_create_topic();
    vec![CaseGroup::new(
        |builder| builder.freshness(Duration::from_secs(10)),
        vec![
            Case::new("a_window_of_ten_seconds_takes_ten", good.clone().seconds_from_now(-10))
                .calls("group_before_create_topic"),
            Case::new("a_window_of_ten_seconds_refuses_eleven", good.clone().seconds_from_now(-11)).refused(401),
        ],
    )]
}

fn signs() -> Vec<Case> {
    let good = before_create_topic();
    let right = sign(TOKEN, &NOW.to_string());
    let with_sign = |sign: &str| before_create_topic().set("Sign", sign);
    let (cut, padded) = (&right[..63], format!("{right}0"));
    let almost = format!("{}{}", &right[..63], if right.ends_with('0') { '1' } else { '0' });
    vec![
        Case::new("an_unsigned_request_is_refused", good.clone().unsigned()).refused(401),
        Case::new("a_request_without_a_signature_is_refused", good.clone().without("Sign")).refused(401),
        Case::new("a_request_without_a_time_is_refused", good.clone().without("RequestTime")).refused(401),
        Case::new("an_empty_signature_is_refused", with_sign("")).refused(401),
        Case::new("an_empty_time_is_refused", good.clone().set("RequestTime", "")).refused(401),
        Case::new("a_forged_signature_is_refused", good.clone().forged()).refused(401),
        Case::new("a_signature_with_one_wrong_digit_is_refused", with_sign(&almost)).refused(401),
        Case::new("a_signature_for_another_time_is_refused", with_sign(&sign(TOKEN, &(NOW + 1).to_string())))
            .refused(401),
        Case::new("a_signature_of_another_token_is_refused", good.clone().signed("another-token", &NOW.to_string()))
            .refused(401),
        Case::new("a_signature_of_the_empty_token_is_refused", good.clone().signed("", &NOW.to_string())).refused(401),
        Case::new("the_previous_token_is_still_taken", good.clone().signed(PREVIOUS_TOKEN, &NOW.to_string()))
            .calls("group_before_create_topic"),
        Case::new("a_signature_in_upper_case_is_taken", with_sign(&right.to_ascii_uppercase()))
            .calls("group_before_create_topic"),
        Case::new("a_truncated_signature_is_refused", with_sign(cut)).refused(401),
        Case::new("a_padded_signature_is_refused", with_sign(&padded)).refused(401),
        Case::new("a_signature_that_is_not_hex_is_refused", with_sign(&right.replace(|_: char| true, "z")))
            .refused(401),
        Case::new("a_signature_of_64_characters_beyond_ascii_is_refused", with_sign(&"%C3%A9".repeat(32))).refused(401),
        Case::new("one_signature_may_come_again", good).calls("group_before_create_topic"),
    ]
}

fn times() -> Vec<Case> {
    let good = before_create_topic();
    let timed = |time: &str| before_create_topic().signed(TOKEN, time);
    // Signed as the receiver decodes it.
    let encoded =
        |time: &str, wire: &str| before_create_topic().set("Sign", sign(TOKEN, time)).set("RequestTime", wire);
    let arabic = NOW.to_string().chars().fold(String::new(), |all, digit| format!("{all}%D9%A{digit}"));
    let arabic_text: String =
        NOW.to_string().bytes().filter_map(|digit| char::from_u32(0x660 + u32::from(digit - b'0'))).collect();
    vec![
        Case::new("a_signature_of_sixty_seconds_ago_is_valid", good.clone().seconds_from_now(-60))
            .calls("group_before_create_topic"),
        Case::new("a_signature_of_sixty_one_seconds_ago_is_too_old", good.clone().seconds_from_now(-61)).refused(401),
        Case::new("a_signature_of_in_sixty_seconds_is_valid", good.clone().seconds_from_now(60))
            .calls("group_before_create_topic"),
        Case::new("a_signature_of_in_sixty_one_seconds_is_too_early", good.seconds_from_now(61)).refused(401),
        Case::new("a_time_in_milliseconds_is_refused", timed(&format!("{NOW}000"))).refused(401),
        Case::new("a_negative_time_is_refused", timed(&format!("-{NOW}"))).refused(401),
        Case::new("a_fractional_time_is_refused", timed(&format!("{NOW}.0"))).refused(401),
        Case::new("a_time_with_a_plus_is_refused", timed(&format!("+{NOW}"))).refused(401),
        Case::new("a_time_with_an_encoded_plus_is_refused", encoded(&format!("+{NOW}"), &format!("%2B{NOW}")))
            .refused(401),
        Case::new("a_time_with_a_blank_is_refused", encoded(&format!(" {NOW}"), &format!("%20{NOW}"))).refused(401),
        Case::new("a_time_in_hex_is_refused", timed(&format!("{NOW:#x}"))).refused(401),
        Case::new("a_time_in_arabic_digits_is_refused", encoded(&arabic_text, &arabic)).refused(401),
        Case::new("a_time_too_large_for_any_integer_is_refused", timed(&"9".repeat(40))).refused(401),
        Case::new("the_largest_time_of_all_is_refused", timed(&u64::MAX.to_string())).refused(401),
        Case::new("the_time_zero_is_refused", timed("0")).refused(401),
        Case::new("a_time_with_a_zero_before_it_is_refused", timed(&format!("0{NOW}"))).refused(401),
        Case::new("a_time_with_zeros_before_it_is_refused", timed(&format!("000{NOW}"))).refused(401),
        Case::new("a_time_of_zeros_is_refused", timed("00")).refused(401),
        Case::new(
            "a_signature_of_the_token_with_a_zero_behind_it_is_refused_although_the_time_has_the_zero",
            before_create_topic()
                .set("Sign", sign(&format!("{TOKEN}0"), &NOW.to_string()))
                .set("RequestTime", format!("0{NOW}")),
        )
        .refused(401),
    ]
}
