//! A clock that shows what a test sets.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A clock that does not move until a test moves it.
///
/// All clones are one clock.
///
/// ```
/// use std::time::Duration;
/// use tencent_im_callback::{CallbackHandler, Endpoint};
/// use tencent_im_callback_testkit::FixedClock;
///
/// struct App;
/// impl CallbackHandler for App {}
///
/// let clock = FixedClock::new();
/// let endpoint = Endpoint::builder(App).app(1_400_000_001, ["the token"]).clock(clock.reader()).build()?;
/// clock.advance(Duration::from_secs(61));
/// # Ok::<(), tencent_im_callback::BuildError>(())
/// ```
#[derive(Clone)]
pub struct FixedClock(Arc<AtomicU64>);

impl FixedClock {
    /// A clock that shows some moment in the past, the same in every run.
    #[must_use]
    pub fn new() -> Self {
        Self::at(UNIX_EPOCH + Duration::from_secs(1_764_688_540))
    }

    /// A clock that shows `now`, to the millisecond.
    #[must_use]
    pub fn at(now: SystemTime) -> Self {
        Self(Arc::new(AtomicU64::new(millis(now))))
    }

    /// What it shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::Acquire))
    }

    /// Makes it show `now`, which may be earlier than what it shows.
    pub fn set(&self, now: SystemTime) {
        self.0.store(millis(now), Ordering::Release);
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::AcqRel);
    }

    /// What reads it, for [`EndpointBuilder::clock`](tencent_im_callback::EndpointBuilder::clock).
    pub fn reader(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + 'static {
        let clock = self.clone();
        move || clock.now()
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FixedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FixedClock").field(&self.now()).finish()
    }
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
