//! Requests that are no genuine callbacks: whether they are refused, and whether a refusal shows a secret.

use http::Method;

use super::{
    finding::{Finding, State},
    probe::{Expected, Probe, Probed, TestedReceiver},
};

const GROUP: &str = "forged and wrong requests";

pub(super) fn probes(tested: &TestedReceiver) -> Vec<Probe> {
    let request = || tested.request();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let refused = |check, what, request, weight, fix| Probe {
        check,
        group: GROUP,
        what,
        request,
        is_untyped: false,
        must: Expected::Refused,
        weight,
        fix,
    };
    let foreign = tested.foreign_app().to_string();
    vec![
        refused(
            "forged",
            "a callback with a wrong `Sign`",
            request().forged(),
            State::Failed,
            "compare `Sign` with the hex SHA-256 of token and `RequestTime` before anything else, in constant time",
        ),
        refused(
            "unsigned",
            "a callback without `Sign` and `RequestTime`",
            request().unsigned(),
            State::Failed,
            "refuse unsigned requests: authentication is switched on, so the service signs everything",
        ),
        refused(
            "stale",
            "a callback signed five minutes ago",
            request().seconds_from_now(-300),
            State::Failed,
            "refuse a `RequestTime` that is more than 60 s ago: anyone who has seen one URL could use it for ever",
        ),
        refused(
            "early",
            "a callback signed five minutes ahead",
            request().seconds_from_now(300),
            State::Failed,
            "refuse a `RequestTime` that is more than 60 s ahead, as one that is too old",
        ),
        refused(
            "milliseconds",
            "a `RequestTime` in milliseconds",
            request().request_time(now.as_millis().to_string()),
            State::Failed,
            "read `RequestTime` as seconds, which makes this one far ahead",
        ),
        refused(
            "digits",
            "a `RequestTime` that is not digits only",
            request().request_time(format!("{}x", now.as_secs())),
            State::Warning,
            "refuse a `RequestTime` that is not ASCII digits: the signature is a prefix hash, which can be extended",
        ),
        refused(
            "foreign",
            "a callback for another application",
            request().app_id(tested.foreign_app()),
            State::Failed,
            "compare `SdkAppid` with your application: the signature does not cover it",
        ),
        refused(
            "no-app",
            "a callback without `SdkAppid`",
            request().without("SdkAppid"),
            State::Failed,
            "refuse known commands without `SdkAppid`: only the console's check lacks it",
        ),
        refused(
            "doubled",
            "a second `SdkAppid` in the query",
            request().with("SdkAppid", foreign),
            State::Warning,
            "refuse a query that has a parameter of the protocol twice: a proxy may read the other one",
        ),
        refused(
            "put",
            "PUT instead of POST",
            request().method(Method::PUT),
            State::Failed,
            "answer 405 with `Allow: POST` to everything but POST",
        ),
        refused(
            "get",
            "GET instead of POST",
            request().method(Method::GET).body(""),
            State::Warning,
            "answer 405 with `Allow: POST`, unless a health check of yours uses it",
        ),
        refused(
            "head",
            "HEAD instead of POST",
            request().method(Method::HEAD).body(""),
            State::Warning,
            "answer 405 with `Allow: POST`, unless a health check of yours uses it",
        ),
    ]
}

/// Whether an answer contains a secret.
pub(super) fn leak(tested: &TestedReceiver, probed: &[Probed]) -> Finding {
    let leaked = probed.iter().find_map(|Probed { exchange, request, .. }| {
        let answer = &exchange.as_ref().ok()?.answer;
        let text = format!("{:?}{}", answer.headers(), String::from_utf8_lossy(answer.body())).to_lowercase();
        if text.contains(&tested.token.to_lowercase()) {
            return Some("the token");
        }
        let query = request.query_string()?;
        let time = query.split('&').find_map(|piece| piece.strip_prefix("RequestTime="))?.to_owned();
        text.contains(&tested.signer.sign(&time)).then_some("a valid signature")
    });
    match leaked {
        None => Finding::ok("secrets", GROUP, "no answer contains the token or a valid signature"),
        Some(secret) => Finding::new("secrets", GROUP, State::Failed, format!("an answer contains {secret}"))
            .fix("say only that the request was refused; write the reason into the log"),
    }
}
