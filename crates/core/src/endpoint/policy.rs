//! The settings for handlers that fail, panic or take too long, and for clients that disconnect.

use crate::{CALLBACKS, Callback, Phase};

/// The answer to a callback whose method fails, panics or does not answer in time.
///
/// A panic while the future, the error or the panic value of the method is dropped counts as a panic of the method.
/// With `panic = "abort"` in the profile of the program a panic has no answer: the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "timeout")]
#[doc(alias = "retry")]
pub enum OnFailure {
    /// Allow it: an OK answer. An *after* callback is acknowledged.
    Allow,
    /// Refuse it, with the command's plain refusal. Only for *before* callbacks and unknown commands.
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

/// When an *after* callback is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Acknowledge {
    /// When its method has ended, or at the deadline.
    #[default]
    AfterMethod,
    /// When its body has been read into the event, before the method is called.
    ///
    /// The method runs in a task of its own and has no deadline. Its error, its panic or the end of the process cannot
    /// change the answer: the error is logged, and the service does not send the callback again. The callback is in
    /// flight until the method has ended, so [`Endpoint::drain`](crate::Endpoint::drain) waits for it and
    /// [`in_flight_limit`](crate::EndpointBuilder::in_flight_limit) bounds how many there are.
    AtOnce,
}

/// The policy of every callback of an endpoint.
#[derive(Debug)]
pub(super) struct Policies {
    by_index: Box<[OnFailure]>,
    unknown: OnFailure,
    /// By callback: when it is answered.
    acknowledge: Box<[Acknowledge]>,
}

impl Policies {
    pub(super) fn new(before: OnFailure, after: OnFailure, unknown: OnFailure, acknowledge: Acknowledge) -> Self {
        let policy_of = |phase| if phase == Phase::Before { before } else { after };
        let acknowledge_of = |phase| if phase == Phase::After { acknowledge } else { Acknowledge::AfterMethod };
        Self {
            by_index: CALLBACKS.iter().map(|callback| policy_of(callback.phase)).collect(),
            unknown,
            acknowledge: CALLBACKS.iter().map(|callback| acknowledge_of(callback.phase)).collect(),
        }
    }

    pub(super) fn set(&mut self, callback: &Callback, policy: OnFailure) {
        self.by_index[callback.index] = policy;
    }

    pub(super) fn set_acknowledge(&mut self, callback: &Callback, acknowledge: Acknowledge) {
        self.acknowledge[callback.index] = acknowledge;
    }

    pub(super) fn for_callback(&self, callback: Option<&Callback>) -> OnFailure {
        callback.map_or(self.unknown, |callback| self.by_index[callback.index])
    }

    pub(super) fn acknowledges_at_once(&self, callback: &Callback) -> bool {
        self.acknowledge[callback.index] == Acknowledge::AtOnce
    }
}
