use tencent_im_callback::{CallbackHandler, Context, Decision, GroupCode, Result, group};

struct App;

impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        Ok(Decision::Allow)
    }
}

fn main() {}
