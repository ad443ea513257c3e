//! Signing requests as the service does.

use std::{
    fmt::{self, Write as _},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

/// Signs requests with a token, as the service does.
#[derive(Clone)]
pub struct Signer(String);

impl Signer {
    /// A signer with this token.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn token(&self) -> &str {
        &self.0
    }

    /// The `Sign` that goes with a `RequestTime`: the SHA-256 of token and time, in hex.
    ///
    /// ```
    /// # use tencent_im_callback_testkit::Signer;
    /// let sign = Signer::new("xxxxyyyy").sign("1669872112");
    /// assert_eq!(sign, "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061");
    /// ```
    #[must_use]
    pub fn sign(&self, request_time: &str) -> String {
        let digest = Sha256::new_with_prefix(&self.0).chain_update(request_time).finalize();
        digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string does not fail");
            hex
        })
    }

    /// What in a text has the shape of a signature, if anything has: 64 hex digits in a row or more.
    ///
    /// It is for tests that a log, an answer or an error does not give one away. Anyone who has one can send a callback
    /// for a minute.
    ///
    /// ```
    /// # use tencent_im_callback_testkit::Signer;
    /// let sign = Signer::new("xxxxyyyy").sign("1669872112");
    /// assert_eq!(Signer::find(&format!("GET /callback?Sign={sign}&SdkAppid=1")), Some(sign.as_str()));
    /// assert_eq!(Signer::find("GET /callback?SdkAppid=1400000001"), None);
    /// ```
    #[must_use]
    pub fn find(text: &str) -> Option<&str> {
        text.split(|character: char| !character.is_ascii_hexdigit()).find(|run| run.len() >= 64)
    }

    /// The query parameters of a request signed at `now`: `Sign=..&RequestTime=..`.
    #[must_use]
    pub fn query_at(&self, now: SystemTime) -> String {
        let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string();
        format!("Sign={}&RequestTime={seconds}", self.sign(&seconds))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(..)")
    }
}
