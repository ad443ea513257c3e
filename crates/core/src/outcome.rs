//! How a request ended, as a closed list for logs and metrics.

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Allow,
    Refuse,
    Partial,
    Discard,
    Modify,
    Ack,
    Unknown,
    Undecodable,
    Check,
    Method,
    TooLarge,
    TooSlow,
    Malformed,
    WrongApp,
    Unauthenticated,
    Overloaded,
    Failed,
    Panicked,
    Late,
}

impl Outcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Refuse => "refuse",
            Self::Partial => "partial",
            Self::Discard => "discard",
            Self::Modify => "modify",
            Self::Ack => "ack",
            Self::Unknown => "unknown",
            Self::Undecodable => "undecodable",
            Self::Check => "check",
            Self::Method => "method",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Malformed => "malformed",
            Self::WrongApp => "wrong_app",
            Self::Unauthenticated => "unauthenticated",
            Self::Overloaded => "overloaded",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Late => "late",
        }
    }
}
