//! Pushes are sent in batches; older ones are single.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tencent_im_callback::{
    CallbackHandler, Context, Decision, DecodeError, Endpoint, Event, Result, async_trait,
    push::{AllMemberPush, OfflinePush, PushPlatform, PushStage},
};

/// Keeps what came to it.
#[derive(Default)]
struct App {
    offline: Mutex<Vec<(OfflinePush, Vec<String>)>>,
    all_member: Mutex<Vec<AllMemberPush>>,
    dropped: Mutex<Vec<String>>,
    undecodable: Mutex<Vec<String>>,
}

#[async_trait]
impl CallbackHandler for App {
    async fn push_offline_push(&self, ctx: &Context, event: OfflinePush) -> Result<()> {
        let dropped: Vec<_> = ctx.dropped_fields().iter().map(|field| field.path().to_owned()).collect();
        self.dropped.lock().unwrap().extend(dropped.clone());
        self.offline.lock().unwrap().push((event, dropped));
        Ok(())
    }

    async fn push_all_member_push(&self, ctx: &Context, event: AllMemberPush) -> Result<()> {
        self.dropped.lock().unwrap().extend(ctx.dropped_fields().iter().map(|field| field.path().to_owned()));
        self.all_member.lock().unwrap().push(event);
        Ok(())
    }

    async fn undecodable(&self, _: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        self.undecodable.lock().unwrap().push(error.path().to_owned());
        Err(error.into())
    }
}

async fn send(command: &str, body: &Value) -> (StatusCode, Arc<App>) {
    let app = Arc::new(App::default());
    let endpoint = Endpoint::builder(Arc::clone(&app)).unverified_app(1_400_000_001).build().unwrap();
    let uri = format!("/?SdkAppid=1400000001&CallbackCommand={command}&contenttype=json");
    let response = endpoint.handle(Request::post(uri).body(Bytes::from(body.to_string())).unwrap()).await;
    (response.status(), app)
}

fn offline() -> Value {
    json!({
        "CallbackCommand": "Push.OfflinePush", "EventType": 1, "EventTime": 1_741_611_002, "From_Account": "rowan_ash",
        "To_Account": "mika_l", "PushPlatform": 4, "PushStage": 1, "MsgKey": "50811_7719034_1741611001",
        "MsgSeq": 50811, "MsgRandom": "", "MsgTime": 1_741_611_001, "ErrCode": 0, "ErrInfo": "OK",
    })
}

fn all_member() -> Value {
    json!({
        "CallbackCommand": "Push.AllMemberPush", "EventType": 2, "TaskId": "67ceeb10_7", "TaskTime": 1_741_611_280,
        "EventTime": 1_741_611_285, "To_Account": "rowan_ash", "PushPlatform": 0, "PushStage": 1, "ErrCode": 0,
    })
}

#[test]
fn a_batch_keeps_the_order_of_its_events() {
    let mut second = offline();
    second["To_Account"] = 144_115_227_701_234_567_u64.into();
    let batch: OfflinePush = serde_json::from_value(json!({ "Events": [offline(), second] })).unwrap();
    let accounts: Vec<_> = batch.events.iter().map(|event| event.to_account.as_str()).collect();
    assert_eq!(accounts, ["mika_l", "144115227701234567"]);
    assert_eq!(batch.callback_command(), None);
}

#[test]
fn an_event_without_a_batch_is_a_batch_of_one() {
    let batch: OfflinePush = serde_json::from_value(offline()).unwrap();
    assert_eq!(batch, serde_json::from_value(json!({ "Events": [offline()] })).unwrap());
    assert_eq!(batch.events[0].push_platform, Some(PushPlatform::Google));
    assert_eq!(batch.events[0].callback_command.as_ref().unwrap(), "Push.OfflinePush");

    let batch: AllMemberPush = serde_json::from_value(all_member()).unwrap();
    assert_eq!(batch.events[0].push_stage, Some(PushStage::Sent));
}

#[test]
fn what_stands_beside_the_events_does_no_harm() {
    let body =
        json!({ "AAA": [1], "CallbackCommand": "Push.OfflinePush", "Events": [offline()], "To_Account": {}, "Z": 1 });
    let batch: OfflinePush = serde_json::from_value(body).unwrap();
    assert_eq!(batch.events.len(), 1);
    assert_eq!(batch.callback_command().unwrap(), "Push.OfflinePush");
}

#[tokio::test]
async fn an_odd_field_is_dropped_in_a_batch_and_without_one() {
    let mut odd = offline();
    odd["PushPlatform"] = json!({ "name": "FCM" });
    for (body, path) in
        [(odd.clone(), "PushPlatform"), (json!({ "Events": [offline(), odd] }), "Events[1].PushPlatform")]
    {
        let (status, app) = send("Push.OfflinePush", &body).await;
        assert_eq!(status, StatusCode::OK);
        let offline = app.offline.lock().unwrap();
        let (batch, dropped) = &offline[0];
        assert_eq!(dropped, &[path]);
        let last = batch.events.last().unwrap();
        assert_eq!((last.push_platform, last.to_account.as_str()), (None, "mika_l"));
    }
}

#[tokio::test]
async fn an_event_without_an_account_is_dropped_from_its_batch() {
    let mut without = offline();
    without.as_object_mut().unwrap().remove("To_Account");
    let (status, app) = send("Push.OfflinePush", &json!({ "Events": [without, offline()] })).await;
    assert_eq!(status, StatusCode::OK);
    let offline = app.offline.lock().unwrap();
    let (batch, dropped) = &offline[0];
    assert_eq!((batch.events.len(), dropped.as_slice()), (1, &["Events[0]".to_owned()][..]));
}

#[tokio::test]
async fn every_field_of_a_single_event_has_its_name_in_paths() {
    let (mut offline, mut all_member) = (offline(), all_member());
    (offline["GroupID"], offline["PushID"]) = (json!("g"), json!("p"));
    (all_member["DataId"], all_member["DeviceType"], all_member["ErrInfo"]) = (json!("d"), json!(1), json!("OK"));
    for (event, command) in [(offline, "Push.OfflinePush"), (all_member, "Push.AllMemberPush")] {
        let fields = event.as_object().unwrap();
        for name in fields.keys().filter(|name| !["To_Account", "TaskId"].contains(&name.as_str())) {
            let mut odd = event.clone();
            odd[name] = json!({ "odd": [] });
            let (status, app) = send(command, &odd).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(*app.dropped.lock().unwrap(), [name.as_str()], "{command}");
        }
    }
}

#[tokio::test]
async fn an_event_without_an_account_is_undecodable() {
    let mut without_account = offline();
    without_account.as_object_mut().unwrap().remove("To_Account");
    for (body, path) in [
        (without_account, "To_Account"),
        (json!({}), "Events"),
        (json!({ "Events": null }), "Events"),
        (json!({ "Events": 7 }), "Events"),
    ] {
        let (status, app) = send("Push.OfflinePush", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(*app.undecodable.lock().unwrap(), [path]);
    }
}

#[tokio::test]
async fn the_events_tell_which_callback_it_is_where_the_query_does_not() {
    for command in ["Push.OfflinePush", "", "Push.TagPush"] {
        for body in [json!({ "Events": [all_member(), all_member()] }), all_member()] {
            let (status, app) = send(command, &body).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(app.all_member.lock().unwrap().len(), 1, "{command}");
            assert!(app.offline.lock().unwrap().is_empty(), "{command}");
        }
    }
    let (_, app) = send("Push.AllMemberPush", &json!({ "Events": [offline()] })).await;
    assert_eq!(app.offline.lock().unwrap().len(), 1);
}

#[test]
fn each_event_has_an_identity_of_its_own() {
    let identity = |change: &dyn Fn(&mut Value)| {
        let mut event = offline();
        change(&mut event);
        serde_json::from_value::<OfflinePush>(event).unwrap().events[0].identity()
    };
    let first = identity(&|_| {}).unwrap();
    assert_eq!(first.as_str(), "Push.OfflinePush|50811_7719034_1741611001|mika_l|4|1");
    assert_eq!(identity(&|event| event["ErrInfo"] = "".into()).unwrap(), first);
    assert_ne!(identity(&|event| event["PushStage"] = 2.into()).unwrap(), first);
    assert_ne!(identity(&|event| event["To_Account"] = "u_1".into()).unwrap(), first);
    assert_ne!(identity(&|event| event["PushID"] = "67cee9f9".into()).unwrap(), first);
    assert_eq!(identity(&|event| event["PushStage"] = Value::Null), None);
    assert_eq!(identity(&|event| event["MsgKey"] = "".into()), None);
    let group = identity(&|event| {
        event["MsgKey"] = "".into();
        event["GroupID"] = "@TGS#1".into();
    });
    assert_eq!(group.unwrap().as_str(), "Push.OfflinePush|@TGS#1|50811|mika_l|4|1");

    let batch: AllMemberPush = serde_json::from_value(json!({ "Events": [all_member()] })).unwrap();
    assert_eq!(batch.events[0].identity().unwrap().as_str(), "Push.AllMemberPush|67ceeb10_7|rowan_ash|2|0|0|1");
    assert_eq!(batch.identity(), None);
}
