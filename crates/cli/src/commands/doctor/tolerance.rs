//! What is genuine and unusual: whether it is taken, and whether it comes through proxies unharmed.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{
    finding::State,
    probe::{Expected, Probe, TestedReceiver},
};

const UNUSUAL: &str = "what is genuine and unusual";
const QUERY: &str = "the query on its way";
const BODY: &str = "bodies";

pub(super) fn probes(tested: &TestedReceiver) -> Vec<Probe> {
    let mut probes = unusual(tested);
    probes.extend(query(tested));
    probes.extend(bodies(tested));
    probes
}

fn taken(
    group: &'static str,
    check: &'static str,
    what: &'static str,
    request: tencent_im_callback_testkit::Request,
    fix: &'static str,
) -> Probe {
    let (must, weight) = (Expected::Taken, State::Failed);
    Probe { check, group, what, request, is_untyped: false, must, weight, fix }
}

fn unusual(tested: &TestedReceiver) -> Vec<Probe> {
    let request = || tested.request();
    // The signature that is changed and the time beside it have to be those of one moment.
    let signed = request().at(SystemTime::now());
    let sign = signed.query_string().unwrap_or_default();
    let sign = sign.split('&').find_map(|piece| piece.strip_prefix("Sign=")).unwrap_or_default().to_uppercase();
    let now = |seconds| request().seconds_from_now(seconds);
    let probe = |check, what, request, fix| taken(UNUSUAL, check, what, request, fix);
    let unknown = json!({ "CallbackCommand": "Doctor.CallbackNobodyKnows", "EventTime": 1 }).to_string();
    vec![
        probe(
            "unknown-command",
            "a command that nobody knows",
            tested.request_of("Doctor.CallbackNobodyKnows", unknown),
            "answer OK to unknown commands: the vendor adds several a year, and sends some that nobody switched on",
        ),
        Probe {
            weight: State::Warning,
            ..probe(
                "console-check",
                "the console's check of the URL, without `SdkAppid` and command,",
                tested.request_of("", "{}").without("SdkAppid").without("CallbackCommand"),
                "answer OK if it is rightly signed: otherwise the console may not save the URL",
            )
        },
        probe("old", "a callback signed 45 s ago", now(-45), "take what is up to 60 s old, and set the clock"),
        probe("ahead", "a callback signed 45 s ahead", now(45), "take what is up to 60 s ahead, and set the clock"),
        Probe {
            weight: State::Warning,
            ..probe("upper-case", "`Sign` in upper case", signed.set("Sign", sign), "compare it whatever its case is")
        },
        Probe {
            is_untyped: true,
            ..probe(
                "content-type",
                "a callback without `Content-Type`",
                request(),
                "read the body as JSON whatever its `Content-Type`: no document says what the service sends",
            )
        },
        probe(
            "bare-keys",
            "a query with `ClientIP` and `OptPlatform` without values",
            request().without("ClientIP").without("OptPlatform").with_key("ClientIP").with_key("OptPlatform"),
            "take keys without `=`: they stand in an example of the vendor's",
        ),
        probe(
            "order",
            "a query in another order",
            request().reversed(),
            "find parameters by their names: one command has them in another order",
        ),
    ]
}

fn query(tested: &TestedReceiver) -> Vec<Probe> {
    let request = || tested.request();
    let probe = |check, what, request, fix| taken(QUERY, check, what, request, fix);
    let again = format!("%26SdkAppid%3D{}%26Sign%3D0", tested.app + 1);
    vec![
        probe(
            "encoded",
            "a query that is percent-encoded throughout",
            request().all_escaped(1),
            "decode the values once, and do not compare the query as text",
        ),
        probe(
            "decoded-once",
            "a parameter with an encoded `&Sign=` in it",
            request().with("doctor", again),
            "something decodes the query twice, a proxy perhaps; pass it on as it is, and decode each value once",
        ),
        probe(
            "unknown-key",
            "a parameter that nobody knows",
            request().with("doctor", "a+b%20c"),
            "skip parameters that you do not know: the vendor adds some",
        ),
        probe(
            "long-query",
            "a query of 4 KB",
            request().with("doctor", "x".repeat(4096)),
            "let queries of a few KB through: a proxy or the server has a limit that is lower",
        ),
    ]
}

fn bodies(tested: &TestedReceiver) -> Vec<Probe> {
    let probe = |check, what, request, fix| taken(BODY, check, what, request, fix);
    let mut unknown: Value = serde_json::from_slice(&tested.body).unwrap_or_default();
    if let Some(fields) = unknown.as_object_mut() {
        fields.insert("DoctorField".into(), json!({ "Nobody": ["knows", 1, null] }));
    }
    let huge = 16 * 1024 * 1024;
    vec![
        probe(
            "unknown-field",
            "a body with a field that nobody knows",
            tested.request_of(tested.command, unknown.to_string()),
            "skip fields that you do not know: some arrive that no page lists",
        ),
        probe(
            "large-body",
            "a body of 300 KB",
            tested.request().padded(300 * 1024),
            "take bodies of up to 8 MB: the end of a community with 100,000 members is reported with 3.5 MB",
        ),
        Probe {
            must: Expected::RefusedEarly,
            weight: State::Warning,
            ..probe(
                "huge-body",
                "a body of 16 MB",
                tested.request().padded(huge),
                "stop reading at a limit, 8 MB for example: what a request can make you keep is memory",
            )
        },
        Probe {
            must: Expected::Answered,
            ..probe(
                "broken-body",
                "a body that is no JSON",
                tested.request_of(tested.command, "{\"CallbackCommand\":"),
                "answer with status 400",
            )
        },
    ]
}
