//! Playing a recording again, and telling which answers are others than they were.

use std::{
    fmt,
    time::{Duration, Instant, SystemTime},
};

use tencent_im_callback::Endpoint;

use super::{Difference, Recorded, Recording, differences};
use crate::{Answer, Request, Signer};

impl Recording {
    /// Plays all callbacks again, one after the other, and compares the answers with those of before.
    ///
    /// Each is signed anew, at the time that the system's clock shows; for an endpoint with another clock
    /// there is [`replay_at`](Self::replay_at).
    pub async fn replay(&self, endpoint: &Endpoint, signer: &Signer) -> Replay {
        self.replay_at(endpoint, signer, SystemTime::now).await
    }

    /// [`replay`](Self::replay) for an endpoint with a clock of its own.
    pub async fn replay_at(&self, endpoint: &Endpoint, signer: &Signer, clock: impl Fn() -> SystemTime) -> Replay {
        self.replay_with(async |request, _| {
            let request = request.signed_by(signer).at(clock());
            let response = match request.build() {
                Ok(request) => endpoint.handle(request).await,
                Err(error) => return Err(error.to_string()),
            };
            Ok(Answer::read(request.command(), response))
        })
        .await
    }

    /// Plays all callbacks again by other means, over HTTP for example.
    ///
    /// `answer` is given each as a request, to be signed and sent, and as it was recorded.
    pub async fn replay_with<E: fmt::Display>(
        &self,
        mut answer: impl AsyncFnMut(Request, &Recorded) -> Result<Answer, E>,
    ) -> Replay {
        let mut callbacks = Vec::with_capacity(self.len());
        for recorded in self {
            let started = Instant::now();
            let answer = answer(recorded.request(), recorded).await;
            callbacks.push(Replayed::new(recorded, answer.map_err(|error| error.to_string()), started.elapsed()));
        }
        Replay(callbacks)
    }
}

/// What came of playing a recording again.
///
/// Written out it is the answers that have changed, with what is different in them.
#[derive(Debug, Clone)]
pub struct Replay(Vec<Replayed>);

impl Replay {
    /// All callbacks, in the order of the recording.
    #[must_use]
    pub fn callbacks(&self) -> &[Replayed] {
        &self.0
    }

    /// Those whose answer is another than before.
    pub fn changed(&self) -> impl Iterator<Item = &Replayed> {
        self.0.iter().filter(|replayed| replayed.has_changed())
    }

    /// # Panics
    /// With the differences, if any answer is another than before.
    #[track_caller]
    pub fn assert_unchanged(&self) {
        assert!(self.changed().next().is_none(), "{self}");
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} answers have changed", self.changed().count(), self.0.len())?;
        for (place, replayed) in self.0.iter().enumerate().filter(|(_, replayed)| replayed.has_changed()) {
            write!(f, "\n{}. {replayed}", place + 1)?;
        }
        Ok(())
    }
}

/// One callback that was played again.
#[derive(Debug, Clone)]
pub struct Replayed {
    command: String,
    answer: Result<Answer, String>,
    took: Duration,
    differences: Vec<Difference>,
}

impl Replayed {
    /// Compares the answer that a recorded callback got now with that of before.
    ///
    /// In place of an answer there may be the reason why there is none.
    #[must_use]
    pub fn new(recorded: &Recorded, answer: Result<Answer, String>, took: Duration) -> Self {
        let mut found = Vec::new();
        let differs =
            |at: &str, before: Option<String>, after: Option<String>| Difference { at: at.into(), before, after };
        match (recorded.answer(), &answer) {
            (Some(before), Ok(after)) => {
                if before.status != after.status().as_u16() {
                    let (before, after) = (before.status.to_string(), after.status().as_u16().to_string());
                    found.push(differs("status", Some(before), Some(after)));
                }
                found.extend(differences(&before.body, after.body()));
            }
            (Some(before), Err(error)) => {
                found.push(differs("status", Some(before.status.to_string()), Some(error.clone())));
            }
            // There was no answer to compare with.
            (None, _) => {}
        }
        Self { command: recorded.command().into_owned(), answer, took, differences: found }
    }

    /// Its command word.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// The answer that it got now, or why it got none.
    pub const fn answer(&self) -> Result<&Answer, &String> {
        self.answer.as_ref()
    }

    /// How long the answer took now.
    #[must_use]
    pub const fn took(&self) -> Duration {
        self.took
    }

    /// Whether the answer is another than before.
    #[must_use]
    pub const fn has_changed(&self) -> bool {
        !self.differences.is_empty()
    }

    /// What is different in the answer.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let command = if self.command.is_empty() { "a callback without a command" } else { &self.command };
        f.write_str(command)?;
        self.differences.iter().try_for_each(|difference| write!(f, "\n   {difference}"))
    }
}
