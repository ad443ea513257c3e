//! The same app with the library.

use tencent_im_callback::{
    BuildError, CallbackHandler, Context, Decision, Endpoint, GroupCode, MessageDecision, Result, async_trait, group,
};

use crate::{settings::Settings, waiting::Other};

const NO_SPAM: GroupCode = GroupCode::new(10_123);

/// The app, which asks another before it decides.
#[derive(Debug)]
pub struct App(pub Other);

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        if event.name.contains("spam") {
            tracing::info!(client_ip = ctx.client_ip(), platform = ctx.platform_text(), "spam");
            return Ok(Decision::refuse_with(NO_SPAM, "no spam"));
        }
        self.0.ask().await;
        Ok(Decision::Allow)
    }

    async fn group_after_group_destroyed(&self, _: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        std::hint::black_box(&event);
        Ok(())
    }

    async fn group_before_send_msg(
        &self,
        _: &Context,
        event: group::BeforeSendMsg,
    ) -> Result<MessageDecision<GroupCode>> {
        std::hint::black_box(&event);
        Ok(MessageDecision::Allow)
    }
}

/// The endpoint that `settings` describe, with all else as it is by default.
pub fn endpoint(settings: &Settings) -> Result<Endpoint, BuildError> {
    Endpoint::builder(App(Other::default()))
        .app(settings.app_id, [settings.token.as_str()])
        .freshness(settings.max_age)
        .build()
}
