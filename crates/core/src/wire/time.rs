//! Points in time as the protocol gives them: Unix time, in seconds or in milliseconds.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Deserializer, Serialize};

use crate::wire::lenient;

/// Makes the type of a point in time, as a number since the beginning of 1970.
///
/// ```text
/// unix_time! {
///     /// The documentation.
///     UnixSeconds, "seconds", from_secs, as_secs
/// }
/// ```
///
/// becomes `struct UnixSeconds(u64)` with this documentation, the functions `new`, `as_secs` and `to_system_time`, which
/// uses `Duration::from_secs`, and with `Display`, `Serialize` and `Deserialize`.
macro_rules! unix_time {
    ($(#[$meta:meta])* $Name:ident, $unit:literal, $from:ident, $get:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $Name(u64);

        impl $Name {
            #[doc = concat!("The moment that many ", $unit, " after the beginning of 1970, UTC.")]
            #[must_use]
            pub const fn new(since_epoch: u64) -> Self {
                Self(since_epoch)
            }

            #[doc = concat!("The ", $unit, " since the beginning of 1970, UTC.")]
            #[must_use]
            pub const fn $get(self) -> u64 {
                self.0
            }

            /// The same moment for the standard library; `None` when it lies beyond what that can hold.
            #[must_use]
            pub fn to_system_time(self) -> Option<SystemTime> {
                UNIX_EPOCH.checked_add(Duration::$from(self.0))
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> Deserialize<'de> for $Name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                lenient::int(deserializer).map(Self)
            }
        }
    };
}

unix_time! {
    /// Unix time in **milliseconds**, as in `EventTime`. It is sent bare or in quotes; both are read.
    UnixMillis, "milliseconds", from_millis, as_millis
}

unix_time! {
    /// Unix time in **seconds**, as in `MsgTime`. It is sent bare or in quotes; both are read.
    UnixSeconds, "seconds", from_secs, as_secs
}
