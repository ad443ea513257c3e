use std::rc::Rc;

use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, group};

struct App;

async fn store(_text: &str) {}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&self, _ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
        let group_id = Rc::new(event.group_id);
        store(&group_id).await;
        Ok(())
    }
}

fn main() {}
