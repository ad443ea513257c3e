//! Answers to official accounts and to gifts in live rooms.

use tencent_im_callback::{
    CallbackHandler, Context, Decision, GiftCode, MessageDecision, OfficialAccountCode, Replacement, Result,
    SubscribeDecision, async_trait, live,
    message::{Custom, Element},
    official_account,
};

const NO_LICENCE: OfficialAccountCode = OfficialAccountCode::new(120_345);
const DAILY_LIMIT: OfficialAccountCode = OfficialAccountCode::new(120_777);
const LOW_BALANCE: GiftCode = GiftCode::new(102_150);

/// Answers with the sample of this variant.
pub(crate) struct Says(pub(crate) String);

impl Says {
    fn decision<C>(&self, code: C, text: &'static str) -> Decision<C> {
        match self.0.as_str() {
            "allow" => Decision::Allow,
            "refuse" => Decision::Refuse,
            "custom-code" => Decision::refuse_with(code, text),
            other => panic!("no decision for {other}"),
        }
    }
}

#[async_trait]
impl CallbackHandler for Says {
    async fn live_before_send_gift(&self, _: &Context, _: live::BeforeSendGift) -> Result<Decision<GiftCode>> {
        Ok(self.decision(LOW_BALANCE, "balance too low"))
    }

    async fn official_account_before_create_official_account(
        &self,
        _: &Context,
        _: official_account::BeforeCreateOfficialAccount,
    ) -> Result<Decision<OfficialAccountCode>> {
        Ok(self.decision(NO_LICENCE, "this owner has no press licence"))
    }

    async fn official_account_before_add_subscriber(
        &self,
        _: &Context,
        event: official_account::BeforeAddSubscriber,
    ) -> Result<SubscribeDecision> {
        Ok(match self.0.as_str() {
            "allow" => SubscribeDecision::Allow,
            "refuse-all" => SubscribeDecision::Refuse,
            "refuse-some" => {
                let accounts = event.subscribe_account_list.into_iter().map(|entry| entry.subscriber_account);
                SubscribeDecision::AllowExcept(accounts.filter(|account| account.starts_with("spam_")).collect())
            }
            other => panic!("no decision for {other}"),
        })
    }

    async fn official_account_before_send_msg(
        &self,
        _: &Context,
        event: official_account::BeforeSendMsg,
    ) -> Result<MessageDecision<OfficialAccountCode>> {
        Ok(match self.0.as_str() {
            "allow" => MessageDecision::Allow,
            "refuse" => MessageDecision::Refuse,
            "silent-drop" => MessageDecision::Discard,
            "custom-code" => MessageDecision::refuse_with(DAILY_LIMIT, "two messages per day only"),
            "modified" => {
                let mut body = event.msg_body;
                body.push(Element::new(Custom {
                    desc: Some("banner".into()),
                    data: Some(r#"{"style":"storm"}"#.into()),
                    ..Custom::default()
                }));
                let replacement = Replacement::body(body)?.and_custom_data(r#"{"edition":"evening","checked":true}"#);
                MessageDecision::Replace(replacement)
            }
            other => panic!("no decision for {other}"),
        })
    }
}
