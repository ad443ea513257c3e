//! Friend requests and their answers, decided account by account.

use std::borrow::Cow;

use serde::Serialize;

use super::{Answer, FriendCode, Wire};
use crate::{Event, Outcome, Phase, wire::response::WireResponse};

/// A callback that asks about several accounts at once, each decided for itself.
pub trait FriendRequest: Event {
    /// What it says about one account.
    type Item;

    /// The accounts that it asks about.
    fn items(&self) -> &[Self::Item];

    /// The user id of an item.
    fn account(item: &Self::Item) -> &str;
}

/// What becomes of one account of a friend request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FriendVerdict {
    /// It goes through.
    Allow,
    /// It does not, for this reason.
    Refuse(FriendCode, Cow<'static, str>),
}

/// What becomes of the accounts of a friend request, or of an answer to friend requests.
///
/// It is made from the event, so that each of its accounts has a verdict: the service lets through
/// what an answer does not name, and a refusal of the request as a whole it takes for a failure of
/// the app and lets through too
/// ([1047/43468](https://www.tencentcloud.com/document/product/1047/43468)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FriendDecision(Vec<(String, FriendVerdict)>);

impl FriendDecision {
    /// Decides each account of `request` by itself.
    #[must_use]
    pub fn each<R: FriendRequest>(request: &R, mut decide: impl FnMut(&R::Item) -> FriendVerdict) -> Self {
        Self(request.items().iter().map(|item| (R::account(item).to_owned(), decide(item))).collect())
    }

    /// Lets all of `request` go through.
    #[must_use]
    pub fn allow_all<R: FriendRequest>(request: &R) -> Self {
        Self::each(request, |_| FriendVerdict::Allow)
    }

    /// Refuses every account of `request` for the same reason.
    #[must_use]
    pub fn refuse_all<R: FriendRequest>(request: &R, code: FriendCode, text: impl Into<Cow<'static, str>>) -> Self {
        let verdict = FriendVerdict::Refuse(code, text.into());
        Self::each(request, |_| verdict.clone())
    }

    /// The accounts with their verdicts, in the order of the request.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, &FriendVerdict)> {
        self.0.iter().map(|(account, verdict)| (account.as_str(), verdict))
    }
}

impl<E: FriendRequest> Answer<E> for FriendDecision {
    const PHASE: Phase = Phase::Before;

    fn unhandled(event: &E) -> Self {
        Self::allow_all(event)
    }

    fn refused(event: Option<&E>) -> Option<Self> {
        Some(Self::refuse_all(event?, FriendCode::new(FriendCode::MIN), ""))
    }
}

impl Wire for FriendDecision {
    fn reply(self) -> WireResponse {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Body {
            action_status: &'static str,
            error_info: &'static str,
            error_code: u32,
            result_item: Vec<Item>,
        }

        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Item {
            #[serde(rename = "To_Account")]
            to_account: String,
            result_code: u32,
            result_info: Cow<'static, str>,
        }

        let (accounts, mut refused) = (self.0.len(), 0);
        let items = self.0.into_iter().map(|(to_account, verdict)| match verdict {
            FriendVerdict::Allow => Item { to_account, result_code: 0, result_info: "".into() },
            FriendVerdict::Refuse(code, text) => {
                refused += 1;
                Item { to_account, result_code: code.get(), result_info: text }
            }
        });
        let result_item = items.collect();
        let outcome = match refused {
            0 => Outcome::Allow,
            _ if refused == accounts => Outcome::Refuse,
            _ => Outcome::Partial,
        };
        // The code of the whole says whether the app worked, not what it decided.
        WireResponse::json(&Body { action_status: "OK", error_info: "", error_code: 0, result_item }, 0, outcome)
    }
}
