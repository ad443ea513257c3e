//! Moderation of messages: a word is covered, a link is refused, and a user who is muted talks to nobody.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 FORBIDDEN_WORDS=darn,heck MUTED=odd_bird cargo run --release --example moderation
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/callback`. Switch on "before sending a group message" and "before sending a
//! one-to-one message" in the console.
//!
//! What happens when the checks fail is a decision too: here a message is refused that cannot be checked
//! (`OnFailure::Refuse`). That is for failures of this program. Its end or a broken network is the console's to decide,
//! which lets messages pass by default.

use std::env;

use anyhow::Result;
use axum::Router;
use examples::{Settings, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use tencent_im_callback::{
    C2cCode, CallbackHandler, Context, Endpoint, GroupCode, MessageDecision, OnFailure, Replacement, async_trait, c2c,
    group,
    message::{Content, Element},
};

const NO_LINKS_IN_GROUPS: GroupCode = GroupCode::new(10_101);
const NO_LINKS: C2cCode = C2cCode::new(120_001);

struct Moderator {
    forbidden_words: Vec<String>,
    muted: Vec<String>,
}

/// What becomes of a message, in a group or between two users.
enum Action {
    Allow,
    /// The sender sees the message as sent, and nobody gets it.
    Discard,
    Refuse,
    /// The message with its words covered.
    Replace(Vec<Element>),
}

impl Moderator {
    fn check(&self, sender: &str, mut elements: Vec<Element>) -> Action {
        if self.muted.iter().any(|muted| muted == sender) {
            return Action::Discard;
        }
        let mut is_covered = false;
        // Every element that is kept is in the replacement, images and custom elements among them.
        for element in &mut elements {
            let Content::Text(content) = element.content() else { continue };
            if content.text.contains("https://") || content.text.contains("http://") {
                return Action::Refuse;
            }
            let covered = self.covered(&content.text);
            if covered != content.text {
                *element = Element::text(covered);
                is_covered = true;
            }
        }
        if is_covered { Action::Replace(elements) } else { Action::Allow }
    }

    fn covered(&self, text: &str) -> String {
        let stars = |word: &String| "*".repeat(word.chars().count());
        self.forbidden_words.iter().fold(text.to_owned(), |text, word| text.replace(word.as_str(), &stars(word)))
    }
}

#[async_trait]
impl CallbackHandler for Moderator {
    async fn group_before_send_msg(
        &self,
        _ctx: &Context,
        event: group::BeforeSendMsg,
    ) -> tencent_im_callback::Result<MessageDecision<GroupCode>> {
        Ok(match self.check(&event.from_account, event.msg_body) {
            Action::Allow => MessageDecision::Allow,
            Action::Discard => MessageDecision::Discard,
            Action::Refuse => MessageDecision::refuse_with(NO_LINKS_IN_GROUPS, "no links, please"),
            Action::Replace(elements) => MessageDecision::Replace(Replacement::body(elements)?),
        })
    }

    async fn c2c_before_send_msg(
        &self,
        _ctx: &Context,
        event: c2c::BeforeSendMsg,
    ) -> tencent_im_callback::Result<MessageDecision<C2cCode>> {
        Ok(match self.check(&event.from_account, event.msg_body) {
            Action::Allow => MessageDecision::Allow,
            Action::Discard => MessageDecision::Discard,
            Action::Refuse => MessageDecision::refuse_with(NO_LINKS, "no links, please"),
            Action::Replace(elements) => MessageDecision::Replace(Replacement::body(elements)?),
        })
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let muted = env::var("MUTED").unwrap_or_default().split(',').map(str::to_owned).collect();
    let moderator = Moderator { forbidden_words: settings.forbidden_words, muted };
    let endpoint =
        Endpoint::builder(moderator).app(settings.app_id, settings.tokens).on_failure(OnFailure::Refuse).build()?;
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    let listener = connections::listen(&settings.listen)?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    connections::serve(listener, TowerToHyperService::new(router), stop_signal()?).await?;
    drain(&endpoint).await;
    Ok(())
}
