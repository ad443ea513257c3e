//! The signature: whether it fits, and if not, what it does fit.

use tencent_im_callback_testkit::Signer;

use super::{
    Finding, absent,
    pieces::{Pieces, Value},
    twice_encoded_or, undecodable,
};
use crate::credentials::{REMOVE_QUOTES, Token};

const ABOUT: &str = "Sign";

pub(super) fn sign(pieces: &Pieces, tokens: &[Token]) -> Finding {
    let sign = match pieces.get(ABOUT) {
        Value::Absent => return absent(pieces, ABOUT, "RequestTime"),
        Value::Undecodable(raw) => return undecodable(ABOUT, raw),
        Value::Text(text) => text,
    };
    if let Some(finding) = misshapen(&sign) {
        return finding;
    }
    let Value::Text(time) = pieces.get("RequestTime") else {
        return Finding::note(ABOUT, "cannot be checked without `RequestTime`");
    };
    if tokens.is_empty() {
        return Finding::note(ABOUT, "is there; without a token it cannot be checked");
    }
    let sign = sign.to_ascii_lowercase();
    let fits = |text: &str| Signer::new(text).sign(&time) == sign;
    let number = |place| if tokens.len() == 1 { String::new() } else { format!(" number {}", place + 1) };
    if let Some(place) = tokens.iter().position(|token| fits(token.expose())) {
        let found = format!("is the signature of the token{}", number(place));
        if tokens[place].unquoted().is_none() {
            return Finding::ok(ABOUT, found);
        }
        return Finding::bad(
            ABOUT,
            format!("{found}, with the quotes around it"),
            format!("no token of the console is in quotes, so the sender has them too; {REMOVE_QUOTES}"),
        );
    }
    let unquoted = tokens.iter().position(|token| token.unquoted().is_some_and(|token| fits(token.expose())));
    if let Some(place) = unquoted {
        return Finding::bad(
            ABOUT,
            format!("is the signature of the token{} without the quotes around it", number(place)),
            format!("the token that was given here begins and ends with quotes; {REMOVE_QUOTES}"),
        );
    }
    let cause = tokens.iter().find_map(|token| near_miss(token.expose(), &time, &sign)).unwrap_or_else(|| {
        if Signer::new("").sign(&time) == sign {
            return "it is the signature of an empty token: the sender has none set".into();
        }
        "the token is not the one in the console, or belongs to another application; or `RequestTime` was changed \
         on the way"
            .into()
    });
    let any = if tokens.len() == 1 { "the token" } else { "any of the tokens" };
    Finding::bad(ABOUT, format!("is not the signature of {any} at that time"), cause)
}

/// What a signature is that is not 64 hex digits.
fn misshapen(sign: &str) -> Option<Finding> {
    let is_hex = sign.bytes().all(|byte| byte.is_ascii_hexdigit());
    let cause = match sign.len() {
        64 if is_hex => return None,
        32 if is_hex => "that is the length of MD5; the signature is SHA-256".into(),
        40 if is_hex => "that is the length of SHA-1; the signature is SHA-256".into(),
        0..=63 if is_hex => "it was cut, by a proxy or where it was copied from".into(),
        43 | 44 => "that is the length of SHA-256 in base64; the signature is in hex".into(),
        _ => twice_encoded_or(sign, "it was changed on the way"),
    };
    Some(Finding::bad(ABOUT, format!("is {} characters, and not 64 hex digits", sign.chars().count()), cause))
}

/// The mistake that makes `sign` of this token and time.
fn near_miss(token: &str, time: &str, sign: &str) -> Option<String> {
    let fits = |token: &str, time: &str| Signer::new(token).sign(time) == sign;
    let tokens = [
        (format!("{token}\n"), "with a line break at its end: it was read with the end of its line"),
        (format!("{token}\r\n"), "with a line break at its end: it was read with the end of its line"),
        (format!("{token} "), "with a space at its end: it was copied with it"),
        (format!(" {token}"), "with a space before it: it was copied with it"),
        (token.to_lowercase(), "in lower case; its case matters"),
        (token.to_uppercase(), "in upper case; its case matters"),
    ];
    if let Some((_, how)) = tokens.iter().find(|(token, _)| fits(token, time)) {
        return Some(format!("it is the signature of the token {how}"));
    }
    if [format!("\"{token}\""), format!("'{token}'")].iter().any(|quoted| fits(quoted, time)) {
        return Some(format!(
            "it is the signature of the token in quotes, which the sender has; there, {REMOVE_QUOTES}"
        ));
    }
    let joints = ["", "&", "+", ":", "|", "_", "-", " ", "\n"];
    if fits(time, token) {
        return Some("it is the signature of time and token; the token is first".into());
    }
    if joints[1..].iter().any(|joint| fits(&format!("{token}{joint}"), time) || fits(&format!("{time}{joint}"), token))
    {
        return Some("there is a text between token and time; nothing belongs there".into());
    }
    let number: u64 = time.parse().ok()?;
    match unit(number) {
        Some((name, per_second)) if fits(token, &(number / per_second).to_string()) => {
            Some(format!("it is the signature of that time in seconds, but `RequestTime` is in {name}"))
        }
        Some(_) => None,
        None => other_time(number, &fits, token),
    }
}

/// `RequestTime` is in seconds, but another number was signed.
fn other_time(time: u64, fits: &impl Fn(&str, &str) -> bool, token: &str) -> Option<String> {
    let millis = time.checked_mul(1000)?;
    if (millis..millis + 1000).any(|millis| fits(token, &millis.to_string())) {
        return Some("it is the signature of that time in milliseconds; it is in seconds".into());
    }
    // Two clock readings: one for the signature and one for the parameter.
    let near = (time.saturating_sub(5)..=time.saturating_add(5)).find(|other| fits(token, &other.to_string()))?;
    Some(format!("it is the signature of {near}: `RequestTime` is another reading of the clock, or was changed"))
}

/// The unit of a time that cannot be in seconds, and how many there are in a second.
pub(super) const fn unit(time: u64) -> Option<(&'static str, u64)> {
    match time {
        // Seconds reach this in the year 5138.
        0..100_000_000_000 => None,
        100_000_000_000..100_000_000_000_000 => Some(("milliseconds", 1000)),
        100_000_000_000_000..100_000_000_000_000_000 => Some(("microseconds", 1_000_000)),
        _ => Some(("nanoseconds", 1_000_000_000)),
    }
}
