//! Error codes of the app's own, each in the range that its command passes on.

use std::fmt;

use crate::Error;

/// An error code of the app's own, within the range that the service passes on to clients.
///
/// `MIN` and `MAX` belong to the range. Each decision names its range by an alias such as
/// [`GroupCode`]; a code of another command's range is another type and does not fit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code<const MIN: u32, const MAX: u32>(u32);

/// The own codes of group callbacks: 10100 to 10200.
///
/// See the answer on the page of, for example,
/// [before a topic is created](https://www.tencentcloud.com/document/product/1047/49463).
pub type GroupCode = Code<10_100, 10_200>;

/// The own codes of one-to-one messages: 120001 to 130000.
///
/// See [before a one-to-one message is sent](https://www.tencentcloud.com/document/product/1047/34364).
pub type C2cCode = Code<120_001, 130_000>;

/// The own codes of official accounts, which are those of one-to-one messages: 120001 to 130000.
///
/// See [before an official account is created](https://www.tencentcloud.com/document/product/1047/60795).
pub type OfficialAccountCode = Code<120_001, 130_000>;

/// The codes that refuse one account of a friend request: 38000 to 39000.
///
/// See [before a friend request](https://www.tencentcloud.com/document/product/1047/43468).
pub type FriendCode = Code<38_000, 39_000>;

/// The own codes of gifts in live rooms: 102100 to 102200.
///
/// See [before a gift is sent](https://www.tencentcloud.com/document/product/647/72210).
pub type GiftCode = Code<102_100, 102_200>;

impl<const MIN: u32, const MAX: u32> Code<MIN, MAX> {
    /// The smallest code of the range.
    pub const MIN: u32 = MIN;
    /// The largest code of the range.
    pub const MAX: u32 = MAX;

    /// A code that is written down in the program, as a constant:
    ///
    /// ```
    /// # use tencent_im_callback::{Decision, GroupCode};
    /// const CLOSED: GroupCode = GroupCode::new(10_117);
    ///
    /// # let _ =
    /// Decision::RefuseWith(CLOSED, "closed for maintenance".into())
    /// # ;
    /// ```
    ///
    /// `cargo check` refuses a constant that is out of the range:
    ///
    /// ```compile_fail
    /// # use tencent_im_callback::GroupCode;
    /// const CLOSED: GroupCode = GroupCode::new(9_999);
    /// ```
    ///
    /// Outside a constant the same code panics when it is used. A handler that panics answers status
    /// 500, which the console lets through by default: the refusal becomes an approval. For a code that
    /// is known at run time only there is [`try_new`](Self::try_new).
    ///
    /// # Panics
    /// When the code is out of the range and this is not evaluated at compile time.
    #[must_use]
    #[track_caller]
    pub const fn new(code: u32) -> Self {
        assert!(MIN <= code && code <= MAX, "the code is out of the range that this command can refuse with");
        Self(code)
    }

    /// A code that is checked when the program is built.
    ///
    /// A constant made by [`new`](Self::new) is better: `cargo check` and editors find a code that is
    /// out of the range only in constants.
    ///
    /// ```
    /// # use tencent_im_callback::GroupCode;
    /// const CLOSED: GroupCode = GroupCode::of::<10_117>();
    /// ```
    /// ```compile_fail
    /// # use tencent_im_callback::GroupCode;
    /// const CLOSED: GroupCode = GroupCode::of::<9_999>();
    /// ```
    #[must_use]
    pub const fn of<const CODE: u32>() -> Self {
        const { Self::new(CODE) }
    }

    /// A code that comes from elsewhere.
    ///
    /// Fails with [`Error::CodeOutOfRange`] when it is below `MIN` or above `MAX`.
    pub const fn try_new(code: u32) -> Result<Self, Error> {
        if code < MIN || code > MAX {
            return Err(Error::CodeOutOfRange { code, min: MIN, max: MAX });
        }
        Ok(Self(code))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Code<MIN, MAX> {
    type Error = Error;

    fn try_from(code: u32) -> Result<Self, Error> {
        Self::try_new(code)
    }
}

impl<const MIN: u32, const MAX: u32> From<Code<MIN, MAX>> for u32 {
    fn from(code: Code<MIN, MAX>) -> Self {
        code.0
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Debug for Code<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({})", self.0)
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for Code<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
