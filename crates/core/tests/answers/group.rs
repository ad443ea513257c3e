//! Answers to group callbacks.

use tencent_im_callback::{
    CallbackHandler, Context, Decision, GroupCode, InviteDecision, MessageDecision, Replacement, Result, async_trait,
    group,
    message::{Custom, Element},
};

const CLOSED: GroupCode = GroupCode::new(10_117);
const NO_LINKS: GroupCode = GroupCode::new(10_142);
const SLOW_MODE: GroupCode = GroupCode::new(10_120);

/// Answers with the sample of this variant.
pub(crate) struct Says(pub(crate) String);

impl Says {
    fn decision(&self) -> Decision<GroupCode> {
        match self.0.as_str() {
            "allow" => Decision::Allow,
            "refuse" => Decision::Refuse,
            "custom-code" => Decision::refuse_with(CLOSED, "Closed for maintenance"),
            other => panic!("no decision for {other}"),
        }
    }
}

#[async_trait]
impl CallbackHandler for Says {
    async fn group_before_create_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateGroup,
    ) -> Result<Decision<GroupCode>> {
        Ok(self.decision())
    }

    async fn group_before_apply_join_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeApplyJoinGroup,
    ) -> Result<Decision<GroupCode>> {
        Ok(self.decision())
    }

    async fn group_before_invite_join_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeInviteJoinGroup,
    ) -> Result<InviteDecision<GroupCode>> {
        Ok(match self.0.as_str() {
            "allow" => InviteDecision::Allow,
            "refuse-some" => InviteDecision::AllowExcept(vec!["rider-07".into()]),
            "refuse" => InviteDecision::Refuse,
            "custom-code" => InviteDecision::refuse_with(CLOSED, "Closed for maintenance"),
            other => panic!("no decision for {other}"),
        })
    }

    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        Ok(self.decision())
    }

    async fn group_before_send_msg(
        &self,
        _ctx: &Context,
        _event: group::BeforeSendMsg,
    ) -> Result<MessageDecision<GroupCode>> {
        let badge = |desc: &str, data: &str| {
            Element::new(Custom { desc: Some(desc.into()), data: Some(data.into()), ..Custom::default() })
        };
        let checked = || [Element::text("Is the blue bicycle still for sale?"), badge("SellerBadge", "gold")];
        Ok(match self.0.as_str() {
            "allow" | "live-allow" => MessageDecision::Allow,
            "refuse" | "live-refuse" => MessageDecision::Refuse,
            "discard" | "live-discard" => MessageDecision::Discard,
            "own-code" => MessageDecision::refuse_with(NO_LINKS, "Links are not allowed here"),
            "live-custom-code" => MessageDecision::refuse_with(SLOW_MODE, "slow mode is on"),
            "modified" => {
                MessageDecision::Replace(Replacement::body(checked())?.and_custom_data(r#"{"checked":true}"#))
            }
            "modified-body" => MessageDecision::Replace(Replacement::body(checked())?),
            "modified-custom-data" => MessageDecision::Replace(Replacement::custom_data(r#"{"checked":true}"#)),
            "live-modified" => {
                let body = [Element::text("what pan is that?"), badge("badge.level", "LV9")];
                MessageDecision::Replace(Replacement::body(body)?.and_custom_data("lvl=9;checked"))
            }
            other => panic!("no decision for {other}"),
        })
    }
}
