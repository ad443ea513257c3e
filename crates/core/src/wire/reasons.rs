//! Why a reader of this crate does not accept a value. Only these texts and those made of types and numbers are
//! reported: any other text, such as one of a library, may quote the body.

pub(crate) const NEGATIVE: &str = "a negative number";
pub(crate) const NOT_0_OR_1: &str = "a number other than 0 and 1";
pub(crate) const NOT_TRUE_OR_FALSE: &str = "text other than true and false";
pub(crate) const TOO_LARGE: &str = "an integer too large for this field";
pub(crate) const NEGATIVE_IN_FIELD: &str = "a negative integer where this field has none";
pub(crate) const NOT_AN_INTEGER: &str = "text that is not an integer";
pub(crate) const NOT_A_WHOLE_NUMBER: &str = "a number that is not an integer below 2^53";

/// The reason for every other message.
const OTHER: &str = "has another shape";

/// The message, if it is one of the above.
pub(crate) fn allowed(message: &str) -> &'static str {
    let own =
        [NEGATIVE, NOT_0_OR_1, NOT_TRUE_OR_FALSE, TOO_LARGE, NEGATIVE_IN_FIELD, NOT_AN_INTEGER, NOT_A_WHOLE_NUMBER];
    own.into_iter().find(|own| *own == message).unwrap_or(OTHER)
}
