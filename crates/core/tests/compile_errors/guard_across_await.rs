use std::{collections::HashSet, sync::Mutex};

use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, group};

struct App {
    groups: Mutex<HashSet<String>>,
}

async fn store(_groups: &HashSet<String>) {}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_create_group(&self, _ctx: &Context, event: group::AfterCreateGroup) -> Result<()> {
        let mut groups = self.groups.lock().unwrap();
        groups.insert(event.group_id);
        store(&groups).await;
        Ok(())
    }
}

fn main() {}
