//! The signature of a callback: `Sign` is the SHA-256 of the token followed by `RequestTime`.

use std::{fmt, time::Duration};

use constant_time_eq::constant_time_eq_n;
use sha2::{Digest, Sha256};

use crate::wire::query::{Parameter, Query, decimal};

/// A token as set in the vendor's console, next to the callback URL.
pub(super) struct Token(Sha256);

impl Token {
    /// The token is hashed once; the time of each request is added to a copy of that hash.
    pub(super) fn new(token: &str) -> Self {
        Self(Sha256::new_with_prefix(token))
    }

    fn signs(&self, request_time: &str, sign: &Sign) -> bool {
        let hash = self.0.clone().chain_update(request_time).finalize();
        let mut expected: Sign = [0; 64];
        for (digits, byte) in expected.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
            *digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        }
        constant_time_eq_n(&expected, sign)
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A signature: 64 hex digits in lower case.
type Sign = [u8; 64];

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Why a request is not authenticated. The log has it, with the usual cause; the answer never has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthError {
    Unsigned,
    HalfSigned,
    SignShape,
    TimeShape,
    WrongSign,
    Stale { seconds: u64 },
    Early { seconds: u64 },
}

impl AuthError {
    /// The usual cause, for the log.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Unsigned => "authentication is not switched on in the console, or a proxy cuts the query",
            Self::HalfSigned => "`Sign` and `RequestTime` are sent together; a proxy may rewrite the query",
            Self::SignShape => "`Sign` is 64 hex digits; a proxy may have re-encoded or cut the query",
            Self::TimeShape => {
                "`RequestTime` is digits only, without a zero in front; a proxy may have re-encoded the query"
            }
            Self::WrongSign => "the token is not the one in the console, or belongs to another application",
            Self::Stale { .. } => "this machine's clock is ahead, the request was held up, or it is replayed",
            Self::Early { seconds } if seconds > 1_000_000_000 => "`RequestTime` is in seconds, not milliseconds",
            Self::Early { .. } => "this machine's clock is behind",
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned => f.write_str("the request is not signed"),
            Self::HalfSigned => f.write_str("only one of `Sign` and `RequestTime` is present"),
            Self::SignShape => f.write_str("`Sign` is not 64 hex digits"),
            Self::TimeShape => f.write_str("`RequestTime` is not a decimal number as the service writes it"),
            Self::WrongSign => f.write_str("`Sign` is not the signature of any token"),
            Self::Stale { seconds } => write!(f, "`RequestTime` is {seconds} s ago"),
            Self::Early { seconds } => write!(f, "`RequestTime` is {seconds} s in the future"),
        }
    }
}

/// The number of seconds in a `RequestTime`: digits only, without a zero in front.
///
/// The signature is the hash of the token followed by the time, without a separator. More than digits would allow the
/// hash of a prefix to be extended, and leading zeros would let a longer token pass for a shorter one: what is signed
/// with the token `abc0` at the time 17 is the same text as with `abc` at the time 017.
fn seconds(request_time: &str) -> Option<u64> {
    decimal(request_time).filter(|_| request_time == "0" || !request_time.starts_with('0'))
}

/// Checks that `query` was signed with one of `tokens`, at most `freshness` away from `now`.
pub(super) fn verify(query: Query<'_>, tokens: &[Token], now: Duration, freshness: Duration) -> Result<(), AuthError> {
    let (sign, request_time) = match (query.get(Parameter::Sign), query.get(Parameter::RequestTime)) {
        (Some(sign), Some(request_time)) => (sign, request_time),
        (None, None) => return Err(AuthError::Unsigned),
        _ => return Err(AuthError::HalfSigned),
    };
    // Both cases are right. Comparing digits is cheaper than decoding them.
    let mut sign: Sign = sign.as_bytes().try_into().map_err(|_| AuthError::SignShape)?;
    sign.make_ascii_lowercase();
    let at = seconds(request_time).ok_or(AuthError::TimeShape)?;
    // All tokens are tried, so that the time taken does not reveal which of them matches.
    let is_signed = tokens.iter().fold(false, |is_signed, token| is_signed | token.signs(request_time, &sign));
    if !is_signed {
        let is_hex = sign.iter().all(u8::is_ascii_hexdigit);
        return Err(if is_hex { AuthError::WrongSign } else { AuthError::SignShape });
    }
    let (now, window) = (now.as_secs(), freshness.as_secs());
    if now.saturating_sub(at) > window {
        return Err(AuthError::Stale { seconds: now - at });
    }
    if at.saturating_sub(now) > window {
        return Err(AuthError::Early { seconds: at - now });
    }
    Ok(())
}
