//! A case: one request, the expected answer, and what the handler must have seen.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{
    TOKENS,
    answer::{Answer, Read as _},
    handler::SECRET,
    witness::Record,
};
use crate::{Request, Signer, taken_codes::is_taken};

/// One request and the expected result.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// A sentence that is true if the case passes.
    pub(crate) name: Cow<'static, str>,
    /// What is sent.
    pub(crate) request: Request,
    expected: Expected,
    /// What the handler must have been given, call by call; of an object the fields named here.
    calls: Vec<Value>,
}

#[derive(Debug, Clone)]
enum Expected {
    /// A refusal of the request itself, with this HTTP status.
    Refusal(u16),
    /// Status 200 with this JSON.
    Answer(Value),
    /// Status 200 and an answer that allows, with any other fields of the command.
    Acceptance,
}

impl Case {
    /// A request that is answered OK and reaches no handler, unless another method changes that.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, request: Request) -> Self {
        Self { name: name.into(), request, expected: Expected::Answer(decision(0, "")), calls: Vec::new() }
    }

    /// It is refused with this HTTP status.
    pub(crate) fn refused(mut self, status: u16) -> Self {
        self.expected = Expected::Refusal(status);
        self
    }

    /// It is answered with status 200 and this JSON.
    pub(crate) fn answered(mut self, json: Value) -> Self {
        self.expected = Expected::Answer(json);
        self
    }

    /// It is answered with status 200 and allowed.
    pub(crate) fn accepted(mut self) -> Self {
        self.expected = Expected::Acceptance;
        self
    }

    /// The handler gets a call like this.
    pub(crate) fn seen(mut self, call: Value) -> Self {
        self.calls.push(call);
        self
    }

    /// The handler's method of this name is called.
    pub(crate) fn calls(self, method: &str) -> Self {
        self.seen(json!({ "method": method }))
    }

    /// Panics if not all is as it must be.
    pub(crate) fn check(&self, answer: &Answer, record: &Record) {
        match &self.expected {
            Expected::Refusal(status) => check_refusal(answer, *status, self.request.is_head()),
            Expected::Answer(json) => {
                check_decision(answer);
                assert_eq!(&answer.json(), json);
            }
            Expected::Acceptance => {
                check_decision(answer);
                assert!(contains(&answer.json(), &decision(0, "")), "{}", answer.json());
            }
        }
        let calls = &record.calls;
        assert_eq!(calls.len(), self.calls.len(), "the number of calls; they were {calls:?}");
        for (expected, call) in self.calls.iter().zip(calls) {
            assert!(contains(call, expected), "expected {expected}\n     found {call}");
        }
    }
}

/// The vendor's answer with a code and a text.
pub(crate) fn decision(code: u32, text: &str) -> Value {
    json!({ "ActionStatus": "OK", "ErrorInfo": text, "ErrorCode": code })
}

/// Panics if it is not a refusal of the HTTP request in the vendor's shape.
pub(crate) fn check_refusal(answer: &Answer, status: u16, is_to_head: bool) {
    assert_eq!(answer.status(), status, "{}", answer.text());
    check_form(answer);
    assert_eq!(answer.header("allow"), (status == 405).then_some("POST"));
    if is_to_head {
        return;
    }
    let json = answer.json();
    let fields = json.as_object().expect("an answer is an object");
    assert_eq!(fields.len(), 3, "{json}");
    assert_eq!(fields["ActionStatus"], "FAIL");
    let text = fields["ErrorInfo"].as_str().expect("`ErrorInfo` is text");
    assert!((1..64).contains(&text.len()), "a short text, not {text:?}");
    let code = fields["ErrorCode"].as_u64().expect("`ErrorCode` is a number");
    assert!(!is_taken(code), "{code} means something else");
}

fn check_decision(answer: &Answer) {
    assert_eq!(answer.status(), 200, "{}", answer.text());
    check_form(answer);
}

fn check_form(answer: &Answer) {
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("content-length").is_some(), "{answer:?}");
    let text = format!("{:?}{}", answer.headers(), answer.text());
    for secret in TOKENS.into_iter().chain([SECRET]) {
        assert!(!text.contains(secret), "`{secret}` is in {text}");
    }
    assert_eq!(Signer::find(&text), None, "something like a signature");
}

/// Whether `found` has everything that is in `expected`; an object may have more.
pub(crate) fn contains(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(key, value)| found.get(key).is_some_and(|found| contains(found, value)))
        }
        _ => found == expected,
    }
}
