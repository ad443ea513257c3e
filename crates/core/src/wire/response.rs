//! The response to the service: a status and the vendor's JSON.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::Outcome;

/// A response that is ready to be sent.
///
/// It is a pointer, because several functions pass it on. Nearly all responses are one of a few constants.
#[derive(Debug, Clone)]
pub(crate) enum WireResponse {
    Fixed(&'static Payload<&'static str>),
    Owned(Box<Payload<Bytes>>),
}

/// The body of a response, with its summary.
#[derive(Debug, Clone)]
pub(crate) struct Payload<B> {
    summary: Summary,
    body: B,
}

/// The parts of a response that logs, metrics and observers show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Summary {
    pub(crate) status: StatusCode,
    /// The `ErrorCode` in the body.
    pub(crate) code: u32,
    pub(crate) outcome: Outcome,
}

/// The body of an answer: the three fields of every answer, then the fields of this one.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a, F> {
    action_status: &'static str,
    error_info: &'a str,
    error_code: u32,
    #[serde(flatten)]
    fields: F,
}

#[derive(Serialize)]
struct NoFields {}

/// A response that is always the same.
macro_rules! fixed {
    ($status:ident, $action:literal, $text:literal, $code:literal, $outcome:ident) => {
        WireResponse::Fixed(&Payload {
            summary: Summary { status: StatusCode::$status, code: $code, outcome: Outcome::$outcome },
            body: concat!(
                r#"{"ActionStatus":""#,
                $action,
                r#"","ErrorInfo":""#,
                $text,
                r#"","ErrorCode":"#,
                $code,
                "}"
            ),
        })
    };
}

/// A refusal of the HTTP request itself. Its `ErrorCode` is the HTTP status, which is no code of a command.
macro_rules! failure {
    ($status:ident, $code:literal, $text:literal, $outcome:ident) => {
        fixed!($status, "FAIL", $text, $code, $outcome)
    };
}

impl WireResponse {
    pub(crate) const OK: Self = fixed!(OK, "OK", "", 0, Allow);
    pub(crate) const ACK: Self = fixed!(OK, "OK", "", 0, Ack);
    pub(crate) const KEPT: Self = fixed!(OK, "OK", "", 0, Kept);
    pub(crate) const REFUSE: Self = fixed!(OK, "OK", "", 1, Refuse);
    pub(crate) const DISCARD: Self = fixed!(OK, "OK", "", 2, Discard);
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
    pub(crate) fn refuse_with(code: u32, text: &str) -> Self {
        Self::json(text, code, NoFields {}, Outcome::Refuse)
    }

    /// An answer that accepts, with more than the three fields of every answer.
    pub(crate) fn ok_with(fields: impl Serialize, outcome: Outcome) -> Self {
        Self::json("", 0, fields, outcome)
    }

    /// An answer with any code and text, and more fields.
    pub(crate) fn coded(code: u32, text: &str, fields: impl Serialize, outcome: Outcome) -> Self {
        Self::json(text, code, fields, outcome)
    }

    fn json(error_info: &str, error_code: u32, fields: impl Serialize, outcome: Outcome) -> Self {
        let envelope = Envelope { action_status: "OK", error_info, error_code, fields };
        let body = serde_json::to_vec(&envelope).expect("answers have text keys and no `Serialize` that fails");
        let summary = Summary { status: StatusCode::OK, code: error_code, outcome };
        Self::Owned(Box::new(Payload { summary, body: body.into() }))
    }

    /// The same response with another outcome.
    pub(crate) fn with_outcome(self, outcome: Outcome) -> Self {
        let summary = Summary { outcome, ..*self.summary() };
        Self::Owned(Box::new(Payload { summary, body: self.into_body() }))
    }

    pub(crate) const fn summary(&self) -> &Summary {
        match self {
            Self::Fixed(payload) => &payload.summary,
            Self::Owned(payload) => &payload.summary,
        }
    }

    /// The headers of the HTTP response, name and value of each.
    pub(crate) const fn headers(&self) -> &'static [(&'static str, &'static str)] {
        const JSON: (&str, &str) = ("content-type", "application/json");

        match self.summary().status {
            StatusCode::METHOD_NOT_ALLOWED => &[JSON, ("allow", "POST")],
            _ => &[JSON],
        }
    }

    pub(crate) fn into_body(self) -> Bytes {
        match self {
            Self::Fixed(payload) => Bytes::from_static(payload.body.as_bytes()),
            Self::Owned(payload) => payload.body,
        }
    }

    /// The HTTP response. It takes the header map of the request and clears it, because its memory is allocated
    /// already.
    pub(crate) fn into_response(self, mut headers: HeaderMap) -> Response<Bytes> {
        let status = self.summary().status;
        headers.clear();
        for (name, value) in self.headers() {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut response = Response::new(self.into_body());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}
