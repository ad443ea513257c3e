//! What tells one event from another, with several applications behind one endpoint.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{
    CallbackHandler, Context, Decision, Endpoint, Event, GroupCode, Result, async_trait, group, push,
};

/// Keeps the identities of what it gets.
#[derive(Clone, Default)]
struct App(Arc<Mutex<Vec<Option<String>>>>);

impl App {
    fn note(&self, identity: Option<impl Into<String>>) {
        self.0.lock().unwrap().push(identity.map(Into::into));
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        let identity = ctx.identity(&event).unwrap();
        assert_eq!(identity.as_str(), format!("{}|{}", ctx.app_id(), event.identity().unwrap()));
        assert_eq!(event.identity().unwrap(), Event::identity(&event).unwrap());
        self.note(Some(identity));
        Ok(())
    }

    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        self.note(ctx.identity(&event));
        Ok(Decision::Allow)
    }

    async fn push_all_member_push(&self, ctx: &Context, event: push::AllMemberPush) -> Result<()> {
        assert_eq!(ctx.identity(&event), None);
        self.note(event.events[0].identity().map(|identity| identity.with_app_id(ctx.app_id())));
        Ok(())
    }
}

const APPS: [u64; 2] = [1_400_000_001, 1_400_000_002];

/// Sends a body to both applications, twice, and gives back the identities.
async fn identities(command: &str, body: &'static str) -> Vec<Option<String>> {
    let app = App::default();
    let endpoint = Endpoint::builder(app.clone()).unverified_app(APPS[0]).unverified_app(APPS[1]).build().unwrap();
    for app_id in [APPS[0], APPS[1], APPS[0], APPS[1]] {
        let uri = format!("/?SdkAppid={app_id}&CallbackCommand={command}");
        let answer = endpoint.handle(Request::post(uri).body(Bytes::from_static(body.as_bytes())).unwrap()).await;
        assert_eq!(answer.status(), 200);
    }
    let identities = app.0.lock().unwrap().clone();
    assert_eq!(identities.len(), 4);
    identities
}

#[track_caller]
fn assert_apart_by_app(identities: &[Option<String>]) {
    assert!(identities[0].is_some());
    assert_eq!(identities[0], identities[2], "a repetition");
    assert_eq!(identities[1], identities[3], "a repetition");
    assert_ne!(identities[0], identities[1], "the same event of another application");
}

#[tokio::test]
async fn the_same_event_of_two_applications_is_not_a_repetition() {
    let body = include_str!("../../testkit/samples/requests/Group.CallbackAfterGroupDestroyed.json");
    assert_apart_by_app(&identities("Group.CallbackAfterGroupDestroyed", body).await);
}

#[tokio::test]
async fn the_events_in_a_batch_can_be_told_apart_by_their_application_too() {
    let body = include_str!("../../testkit/samples/requests/Push.AllMemberPush.batch.json");
    assert_apart_by_app(&identities("Push.AllMemberPush", body).await);
}

#[tokio::test]
async fn what_waits_for_an_answer_has_no_identity_in_its_application_either() {
    let body = r#"{"Operator_Account":"a","Type":"Community","Name":"n"}"#;
    assert_eq!(identities("Group.CallbackBeforeCreateTopic", body).await, [const { None }; 4]);
}

/// The identity of an event.
fn identity_of<E: tencent_im_callback::Event>(body: &serde_json::Value) -> Option<String> {
    serde_json::from_value::<E>(body.clone()).unwrap().identity().map(String::from)
}

#[test]
fn a_live_room_is_identified_by_its_time_of_creation_or_else_by_that_of_the_event() {
    use tencent_im_callback::live::AfterCreateRoom;

    let room =
        |create_time| serde_json::json!({ "RoomInfo": { "RoomId": "r", "CreateTime": create_time }, "EventTime": 9 });
    let both = identity_of::<AfterCreateRoom>(&room(serde_json::json!(5)));
    assert_eq!(both.as_deref(), Some("Live.CallbackAfterCreateRoom|r|5"));
    let without = identity_of::<AfterCreateRoom>(&room(serde_json::Value::Null));
    assert_eq!(without.as_deref(), Some("Live.CallbackAfterCreateRoom|r|9"));
    assert_eq!(identity_of::<AfterCreateRoom>(&serde_json::json!({ "RoomInfo": { "RoomId": "r" } })), None);
}

#[test]
fn a_changed_topic_is_identified_where_the_service_names_it() {
    use tencent_im_callback::group::AfterTopicInfoChanged;

    let body = serde_json::json!({ "GroupId": "g", "TopicId": "t", "EventTime": 9, "Operator_Account": "a" });
    let found = identity_of::<AfterTopicInfoChanged>(&body);
    assert_eq!(found.as_deref(), Some("Group.CallbackAfterTopicInfoChanged|g|t|9|a"));
    assert_eq!(identity_of::<AfterTopicInfoChanged>(&serde_json::json!({ "GroupId": "g", "Name": "n" })), None);
}
