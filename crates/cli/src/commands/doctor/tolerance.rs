//! Genuine but unusual callbacks: whether they are accepted, and whether proxies leave them unchanged.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{
    finding::State,
    probe::{Expected, Probe, TestedReceiver},
};

const UNUSUAL: &str = "unusual genuine callbacks";
const QUERY: &str = "query strings that a proxy may change";
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
    // The changed signature and the time have to be of one moment.
    let signed = request().at(SystemTime::now());
    let sign = signed.query_string().unwrap_or_default();
    let sign = sign.split('&').find_map(|piece| piece.strip_prefix("Sign=")).unwrap_or_default().to_uppercase();
    let now = |seconds| request().seconds_from_now(seconds);
    let probe = |check, what, request, fix| taken(UNUSUAL, check, what, request, fix);
    let unknown = json!({ "CallbackCommand": "Doctor.CallbackUnknown", "EventTime": 1 }).to_string();
    vec![
        probe(
            "unknown-command",
            "an unknown command",
            tested.request_of("Doctor.CallbackUnknown", unknown),
            "answer OK to unknown commands: the vendor adds several a year, and sends some that are not switched on",
        ),
        Probe {
            weight: State::Warning,
            ..probe(
                "console-check",
                "the console's check of the URL, without `SdkAppid` and command,",
                tested.request_of("", "{}").without("SdkAppid").without("CallbackCommand"),
                "answer OK if the signature is valid: otherwise the console may not save the URL",
            )
        },
        probe(
            "old",
            "a callback signed 45 s ago",
            now(-45),
            "accept signatures that are up to 60 s old, and set the clock",
        ),
        probe(
            "ahead",
            "a callback signed 45 s ahead",
            now(45),
            "accept signatures that are up to 60 s ahead, and set the clock",
        ),
        Probe {
            weight: State::Warning,
            ..probe(
                "upper-case",
                "`Sign` in upper case",
                signed.set("Sign", sign),
                "compare `Sign` without regard to case",
            )
        },
        Probe {
            is_untyped: true,
            ..probe(
                "content-type",
                "a callback without `Content-Type`",
                request(),
                "read the body as JSON with any `Content-Type`: the header that the service sends is undocumented",
            )
        },
        probe(
            "bare-keys",
            "a query with `ClientIP` and `OptPlatform` without values",
            request().without("ClientIP").without("OptPlatform").with_key("ClientIP").with_key("OptPlatform"),
            "accept keys without `=`: an example of the vendor has them",
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
            "the query is decoded twice, perhaps by a proxy; pass it on unchanged, and decode each value once",
        ),
        probe(
            "unknown-key",
            "an unknown parameter",
            request().with("doctor", "a+b%20c"),
            "ignore unknown parameters: the vendor adds some",
        ),
        probe(
            "long-query",
            "a query of 4 KB",
            request().with("doctor", "x".repeat(4096)),
            "accept queries of a few KB: a proxy or the server has a lower limit",
        ),
    ]
}

fn bodies(tested: &TestedReceiver) -> Vec<Probe> {
    let probe = |check, what, request, fix| taken(BODY, check, what, request, fix);
    let mut unknown: Value = serde_json::from_slice(&tested.body).unwrap_or_default();
    if let Some(fields) = unknown.as_object_mut() {
        fields.insert("DoctorField".into(), json!({ "Unknown": ["text", 1, null] }));
    }
    let huge = 16 * 1024 * 1024;
    vec![
        probe(
            "unknown-field",
            "a body with an unknown field",
            tested.request_of(tested.command, unknown.to_string()),
            "ignore unknown fields: the service sends some that are undocumented",
        ),
        probe(
            "large-body",
            "a body of 300 KB",
            tested.request().padded(300 * 1024),
            "accept bodies of up to 8 MB: the end of a community with 100,000 members is reported with 3.5 MB",
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
