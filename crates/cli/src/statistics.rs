//! How long answers took, in figures.

use std::{fmt, time::Duration};

use serde::{Serialize, Serializer};

use crate::when::Took;

/// Durations, summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Times {
    #[serde(rename = "p50_ms", serialize_with = "millis")]
    pub(crate) p50: Duration,
    #[serde(rename = "p90_ms", serialize_with = "millis")]
    pub(crate) p90: Duration,
    #[serde(rename = "p99_ms", serialize_with = "millis")]
    pub(crate) p99: Duration,
    #[serde(rename = "max_ms", serialize_with = "millis")]
    pub(crate) max: Duration,
}

impl Times {
    /// `None` if there are none.
    pub(crate) fn of(mut durations: Vec<Duration>) -> Option<Self> {
        durations.sort_unstable();
        let max = *durations.last()?;
        // The smallest that so many of a hundred do not exceed.
        let percentile = |percent: usize| durations[(durations.len() * percent).div_ceil(100).max(1) - 1];
        Some(Self { p50: percentile(50), p90: percentile(90), p99: percentile(99), max })
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p90, p99, max } = *self;
        write!(f, "p50 {}, p90 {}, p99 {}, max {}", Took(p50), Took(p90), Took(p99), Took(max))
    }
}

/// Milliseconds with three digits behind the point.
pub(crate) fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_duration_that_was_measured() {
        let times = Times::of((1..=200).rev().map(Duration::from_millis).collect()).unwrap();
        assert_eq!(times.to_string(), "p50 100 ms, p90 180 ms, p99 198 ms, max 200 ms");
        let one = Times::of(vec![Duration::from_millis(7)]).unwrap();
        assert_eq!((one.p50, one.p99), (Duration::from_millis(7), Duration::from_millis(7)));
        assert_eq!(Times::of(vec![]), None);
    }
}
