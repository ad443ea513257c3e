//! What each callback can be answered with, for people.

use std::ops::RangeInclusive;

use tencent_im_callback::{C2cCode, Callback, FriendCode, GiftCode, GroupCode, OfficialAccountCode};

/// The kinds of answer, each with its type in the table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `()`
    Ack,
    /// `Decision`
    Decision,
    /// `InviteDecision`
    Invite,
    /// `SubscribeDecision`
    Subscribe,
    /// `MessageDecision`
    Message,
    /// `FriendDecision`
    Friend,
    /// `SignalReply`
    Signal,
}

/// What one callback can be answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) kind: Kind,
    /// The type that own codes have in Rust.
    pub(crate) code_type: Option<&'static str>,
    /// The codes of the app's own that reach the client.
    pub(crate) codes: Option<RangeInclusive<u32>>,
}

impl Answers {
    /// `None` for a kind of answer that this version does not know, which a test of all callbacks rules out.
    fn read(answer: &str) -> Option<Self> {
        let (kind, code) = answer.strip_suffix('>').and_then(|text| text.split_once('<')).unwrap_or((answer, ""));
        let kind = match kind {
            "()" => Kind::Ack,
            "Decision" => Kind::Decision,
            "InviteDecision" => Kind::Invite,
            "SubscribeDecision" => Kind::Subscribe,
            "MessageDecision" => Kind::Message,
            "FriendDecision" => Kind::Friend,
            "SignalReply" => Kind::Signal,
            _ => return None,
        };
        let (code_type, codes) = match code {
            "" if kind == Kind::Friend => ("FriendCode", FriendCode::MIN..=FriendCode::MAX),
            "" => return Some(Self { kind, code_type: None, codes: None }),
            "GroupCode" => ("GroupCode", GroupCode::MIN..=GroupCode::MAX),
            "C2cCode" => ("C2cCode", C2cCode::MIN..=C2cCode::MAX),
            "OfficialAccountCode" => ("OfficialAccountCode", OfficialAccountCode::MIN..=OfficialAccountCode::MAX),
            "GiftCode" => ("GiftCode", GiftCode::MIN..=GiftCode::MAX),
            _ => return None,
        };
        Some(Self { kind, code_type: Some(code_type), codes: Some(codes) })
    }

    pub(crate) fn of(callback: &Callback) -> Self {
        Self::read(callback.answer).unwrap_or(Self { kind: Kind::Ack, code_type: None, codes: None })
    }

    /// The words for them, as `send --expect` takes them.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = match self.kind {
            Kind::Ack => vec!["ack".into()],
            Kind::Signal => vec!["ack with data".into()],
            // A friend request as a whole cannot be refused with code 1: each account has its own code.
            Kind::Friend => vec!["allow".into(), "partial".into()],
            Kind::Decision | Kind::Invite | Kind::Subscribe | Kind::Message => vec!["allow".into(), "refuse".into()],
        };
        if let Some(codes) = &self.codes {
            words.push(format!("refuse={}..={}", codes.start(), codes.end()));
        }
        match self.kind {
            Kind::Invite | Kind::Subscribe => words.push("partial".into()),
            Kind::Message => words.extend(["discard".into(), "modify".into()]),
            _ => {}
        }
        words
    }
}

/// The vendor's page about a callback, from its documentation.
pub(crate) fn page(callback: &Callback) -> &'static str {
    let docs: &'static str = callback.docs;
    let link = docs.rsplit_once("[Tencent's page](").and_then(|(_, rest)| rest.split_once(')'));
    link.map_or("", |(page, _)| page)
}

/// What a callback is about, in a sentence.
pub(crate) fn summary(callback: &Callback) -> &'static str {
    let docs: &'static str = callback.docs;
    docs.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tencent_im_callback::CALLBACKS;

    use super::*;

    #[test]
    fn every_callback_has_a_kind_of_answer_a_page_and_a_summary() {
        for callback in CALLBACKS {
            assert!(Answers::read(callback.answer).is_some(), "{callback:?}");
            assert!(page(callback).starts_with("https://"), "{callback:?}");
            assert!(summary(callback).ends_with('.'), "{callback:?}: {:?}", summary(callback));
        }
    }

    #[test]
    fn all_answers_of_the_protocol_are_known() {
        for (answer, words) in [
            ("()", "ack"),
            ("SignalReply", "ack with data"),
            ("Decision<GroupCode>", "allow, refuse, refuse=10100..=10200"),
            ("Decision<GiftCode>", "allow, refuse, refuse=102100..=102200"),
            ("Decision<OfficialAccountCode>", "allow, refuse, refuse=120001..=130000"),
            ("FriendDecision", "allow, partial, refuse=38000..=39000"),
            ("InviteDecision<GroupCode>", "allow, refuse, refuse=10100..=10200, partial"),
            ("SubscribeDecision", "allow, refuse, partial"),
            ("MessageDecision<C2cCode>", "allow, refuse, refuse=120001..=130000, discard, modify"),
        ] {
            assert_eq!(Answers::read(answer).unwrap().words().join(", "), words);
        }
        assert_eq!(Answers::read("Maybe<GroupCode>"), None);
    }
}
