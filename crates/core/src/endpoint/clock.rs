//! The time of day, for comparing with `RequestTime`.

use std::{
    cell::Cell,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::panics::caught;

pub(super) enum Clock {
    /// The system's.
    System,
    Given(Box<dyn Fn() -> SystemTime + Send + Sync>),
}

/// How long it is enough to count on from when a thread last looked at the system's clock.
///
/// A request has been looking at the other clock, for its deadline, and looking takes as long as many a step of
/// its way. That somebody sets the clock is seen that much later.
const COUNTED_ON: Duration = Duration::from_millis(10);

impl Clock {
    /// What it shows, since the beginning of 1970, for a request that has just come in; the text of its panic if it
    /// panics.
    pub(super) fn now(&self, received_at: Instant) -> Result<Duration, String> {
        match self {
            Self::System => Ok(system(received_at)),
            Self::Given(now) => caught(now).map(since_epoch),
        }
    }
}

fn system(received_at: Instant) -> Duration {
    thread_local! {
        static LAST: Cell<Option<(Instant, Duration)>> = const { Cell::new(None) };
    }

    if let Some((looked_at, shown)) = LAST.get()
        && let Some(since) = received_at.checked_duration_since(looked_at)
        && since < COUNTED_ON
    {
        return shown + since;
    }
    let shown = since_epoch(SystemTime::now());
    LAST.set(Some((Instant::now(), shown)));
    shown
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}
