use tencent_im_callback::{CallbackHandler, Context, Decision, Result, async_trait, group};

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&self, _ctx: &Context, _event: group::AfterSendMsg) -> Result<()> {
        Ok(Decision::Allow)
    }
}

fn main() {}
