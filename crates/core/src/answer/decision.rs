//! Yes, no, and yes but not for all of them.

use std::borrow::Cow;

use serde::Serialize;

use super::{Answer, Code, Wire};
use crate::{Outcome, Phase, wire::response::WireResponse};

/// Whether what is about to happen may happen.
///
/// `C` is the range of own codes of the command, for example [`GroupCode`](crate::GroupCode).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision<C> {
    /// It may.
    Allow,
    /// It may not; the client sees the service's own error for it, such as 10016 in groups.
    Refuse,
    /// It may not, and code and text reach the client as they are.
    RefuseWith(C, Cow<'static, str>),
}

impl<E, const MIN: u32, const MAX: u32> Answer<E> for Decision<Code<MIN, MAX>> {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        Some(Self::Refuse)
    }
}

impl<const MIN: u32, const MAX: u32> Wire for Decision<Code<MIN, MAX>> {
    fn reply(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::Refuse => WireResponse::REFUSE,
            Self::RefuseWith(code, text) => WireResponse::coded(code.get(), &text),
        }
    }
}

/// Who of those invited to a group may be added.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InviteDecision<C> {
    /// All of them.
    Allow,
    /// All but these, by user id, out of the event's `destination_members`.
    AllowExcept(Vec<String>),
    /// Nobody; the client sees the service's own error, 10016.
    Refuse,
    /// Nobody, and code and text reach the client as they are.
    RefuseWith(C, Cow<'static, str>),
}

impl<E, const MIN: u32, const MAX: u32> Answer<E> for InviteDecision<Code<MIN, MAX>> {
    const PHASE: Phase = Phase::Before;

    fn unhandled(_: &E) -> Self {
        Self::Allow
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        Some(Self::Refuse)
    }
}

impl<const MIN: u32, const MAX: u32> Wire for InviteDecision<Code<MIN, MAX>> {
    fn reply(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::AllowExcept(refused) => all_but(|fields| fields.refused_members = refused),
            Self::Refuse => WireResponse::REFUSE,
            Self::RefuseWith(code, text) => WireResponse::coded(code.get(), &text),
        }
    }
}

/// Who of those who want to follow an official account may.
///
/// This callback has no own codes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubscribeDecision {
    /// All of them.
    Allow,
    /// All but these, by user id, out of the event's `subscribe_account_list`.
    AllowExcept(Vec<String>),
    /// Nobody.
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
    fn reply(self) -> WireResponse {
        match self {
            Self::Allow => WireResponse::OK,
            Self::AllowExcept(refused) => all_but(|fields| fields.refused_subscribers = refused),
            Self::Refuse => WireResponse::REFUSE,
        }
    }
}

/// An answer that allows, with the list of those who are left out.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AllBut {
    action_status: &'static str,
    error_info: &'static str,
    error_code: u32,
    #[serde(rename = "RefusedMembers_Account", skip_serializing_if = "Vec::is_empty")]
    refused_members: Vec<String>,
    #[serde(rename = "RefusedSubscribers_Account", skip_serializing_if = "Vec::is_empty")]
    refused_subscribers: Vec<String>,
}

fn all_but(fill: impl FnOnce(&mut AllBut)) -> WireResponse {
    let mut fields = AllBut { action_status: "OK", ..AllBut::default() };
    fill(&mut fields);
    if fields.refused_members.is_empty() && fields.refused_subscribers.is_empty() {
        return WireResponse::OK;
    }
    WireResponse::json(&fields, 0, Outcome::Partial)
}
