//! An answer of every type, chosen by a few numbers.

use serde::Deserialize;
use tencent_im_callback::{
    AccountDecision, AgentAssignment, Code, Decision, Event, FriendCode, FriendDecision, FriendRequest, InterfaceReply,
    InviteDecision, MessageDecision, Replacement, Result, SignalReply, SubscribeDecision, message::Element,
};

/// A choice, as an input has it.
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
    fn code<C: Code>(self) -> Result<C> {
        let code = match self.number {
            0 => C::MIN,
            1 => C::MAX,
            2 => C::MIN - 1,
            3 => C::MAX + 1,
            number => C::MIN + u32::from(number) % (C::MAX - C::MIN + 1),
        };
        Ok(C::try_from(code)?)
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

impl<E> Choose<E> for InterfaceReply {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(match choice.kind % 2 {
            0 => Self::new().variable(choice.text(), choice.number),
            _ => Self::failed(choice.number.into(), choice.text()),
        })
    }
}

impl<E> Choose<E> for AgentAssignment {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(match choice.kind % 2 {
            0 => Self::default().agents(choice.accounts()),
            _ => Self::default().group(choice.number.into()),
        })
    }
}

impl<E, C: Code> Choose<E> for Decision<C> {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(match choice.kind % 3 {
            0 => Self::Allow,
            1 => Self::Refuse,
            _ => Self::refuse_with(choice.code()?, choice.text()),
        })
    }
}

impl<E, C: Code> Choose<E> for InviteDecision<C> {
    fn choose(choice: Choice, _: &E) -> Result<Self> {
        Ok(match choice.kind % 4 {
            0 => Self::Allow,
            1 => Self::Refuse,
            2 => Self::AllowExcept(choice.accounts()),
            _ => Self::refuse_with(choice.code()?, choice.text()),
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
                0 => AccountDecision::Allow,
                _ => AccountDecision::refuse_with(FriendCode::new(FriendCode::MAX), choice.text()),
            }),
        })
    }
}

impl<E: Event, C: Code> Choose<E> for MessageDecision<C> {
    fn choose(choice: Choice, event: &E) -> Result<Self> {
        Ok(match choice.kind % 7 {
            0 => Self::Allow,
            1 => Self::Refuse,
            2 => Self::refuse_with(choice.code()?, choice.text()),
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
pub(crate) const MORE_FIELDS: [&str; 9] = [
    "MsgBody",
    "CloudCustomData",
    "RefusedMembers_Account",
    "RefusedSubscribers_Account",
    "ResultItem",
    "RspData",
    "Body",
    "AgentGroupId",
    "AgentIdList",
];
