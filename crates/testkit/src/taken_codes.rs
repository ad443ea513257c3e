//! The codes that mean something to the service or to clients. The response to a failure must have another code.

use std::ops::RangeInclusive;

use tencent_im_callback::{C2cCode, Code, FriendCode, GiftCode, GroupCode, OfficialAccountCode};

/// Whether a command can be answered with this code.
pub(crate) fn is_taken(code: u64) -> bool {
    // 0 accepts, 1 refuses, 2 discards.
    let ranges = [
        0..=2,
        range::<GroupCode>(),
        range::<C2cCode>(),
        range::<OfficialAccountCode>(),
        range::<FriendCode>(),
        range::<GiftCode>(),
    ];
    ranges.iter().any(|range| range.contains(&code))
}

fn range<C: Code>() -> RangeInclusive<u64> {
    C::MIN.into()..=C::MAX.into()
}
