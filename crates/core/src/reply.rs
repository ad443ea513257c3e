//! What goes out: a status and the vendor's JSON.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::Outcome;

/// An answer ready for the wire.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// The `ErrorCode` in the body.
    pub(crate) code: u32,
    pub(crate) outcome: Outcome,
}

/// A refusal of the HTTP request itself: its status is its code, which is in no range that a command refuses with.
macro_rules! failure {
    ($status:ident, $code:literal, $text:literal, $outcome:ident) => {
        Reply {
            status: StatusCode::$status,
            body: Bytes::from_static(
                concat!(r#"{"ActionStatus":"FAIL","ErrorInfo":""#, $text, r#"","ErrorCode":"#, $code, "}").as_bytes(),
            ),
            code: $code,
            outcome: Outcome::$outcome,
        }
    };
}

impl Reply {
    pub(crate) const OK: Self = Self {
        status: StatusCode::OK,
        body: Bytes::from_static(br#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#),
        code: 0,
        outcome: Outcome::Allow,
    };
    pub(crate) const REFUSE: Self = Self {
        status: StatusCode::OK,
        body: Bytes::from_static(br#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#),
        code: 1,
        outcome: Outcome::Refuse,
    };
    pub(crate) const DISCARD: Self = Self {
        status: StatusCode::OK,
        body: Bytes::from_static(br#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":2}"#),
        code: 2,
        outcome: Outcome::Discard,
    };
    pub(crate) const MALFORMED: Self = failure!(BAD_REQUEST, 400, "malformed query", Malformed);
    pub(crate) const UNDECODABLE: Self = failure!(BAD_REQUEST, 400, "undecodable body", Undecodable);
    pub(crate) const INCOMPLETE: Self = failure!(BAD_REQUEST, 400, "incomplete body", Incomplete);
    pub(crate) const UNAUTHENTICATED: Self = failure!(UNAUTHORIZED, 401, "not authenticated", Unauthenticated);
    pub(crate) const WRONG_APP: Self = failure!(FORBIDDEN, 403, "wrong application", WrongApp);
    pub(crate) const METHOD: Self = failure!(METHOD_NOT_ALLOWED, 405, "method not allowed", MethodNotAllowed);
    pub(crate) const TOO_SLOW: Self = failure!(REQUEST_TIMEOUT, 408, "body too slow", TooSlow);
    pub(crate) const TOO_LARGE: Self = failure!(PAYLOAD_TOO_LARGE, 413, "body too large", TooLarge);
    pub(crate) const DEFER: Self = failure!(INTERNAL_SERVER_ERROR, 500, "not processed", Failed);
    pub(crate) const OVERLOADED: Self = failure!(SERVICE_UNAVAILABLE, 503, "too many callbacks in flight", Overloaded);

    /// A refusal with an own code and a text for the client.
    pub(crate) fn coded(code: u32, text: &str) -> Self {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Body<'a> {
            action_status: &'static str,
            error_info: &'a str,
            error_code: u32,
        }

        Self::json(&Body { action_status: "OK", error_info: text, error_code: code }, code, Outcome::Refuse)
    }

    /// An answer with more than the three fields.
    pub(crate) fn json(body: &impl Serialize, code: u32, outcome: Outcome) -> Self {
        let body = serde_json::to_vec(body).expect("answers have text keys and write no errors of their own");
        Self { status: StatusCode::OK, body: body.into(), code, outcome }
    }

    pub(crate) fn with_outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// The HTTP response. The header map is the request's, emptied: its memory is there already.
    pub(crate) fn into_response(self, mut headers: HeaderMap) -> Response<Bytes> {
        headers.clear();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}
