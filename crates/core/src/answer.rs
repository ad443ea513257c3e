//! What a callback can be answered with.
//!
//! A method can only give an answer that the service understands at that point: what has happened
//! is acknowledged with `()`, what is about to happen is decided with a [`Decision`] or its kin.

use std::{borrow::Cow, fmt};

use crate::{Error, Phase, outcome::Outcome, reply::Reply};

/// What stands as the answer type in a row of the table for event `E`.
pub(crate) trait Answer<E>: Sized + Send + 'static {
    const PHASE: Phase;

    /// What is answered where the app does not implement the method: whatever lets the service go on.
    fn unhandled(event: &E) -> Self;

    /// The answer that refuses all of what `event` asks for; `None` where nothing can be refused.
    fn refused(event: &E) -> Option<Self>;

    /// What goes out on the wire.
    fn reply(self) -> Reply;
}

impl<E> Answer<E> for () {
    const PHASE: Phase = Phase::After;

    fn unhandled(_: &E) -> Self {}

    fn refused(_: &E) -> Option<Self> {
        None
    }

    fn reply(self) -> Reply {
        Reply::OK.as_outcome(Outcome::Ack)
    }
}

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

impl<const MIN: u32, const MAX: u32> Code<MIN, MAX> {
    /// The smallest code of the range.
    pub const MIN: u32 = MIN;
    /// The largest code of the range.
    pub const MAX: u32 = MAX;

    /// A code that is written down in the program.
    ///
    /// In a constant, a code out of the range does not compile:
    ///
    /// ```compile_fail
    /// # use tencent_im_callback::GroupCode;
    /// const CLOSED: GroupCode = GroupCode::new(9_999);
    /// ```
    ///
    /// For a code that is only known at run time there is [`try_new`](Self::try_new).
    ///
    /// # Panics
    /// When the code is out of the range and this is not evaluated at compile time.
    #[must_use]
    #[track_caller]
    pub const fn new(code: u32) -> Self {
        assert!(MIN <= code && code <= MAX, "the code is out of the range that this command can refuse with");
        Self(code)
    }

    /// A code that is written down in the program and checked when it is compiled, wherever it stands.
    ///
    /// ```
    /// # use tencent_im_callback::GroupCode;
    /// let closed = GroupCode::of::<10_117>();
    /// ```
    /// ```compile_fail
    /// # use tencent_im_callback::GroupCode;
    /// let closed = GroupCode::of::<9_999>();
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

/// Whether what is about to happen may happen.
///
/// `C` is the range of own codes of the command, for example [`GroupCode`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision<C> {
    /// It may.
    Allow,
    /// It may not; the client sees the service's usual error for it, 10016 in groups.
    Refuse,
    /// It may not, and code and text reach the client as they are.
    RefuseWith(C, Cow<'static, str>),
}

impl<E, const MIN: u32, const MAX: u32> Answer<E> for Decision<Code<MIN, MAX>> {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: &E) -> Option<Self> {
        Some(Self::Refuse)
    }

    fn reply(self) -> Reply {
        match self {
            Self::Allow => Reply::OK,
            Self::Refuse => Reply::REFUSE,
            Self::RefuseWith(code, text) => Reply::coded(code.get(), &text),
        }
    }
}
