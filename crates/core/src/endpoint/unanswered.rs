//! The answers to a callback whose body could not be read.

use super::policy::OnFailure;
use crate::{Phase, wire::response::WireResponse};

/// The possible answers to a callback whose body could not be read.
pub(super) struct Unanswered {
    /// `None` where the command cannot be refused, or not without the accounts that the body names.
    pub(super) refusal: Option<WireResponse>,
    /// The answer when the handler returns an error.
    pub(super) otherwise: WireResponse,
    /// Whether `otherwise` is the answer of the failure policy.
    pub(super) is_from_policy: bool,
}

impl Unanswered {
    pub(super) fn new(phase: Phase, policy: OnFailure, refusal: Option<WireResponse>) -> Self {
        let otherwise = match (phase, policy) {
            (Phase::Before, OnFailure::Allow) => WireResponse::OK,
            (Phase::Before, OnFailure::Refuse) => refusal.clone().unwrap_or(WireResponse::DEFER),
            (Phase::Before, OnFailure::Defer) => WireResponse::DEFER,
            (Phase::After | Phase::Reply, _) => WireResponse::UNDECODABLE,
        };
        Self { refusal, otherwise, is_from_policy: phase == Phase::Before }
    }
}
