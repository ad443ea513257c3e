//! What official accounts and live rooms are answered, compared with the samples of answers.

use std::{fs, path::Path};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;
use tencent_im_callback::{
    CALLBACKS, CallbackHandler, Context, Decision, Endpoint, GiftCode, MessageDecision, OfficialAccountCode,
    Replacement, Result, SubscribeDecision, async_trait, live,
    message::{Custom, Element},
    official_account,
};

/// The families whose answers are compared here.
const FAMILIES: [&str; 7] = ["Call", "Follow", "Live", "Mic", "OfficialAccount", "Push", "Room"];

/// Answers as the sample of this name does: the last part of the file's name.
struct App(String);

impl App {
    fn decision<C>(&self, code: C, text: &'static str) -> Decision<C> {
        match self.0.as_str() {
            "allow" => Decision::Allow,
            "refuse" => Decision::Refuse,
            "custom-code" => Decision::RefuseWith(code, text.into()),
            other => panic!("no decision is called {other}"),
        }
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn live_before_send_gift(&self, _: &Context, _: live::BeforeSendGift) -> Result<Decision<GiftCode>> {
        Ok(self.decision(GiftCode::new(102_150), "balance too low"))
    }

    async fn official_account_before_create_official_account(
        &self,
        _: &Context,
        _: official_account::BeforeCreateOfficialAccount,
    ) -> Result<Decision<OfficialAccountCode>> {
        Ok(self.decision(OfficialAccountCode::new(120_345), "this owner has no press licence"))
    }

    async fn official_account_before_add_subscriber(
        &self,
        _: &Context,
        event: official_account::BeforeAddSubscriber,
    ) -> Result<SubscribeDecision> {
        Ok(match self.0.as_str() {
            "allow" => SubscribeDecision::Allow,
            "refuse-all" => SubscribeDecision::Refuse,
            "refuse-some" => {
                let accounts = event.subscribe_account_list.into_iter().map(|entry| entry.subscriber_account);
                SubscribeDecision::AllowExcept(accounts.filter(|account| account.starts_with("spam_")).collect())
            }
            other => panic!("no decision is called {other}"),
        })
    }

    async fn official_account_before_send_msg(
        &self,
        _: &Context,
        event: official_account::BeforeSendMsg,
    ) -> Result<MessageDecision<OfficialAccountCode>> {
        Ok(match self.0.as_str() {
            "allow" => MessageDecision::Allow,
            "refuse" => MessageDecision::Refuse,
            "silent-drop" => MessageDecision::Discard,
            "custom-code" => {
                MessageDecision::RefuseWith(OfficialAccountCode::new(120_777), "two messages per day only".into())
            }
            "modified" => {
                let mut body = event.msg_body;
                body.push(Element::new(Custom {
                    desc: Some("banner".into()),
                    data: Some(r#"{"style":"storm"}"#.into()),
                    ..Custom::default()
                }));
                let replacement = Replacement::body(body)?.and_custom_data(r#"{"edition":"evening","checked":true}"#);
                MessageDecision::Replace(replacement)
            }
            other => panic!("no decision is called {other}"),
        })
    }
}

fn samples(folder: &str) -> impl Iterator<Item = (String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples").join(folder);
    fs::read_dir(folder).expect("the samples are in the repository").map(|file| {
        let path = file.expect("a file of the folder").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("UTF-8"))
    })
}

/// Sends the request as the service would and gives back what is answered.
async fn answer(app: App, command: &str, body: String) -> Value {
    let endpoint = Endpoint::builder(app).unverified_app(1_400_000_001).build().unwrap();
    let uri = format!("/?SdkAppid=1400000001&CallbackCommand={command}&contenttype=json");
    let response = endpoint.handle(Request::post(uri).body(Bytes::from(body)).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK, "{command}");
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn every_sample_of_an_answer_can_be_given() {
    let requests: Vec<_> = samples("requests").collect();
    let of_ours = |command: &str| FAMILIES.iter().any(|family| command.split('.').next() == Some(family));
    let mut given = 0;
    for (name, expected) in samples("responses") {
        let (command, word) = name.rsplit_once('.').expect("the command and the answer's name");
        if !of_ours(command) || matches!(word, "fail" | "error" | "app-error") {
            continue;
        }
        let is_of_it = |request: &str| request == command || request.starts_with(&format!("{command}."));
        for (_, body) in requests.iter().filter(|(request, _)| is_of_it(request)) {
            let expected: Value = serde_json::from_str(&expected).expect("samples are JSON");
            assert_eq!(answer(App(word.to_owned()), command, body.clone()).await, expected, "{name}");
            given += 1;
        }
    }
    let rows = CALLBACKS.iter().filter(|callback| of_ours(callback.command)).count();
    assert!(given >= rows, "{given} answers for {rows} callbacks");
}
