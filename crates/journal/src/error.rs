//! Errors of a method that say when its entry is attempted again.

use std::{fmt, time::Duration};

use tencent_im_callback::BoxError;

/// An error after which a method is not called again: its entry is a dead letter at once.
///
/// ```
/// use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, group};
/// use tencent_im_callback_journal::Permanent;
///
/// struct App;
///
/// #[async_trait]
/// impl CallbackHandler for App {
///     async fn group_after_send_msg(&self, _ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
///         if event.group_id.len() > 100 {
///             return Err(Permanent::new("the group's id does not fit into the table").into());
///         }
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Permanent(BoxError);

impl Permanent {
    /// Makes an error permanent.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Permanent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Permanent {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// An error after which a method is called again after this time, and not earlier.
///
/// It is for services that say when to ask again, as by the header `Retry-After`. After a restart of the program the time
/// is at most the longest pause of [`backoff`](crate::JournalBuilder::backoff).
#[derive(Debug)]
pub struct RetryAfter {
    time: Duration,
    error: BoxError,
}

impl RetryAfter {
    /// The error, and the time until the next attempt.
    pub fn new(time: Duration, error: impl Into<BoxError>) -> Self {
        Self { time, error: error.into() }
    }

    /// The time until the next attempt.
    #[must_use]
    pub const fn time(&self) -> Duration {
        self.time
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for RetryAfter {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}
