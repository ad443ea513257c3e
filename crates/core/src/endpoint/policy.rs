//! The settings for handlers that fail, panic or take too long, and for clients that disconnect.

use crate::{Callback, Phase};

/// The answer to a callback whose method fails, panics or does not answer in time.
///
/// A panic while the future, the error or the panic value of the method is dropped counts as a panic of the method.
/// With `panic = "abort"` in the profile of the program a panic has no answer: the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnFailure {
    /// Allow it: an OK answer. An *after* callback is acknowledged.
    Allow,
    /// Refuse it, with the command's plain refusal. Only for *before* callbacks.
    ///
    /// This also refuses a *before* callback whose body cannot be read. The two callbacks of friend requests are the
    /// exception: they are refused account by account, and the accounts are in the body. Without a body they are
    /// answered as by [`Defer`](Self::Defer).
    Refuse,
    /// Answer with HTTP status 500, so that the policy set in the vendor's console decides.
    ///
    /// That policy allows by default
    /// ([1047/34354](https://www.tencentcloud.com/document/product/1047/34354)).
    Defer,
}

/// What happens to a handler method when the client disconnects before the method has ended.
///
/// A client has disconnected when the framework drops the request. The documentation of each adapter says when that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnDisconnect {
    /// The method runs to its end, in a task of its own.
    #[default]
    Finish,
    /// The method is dropped at the point where it waits.
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
