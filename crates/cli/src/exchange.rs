//! One request and its answer, seen with the eyes of the service.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tencent_im_callback_testkit::{Answer, Effect};

use crate::client::{Client, NoAnswer};

/// How long the service waits for an answer, the way there and back included.
pub(crate) const BUDGET: Duration = Duration::from_secs(2);

/// An answer and how long it took.
pub(crate) struct Exchange {
    pub(crate) answer: Answer,
    pub(crate) took: Duration,
}

impl Exchange {
    pub(crate) async fn run(client: &Client, command: &str, request: Request<Bytes>) -> Result<Self, NoAnswer> {
        let incoming = client.send(request).await?;
        let mut response = Response::new(incoming.body);
        *response.status_mut() = incoming.status;
        *response.headers_mut() = incoming.headers;
        Ok(Self { answer: Answer::read(command, response), took: incoming.took })
    }

    /// Whether it came after the time that the service waits.
    pub(crate) fn is_late(&self) -> bool {
        self.took > BUDGET
    }

    /// A word for what was decided, as in `send --expect`.
    pub(crate) fn word(&self) -> &'static str {
        if self.is_late() { "late" } else { self.answer.effect().word() }
    }

    /// Whether the service understands the answer.
    pub(crate) fn is_taken(&self) -> bool {
        !matches!(self.word(), "late" | "failed" | "undefined")
    }

    /// The codes of a refusal: one of the whole, or one of each account.
    pub(crate) fn codes(&self) -> impl Iterator<Item = u32> {
        let effect = self.answer.effect();
        let accounts = match effect {
            Effect::ByAccount { accounts } => accounts.as_slice(),
            _ => &[],
        };
        effect.refusal_code().into_iter().chain(accounts.iter().map(|account| account.code))
    }
}
