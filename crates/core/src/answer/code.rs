//! The applications' own error codes: one type for each range that the service accepts.

use std::fmt;

use crate::CodeOutOfRange;

mod sealed {
    pub trait Sealed {}
}

/// An application's own error code, of any family: for code that is generic over the families.
///
/// Its implementations are [`GroupCode`], [`C2cCode`], [`OfficialAccountCode`], [`FriendCode`] and [`GiftCode`]. Other
/// types cannot implement it.
///
/// ```
/// use tencent_im_callback::{Code, Decision};
///
/// fn refuse_with_number<C: Code>(number: u32) -> Decision<C> {
///     match C::try_from(number) {
///         Ok(code) => Decision::refuse_with(code, "not allowed here"),
///         Err(_) => Decision::Refuse,
///     }
/// }
/// ```
#[doc(alias = "ErrorCode")]
pub trait Code:
    sealed::Sealed
    + TryFrom<u32, Error = CodeOutOfRange>
    + Into<u32>
    + fmt::Debug
    + fmt::Display
    + Copy
    + Eq
    + Send
    + Sync
    + 'static
{
    /// The smallest code of the family.
    const MIN: u32;
    /// The largest code of the family.
    const MAX: u32;
}

/// Makes the type of one family of codes.
///
/// ```text
/// own_code! {
///     /// The codes of messages.
///     pub struct MessageCode(10_100..=10_200);
/// }
/// ```
///
/// becomes `struct MessageCode(u32)` with this documentation, the constants `MIN` and `MAX`, the functions `new`,
/// `try_new` and `get`, the conversions from and to `u32`, `Debug`, `Display`, and [`Code`].
macro_rules! own_code {
    ($(#[$meta:meta])* pub struct $Name:ident($min:literal..=$max:literal);) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name(u32);

        impl $Name {
            /// The smallest code of the family.
            pub const MIN: u32 = $min;
            /// The largest code of the family.
            pub const MAX: u32 = $max;

            /// A code that is known when the program is compiled. Give it a name with `const`:
            ///
            /// ```
            #[doc = concat!("# use tencent_im_callback::", stringify!($Name), ";")]
            #[doc = concat!("const REFUSED: ", stringify!($Name), " = ", stringify!($Name), "::new(", $min, ");")]
            /// # assert_eq!(REFUSED.to_string(), REFUSED.get().to_string());
            /// ```
            ///
            /// For a constant out of the range `cargo check` and editors report an error. Outside a constant the same
            /// code panics when a request reaches it: the endpoint answers status 500, and by default the console takes
            /// that for an approval. For a code that is known only at run time use [`try_new`](Self::try_new).
            ///
            /// # Panics
            /// If the code is out of the range: at compile time in a constant, at run time elsewhere.
            #[must_use]
            #[track_caller]
            pub const fn new(code: u32) -> Self {
                assert!(
                    Self::MIN <= code && code <= Self::MAX,
                    concat!("out of range: `", stringify!($Name), "` is in ", $min, "..=", $max)
                );
                Self(code)
            }

            /// A code that is known only at run time, for example from a file of settings.
            ///
            /// # Errors
            #[doc = concat!("[`CodeOutOfRange`] if the code is not in ", $min, "..=", $max, ".")]
            pub const fn try_new(code: u32) -> Result<Self, CodeOutOfRange> {
                if code < Self::MIN || code > Self::MAX {
                    return Err(CodeOutOfRange { code, min: Self::MIN, max: Self::MAX });
                }
                Ok(Self(code))
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl sealed::Sealed for $Name {}

        impl Code for $Name {
            const MIN: u32 = $min;
            const MAX: u32 = $max;
        }

        impl TryFrom<u32> for $Name {
            type Error = CodeOutOfRange;

            fn try_from(code: u32) -> Result<Self, CodeOutOfRange> {
                Self::try_new(code)
            }
        }

        impl From<$Name> for u32 {
            fn from(code: $Name) -> Self {
                code.get()
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

own_code! {
    /// The codes of group callbacks: 10100 to 10200.
    ///
    /// The service passes a code of this range and its text on to the client. See the answer on the page of, for
    /// example, [before a topic is created](https://www.tencentcloud.com/document/product/1047/49463).
    ///
    /// ```
    /// use tencent_im_callback::{Decision, GroupCode};
    ///
    /// const CLOSED: GroupCode = GroupCode::new(10_117);
    ///
    /// let decision = Decision::refuse_with(CLOSED, "closed for maintenance");
    /// # assert_eq!(decision, Decision::RefuseWith { code: CLOSED, text: "closed for maintenance".into() });
    /// ```
    ///
    /// A constant out of the range does not compile:
    ///
    /// ```compile_fail,E0080
    /// # use tencent_im_callback::GroupCode;
    /// const CLOSED: GroupCode = GroupCode::new(9_999);
    /// ```
    ///
    /// Nor does a code of another family:
    ///
    /// ```compile_fail,E0308
    /// # use tencent_im_callback::{C2cCode, Decision, GroupCode};
    /// const BANNED: C2cCode = C2cCode::new(120_001);
    /// let decision: Decision<GroupCode> = Decision::refuse_with(BANNED, "banned");
    /// ```
    pub struct GroupCode(10_100..=10_200);
}

own_code! {
    /// The codes of one-to-one messages: 120001 to 130000.
    ///
    /// The service passes a code of this range and its text on to the client. See
    /// [before a one-to-one message is sent](https://www.tencentcloud.com/document/product/1047/34364).
    pub struct C2cCode(120_001..=130_000);
}

own_code! {
    /// The codes of official accounts: 120001 to 130000, the range of one-to-one messages.
    ///
    /// The service passes a code of this range and its text on to the client. See
    /// [before an official account is created](https://www.tencentcloud.com/document/product/1047/60795).
    ///
    /// It is a type of its own, although the range is that of [`C2cCode`]:
    ///
    /// ```compile_fail,E0308
    /// # use tencent_im_callback::{C2cCode, OfficialAccountCode};
    /// const BANNED: OfficialAccountCode = C2cCode::new(120_001);
    /// ```
    pub struct OfficialAccountCode(120_001..=130_000);
}

own_code! {
    /// The codes that refuse one account of a friend request: 38000 to 39000.
    ///
    /// See [before a friend request](https://www.tencentcloud.com/document/product/1047/43468).
    pub struct FriendCode(38_000..=39_000);
}

own_code! {
    /// The codes of gifts in live rooms: 102100 to 102200.
    ///
    /// The service passes a code of this range and its text on to the client. See
    /// [before a gift is sent](https://www.tencentcloud.com/document/product/647/72210).
    pub struct GiftCode(102_100..=102_200);
}
