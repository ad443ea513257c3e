//! Moments, as they are given on the command line and shown to people.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// A moment on the command line: Unix seconds, or an offset from now such as `-90s`, `+2m`, `-1h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    At(u64),
    Ahead(Duration),
    Ago(Duration),
}

impl When {
    pub(crate) fn to_system_time(self) -> SystemTime {
        let now = SystemTime::now();
        let time = match self {
            Self::At(seconds) => UNIX_EPOCH.checked_add(Duration::from_secs(seconds)),
            Self::Ahead(duration) => now.checked_add(duration),
            Self::Ago(duration) => now.checked_sub(duration),
        };
        time.unwrap_or(UNIX_EPOCH)
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "a time is Unix seconds, or an offset such as -90s, +2m, -1h, -7d".to_owned();
        if let Some(offset) = text.strip_prefix('-') {
            return duration(offset).map(Self::Ago).ok_or_else(refused);
        }
        if let Some(offset) = text.strip_prefix('+') {
            return duration(offset).map(Self::Ahead).ok_or_else(refused);
        }
        text.parse().map(Self::At).map_err(|_| refused())
    }
}

/// A length of time on the command line, such as `200ms`, `3s`, `2m`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "a length of time is a number with a unit, as in 200ms, 3s, 2m".to_owned())
}

fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|char: char| !char.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    Some(match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        "h" => Duration::from_secs(number.checked_mul(3600)?),
        "d" => Duration::from_secs(number.checked_mul(86_400)?),
        _ => return None,
    })
}

/// How long something took, in the unit that suits it.
pub(crate) struct Took(pub(crate) Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64();
        let text = match seconds {
            _ if seconds < 0.001 => format!("{:.0} µs", seconds * 1e6),
            _ if seconds < 0.01 => format!("{:.1} ms", seconds * 1e3),
            _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
            _ => format!("{seconds:.2} s"),
        };
        f.pad(&text)
    }
}

/// A Unix time in milliseconds as date and time, UTC. The milliseconds are always there, so that columns line up.
pub(crate) fn date(millis: u64) -> String {
    format!("{}.{:03} UTC", to_the_second(millis / 1000), millis % 1000)
}

/// A Unix time in seconds as date and time, UTC.
pub(crate) fn date_of_seconds(seconds: u64) -> String {
    format!("{} UTC", to_the_second(seconds))
}

fn to_the_second(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Year, month and day of a day since 1970, by the calendar's cycle of 400 years that begins in March.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year_of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00:00.000 UTC");
        assert_eq!(date_of_seconds(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(951_827_696_789), "2000-02-29 12:34:56.789 UTC");
        assert_eq!(date(1_670_574_414_123), "2022-12-09 08:26:54.123 UTC");
        assert_eq!(date_of_seconds(4_102_444_799), "2099-12-31 23:59:59 UTC");
    }

    #[test]
    fn times_are_seconds_or_offsets() {
        assert_eq!("1669872112".parse(), Ok(When::At(1_669_872_112)));
        assert_eq!("-90s".parse(), Ok(When::Ago(Duration::from_secs(90))));
        assert_eq!("-7d".parse(), Ok(When::Ago(Duration::from_secs(604_800))));
        assert_eq!("+2m".parse(), Ok(When::Ahead(Duration::from_secs(120))));
        for text in ["", "-", "90s", "-90", "now", "+2w", "-1"] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_of_time_are_shown_in_the_unit_that_suits() {
        let shown = |micros| Took(Duration::from_micros(micros)).to_string();
        assert_eq!(shown(48), "48 µs");
        assert_eq!(shown(1234), "1.2 ms");
        assert_eq!(shown(56_789), "57 ms");
        assert_eq!(shown(3_001_000), "3.00 s");
    }
}
