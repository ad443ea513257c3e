//! Commands that this version does not know: their answers, their failure policy, and the id of a request.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use tencent_im_callback::{
    AgentAssignment, Callback, CallbackHandler, Context, Endpoint, EndpointBuilder, InterfaceReply, InvalidAnswer,
    OnFailure, Result, UnknownAnswer, async_trait, chatbot, desk,
};

/// Its answer to an unknown command is that of the parameter `answer`.
struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        assert_eq!(ctx.callback(), None);
        match ctx.parameter("answer").as_deref() {
            Some("refuse") => Ok(UnknownAnswer::with_code(10_123, "not now")),
            Some("fields") => Ok(UnknownAnswer::acknowledge().fields(json!({ "RspData": "{}", "List": [1] }))?),
            Some("fail") => Err("it fails".into()),
            _ => Ok(UnknownAnswer::acknowledge()),
        }
    }

    async fn chatbot_interface_invocation(
        &self,
        _: &Context,
        event: chatbot::InterfaceInvocation,
    ) -> Result<InterfaceReply> {
        Ok(match event.body.get("order") {
            Some(Value::String(order)) => InterfaceReply::new().variable("order", order.as_str()),
            Some(_) => InterfaceReply::failed(0, "the order is no text"),
            None => InterfaceReply::new(),
        })
    }

    async fn chatbot_on_assign_human(&self, ctx: &Context, event: chatbot::OnAssignHuman) -> Result<AgentAssignment> {
        assert_eq!(ctx.callback().unwrap().command, "ChatBot.OnAssignHuman");
        Ok(AgentAssignment::default().group(7).agents([format!("agent of {}", event.client_user_id)]))
    }

    async fn desk_session_event_notify(&self, ctx: &Context, event: desk::SessionEventNotify) -> Result<()> {
        assert_eq!(ctx.request_id().as_deref(), Some("0b6f1f2e-8e4e-4f0a-9d57-3f3d5a1b2c3d"));
        assert_eq!(event.event, desk::SessionEvent::from("Session.Closed"));
        Ok(())
    }
}

fn builder() -> EndpointBuilder {
    Endpoint::builder(App).unverified_app(1)
}

async fn ask(endpoint: &Endpoint, command: &str, parameters: &str, body: &str) -> Response<Bytes> {
    let uri = format!("/?SdkAppid=1&CallbackCommand={command}{parameters}");
    endpoint.handle(Request::post(uri).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
}

fn json_of(response: &Response<Bytes>) -> Value {
    assert_eq!(response.status(), 200);
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn an_unknown_command_can_be_answered_with_code_text_and_fields() {
    let endpoint = builder().build().unwrap();
    for (parameters, expected) in [
        ("", json!({ "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 })),
        ("&answer=refuse", json!({ "ActionStatus": "OK", "ErrorInfo": "not now", "ErrorCode": 10_123 })),
        (
            "&answer=fields",
            json!({ "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "RspData": "{}", "List": [1] }),
        ),
    ] {
        assert_eq!(json_of(&ask(&endpoint, "New.Command", parameters, "{}").await), expected, "{parameters}");
    }
}

#[test]
fn the_fields_of_an_answer_are_an_object_without_the_three_of_every_answer() {
    let fields = |value: Value| UnknownAnswer::acknowledge().fields(value);
    assert_eq!(fields(json!([1])).unwrap_err(), InvalidAnswer::NoObject);
    let reserved = fields(json!({ "ErrorCode": 0 })).unwrap_err();
    assert_eq!(reserved, InvalidAnswer::ReservedField { name: "ErrorCode" });
    assert!(reserved.to_string().contains("ErrorCode"));
    let shown = format!("{:?}", fields(json!({ "RspData": "a user's text" })).unwrap());
    assert!(shown.contains("RspData") && !shown.contains("text"), "{shown}");
}

#[tokio::test]
async fn unknown_commands_have_a_failure_policy_of_their_own() {
    for (policy, status, code) in
        [(OnFailure::Defer, 500, 500), (OnFailure::Allow, 200, 0), (OnFailure::Refuse, 200, 1)]
    {
        let builder = builder().on_failure(OnFailure::Allow).on_after_failure(OnFailure::Allow);
        let endpoint = builder.on_unknown_failure(policy).build().unwrap();
        let response = ask(&endpoint, "New.Command", "&answer=fail", "{}").await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), body["ErrorCode"].as_u64()), (status, Some(code)), "{policy:?}");
    }
}

#[tokio::test]
async fn a_flow_of_a_chatbot_gets_variables() {
    let endpoint = builder().build().unwrap();
    let command = "Chatbot.InterfaceInvocation";
    for (body, code, variables) in [
        (json!({ "Body": { "order": "7" } }), 0, json!({ "order": "7" })),
        (json!({ "Body": null }), 0, json!({})),
        (json!({ "Body": { "order": 7 } }), 1, json!({})),
    ] {
        let answer = json_of(&ask(&endpoint, command, "", &body.to_string()).await);
        assert_eq!((&answer["ErrorCode"], &answer["Body"]), (&json!(code), &variables), "{body}");
    }
    // The case of a command counts.
    assert_eq!(Callback::find("ChatBot.InterfaceInvocation"), None);
}

#[tokio::test]
async fn both_commands_of_the_assignment_are_one_callback() {
    let endpoint = builder().build().unwrap();
    for command in ["ChatBot.OnAssignHuman", "ChatBot.OnAssignAgent"] {
        for named in [json!(command), Value::Null] {
            let body = json!({ "CallbackCommand": named, "SessionId": "s", "ClientUserId": "rowan_ash" });
            let answer = json_of(&ask(&endpoint, command, "", &body.to_string()).await);
            assert_eq!(answer["AgentGroupId"], 7, "{command}");
            assert_eq!(answer["AgentIdList"], json!(["agent of rowan_ash"]), "{command}");
        }
    }
    assert_eq!(Callback::find("Chatbot.OnAssignHuman"), None, "the case of a command counts");
}

#[tokio::test]
async fn the_request_id_is_that_of_the_query() {
    let endpoint = builder().build().unwrap();
    let id = "&RequestID=0b6f1f2e-8e4e-4f0a-9d57-3f3d5a1b2c3d";
    let body = r#"{"SessionId":"s","Event":"Session.Closed"}"#;
    assert_eq!(ask(&endpoint, "Desk.SessionEventNotify", id, body).await.status(), 200);
    // In any case, as all parameters.
    let id = "&requestid=0b6f1f2e-8e4e-4f0a-9d57-3f3d5a1b2c3d";
    assert_eq!(ask(&endpoint, "Desk.SessionEventNotify", id, body).await.status(), 200);
}

#[test]
fn the_titles_are_those_of_the_vendor() {
    let callback = Callback::find("Group.CallbackAfterSendMsg").unwrap();
    assert_eq!(callback.title_zh, Some("群内发言之后回调"));
    assert!(callback.title.is_some());
    assert_eq!(Callback::find("Desk.SessionEventNotify").unwrap().title_zh, None);
}
