use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, group};

struct App {
    messages: u64,
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&mut self, _ctx: &Context, _event: group::AfterSendMsg) -> Result<()> {
        self.messages += 1;
        Ok(())
    }
}

fn main() {}
