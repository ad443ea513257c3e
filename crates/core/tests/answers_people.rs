//! Messages between two people, friends, bots and what else is about single users: the answers that
//! the protocol's samples show are those that the library gives.

use std::{collections::BTreeSet, fs, path::Path};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;
use tencent_im_callback::{
    C2cCode, CALLBACKS, CallbackHandler, Context, Endpoint, FriendCode, FriendDecision, FriendVerdict, MessageDecision,
    Replacement, Result, SignalReply, async_trait, c2c, chatbot,
    message::{Custom, Element},
    sns,
};

const FAMILIES: [&str; 8] = ["Alert", "Bot", "C2C", "Chatbot", "ContentCallback", "Profile", "Sns", "State"];

/// Answers as the sample of this variant does.
struct Like(String);

impl Like {
    fn verdict(&self, account: &str) -> FriendVerdict {
        match self.0.as_str() {
            "refuse-all" => FriendVerdict::Refuse(FriendCode::new(38_000), "verify your phone first".into()),
            "refuse-one" if ["odd_bird", "spam_4411"].contains(&account) => {
                FriendVerdict::Refuse(FriendCode::new(38_011), "not open to requests".into())
            }
            "refuse-one" | "allow-all" => FriendVerdict::Allow,
            other => panic!("no verdict for {other}"),
        }
    }
}

#[async_trait]
impl CallbackHandler for Like {
    async fn c2c_before_send_msg(
        &self,
        _: &Context,
        mut event: c2c::BeforeSendMsg,
    ) -> Result<MessageDecision<C2cCode>> {
        let badge = Custom { desc: Some("SellerBadge".into()), data: Some("gold".into()), ..Custom::default() };
        event.msg_body.push(Element::new(badge));
        let checked = r#"{"checked":true}"#;
        Ok(match self.0.as_str() {
            "allow" => MessageDecision::Allow,
            "refuse" => MessageDecision::Refuse,
            "discard" => MessageDecision::Discard,
            "own-code" => MessageDecision::RefuseWith(C2cCode::new(120_417), "Links are not allowed here".into()),
            "modified-body" => MessageDecision::Replace(Replacement::body(event.msg_body)?),
            "modified-custom-data" => MessageDecision::Replace(Replacement::custom_data(checked)),
            "modified" => MessageDecision::Replace(Replacement::body(event.msg_body)?.and_custom_data(checked)),
            other => panic!("no decision for {other}"),
        })
    }

    async fn chatbot_on_c2c_signal_message(&self, _: &Context, _: chatbot::OnC2CSignalMessage) -> Result<SignalReply> {
        Ok(SignalReply::new(r#"{"status":"in transit","eta":"tomorrow"}"#))
    }

    async fn sns_prev_friend_add(&self, _: &Context, event: sns::PrevFriendAdd) -> Result<FriendDecision> {
        Ok(FriendDecision::each(&event, |item| self.verdict(&item.to_account)))
    }

    async fn sns_prev_friend_response(&self, _: &Context, event: sns::PrevFriendResponse) -> Result<FriendDecision> {
        Ok(FriendDecision::each(&event, |item| self.verdict(&item.to_account)))
    }
}

fn sample(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples").join(path)).expect("a sample")
}

/// The names of the samples in a folder, without `.json`, in order.
fn names(folder: &str) -> Vec<String> {
    let files =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples").join(folder)).expect("a folder");
    let mut names: Vec<_> = files
        .map(|file| file.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Whether a command, or a sample of one, is of these families.
fn is_of_these(name: &str) -> bool {
    name.split('.').next().is_some_and(|family| FAMILIES.contains(&family))
}

/// What the endpoint answers to a request, by a handler that answers like a sample of this variant.
async fn answer(command: &str, variant: &str, body: String) -> Value {
    let endpoint = Endpoint::builder(Like(variant.to_owned())).unverified_app(1_400_000_001).build().unwrap();
    let request = Request::post(format!("/?SdkAppid=1400000001&CallbackCommand={command}"));
    let response = endpoint.handle(request.body(Bytes::from(body)).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK, "{command} {variant}");
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn every_answer_of_the_samples_can_be_given() {
    let requests = names("requests");
    let mut answered = BTreeSet::new();
    for name in names("responses").iter().filter(|name| is_of_these(name)) {
        let (command, variant) = name.rsplit_once('.').expect("command and variant");
        if ["fail", "error", "app-error"].contains(&variant) {
            continue;
        }
        let with_variant = format!("{command}.");
        let request = requests.iter().find(|name| *name == command || name.starts_with(&with_variant));
        let body = sample(&format!("requests/{}.json", request.expect("a request")));

        let given = answer(command, variant, body).await;

        let expected: Value = serde_json::from_str(&sample(&format!("responses/{name}.json"))).unwrap();
        assert_eq!(given, expected, "{name}");
        answered.insert(command.to_owned());
    }
    let without = CALLBACKS.iter().map(|callback| callback.command).filter(|name| is_of_these(name));
    let without: Vec<_> = without.filter(|command| !answered.contains(*command)).collect();
    assert!(without.is_empty(), "no file in samples/responses for {without:?}");
}
