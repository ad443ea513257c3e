//! How a request ended, as a closed list for logs and metrics.

use std::fmt;

macro_rules! outcomes {
    ($($(#[$meta:meta])* $Outcome:ident = $word:literal),* $(,)?) => {
        /// How a request ended.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Outcome {
            $( $(#[$meta])* $Outcome, )*
        }

        impl Outcome {
            /// All outcomes, for programs that prepare a counter for each.
            pub const ALL: &[Self] = &[$(Self::$Outcome),*];

            /// The name in logs and metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$Outcome => $word, )*
                }
            }
        }
    };
}

outcomes! {
    /// Allowed by the handler, or by its default.
    Allow = "allow",
    /// Refused by the handler.
    Refuse = "refuse",
    /// Allowed for some and refused for others.
    Partial = "partial",
    /// A message was dropped silently.
    Discard = "discard",
    /// A message is sent with changes.
    Modify = "modify",
    /// What has happened was acknowledged, or a request for data answered.
    Ack = "ack",
    /// An *after* callback was kept in the journal and acknowledged.
    Kept = "kept",
    /// The command is not known; answered by `unknown`.
    Unknown = "unknown",
    /// The body could not be read; answered by `undecodable`.
    Undecodable = "undecodable",
    /// The console's check of the URL.
    Check = "check",
    /// 405: not a POST.
    MethodNotAllowed = "method_not_allowed",
    /// 413: the body is over the limit.
    TooLarge = "too_large",
    /// 408: the body did not arrive within the deadline.
    TooSlow = "too_slow",
    /// The body ended with an error, or the client disconnected within it.
    Incomplete = "incomplete",
    /// 400: the query could not be read.
    Malformed = "malformed",
    /// 403: for another application, or for none.
    WrongApp = "wrong_app",
    /// 401: not signed, wrongly signed, or not fresh.
    Unauthenticated = "unauthenticated",
    /// 503: too many callbacks in flight.
    Overloaded = "overloaded",
    /// The handler's method returned an error.
    Failed = "failed",
    /// The handler's method panicked, or the endpoint's clock.
    Panicked = "panicked",
    /// The handler's method did not answer in time.
    Late = "late",
    /// The client closed the connection before the answer.
    ClientDisconnected = "client_disconnected",
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
