//! An answer of every type, chosen by a few numbers.

use serde::Deserialize;
use tencent_im_callback::{
    Code, Decision, Event, FriendCode, FriendDecision, FriendRequest, FriendVerdict, InviteDecision, MessageDecision,
    Replacement, Result, SignalReply, SubscribeDecision, message::Element,
};

/// What stands for a choice in an input.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice {
    /// Which of the things that can be said.
    pub(crate) kind: u8,
    /// The code, or the number of accounts.
    pub(crate) number: u8,
}

impl Choice {
    fn text(self) -> String {
        ["", "no", "\"\\\u{0}\u{1f}\u{2028}</script>", "不行"][usize::from(self.number % 4)].to_owned()
    }

    /// A code of the whole range and, now and then, one beside it, which fails.
    fn code<const MIN: u32, const MAX: u32>(self) -> Result<Code<MIN, MAX>> {
        let code = match self.number {
            0 => MIN,
            1 => MAX,
            2 => MIN - 1,
            3 => MAX + 1,
            number => MIN + u32::from(number) % (MAX - MIN + 1),
        };
        Ok(Code::try_new(code)?)
    }

    fn accounts(self) -> Vec<String> {
        (0..self.number % 4).map(|number| format!("user{number}\"")).collect()
    }
}

/// An answer to `E` that can be chosen.
pub(crate) trait Choose<E>: Sized {
    fn choose(choice: Choice, event: &E) -> Result<Self>;
}

impl<E> Choose<E> for () {
    fn choose(_: Choice, _: &E) -> Result<Self> {
        Ok(())
    }
}

impl<E> Choose<E> for SignalReply {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(Self::new(choice.text()))
    }
}

impl<E, const MIN: u32, const MAX: u32> Choose<E> for Decision<Code<MIN, MAX>> {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(match choice.kind % 3 {
            0 => Self::Allow,
            1 => Self::Refuse,
            _ => Self::RefuseWith(choice.code()?, choice.text().into()),
        })
    }
}

impl<E, const MIN: u32, const MAX: u32> Choose<E> for InviteDecision<Code<MIN, MAX>> {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(match choice.kind % 4 {
            0 => Self::Allow,
            1 => Self::Refuse,
            2 => Self::AllowExcept(choice.accounts()),
            _ => Self::RefuseWith(choice.code()?, choice.text().into()),
        })
    }
}

impl<E> Choose<E> for SubscribeDecision {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(match choice.kind % 3 {
            0 => Self::Allow,
            1 => Self::Refuse,
            _ => Self::AllowExcept(choice.accounts()),
        })
    }
}

impl<E: FriendRequest> Choose<E> for FriendDecision {
    fn choose(choice: Choice, event: &E) -> Result<Self> {
        Ok(match choice.kind % 3 {
            0 => Self::allow_all(event),
            1 => Self::refuse_all(event, choice.code()?, choice.text()),
            _ => Self::each(event, |item| match E::account(item).len() % 2 {
                0 => FriendVerdict::Allow,
                _ => FriendVerdict::Refuse(FriendCode::new(FriendCode::MAX), choice.text().into()),
            }),
        })
    }
}

impl<E: Event, const MIN: u32, const MAX: u32> Choose<E> for MessageDecision<Code<MIN, MAX>> {
    fn choose(choice: Choice, event: &E) -> Result<Self> {
        Ok(match choice.kind % 7 {
            0 => Self::Allow,
            1 => Self::Refuse,
            2 => Self::RefuseWith(choice.code()?, choice.text().into()),
            3 => Self::Discard,
            4 => Self::Replace(Replacement::custom_data(choice.text())),
            5 => Self::Replace(Replacement::body(elements(event)?)?),
            _ => {
                let mut elements = elements(event)?;
                elements.truncate(1);
                elements.push(Element::text(choice.text()));
                Self::Replace(Replacement::body(elements)?.and_custom_data(choice.text()))
            }
        })
    }
}

/// The elements of the message, as they came.
fn elements(event: &impl Event) -> Result<Vec<Element>> {
    // By way of its text: not every message can be held by a `Value`.
    #[derive(Deserialize)]
    struct Message {
        #[serde(rename = "MsgBody")]
        elements: Vec<Element>,
    }
    let message: Message = serde_json::from_str(&serde_json::to_string(event)?)?;
    Ok(message.elements)
}

/// The fields that an answer can have beside the three.
pub(crate) const MORE_FIELDS: [&str; 6] =
    ["MsgBody", "CloudCustomData", "RefusedMembers_Account", "RefusedSubscribers_Account", "ResultItem", "RspData"];
