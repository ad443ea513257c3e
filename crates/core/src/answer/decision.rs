//! Decisions about what a user asks for: all of it, or some of the accounts in it.

use std::borrow::Cow;

use serde::Serialize;

use super::{Answer, Code, Wire};
use crate::{Outcome, Phase, wire::response::WireResponse};

/// Whether the operation that a *before* callback asks about may happen.
///
/// `C` is the family of own codes of the command, for example [`GroupCode`](crate::GroupCode).
///
/// ```
/// use tencent_im_callback::{Decision, GroupCode, group};
///
/// const NO_SPAM: GroupCode = GroupCode::new(10_123);
///
/// fn decide(event: &group::BeforeCreateTopic) -> Decision<GroupCode> {
///     match event.name.as_str() {
///         "" => Decision::Refuse,
///         name if name.contains("spam") => Decision::refuse_with(NO_SPAM, "no spam"),
///         _ => Decision::Allow,
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision<C> {
    /// The operation happens.
    Allow,
    /// The operation does not happen. The client sees the service's own error, such as 10016 in groups.
    Refuse,
    /// The operation does not happen. The client sees this code and this text.
    RefuseWith {
        /// The application's own code.
        code: C,
        /// The text for the client.
        text: Cow<'static, str>,
    },
}

impl<C> Decision<C> {
    /// Refuses with an own code and a text, which the client sees: [`RefuseWith`](Self::RefuseWith).
    pub fn refuse_with(code: C, text: impl Into<Cow<'static, str>>) -> Self {
        Self::RefuseWith { code, text: text.into() }
    }
}

impl<E, C: Code> Answer<E> for Decision<C> {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        Some(Self::Refuse)
    }
}

impl<C: Code> Wire for Decision<C> {
    fn wire_response(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::Refuse => WireResponse::REFUSE,
            Self::RefuseWith { code, text } => WireResponse::refuse_with(code.into(), &text),
        }
    }
}

/// Which of the invited users may be added to a group.
///
/// `C` is the family of own codes of the command: [`GroupCode`](crate::GroupCode).
///
/// ```
/// use tencent_im_callback::{GroupCode, InviteDecision, group};
///
/// const CLOSED: GroupCode = GroupCode::new(10_117);
///
/// fn decide(event: &group::BeforeInviteJoinGroup) -> InviteDecision<GroupCode> {
///     if event.group_id == "board" {
///         return InviteDecision::refuse_with(CLOSED, "this group is closed");
///     }
///     let users = event.destination_members.iter().map(|member| &member.member_account);
///     InviteDecision::AllowExcept(users.filter(|user| user.starts_with("spam_")).cloned().collect())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "RefusedMembers_Account")]
pub enum InviteDecision<C> {
    /// All invited users are added.
    Allow,
    /// All invited users are added but these, which are named by user id as in the event's `destination_members`.
    /// An empty list is the same as [`Allow`](Self::Allow).
    AllowExcept(Vec<String>),
    /// No user is added. The client sees the service's own error, 10016.
    Refuse,
    /// No user is added. The client sees this code and this text.
    RefuseWith {
        /// The application's own code.
        code: C,
        /// The text for the client.
        text: Cow<'static, str>,
    },
}

impl<C> InviteDecision<C> {
    /// Refuses with an own code and a text, which the client sees: [`RefuseWith`](Self::RefuseWith).
    pub fn refuse_with(code: C, text: impl Into<Cow<'static, str>>) -> Self {
        Self::RefuseWith { code, text: text.into() }
    }
}

impl<E, C: Code> Answer<E> for InviteDecision<C> {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        Some(Self::Refuse)
    }
}

impl<C: Code> Wire for InviteDecision<C> {
    fn wire_response(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::AllowExcept(users) if users.is_empty() => WireResponse::OK,
            Self::AllowExcept(refused_members) => {
                WireResponse::ok_with(RefusedMembers { refused_members }, Outcome::Partial)
            }
            Self::Refuse => WireResponse::REFUSE,
            Self::RefuseWith { code, text } => WireResponse::refuse_with(code.into(), &text),
        }
    }
}

/// Which users may subscribe to an official account.
///
/// This callback has no own codes.
///
/// ```
/// use tencent_im_callback::{SubscribeDecision, official_account};
///
/// fn decide(event: &official_account::BeforeAddSubscriber) -> SubscribeDecision {
///     let users = event.subscribe_account_list.iter().map(|entry| &entry.subscriber_account);
///     SubscribeDecision::AllowExcept(users.filter(|user| user.starts_with("spam_")).cloned().collect())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "RefusedSubscribers_Account")]
pub enum SubscribeDecision {
    /// All users are subscribed.
    Allow,
    /// All users are subscribed but these, which are named by user id as in the event's `subscribe_account_list`.
    /// An empty list is the same as [`Allow`](Self::Allow).
    AllowExcept(Vec<String>),
    /// No user is subscribed.
    Refuse,
}

impl<E> Answer<E> for SubscribeDecision {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        Some(Self::Refuse)
    }
}

impl Wire for SubscribeDecision {
    fn wire_response(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::AllowExcept(users) if users.is_empty() => WireResponse::OK,
            Self::AllowExcept(refused_subscribers) => {
                WireResponse::ok_with(RefusedSubscribers { refused_subscribers }, Outcome::Partial)
            }
            Self::Refuse => WireResponse::REFUSE,
        }
    }
}

#[derive(Serialize)]
struct RefusedMembers {
    #[serde(rename = "RefusedMembers_Account")]
    refused_members: Vec<String>,
}

#[derive(Serialize)]
struct RefusedSubscribers {
    #[serde(rename = "RefusedSubscribers_Account")]
    refused_subscribers: Vec<String>,
}
