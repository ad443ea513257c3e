//! A genuine callback: whether it is taken, and whether the service understands the answer.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header};
use tencent_im_callback_testkit::Answer;

use super::{
    finding::{Finding, State},
    probe::{Reaction, TestedReceiver, in_short},
};
use crate::{cli_error::CliError, client::NoAnswer, exchange::Exchange};

const GROUP: &str = "a genuine callback";

/// What came of a genuine callback.
pub(super) struct Genuine {
    pub(super) findings: Vec<Finding>,
    /// Whether it was taken at all: otherwise a refusal of others says nothing.
    pub(super) is_taken: bool,
}

pub(super) async fn check(tested: &TestedReceiver) -> Result<Genuine, CliError> {
    let sent = tested.send(&tested.request()).await;
    let exchange = match &sent {
        Ok(exchange) => exchange,
        Err(NoAnswer::Late(_)) => {
            let finding = Finding::new("signed", GROUP, State::Failed, Reaction::of(&sent).found())
                .fix("answer first and do the work afterwards: the service waits 2 s, and asks once");
            return Ok(Genuine { findings: vec![finding], is_taken: false });
        }
        Err(error) => return Err(CliError::Unreachable(error.to_string())),
    };
    let is_taken = exchange.answer.status().is_success();
    let mut findings = vec![status(tested, exchange).await];
    if is_taken {
        findings.push(answer(&exchange.answer));
        findings.push(headers(exchange.answer.headers()));
        findings.push(clock(exchange.answer.headers()));
    }
    Ok(Genuine { findings, is_taken })
}

async fn status(tested: &TestedReceiver, exchange: &Exchange) -> Finding {
    let headers = exchange.answer.headers();
    let found = in_short(exchange);
    let failed = |found: String, fix: String| Finding::new("signed", GROUP, State::Failed, found).fix(fix);
    match exchange.answer.status().as_u16() {
        200 => Finding::ok("signed", GROUP, found),
        status @ 201..=299 => {
            failed(found, format!("answer with status 200: the service takes {status} for a failure"))
        }
        300..=399 => {
            let place = headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("another URL");
            failed(
                format!("{found}: it is redirected to {place}"),
                "the service does not follow redirects: put the URL that answers into the console".into(),
            )
        }
        401 | 403 if is_clock(tested, headers).await => failed(
            format!("{found}, but status 200 when signed by the endpoint's own clock"),
            format!("set the endpoint's clock, which is {} off", skew(headers).unwrap_or_default()),
        ),
        401 => failed(
            found,
            "check that the token here is the endpoint's, that its clock is right, and that nothing on the way \
             changes the query; its log should say which it is, and `im-callback verify` does"
                .into(),
        ),
        403 => failed(found, format!("check that the endpoint is for application {}", tested.app)),
        404 => failed(found, "check the path: nothing answers there".into()),
        405 => failed(found, "take POST: all callbacks are".into()),
        415 => failed(found, "take any `Content-Type`: no document says what the service sends".into()),
        400..=499 => failed(found, "look into the endpoint's log: this is a genuine callback".into()),
        _ => failed(found, "look into the log of the receiver: it has a fault, or a proxy in front of it has".into()),
    }
}

/// Whether a callback is taken that was signed when the endpoint's clock says that it is now.
async fn is_clock(tested: &TestedReceiver, headers: &HeaderMap) -> bool {
    let Some(now) = date(headers).filter(|_| skew(headers).is_some()) else { return false };
    let sent = tested.send(&tested.request().at(now)).await;
    matches!(Reaction::of(&sent), Reaction::Taken)
}

fn answer(answer: &Answer) -> Finding {
    let shape = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
    let fields = answer.json();
    let failed = |found: &str| {
        Finding::new("answer", GROUP, State::Failed, found)
            .fix(format!("answer {shape}: what is no such JSON the service takes for a failure"))
    };
    if !fields.is_object() {
        return failed(if answer.body().is_empty() { "the body is empty" } else { "the body is no JSON object" });
    }
    match (fields["ActionStatus"].as_str(), fields["ErrorCode"].as_i64(), fields["ErrorInfo"].as_str()) {
        (None, ..) => failed("`ActionStatus` is missing or no text"),
        (_, None, _) => failed("`ErrorCode` is missing or no integer"),
        (.., None) => failed("`ErrorInfo` is missing or no text"),
        (Some("OK"), Some(0), _) => Finding::ok("answer", GROUP, "the three fields of the vendor's JSON"),
        (Some(status), Some(code), _) => {
            Finding::new("answer", GROUP, State::Warning, format!("`ActionStatus` is {status}, with the code {code}"))
                .fix(format!("acknowledge an after callback with {shape}: it cannot be refused"))
        }
    }
}

fn headers(headers: &HeaderMap) -> Finding {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let warned = |found: String, fix: &str| Finding::new("headers", GROUP, State::Warning, found).fix(fix);
    let (content_type, encoding) = (text(header::CONTENT_TYPE), text(header::CONTENT_ENCODING));
    if !encoding.is_empty() {
        return warned(
            format!("the answer is compressed with {encoding}, unasked"),
            "do not compress: nothing says that the service reads it",
        );
    }
    if !content_type.starts_with("application/json") {
        let found = if content_type.is_empty() {
            "no `Content-Type`".into()
        } else {
            format!("`Content-Type: {content_type}`")
        };
        return warned(found, "answer with `Content-Type: application/json`");
    }
    if !headers.contains_key(header::CONTENT_LENGTH) {
        return warned(
            "no `Content-Length`".into(),
            "give the length, as in the vendor's example: nothing says that the service reads chunks",
        );
    }
    Finding::ok("headers", GROUP, "`Content-Type` and `Content-Length` are there")
}

fn clock(headers: &HeaderMap) -> Finding {
    if date(headers).is_none() {
        return Finding::skipped("clock", GROUP, "the answer has no `Date`, so the clocks are not compared");
    }
    match skew(headers) {
        None => Finding::ok("clock", GROUP, "the endpoint's clock and this machine's agree"),
        Some(skew) => {
            Finding::new("clock", GROUP, State::Warning, format!("the endpoint's clock is {skew} of this one"))
                .fix("have both set by the network: a signature is good for 60 s")
        }
    }
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

/// How far the endpoint's clock is from this one, if it is far.
fn skew(headers: &HeaderMap) -> Option<String> {
    const FAR: u64 = 10;
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (there, here) = (seconds(date(headers)?), seconds(SystemTime::now()));
    let way = if there > here { "ahead" } else { "behind" };
    (there.abs_diff(here) > FAR).then(|| format!("{} s {way}", there.abs_diff(here)))
}
