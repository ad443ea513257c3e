//! The applications that inputs are for, and right signatures put into queries that know of none.

use std::time::{Duration, SystemTime};

use http::Uri;
use tencent_im_callback_testkit::Signer;

/// What the clock of every endpoint says, in seconds since 1970.
pub(crate) const NOW: u64 = 1_700_000_000;

/// The applications of every endpoint, with their tokens.
pub(crate) const APPS: [(u64, &[&str]); 2] =
    [(1_400_000_001, &["token-of-now", "token-of-then"]), (1_400_000_002, &["token-of-another"])];

pub(crate) fn clock() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
}

/// A query with what the service adds, and the `Sign` in it if one was added.
///
/// `how` has a bit for each of: an application, a signature, the token before, another application's
/// token, upper case. Its last three bits are the time; `place` tells before which parameter it is put.
pub(crate) fn spliced(query: &[u8], how: u8, place: u8) -> (Vec<u8>, Option<String>) {
    let bit = |bit: u8| how >> bit & 1 == 1;
    let mut added = Vec::new();
    if bit(0) {
        added.push(format!("SdkAppid={}", APPS[0].0));
    }
    let sign = bit(1).then(|| {
        let token = match (bit(2), bit(3)) {
            (_, true) => APPS[1].1[0],
            (true, false) => APPS[0].1[1],
            (false, false) => APPS[0].1[0],
        };
        let time = match how >> 5 {
            0 => NOW.to_string(),
            1 => (NOW - 60).to_string(),
            2 => (NOW + 60).to_string(),
            3 => (NOW - 61).to_string(),
            4 => (NOW + 61).to_string(),
            5 => format!("{NOW}000"),
            6 => format!("0{NOW}"),
            _ => "99999999999999999999".to_owned(),
        };
        let sign = Signer::new(token).sign(&time);
        let sign = if bit(4) { sign.to_uppercase() } else { sign };
        added.push(format!("RequestTime={time}&Sign={sign}"));
        sign
    });
    let mut pieces: Vec<_> = query.split(|&byte| byte == b'&').collect();
    let place = usize::from(place) % (pieces.len() + 1);
    pieces.splice(place..place, added.iter().map(String::as_bytes));
    (pieces.join(&b'&'), sign)
}

/// The URI of a request; `None` for a query that no HTTP library lets through.
pub(crate) fn uri(query: &[u8]) -> Option<Uri> {
    Uri::try_from([b"/callback?", query].concat()).ok()
}
