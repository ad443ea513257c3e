use tencent_im_callback::{C2cCode, CallbackHandler, Context, Decision, GroupCode, Result, async_trait, group};

const NO_SPAM: C2cCode = C2cCode::new(120_123);

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        Ok(Decision::refuse_with(NO_SPAM, "no spam"))
    }
}

fn main() {}
