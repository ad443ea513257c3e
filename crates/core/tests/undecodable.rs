//! A body that cannot be read: the failure policy answers for a *before* callback, and `undecodable` may refuse it.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use tencent_im_callback::{
    CALLBACKS, CallbackHandler, Context, Decision, DecodeError, Endpoint, EndpointBuilder, OnFailure, Phase, Result,
    async_trait,
};

struct Default;

impl CallbackHandler for Default {}

/// Answers what it has to every body that cannot be read.
struct Decides(Decision<Infallible>);

#[async_trait]
impl CallbackHandler for Decides {
    async fn undecodable(&self, _: &Context, _: DecodeError) -> Result<Decision<Infallible>> {
        Ok(self.0.clone())
    }
}

/// The status and the code that a body which is no JSON is answered with.
async fn answer(builder: EndpointBuilder, command: &str) -> (u16, u64) {
    let endpoint = builder.unverified_app(1).build().unwrap();
    let uri = format!("/?SdkAppid=1&CallbackCommand={command}");
    let response = endpoint.handle(Request::post(uri).body(Bytes::from_static(b"{")).unwrap()).await;
    let json: Value = serde_json::from_slice(response.body()).unwrap();
    (response.status().as_u16(), json["ErrorCode"].as_u64().unwrap())
}

#[tokio::test]
async fn the_failure_policy_answers_for_every_before_callback_and_no_other() {
    for callback in CALLBACKS {
        // The accounts that it would be refused by are in the body.
        let refusal = if callback.answer == "FriendDecision" { (500, 500) } else { (200, 1) };
        for (policy, expected) in
            [(OnFailure::Defer, (500, 500)), (OnFailure::Refuse, refusal), (OnFailure::Allow, (200, 0))]
        {
            let expected = if callback.phase == Phase::Before { expected } else { (400, 400) };
            let builder = Endpoint::builder(Default).on_failure(policy);
            assert_eq!(answer(builder, callback.command).await, expected, "{}, {policy:?}", callback.command);
        }
    }
}

#[tokio::test]
async fn a_policy_of_the_command_comes_before_that_of_the_phase() {
    let command = "Group.CallbackBeforeSendMsg";
    let builder = Endpoint::builder(Default).on_failure(OnFailure::Allow).on_failure_of(command, OnFailure::Refuse);
    assert_eq!(answer(builder, command).await, (200, 1));
}

#[tokio::test]
async fn undecodable_may_refuse_what_its_command_may() {
    for callback in CALLBACKS {
        let expected = match callback.phase {
            Phase::Before if callback.answer == "FriendDecision" => (500, 500),
            Phase::Before => (200, 1),
            _ => (400, 400),
        };
        let found = answer(Endpoint::builder(Decides(Decision::Refuse)), callback.command).await;
        assert_eq!(found, expected, "{}", callback.command);
        let found = answer(Endpoint::builder(Decides(Decision::Allow)), callback.command).await;
        assert_eq!(found, (200, 0), "{}", callback.command);
    }
}

#[tokio::test]
async fn repair_that_does_not_end_within_the_deadline_is_answered_by_the_policy() {
    let members: Vec<_> = (0..1_000).map(|member| format!(r#"{{"Member_Account":"{member}"}}"#)).collect();
    let body = format!(
        r#"{{"GroupId":"g","Operator_Account":"o","EventTime":{{}},"DestinationMembers":[{}]}}"#,
        members.join(",")
    );
    for (deadline, expected) in [(Duration::from_nanos(1), (200, 1)), (Duration::from_secs(60), (200, 0))] {
        let builder = Endpoint::builder(Default).on_failure(OnFailure::Refuse).deadline(deadline);
        let endpoint = builder.unverified_app(1).build().unwrap();
        let uri = "/?SdkAppid=1&CallbackCommand=Group.CallbackBeforeInviteJoinGroup";
        let response = endpoint.handle(Request::post(uri).body(Bytes::from(body.clone())).unwrap()).await;
        let json: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), json["ErrorCode"].as_u64().unwrap()), expected, "{deadline:?}");
    }
}
