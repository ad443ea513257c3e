use tencent_im_callback::{CallbackHandler, Context, Decision, GroupCode, Result, async_trait, group};

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_send_msg(&self, _ctx: &Context, _event: group::BeforeSendMsg) -> Result<Decision<GroupCode>> {
        Ok(Decision::Allow)
    }
}

fn main() {}
