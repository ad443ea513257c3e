//! The answers to group callbacks: what the samples show can be said, and goes out as they show it.

use std::{fs, path::Path};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;
use tencent_im_callback::{
    CallbackHandler, Context, Decision, Endpoint, GroupCode, InviteDecision, MessageDecision, Replacement, Result,
    async_trait, group,
    message::{Custom, Element},
};

/// The variant of a sample says what to answer.
struct Says(String);

impl Says {
    fn decision(&self) -> Decision<GroupCode> {
        match self.0.as_str() {
            "allow" => Decision::Allow,
            "refuse" => Decision::Refuse,
            "custom-code" => Decision::RefuseWith(GroupCode::of::<10_117>(), "Closed for maintenance".into()),
            other => panic!("no decision for {other}"),
        }
    }
}

#[async_trait]
impl CallbackHandler for Says {
    async fn group_before_create_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateGroup,
    ) -> Result<Decision<GroupCode>> {
        Ok(self.decision())
    }

    async fn group_before_apply_join_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeApplyJoinGroup,
    ) -> Result<Decision<GroupCode>> {
        Ok(self.decision())
    }

    async fn group_before_invite_join_group(
        &self,
        _ctx: &Context,
        _event: group::BeforeInviteJoinGroup,
    ) -> Result<InviteDecision<GroupCode>> {
        Ok(match self.0.as_str() {
            "allow" => InviteDecision::Allow,
            "refuse-some" => InviteDecision::AllowExcept(vec!["rider-07".into()]),
            "refuse" => InviteDecision::Refuse,
            "custom-code" => InviteDecision::RefuseWith(GroupCode::of::<10_117>(), "Closed for maintenance".into()),
            other => panic!("no decision for {other}"),
        })
    }

    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        Ok(self.decision())
    }

    async fn group_before_send_msg(
        &self,
        _ctx: &Context,
        _event: group::BeforeSendMsg,
    ) -> Result<MessageDecision<GroupCode>> {
        let badge = |desc: &str, data: &str| {
            Element::new(Custom { desc: Some(desc.into()), data: Some(data.into()), ..Custom::default() })
        };
        let checked = || [Element::text("Is the blue bicycle still for sale?"), badge("SellerBadge", "gold")];
        Ok(match self.0.as_str() {
            "allow" | "live-allow" => MessageDecision::Allow,
            "refuse" | "live-refuse" => MessageDecision::Refuse,
            "discard" | "live-discard" => MessageDecision::Discard,
            "own-code" => MessageDecision::RefuseWith(GroupCode::of::<10_142>(), "Links are not allowed here".into()),
            "live-custom-code" => MessageDecision::RefuseWith(GroupCode::of::<10_120>(), "slow mode is on".into()),
            "modified" => {
                MessageDecision::Replace(Replacement::body(checked())?.and_custom_data(r#"{"checked":true}"#))
            }
            "modified-body" => MessageDecision::Replace(Replacement::body(checked())?),
            "modified-custom-data" => MessageDecision::Replace(Replacement::custom_data(r#"{"checked":true}"#)),
            "live-modified" => {
                let body = [Element::text("what pan is that?"), badge("badge.level", "LV9")];
                MessageDecision::Replace(Replacement::body(body)?.and_custom_data("lvl=9;checked"))
            }
            other => panic!("no decision for {other}"),
        })
    }
}

/// The names of a folder's samples of group callbacks, without `.json`, in order.
fn samples(folder: &str) -> Vec<String> {
    let files = fs::read_dir(path(folder)).expect("the samples are in the repository");
    let names = files.map(|file| file.expect("a file of the folder").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<_> = names
        .filter(|name| name.starts_with("Group."))
        .map(|name| name.strip_suffix(".json").expect("samples are JSON").to_owned())
        .collect();
    names.sort();
    names
}

fn path(sample: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples").join(sample)
}

/// The command and the variant that a sample's name consists of.
fn parts(name: &str) -> (&str, &str) {
    let dot = name.match_indices('.').nth(1).map_or(name.len(), |(at, _)| at);
    (&name[..dot], name[dot..].trim_start_matches('.'))
}

#[tokio::test]
async fn every_answer_of_the_samples_goes_out_as_they_show_it() {
    let requests = samples("requests");
    for name in samples("responses") {
        let (command, variant) = parts(&name);
        // How an app reports its own failure: what goes out then is the failure policy's business.
        if matches!(variant, "fail" | "error" | "app-error") {
            continue;
        }
        let request = requests.iter().find(|request| parts(request).0 == command).expect("a request of the command");
        let body = fs::read(path(&format!("requests/{request}.json"))).expect("a file of the folder");
        let request = Request::post(format!("/?SdkAppid=1400000001&CallbackCommand={command}&contenttype=json"))
            .body(Bytes::from(body))
            .expect("a request");

        let endpoint = Endpoint::builder(Says(variant.to_owned())).unverified_app(1_400_000_001).build().unwrap();
        let response = endpoint.handle(request).await;

        assert_eq!(response.status(), StatusCode::OK, "{name}");
        let answer: Value = serde_json::from_slice(response.body()).expect("answers are JSON");
        let sample = fs::read(path(&format!("responses/{name}.json"))).expect("a file of the folder");
        assert_eq!(answer, serde_json::from_slice::<Value>(&sample).expect("samples are JSON"), "{name}");
    }
}
