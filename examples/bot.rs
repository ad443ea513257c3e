//! A bot that answers messages: a callback says what was written to it, and the REST API sends its answer.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! read -rs USER_SIG && export USER_SIG                  # of an administrator, from the console's tools
//! SDK_APP_ID=1400000001 ADMIN=administrator cargo run --release --example bot
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/callback`. `REST_API` is another address of the REST API than
//! `https://console.tim.qq.com`: <https://www.tencentcloud.com/document/product/1047/34919> has those of the regions.
//!
//! The service waits two seconds for the answer to the callback, and a bot may think for longer. So the method
//! acknowledges at once, and the work goes on by `Context::spawn`: `Endpoint::drain` waits for it, and an error is logged.

use std::{env, sync::Arc};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use examples::{RestApi, Settings, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tencent_im_callback::{CallbackHandler, Context, Endpoint, async_trait, bot, message::Content};

struct Bot {
    api: Arc<RestApi>,
}

#[async_trait]
impl CallbackHandler for Bot {
    async fn bot_on_c2c_message(&self, ctx: &Context, event: bot::OnC2CMessage) -> tencent_im_callback::Result<()> {
        let api = Arc::clone(&self.api);
        ctx.spawn(async move {
            let Some(answer) = answer(&event) else { return Ok(()) };
            // The bot writes, and the user reads.
            send(&api, &event.to_account, &event.from_account, &answer).await?;
            Ok(())
        });
        Ok(())
    }
}

/// What the bot says to a message, if it has text.
fn answer(event: &bot::OnC2CMessage) -> Option<String> {
    let text = event.msg_body.iter().find_map(|element| match element.content() {
        Content::Text(content) => Some(content.text),
        _ => None,
    })?;
    Some(match text.trim() {
        "/help" => "Say anything, and I say it again. /help shows this.".to_owned(),
        text => format!("You said: {text}"),
    })
}

/// `v4/openim/sendmsg`: <https://www.tencentcloud.com/document/product/1047/34919>.
async fn send(api: &RestApi, from: &str, to: &str, text: &str) -> Result<()> {
    let body = json!({
        "SyncOtherMachine": 2,
        "From_Account": from,
        "To_Account": to,
        // The service drops a second message with the same number within a minute.
        "MsgRandom": examples::random_u32(),
        "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": text } }],
    });
    let answer: Value = api.post("v4/openim/sendmsg", &body).await?;
    ensure!(answer["ErrorCode"] == 0, "the REST API answers with code {}", answer["ErrorCode"]);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let required = |name: &'static str| env::var(name).with_context(|| format!("{name} is not set"));
    let base = env::var("REST_API").unwrap_or_else(|_| "https://console.tim.qq.com".to_owned());
    let api = RestApi::new(&base, settings.app_id, &required("ADMIN")?, &required("USER_SIG")?)?;
    let endpoint = Endpoint::builder(Bot { api: Arc::new(api) }).app(settings.app_id, settings.tokens).build()?;
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    let listener = connections::listen(&settings.listen)?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    connections::serve(listener, TowerToHyperService::new(router), stop_signal()?).await?;
    drain(&endpoint).await;
    Ok(())
}
