//! The requests of the suite: their token, and the parameters that control the handler.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use crate::{Request, Signer, conformance::VISIT};

/// The application that most requests are for.
pub(crate) const APP: u64 = 1_400_000_001;
/// Its token.
pub(crate) const TOKEN: &str = "conformance-token-new";
/// The token that it had before, still taken.
pub(crate) const PREVIOUS_TOKEN: &str = "conformance-token-old";
/// An application with a token and a handler of its own.
pub(crate) const OTHER_APP: u64 = 1_400_000_002;
/// The token of that.
pub(crate) const OTHER_TOKEN: &str = "conformance-token-other";
/// An application whose handler has a method for every callback.
pub(crate) const EVERY_APP: u64 = 1_400_000_004;
/// The token of that.
pub(crate) const EVERY_TOKEN: &str = "conformance-token-every";

/// What the endpoint's clock shows, in seconds.
pub(crate) const NOW: u64 = 1_764_688_540;

/// The same as a time.
pub(crate) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

/// The signature for a token and a time, in lower case.
pub(crate) fn sign(token: &str, request_time: &str) -> String {
    Signer::new(token).sign(request_time)
}

/// A callback as the vendor sends it, signed now.
pub(crate) fn callback(command: &str, body: impl Into<Bytes>) -> Request {
    let request = Request::new(command, body).client_ip("203.0.113.7").platform("Android");
    request.app_id(APP).token(TOKEN).at(now())
}

impl Request {
    /// With `Sign` and `RequestTime` for a token and a time.
    pub(crate) fn signed(self, token: &str, request_time: &str) -> Self {
        self.token(token).request_time(request_time)
    }

    /// Marks the request for the handler and the server's middleware as part of the case `id`.
    pub(crate) fn tagged(self, id: &str) -> Self {
        self.with("case", id).header(VISIT, id)
    }

    /// With orders for the handler, see [`super::handler`].
    pub(crate) fn order(self, orders: &str) -> Self {
        self.with("do", orders)
    }

    /// All of it.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.to_wire("localhost")
    }

    /// The head, with the blank line that ends it, and the body as it goes over the wire.
    pub(crate) fn head_and_body(&self) -> (Vec<u8>, Vec<u8>) {
        let mut head = self.to_bytes();
        let end = head.windows(4).position(|window| window == b"\r\n\r\n").expect("a head has an end");
        let body = head.split_off(end + 4);
        (head, body)
    }
}
