//! Friend requests, decided account by account.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 CLOSED=odd_bird,mika_l cargo run --release --example friend-requests
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/callback`. A request may name several accounts, of which some may accept
//! friends and others not. The service accepts an account that the answer does not name; `FriendDecision` is made from the
//! event, and so names each.

use std::{collections::HashSet, env};

use anyhow::Result;
use axum::Router;
use examples::{Settings, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use tencent_im_callback::{
    AccountDecision, CallbackHandler, Context, Endpoint, FriendCode, FriendDecision, async_trait, sns,
};

const CLOSED: FriendCode = FriendCode::new(38_011);

struct Friends {
    /// The accounts that want no new friends.
    closed: HashSet<String>,
}

impl Friends {
    fn decide(&self, account: &str) -> AccountDecision {
        if self.closed.contains(account) {
            return AccountDecision::refuse_with(CLOSED, "this account is not open to requests");
        }
        AccountDecision::Allow
    }
}

#[async_trait]
impl CallbackHandler for Friends {
    async fn sns_prev_friend_add(
        &self,
        _ctx: &Context,
        event: sns::PrevFriendAdd,
    ) -> tencent_im_callback::Result<FriendDecision> {
        Ok(FriendDecision::each(&event, |item| self.decide(&item.to_account)))
    }

    async fn sns_prev_friend_response(
        &self,
        _ctx: &Context,
        event: sns::PrevFriendResponse,
    ) -> tencent_im_callback::Result<FriendDecision> {
        Ok(FriendDecision::each(&event, |item| self.decide(&item.to_account)))
    }

    /// What has come of it. The service reports a mutual friendship as one entry or two.
    async fn sns_friend_add(&self, _ctx: &Context, event: sns::FriendAdd) -> tencent_im_callback::Result<()> {
        tracing::info!(pairs = event.pair_list.len(), "new friends");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let closed = env::var("CLOSED").unwrap_or_default().split(',').map(str::to_owned).collect();
    let endpoint = Endpoint::builder(Friends { closed }).app(settings.app_id, settings.tokens).build()?;
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    let listener = connections::listen(&settings.listen)?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    connections::serve(listener, TowerToHyperService::new(router), stop_signal()?).await?;
    drain(&endpoint).await;
    Ok(())
}
