//! What is answered when a handler does not answer: it fails, panics or takes too long.

use crate::{Callback, Phase};

/// What the service is told when a callback's method fails, panics or does not answer in time.
///
/// A method has panicked too if its future, its error or what it panicked with panics when it is dropped. With
/// `panic = "abort"` in the profile of the program there is no answer to a panic: the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnFailure {
    /// Let it happen: an OK answer. For what has happened already: acknowledge it.
    Allow,
    /// Refuse it, with the command's plain refusal. Only for *before* callbacks.
    ///
    /// This also refuses a *before* callback whose body cannot be read. The two callbacks of friend requests are the
    /// exception: they are refused account by account, and the accounts are in the body. Without a body they are answered
    /// as by [`Defer`](Self::Defer).
    Refuse,
    /// Answer with HTTP status 500, so that the policy set in the vendor's console decides.
    ///
    /// That policy lets things happen unless it was changed
    /// ([1047/34354](https://www.tencentcloud.com/document/product/1047/34354)).
    Defer,
}

/// What becomes of a handler's method when the client closes the connection before it has ended.
///
/// What counts as that is the framework's to say: it is when the framework drops the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnDisconnect {
    /// It runs to its end, in a task of its own.
    #[default]
    Finish,
    /// It is dropped at the point where it waits.
    Drop,
}

/// The policy of every callback of an endpoint.
#[derive(Debug)]
pub(super) struct Policies {
    by_index: Box<[OnFailure]>,
    unknown: OnFailure,
}

impl Policies {
    pub(super) fn new(before: OnFailure, after: OnFailure) -> Self {
        let of = |phase| if phase == Phase::Before { before } else { after };
        Self { by_index: crate::CALLBACKS.iter().map(|callback| of(callback.phase)).collect(), unknown: after }
    }

    pub(super) fn set(&mut self, callback: &Callback, policy: OnFailure) {
        self.by_index[callback.index] = policy;
    }

    pub(super) fn for_callback(&self, callback: Option<&Callback>) -> OnFailure {
        callback.map_or(self.unknown, |callback| self.by_index[callback.index])
    }
}
