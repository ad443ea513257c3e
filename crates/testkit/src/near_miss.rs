//! Near misses: for a good request all those that look like it and are not, each with what must become of it.
//!
//! Most are refused. Some are good in an odd way, and are here because receivers tend to refuse them.
//!
//! ```
//! use tencent_im_callback::{CallbackHandler, group};
//! use tencent_im_callback_testkit::{Harness, near_miss, sample};
//!
//! struct App;
//! impl CallbackHandler for App {}
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let harness = Harness::new(App);
//! for miss in near_miss::all(&sample::<group::BeforeCreateTopic>().request()) {
//!     if let Some(request) = miss.request() {
//!         miss.assert(&harness.send(request.clone()).await);
//!     }
//! }
//! # }
//! ```

use std::{borrow::Cow, fmt, time::Duration};

use serde_json::Value;
use tencent_im_callback::{Callback, OnFailure, Phase};

use crate::{Answer, Request, request::APP_ID, taken_codes::is_taken};

mod body;
mod query;
mod wire;

/// All near misses of a good request, for a receiver in the usual settings.
#[must_use]
pub fn all(good: &Request) -> Vec<NearMiss> {
    Receiver::default().near_misses(good)
}

/// What a receiver's settings are, where near misses depend on them.
#[derive(Debug, Clone)]
pub struct Receiver {
    body_limit: usize,
    window: Duration,
    foreign_app: u64,
    foreign_token: String,
    on_failure: OnFailure,
}

impl Default for Receiver {
    /// A receiver in the usual settings of an [`Endpoint`](tencent_im_callback::Endpoint).
    fn default() -> Self {
        Self {
            body_limit: 8 * 1024 * 1024,
            window: Duration::from_secs(60),
            foreign_app: APP_ID + 1_000_000,
            foreign_token: "token of another application".into(),
            on_failure: OnFailure::Defer,
        }
    }
}

impl Receiver {
    /// The largest body that it takes.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { body_limit: bytes, ..self }
    }

    /// How far `RequestTime` may be from its clock.
    #[must_use]
    pub fn freshness(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// An application that it does not have.
    #[must_use]
    pub fn foreign_app(self, app_id: u64) -> Self {
        Self { foreign_app: app_id, ..self }
    }

    /// The token of another application, which it may have beside that of the good request.
    #[must_use]
    pub fn foreign_token(self, token: impl Into<String>) -> Self {
        Self { foreign_token: token.into(), ..self }
    }

    /// How it answers *before* callbacks whose body cannot be read.
    #[must_use]
    pub fn on_failure(self, on_failure: OnFailure) -> Self {
        Self { on_failure, ..self }
    }

    /// The status of its answer to a callback whose body cannot be read.
    fn undecodable_status(&self, callback: &Callback) -> u16 {
        // Friend requests are refused account by account, and the accounts are in the body.
        let is_refusable = callback.answer != "FriendDecision";
        match (callback.phase, self.on_failure) {
            (Phase::Before, OnFailure::Allow) => 200,
            (Phase::Before, OnFailure::Refuse) if is_refusable => 200,
            (Phase::Before, _) => 500,
            _ => 400,
        }
    }

    /// All near misses of a good request.
    ///
    /// # Panics
    /// When the request is none that is good: its command is not known, or its body is no JSON object.
    #[must_use]
    #[track_caller]
    pub fn near_misses(&self, good: &Request) -> Vec<NearMiss> {
        let command = good.command();
        let callback = Callback::find(command).unwrap_or_else(|| panic!("`{command}` is no command that is known"));
        let body: Value = serde_json::from_slice(good.content()).unwrap_or_default();
        assert!(body.is_object(), "{command}: the body of the good request is no JSON object");
        let undecodable = self.undecodable_status(callback);
        let good = Good { request: good, callback, names: Names::of(&body), undecodable };
        let mut misses = query::misses(self, &good);
        misses.extend(body::misses(self, &good));
        misses.extend(wire::misses(self, &good));
        // With a limit as low as that, what they are about is never looked at.
        misses.retain(|miss| {
            miss.status == 413 || miss.request().is_none_or(|request| request.content().len() <= self.body_limit)
        });
        misses
    }
}

/// The good request, and what its near misses have to know about it.
struct Good<'a> {
    request: &'a Request,
    callback: &'static Callback,
    names: Names,
    /// The status of the answer when its body cannot be read.
    undecodable: u16,
}

/// Where a body names its command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    AtTheTop,
    InItsEvents,
    Nowhere,
}

impl Names {
    fn of(body: &Value) -> Self {
        match (body.get("CallbackCommand"), body.pointer("/Events/0/CallbackCommand")) {
            (Some(_), _) => Self::AtTheTop,
            (None, Some(_)) => Self::InItsEvents,
            (None, None) => Self::Nowhere,
        }
    }
}

impl Good<'_> {
    fn request(&self) -> Request {
        self.request.clone()
    }

    /// A near miss that must be refused with this status, and not reach the handler.
    fn refused(&self, status: u16, name: impl Into<Cow<'static, str>>, request: Request) -> NearMiss {
        self.miss(name, request, status, Reaches::Nothing)
    }

    /// A near miss that is good, and reaches the method.
    fn taken(&self, name: impl Into<Cow<'static, str>>, request: Request) -> NearMiss {
        self.miss(name, request, 200, Reaches::Method)
    }

    /// A near miss whose body cannot be read.
    fn undecodable(&self, name: impl Into<Cow<'static, str>>, request: Request) -> NearMiss {
        self.miss(name, request, self.undecodable, Reaches::Undecodable)
    }

    fn miss(&self, name: impl Into<Cow<'static, str>>, request: Request, status: u16, reaches: Reaches) -> NearMiss {
        self.near_miss(name.into(), Input::Request(Box::new(request)), status, reaches)
    }

    fn near_miss(&self, name: Cow<'static, str>, input: Input, status: u16, reaches: Reaches) -> NearMiss {
        NearMiss { name, input, status, open: None, reaches, callback: self.callback, good: self.request() }
    }
}

/// One near miss, and what must become of it.
#[derive(Debug, Clone)]
pub struct NearMiss {
    name: Cow<'static, str>,
    input: Input,
    status: u16,
    open: Option<&'static str>,
    reaches: Reaches,
    callback: &'static Callback,
    /// The request that it was made from.
    good: Request,
}

/// What is sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Input {
    /// A request that any HTTP client can send.
    Request(Box<Request>),
    /// Bytes for a connection, which no client would send.
    Wire(Wire),
}

/// What is written to a connection.
#[derive(Clone)]
#[non_exhaustive]
pub struct Wire {
    /// What is written first.
    pub bytes: Vec<u8>,
    /// What is written again and again after that, until the answer arrives or the connection ends.
    pub repeated: Option<Vec<u8>>,
    /// What the client does then.
    pub then: Then,
}

impl fmt::Debug for Wire {
    // By hand: there is a signature in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("length", &self.bytes.len())
            .field("repeats", &self.repeated.is_some())
            .field("then", &self.then)
            .finish()
    }
}

/// What a client does when it has written all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Then {
    /// It waits for the answer.
    Wait,
    /// It closes its side of the connection, and waits for the answer.
    Close,
}

/// What a request must reach in the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reaches {
    /// Nothing: the handler is not called.
    Nothing,
    /// The method of its callback.
    Method,
    /// `unknown`.
    Unknown,
    /// `undecodable`.
    Undecodable,
}

impl NearMiss {
    /// What is wrong with it, or odd.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is sent.
    #[must_use]
    pub const fn input(&self) -> &Input {
        &self.input
    }

    /// The request; `None` for one that is bytes for a connection.
    #[must_use]
    pub const fn request(&self) -> Option<&Request> {
        match &self.input {
            Input::Request(request) => Some(request),
            Input::Wire(_) => None,
        }
    }

    /// The HTTP status that it must be answered with.
    ///
    /// When [`open`](Self::open) has a reason, this is the answer of the endpoint if the server in front of
    /// it leaves it the choice.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Why another status, 400 or above, or the end of the connection is as right; `None` where it is not.
    #[must_use]
    pub const fn open(&self) -> Option<&'static str> {
        self.open
    }

    /// What it must reach in the handler.
    #[must_use]
    pub const fn reaches(&self) -> Reaches {
        self.reaches
    }

    /// The name of the method that must be called, if one must be.
    #[must_use]
    pub const fn method(&self) -> Option<&'static str> {
        match self.reaches {
            Reaches::Nothing => None,
            Reaches::Method => Some(self.callback.method),
            Reaches::Unknown => Some("unknown"),
            Reaches::Undecodable => Some("undecodable"),
        }
    }

    /// What is wrong with the answer to it; `None` if it is as it must be.
    ///
    /// Looked at are the status, the vendor's JSON, that neither token nor `Sign` stand in it, and which
    /// method was called where that could be seen.
    #[must_use]
    pub fn fault(&self, answer: &Answer) -> Option<String> {
        let status = answer.status().as_u16();
        if self.open.is_some() && status >= 400 {
            return self.secret_in(answer);
        }
        if status != self.status {
            return Some(format!("the status is {status}, not {}", self.status));
        }
        self.fault_of_form(answer).or_else(|| self.secret_in(answer)).or_else(|| self.fault_of_call(answer))
    }

    /// # Panics
    /// With the near miss and the answer, if that is not as it must be.
    #[track_caller]
    pub fn assert(&self, answer: &Answer) {
        if let Some(fault) = self.fault(answer) {
            panic!("{}, {}: {fault}\n{answer}", self.callback.command, self.name);
        }
    }

    fn fault_of_form(&self, answer: &Answer) -> Option<String> {
        // The default methods answer OK, and with more only where the service wants it.
        let Value::Object(fields) = answer.json() else { return Some("the body is no JSON object".into()) };
        let has_failed = self.status != 200;
        let status = fields.get("ActionStatus").and_then(Value::as_str);
        let code = fields.get("ErrorCode").and_then(Value::as_u64);
        let text = fields.get("ErrorInfo").and_then(Value::as_str);
        match (status, code, text) {
            (Some("OK"), Some(_), Some(_)) if !has_failed => None,
            (Some("FAIL"), Some(code), Some(text)) if has_failed => {
                if fields.len() != 3 {
                    return Some("a refusal has three fields".into());
                }
                if text.is_empty() || text.len() > 64 {
                    return Some("a refusal says in a few words what is wrong".into());
                }
                is_taken(code).then(|| format!("the code {code} means something else to the service"))
            }
            _ => Some("the body is not the vendor's".into()),
        }
    }

    fn secret_in(&self, answer: &Answer) -> Option<String> {
        let text = format!("{:?} {}", answer.headers(), String::from_utf8_lossy(answer.body()));
        let request = match &self.input {
            Input::Request(request) => request,
            Input::Wire(_) => &self.good,
        };
        let query = request.query_string().unwrap_or_default();
        // What is shorter than half a signature may stand in a text by chance.
        let sign = query.split('&').find_map(|piece| piece.strip_prefix("Sign=")).filter(|sign| sign.len() >= 32);
        let token = Some(request.effective_token()).filter(|token| !token.is_empty());
        [token, sign].into_iter().flatten().any(|secret| text.contains(secret)).then(|| "a secret is in it".into())
    }

    fn fault_of_call(&self, answer: &Answer) -> Option<String> {
        let called: Vec<_> = answer.watched_calls()?.iter().map(|call| call.method).collect();
        let wanted: Vec<_> = self.method().into_iter().collect();
        (called != wanted).then(|| format!("the handler was called with {called:?}, not {wanted:?}"))
    }
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.status)?;
        self.open.map_or(Ok(()), |why| write!(f, " ({why})"))
    }
}
