//! Friend requests and responses to them, decided account by account.

use std::borrow::Cow;

use serde::Serialize;

use super::{Answer, FriendCode, Wire};
use crate::{Event, Outcome, Phase, wire::response::WireResponse};

/// A callback that asks about several accounts at once. The handler decides each of them.
///
/// The implementations are [`sns::PrevFriendAdd`](crate::sns::PrevFriendAdd) and
/// [`sns::PrevFriendResponse`](crate::sns::PrevFriendResponse).
pub trait FriendRequest: Event {
    /// The part of the event that is about one account.
    type Item;

    /// The accounts that the callback asks about.
    fn items(&self) -> &[Self::Item];

    /// The user id of an item.
    fn account(item: &Self::Item) -> &str;
}

/// Whether one account of a friend request is accepted.
///
/// It is what the closure of [`FriendDecision::each`] returns; there is an example.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountDecision {
    /// The account is accepted.
    Allow,
    /// The account is refused. The client sees this code and this text.
    RefuseWith {
        /// The application's own code.
        code: FriendCode,
        /// The text for the client.
        text: Cow<'static, str>,
    },
}

impl AccountDecision {
    /// Refuses the account with an own code and a text: [`RefuseWith`](Self::RefuseWith).
    pub fn refuse_with(code: FriendCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self::RefuseWith { code, text: text.into() }
    }
}

/// Which accounts of a friend request, or of a response to friend requests, are accepted.
///
/// It is made from the event, so that it has a decision for each account of the event. The service accepts an account
/// that an answer does not name. A refusal of the request as a whole counts as a failure of the application, and the
/// service accepts the request ([1047/43468](https://www.tencentcloud.com/document/product/1047/43468)). So an account
/// is refused by name only, and always with a code.
///
/// ```
/// use tencent_im_callback::{AccountDecision, FriendCode, FriendDecision, sns};
///
/// const NOT_OPEN: FriendCode = FriendCode::new(38_011);
///
/// fn decide(event: &sns::PrevFriendAdd) -> FriendDecision {
///     FriendDecision::each(event, |item| match item.to_account.as_str() {
///         "odd_bird" => AccountDecision::refuse_with(NOT_OPEN, "not open to requests"),
///         _ => AccountDecision::Allow,
///     })
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias = "ResultItem")]
pub struct FriendDecision(Vec<(String, AccountDecision)>);

impl FriendDecision {
    /// Decides each account of `request` separately, in the order of the request.
    #[must_use]
    pub fn each<R: FriendRequest>(request: &R, mut decide: impl FnMut(&R::Item) -> AccountDecision) -> Self {
        Self(request.items().iter().map(|item| (R::account(item).to_owned(), decide(item))).collect())
    }

    /// Accepts every account of `request`.
    #[must_use]
    pub fn allow_all<R: FriendRequest>(request: &R) -> Self {
        Self::each(request, |_| AccountDecision::Allow)
    }

    /// Refuses every account of `request` with the same code and text.
    #[must_use]
    pub fn refuse_all<R: FriendRequest>(request: &R, code: FriendCode, text: impl Into<Cow<'static, str>>) -> Self {
        let decision = AccountDecision::refuse_with(code, text);
        Self::each(request, |_| decision.clone())
    }

    /// The accounts with their decisions, in the order of the request.
    pub fn decisions(&self) -> impl Iterator<Item = (&str, &AccountDecision)> {
        self.0.iter().map(|(account, decision)| (account.as_str(), decision))
    }
}

/// The code for accounts that the failure policy refuses.
const NOT_PROCESSED: FriendCode = FriendCode::new(FriendCode::MIN);

impl<E: FriendRequest> Answer<E> for FriendDecision {
    const PHASE: Phase = Phase::Before;

    fn unhandled(event: &E) -> Self {
        Self::allow_all(event)
    }

    fn refused(event: Option<&E>) -> Option<Self> {
        Some(Self::refuse_all(event?, NOT_PROCESSED, ""))
    }
}

impl Wire for FriendDecision {
    fn wire_response(self) -> WireResponse {
        let (accounts, mut refused) = (self.0.len(), 0);
        let items = self.0.into_iter().map(|(to_account, decision)| match decision {
            AccountDecision::Allow => ResultItem { to_account, result_code: 0, result_info: "".into() },
            AccountDecision::RefuseWith { code, text } => {
                refused += 1;
                ResultItem { to_account, result_code: code.get(), result_info: text }
            }
        });
        let result_item = items.collect();
        let outcome = match refused {
            0 => Outcome::Allow,
            _ if refused == accounts => Outcome::Refuse,
            _ => Outcome::Partial,
        };
        // The code of the whole answer reports whether the application worked, not what it decided.
        WireResponse::ok_with(ResultItems { result_item }, outcome)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResultItems {
    result_item: Vec<ResultItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResultItem {
    #[serde(rename = "To_Account")]
    to_account: String,
    result_code: u32,
    result_info: Cow<'static, str>,
}
