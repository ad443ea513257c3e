//! The whole way of a request: there is always an answer, it is of the vendor's shape, and it is one
//! that the contract knows for what came and what the handler did.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    pin::pin,
    sync::LazyLock,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Method, Request, Response, header};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tencent_im_callback::{
    C2cCode, Callback, Endpoint, FriendCode, GiftCode, GroupCode, OfficialAccountCode, OnFailure, Phase, ReceivedAt,
};
use tokio::{runtime, time::Instant};

use crate::{
    answers::{Choice, MORE_FIELDS},
    expected::Expected,
    probe::{Act, Call, Probe, Script},
    signing::{APPS, clock, spliced, uri},
};

/// Small, so that inputs can be larger.
const BODY_LIMIT: usize = 2048;

const POLICIES: [OnFailure; 3] = [OnFailure::Defer, OnFailure::Allow, OnFailure::Refuse];

/// An endpoint for each policy.
static ENDPOINTS: LazyLock<[Endpoint; 3]> = LazyLock::new(|| {
    POLICIES.map(|policy| {
        let after = if policy == OnFailure::Refuse { OnFailure::Defer } else { policy };
        let builder = Endpoint::builder(Probe).clock(clock).body_limit(BODY_LIMIT);
        let builder = APPS.into_iter().fold(builder, |builder, (id, tokens)| builder.app(id, tokens));
        builder
            .on_failure(policy)
            .on_after_failure(after)
            .on_unknown_failure(policy)
            .build()
            .expect("the settings work")
    })
});

const METHODS: [Method; 8] =
    [Method::POST, Method::GET, Method::POST, Method::PUT, Method::POST, Method::HEAD, Method::POST, Method::OPTIONS];

const ACTS: [Act; 5] = [Act::Answer, Act::Wait, Act::Fail, Act::Panic, Act::Dawdle];

/// Six bytes tell the method and the policy, what the service would add to the query and where, and what
/// the handler does; then come the query, up to the first line feed, and the body.
pub fn handle(input: &[u8]) {
    let [what, how, place, act, kind, number, rest @ ..] = input else { return };
    let (query, body) = match rest.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None => (rest, &[][..]),
    };
    let (query, sign) = spliced(query, *how, *place);
    let Some(uri) = uri(&query) else { return };
    let expected = Expected::on(uri.query().unwrap_or_default());
    let method = METHODS[usize::from(what % 8)].clone();
    let policy = usize::from(what / 8) % POLICIES.len();
    let script = Script::new(ACTS[usize::from(*act) % ACTS.len()], Choice { kind: *kind, number: *number });
    let mut request = Request::new(Bytes::copy_from_slice(body));
    (*request.method_mut(), *request.uri_mut()) = (method.clone(), uri);
    request.extensions_mut().insert(script.clone());
    let response = answer(&ENDPOINTS[policy], request);

    let reply = shape(&response);
    tells_no_secret(input, sign.as_deref(), response.body());
    let calls = script.calls();
    let status = match expected {
        _ if method != Method::POST => 405,
        _ if body.len() > BODY_LIMIT => 413,
        Expected::Malformed => 400,
        Expected::WrongApp => 403,
        Expected::Unauthenticated => 401,
        Expected::Check => 200,
        Expected::Admitted(_) => {
            let [call] = &calls[..] else { panic!("{} calls", calls.len()) };
            return answered(call, script.act, POLICIES[policy], &response, &reply);
        }
    };
    assert!(calls.is_empty(), "the handler was asked although the request was refused");
    assert_eq!(response.status(), status);
    assert_eq!(response.headers().contains_key(header::ALLOW), status == 405);
}

/// The answer to a request that has reached a method.
fn answered(call: &Call, act: Act, policy: OnFailure, response: &Response<Bytes>, reply: &Reply) {
    let status = response.status().as_u16();
    let callback = Callback::find(call.command);
    let has_answered = call.has_answered && act != Act::Dawdle;
    let is_before = callback.is_some_and(|callback| callback.phase == Phase::Before);
    let refuses_without_body = callback.is_some_and(|callback| callback.answer != "FriendDecision");
    let expected = match call.method {
        "undecodable" if act == Act::Fail && !is_before => 400,
        _ if has_answered && act != Act::Fail => 200,
        "undecodable" if !is_before || policy == OnFailure::Refuse && !refuses_without_body => 500,
        _ if policy == OnFailure::Allow => 200,
        method if policy == OnFailure::Refuse && (is_before || method == "unknown") => 200,
        _ => 500,
    };
    assert_eq!(status, expected, "{call:?}, {act:?}, {policy:?}");
    if status != 200 {
        return;
    }
    let is_in = |range: &str, min, max| {
        callback.is_some_and(|callback| callback.answer.contains(range)) && (min..=max).contains(&reply.error_code)
    };
    let is_legal = match reply.error_code {
        0 => true,
        1 if call.method == "unknown" => true,
        1 => is_before && callback.is_some_and(|callback| callback.answer != "FriendDecision"),
        2 => callback.is_some_and(|callback| callback.answer.starts_with("MessageDecision")),
        _ if callback.is_some_and(|callback| callback.answer == "InterfaceReply") => true,
        _ => {
            is_in("<GroupCode>", GroupCode::MIN, GroupCode::MAX)
                || is_in("<C2cCode>", C2cCode::MIN, C2cCode::MAX)
                || is_in("<OfficialAccountCode>", OfficialAccountCode::MIN, OfficialAccountCode::MAX)
                || is_in("<GiftCode>", GiftCode::MIN, GiftCode::MAX)
        }
    };
    assert!(is_legal, "{} to {call:?}", reply.error_code);
    let answers_with = |field| match field {
        "MsgBody" | "CloudCustomData" => "MessageDecision",
        "RefusedMembers_Account" => "InviteDecision",
        "RefusedSubscribers_Account" => "SubscribeDecision",
        "ResultItem" => "FriendDecision",
        "Body" => "InterfaceReply",
        "AgentGroupId" | "AgentIdList" => "AgentAssignment",
        _ => "SignalReply",
    };
    for field in reply.more.keys() {
        assert!(MORE_FIELDS.contains(&field.as_str()), "{field} is no field of an answer");
        let callback = callback.expect("only callbacks have more to say");
        assert!(callback.answer.starts_with(answers_with(field)), "{field} to {}", call.command);
    }
    if callback.is_some_and(|callback| callback.answer == "FriendDecision") && call.method != "undecodable" {
        every_account_has_its_item(call, reply);
    }
}

fn every_account_has_its_item(call: &Call, reply: &Reply) {
    let event: Value = serde_json::from_str(&call.event).expect("an event is JSON");
    let asked = event.get("FriendItem").or_else(|| event.get("ResponseFriendItem")).expect("accounts are asked about");
    let items: Vec<Value> = serde_json::from_str(reply.more["ResultItem"].get()).expect("items are a list");
    let account = |item: &Value| item["To_Account"].clone();
    let asked: Vec<_> = asked.as_array().expect("accounts are a list").iter().map(account).collect();
    assert_eq!(asked, items.iter().map(account).collect::<Vec<_>>());
    for item in items {
        let code = item["ResultCode"].as_u64().expect("each account has a code");
        assert!(code == 0 || (FriendCode::MIN.into()..=FriendCode::MAX.into()).contains(&code), "{code}");
        assert!(item["ResultInfo"].is_string());
    }
}

/// An answer of the vendor's shape.
struct Reply {
    error_code: u32,
    more: BTreeMap<String, Box<RawValue>>,
}

fn shape(response: &Response<Bytes>) -> Reply {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Three {
        action_status: String,
        #[serde(rename = "ErrorInfo")]
        _error_info: String,
        error_code: u32,
    }

    let status = response.status().as_u16();
    assert!([200, 400, 401, 403, 405, 413, 500].contains(&status), "the contract has no {status}");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let Three { action_status, error_code, .. } =
        serde_json::from_slice(response.body()).expect("an answer has the vendor's three fields");
    assert_eq!(action_status, if status == 200 { "OK" } else { "FAIL" });
    if status != 200 {
        assert_eq!(error_code, u32::from(status), "a status is its code");
    }
    let mut more: BTreeMap<String, Box<RawValue>> =
        serde_json::from_slice(response.body()).expect("it was JSON before");
    more.retain(|field, _| !["ActionStatus", "ErrorInfo", "ErrorCode"].contains(&field.as_str()));
    Reply { error_code, more }
}

/// Neither a token nor the signature is in an answer, where the input has not brought it.
pub(crate) fn tells_no_secret(input: &[u8], sign: Option<&str>, answer: &[u8]) {
    let has = |text: &[u8], secret: &str| text.windows(secret.len()).any(|window| window == secret.as_bytes());
    for secret in APPS.iter().flat_map(|(_, tokens)| tokens.iter().copied()).chain(sign) {
        assert!(!has(answer, secret) || has(input, secret), "the answer has {secret} in it");
    }
}

/// Answers on a runtime whose time passes only when everybody waits for it, and sees all calls to their end.
fn answer(endpoint: &Endpoint, mut request: Request<Bytes>) -> Response<Bytes> {
    thread_local! {
        static RUNTIME: RefCell<runtime::Runtime> = RefCell::new(
            runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime starts"),
        );
    }
    RUNTIME.with_borrow(|runtime| {
        runtime.block_on(async {
            request.extensions_mut().insert(ReceivedAt(Instant::now().into_std()));
            let response = endpoint.handle(request).await;
            endpoint.drain().await;
            assert_eq!(endpoint.in_flight(), 0);
            response
        })
    })
}

/// What a future that waits for nothing has at once.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits, and nothing was told to"),
    }
}
