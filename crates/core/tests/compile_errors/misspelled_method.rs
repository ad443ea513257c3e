use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, group};

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_message(&self, _ctx: &Context, _event: group::AfterSendMsg) -> Result<()> {
        Ok(())
    }
}

fn main() {}
