//! One request to an endpoint, and whether it did with it what it should.

use std::sync::Arc;

use bytes::Bytes;
use http::Request as HttpRequest;
use tencent_im_callback_testkit::{Request, Signer};
use tokio::sync::Semaphore;

use super::finding::{Finding, State};
use crate::{
    cli_error::CliError,
    client::{Client, NoAnswer},
    exchange::Exchange,
    when::Took,
};

/// How many probes are under way at once: a slow endpoint would keep people waiting otherwise.
const AT_A_TIME: usize = 16;

/// Knows the endpoint and how to make a genuine callback for it.
pub(super) struct TestedReceiver {
    /// Keeps its connections, as the service does.
    pub(super) client: Client,
    /// For probes: an endpoint may close the connection after one of them.
    fresh: Client,
    pub(super) app: u64,
    pub(super) signer: Signer,
    /// What must not stand in any answer.
    pub(super) token: String,
    /// The callback that probes are made from, and its body.
    pub(super) command: &'static str,
    pub(super) body: Bytes,
    places: Semaphore,
}

impl TestedReceiver {
    pub(super) fn new(
        client: Client,
        fresh: Client,
        app: u64,
        signer: Signer,
        token: String,
        command: &'static str,
        body: Bytes,
    ) -> Self {
        Self { client, fresh, app, signer, token, command, body, places: Semaphore::new(AT_A_TIME) }
    }

    /// An application that the endpoint does not serve: the console has no number as low as this.
    pub(super) const fn foreign_app(&self) -> u64 {
        if self.app == 1 { 2 } else { 1 }
    }

    /// A genuine callback.
    pub(super) fn request(&self) -> Request {
        self.request_of(self.command, self.body.clone())
    }

    pub(super) fn request_of(&self, command: &str, body: impl Into<Bytes>) -> Request {
        Request::new(command, body).app_id(self.app).signed_by(&self.signer)
    }

    /// Sends it over a connection of its own.
    pub(super) async fn send(&self, request: &Request) -> Result<Exchange, NoAnswer> {
        let built = request.build().map_err(|error| NoAnswer::broken(&error))?;
        self.send_built(request.command(), built).await
    }

    pub(super) async fn send_built(&self, command: &str, request: HttpRequest<Bytes>) -> Result<Exchange, NoAnswer> {
        // It is never closed.
        let _place = self.places.acquire().await;
        Exchange::run(&self.fresh, command, request).await
    }
}

/// What an endpoint did with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reaction {
    /// It took it for a callback: a status of success, and no code.
    Taken,
    /// A status of success, and a code.
    Coded(i64),
    /// A status of 400 to 499.
    Refused(u16),
    /// Any other status.
    Odd(u16),
    /// The connection was closed without an answer.
    BrokenOff,
    /// No answer in time.
    Silent(String),
}

impl Reaction {
    pub(super) fn of(exchange: &Result<Exchange, NoAnswer>) -> Self {
        let answer = match exchange {
            Ok(exchange) => &exchange.answer,
            Err(NoAnswer::Broken(_)) => return Self::BrokenOff,
            Err(error) => return Self::Silent(error.to_string()),
        };
        let status = answer.status();
        match answer.code() {
            Some(code) if status.is_success() && code != 0 => Self::Coded(code),
            _ if status.is_success() => Self::Taken,
            _ if status.is_client_error() => Self::Refused(status.as_u16()),
            _ => Self::Odd(status.as_u16()),
        }
    }

    pub(super) fn found(&self) -> String {
        match self {
            Self::Taken => "is accepted".into(),
            Self::Coded(code) => format!("is answered with status 200 and code {code}"),
            Self::Refused(status) | Self::Odd(status) => format!("is answered with status {status}"),
            Self::BrokenOff => "ends with the connection, unanswered".into(),
            Self::Silent(error) => format!("gets {error}"),
        }
    }
}

/// What must become of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Taken,
    Refused,
    /// Refused, or broken off while it is still being sent.
    RefusedEarly,
    /// Anything but silence.
    Answered,
}

/// A request with what must become of it.
pub(super) struct Probe {
    pub(super) check: &'static str,
    pub(super) group: &'static str,
    /// What the request is, as the subject of a sentence.
    pub(super) what: &'static str,
    pub(super) request: Request,
    /// Whether it goes without `Content-Type`.
    pub(super) is_untyped: bool,
    pub(super) must: Expected,
    /// What it is if it does not.
    pub(super) weight: State,
    pub(super) fix: &'static str,
}

/// What came of a probe.
pub(super) struct Probed {
    pub(super) finding: Finding,
    pub(super) exchange: Result<Exchange, NoAnswer>,
    pub(super) request: Request,
}

impl Probe {
    pub(super) async fn run(self, tested: &TestedReceiver) -> Probed {
        let exchange = match self.request.build() {
            Ok(mut request) => {
                if self.is_untyped {
                    request.headers_mut().remove(http::header::CONTENT_TYPE);
                }
                tested.send_built(self.request.command(), request).await
            }
            Err(error) => Err(NoAnswer::broken(&error)),
        };
        let finding = self.finding(&Reaction::of(&exchange));
        Probed { finding, exchange, request: self.request }
    }

    fn finding(&self, reaction: &Reaction) -> Finding {
        let (state, fix) = match (self.must, reaction) {
            (Expected::Taken, Reaction::Taken)
            | (Expected::Refused, Reaction::Refused(_))
            | (Expected::RefusedEarly, Reaction::Refused(_) | Reaction::BrokenOff)
            | (Expected::Answered, Reaction::Taken | Reaction::Coded(_) | Reaction::Refused(_)) => (State::Ok, None),
            (Expected::Refused | Expected::RefusedEarly, Reaction::Coded(_)) => (
                State::Warning,
                Some(
                    "refuse with status 401 or 403: a code in an answer of status 200 would refuse genuine \
                      messages too when your clock or your token is wrong",
                ),
            ),
            (Expected::Refused | Expected::RefusedEarly | Expected::Answered, Reaction::Odd(_)) => (
                State::Warning,
                Some("answer with a status of 400 to 499: this looks like a fault of the server's own"),
            ),
            (Expected::Refused | Expected::Answered, Reaction::Silent(_) | Reaction::BrokenOff)
            | (Expected::RefusedEarly, Reaction::Silent(_)) => (
                State::Failed,
                Some(
                    "answer every request: a connection that is closed without an answer takes other callbacks with it",
                ),
            ),
            (Expected::Taken, _) | (Expected::Refused | Expected::RefusedEarly, Reaction::Taken) => {
                (self.weight, Some(self.fix))
            }
        };
        let finding = Finding::new(self.check, self.group, state, format!("{} {}", self.what, reaction.found()));
        match fix {
            Some(fix) => finding.fix(fix),
            None => finding,
        }
    }
}

/// Runs probes, a few at a time; what came of them is in their order.
pub(super) async fn run_all(tested: &Arc<TestedReceiver>, probes: Vec<Probe>) -> Result<Vec<Probed>, CliError> {
    let running: Vec<_> = probes
        .into_iter()
        .map(|probe| {
            let tested = Arc::clone(tested);
            tokio::spawn(async move { probe.run(&tested).await })
        })
        .collect();
    let mut seen = Vec::with_capacity(running.len());
    for probe in running {
        seen.push(probe.await.map_err(|error| CliError::usage(format!("a check has failed itself: {error}")))?);
    }
    Ok(seen)
}

/// How an answer came, in short.
pub(super) fn in_short(exchange: &Exchange) -> String {
    format!("status {} in {}", exchange.answer.status().as_u16(), Took(exchange.took))
}
