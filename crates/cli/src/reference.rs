//! What the library itself makes of a request, so that nothing here can say otherwise.

use std::{
    sync::{Arc, Mutex},
    time::SystemTime,
};

use bytes::Bytes;
use http::{Request, Response};
use tencent_im_callback::{BuildError, CallbackHandler, Endpoint, Observer, Outcome, Report};

use crate::credentials::Token;

/// Longer bodies are refused; those of the service have some megabytes at most.
pub(crate) const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// A receiver that lets everything happen.
pub(crate) struct Reference {
    endpoint: Endpoint,
    last: Last,
}

/// What it makes of a request.
pub(crate) struct ReferenceAnswer {
    pub(crate) response: Response<Bytes>,
    pub(crate) outcome: Outcome,
}

impl ReferenceAnswer {
    /// Whether the request is for this application and, if it has a token, proves who sent it.
    pub(crate) const fn is_authentic(&self) -> bool {
        !matches!(
            self.outcome,
            Outcome::MethodNotAllowed | Outcome::Malformed | Outcome::WrongApp | Outcome::Unauthenticated
        )
    }

    /// Whether it would be passed to a handler; otherwise the answer is the library's own.
    pub(crate) const fn is_answered_by_handler(&self) -> bool {
        matches!(self.outcome, Outcome::Allow | Outcome::Ack | Outcome::Unknown)
    }
}

impl Reference {
    /// The reference for requests to `app`; without a token it believes everybody.
    pub(crate) fn new(app: u64, tokens: &[Token], now: Option<SystemTime>) -> Result<Self, BuildError> {
        let last = Last::default();
        let builder = Endpoint::builder(Anything).body_limit(BODY_LIMIT).observer(last.clone());
        let builder = match tokens {
            [] => builder.unverified_app(app),
            tokens => builder.app(app, tokens.iter().map(Token::expose).collect::<Vec<_>>()),
        };
        let builder = match now {
            Some(now) => builder.clock(move || now),
            None => builder,
        };
        Ok(Self { endpoint: builder.build()?, last })
    }

    pub(crate) async fn answer(&self, request: Request<Bytes>) -> ReferenceAnswer {
        let response = self.endpoint.handle(request).await;
        ReferenceAnswer { response, outcome: self.last.take() }
    }
}

struct Anything;

impl CallbackHandler for Anything {}

/// How the last request ended; the reference has one at a time, since its methods are ready at once.
#[derive(Clone, Default)]
struct Last(Arc<Mutex<Option<Outcome>>>);

impl Last {
    fn take(&self) -> Outcome {
        let outcome = self.0.lock().ok().and_then(|mut outcome| outcome.take());
        outcome.unwrap_or(Outcome::Failed)
    }
}

impl Observer for Last {
    fn request_finished(&self, report: &Report) {
        if let Ok(mut outcome) = self.0.lock() {
            *outcome = Some(report.outcome);
        }
    }
}
