//! Answers to one-to-one messages, friend requests and signals to chatbots.

use tencent_im_callback::{
    AccountDecision, AgentAssignment, C2cCode, CallbackHandler, Context, FriendCode, FriendDecision, InterfaceReply,
    MessageDecision, Replacement, Result, SignalReply, async_trait, c2c, chatbot,
    message::{Custom, Element},
    sns,
};

const NO_LINKS: C2cCode = C2cCode::new(120_417);
const NO_PHONE: FriendCode = FriendCode::new(38_000);
const NOT_OPEN: FriendCode = FriendCode::new(38_011);

/// Answers with the sample of this variant.
pub(crate) struct Says(pub(crate) String);

impl Says {
    fn decision(&self, account: &str) -> AccountDecision {
        match self.0.as_str() {
            "refuse-all" => AccountDecision::refuse_with(NO_PHONE, "verify your phone first"),
            "refuse-one" if ["odd_bird", "spam_4411"].contains(&account) => {
                AccountDecision::refuse_with(NOT_OPEN, "not open to requests")
            }
            "refuse-one" | "allow-all" => AccountDecision::Allow,
            other => panic!("no decision for {other}"),
        }
    }
}

#[async_trait]
impl CallbackHandler for Says {
    async fn c2c_before_send_msg(
        &self,
        _: &Context,
        mut event: c2c::BeforeSendMsg,
    ) -> Result<MessageDecision<C2cCode>> {
        let badge = Custom { desc: Some("SellerBadge".into()), data: Some("gold".into()), ..Custom::default() };
        event.msg_body.push(Element::new(badge));
        let checked = r#"{"checked":true}"#;
        Ok(match self.0.as_str() {
            "allow" => MessageDecision::Allow,
            "refuse" => MessageDecision::Refuse,
            "discard" => MessageDecision::Discard,
            "own-code" => MessageDecision::refuse_with(NO_LINKS, "Links are not allowed here"),
            "modified-body" => MessageDecision::Replace(Replacement::body(event.msg_body)?),
            "modified-custom-data" => MessageDecision::Replace(Replacement::custom_data(checked)),
            "modified" => MessageDecision::Replace(Replacement::body(event.msg_body)?.and_custom_data(checked)),
            other => panic!("no decision for {other}"),
        })
    }

    async fn chatbot_on_c2c_signal_message(&self, _: &Context, _: chatbot::OnC2CSignalMessage) -> Result<SignalReply> {
        Ok(SignalReply::new(r#"{"status":"in transit","eta":"tomorrow"}"#))
    }

    async fn chatbot_interface_invocation(
        &self,
        _: &Context,
        _: chatbot::InterfaceInvocation,
    ) -> Result<InterfaceReply> {
        Ok(match self.0.as_str() {
            "variables" => InterfaceReply::new().variable("state", "in transit").variable("days", 2),
            "no-order" => InterfaceReply::failed(404, "no such order"),
            other => panic!("no reply for {other}"),
        })
    }

    async fn chatbot_on_assign_human(&self, _: &Context, _: chatbot::OnAssignHuman) -> Result<AgentAssignment> {
        Ok(match self.0.as_str() {
            "group" => AgentAssignment::default().group(7),
            "agents" => AgentAssignment::default().agents(["agent_1", "agent_2"]),
            "none" => AgentAssignment::default(),
            other => panic!("no assignment for {other}"),
        })
    }

    async fn sns_prev_friend_add(&self, _: &Context, event: sns::PrevFriendAdd) -> Result<FriendDecision> {
        Ok(FriendDecision::each(&event, |item| self.decision(&item.to_account)))
    }

    async fn sns_prev_friend_response(&self, _: &Context, event: sns::PrevFriendResponse) -> Result<FriendDecision> {
        Ok(FriendDecision::each(&event, |item| self.decision(&item.to_account)))
    }
}
