//! The seam for a journal: *after* callbacks are kept before they are answered, and delivered later.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::Request;
use tencent_im_callback::{
    Attempt, CALLBACKS, CallbackHandler, Context, Decision, DeliveryError, Endpoint, EndpointBuilder, Entry, Event,
    GroupCode, Journal, Observer, OnFailure, Outcome, Phase, Report, Result, UnknownAnswer, async_trait, each_callback,
    group,
};

/// Keeps entries in memory. Fails, panics or waits if that is wanted.
#[derive(Clone, Default)]
struct Memory {
    entries: Arc<Mutex<Vec<Entry>>>,
    fault: Option<&'static str>,
}

#[async_trait]
impl Journal for Memory {
    async fn append(&self, entry: Entry) -> Result<()> {
        match self.fault {
            Some("fail") => return Err("the disk is full".into()),
            Some("panic") => panic!("the journal panics"),
            Some("wait") => std::future::pending().await,
            _ => {}
        }
        self.entries.lock().unwrap().push(entry);
        Ok(())
    }
}

impl Memory {
    fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.entries.lock().unwrap())
    }
}

/// Notes what its methods get.
#[derive(Clone, Default)]
struct App(Arc<Mutex<Vec<String>>>);

impl App {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(&self, _: &Context, _: group::BeforeCreateTopic) -> Result<Decision<GroupCode>> {
        Ok(Decision::Refuse)
    }

    async fn group_after_group_destroyed(&self, ctx: &Context, event: group::AfterGroupDestroyed) -> Result<()> {
        let attempt = ctx.attempt().map_or_else(String::new, |attempt| format!(" {} {}", attempt.id, attempt.number));
        self.0.lock().unwrap().push(format!("{} {}{attempt}", event.group_id, ctx.body().len()));
        match event.group_id.as_str() {
            "fails" => Err("it fails".into()),
            "panics" => panic!("it panics"),
            "waits" => std::future::pending().await,
            _ => Ok(()),
        }
    }

    async fn unknown(&self, ctx: &Context) -> Result<UnknownAnswer> {
        self.0.lock().unwrap().push(format!("unknown {}", ctx.command()));
        Ok(UnknownAnswer::acknowledge())
    }
}

#[derive(Clone, Default)]
struct Outcomes(Arc<Mutex<Vec<Outcome>>>);

impl Observer for Outcomes {
    fn request_finished(&self, report: &Report) {
        self.0.lock().unwrap().push(report.outcome);
    }
}

const DESTROYED: &str = "Group.CallbackAfterGroupDestroyed";

fn builder(app: &App, journal: &Memory) -> EndpointBuilder {
    Endpoint::builder(app.clone()).unverified_app(7).journal(journal)
}

async fn ask(endpoint: &Endpoint, query: &str, body: &str) -> u16 {
    let request = Request::post(format!("/?SdkAppid=7&{query}")).body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    endpoint.handle(request).await.status().as_u16()
}

#[tokio::test]
async fn an_after_callback_is_kept_and_its_method_is_called_when_it_is_delivered() {
    let (app, journal, outcomes) = (App::default(), Memory::default(), Outcomes::default());
    let endpoint = builder(&app, &journal).observer(outcomes.clone()).build().unwrap();
    let query = format!("CallbackCommand={DESTROYED}&%53IGN=abc&RequestTime=5&via=backup");
    assert_eq!(ask(&endpoint, &query, r#"{"GroupId":"g","EventTime":9}"#).await, 200);
    assert_eq!((app.take(), outcomes.0.lock().unwrap().clone()), (vec![], vec![Outcome::Kept]));

    let [entry] = &journal.take()[..] else { panic!("one entry") };
    assert_eq!((entry.app_id, entry.command.as_str()), (7, DESTROYED));
    assert_eq!(entry.query, format!("SdkAppid=7&CallbackCommand={DESTROYED}&RequestTime=5&via=backup"));
    assert_eq!(entry.key.as_ref().unwrap().as_str(), "7|group|g");
    assert_eq!(entry.identity.as_ref().unwrap().as_str(), "7|Group.CallbackAfterGroupDestroyed|g|9");
    assert!(!format!("{entry:?}").contains("EventTime"), "{entry:?}");

    let attempt = Attempt::new(41, 2, SystemTime::now());
    endpoint.deliver(entry.clone(), attempt, Duration::from_secs(8)).await.unwrap();
    assert_eq!(app.take(), ["g 29 41 2"]);
    assert_eq!((endpoint.in_flight(), journal.take().len()), (0, 0), "it is not kept again");
}

#[tokio::test]
async fn only_after_callbacks_are_kept() {
    let (app, journal) = (App::default(), Memory::default());
    let endpoint = builder(&app, &journal).build().unwrap();
    macro_rules! samples {
        ($($command:literal $method:ident $event:path;)*) => { [$(($command, <$event as Event>::COMMAND)),*] };
    }
    let commands = each_callback!(samples);
    assert_eq!(commands.len(), CALLBACKS.len());
    for callback in CALLBACKS {
        // Undecodable *after* callbacks are kept too.
        let status = ask(&endpoint, &format!("CallbackCommand={}", callback.command), "{").await;
        assert_eq!(journal.take().len(), usize::from(callback.phase == Phase::After), "{callback:?}");
        assert_eq!(status == 200, callback.phase == Phase::After, "{callback:?}");
    }
    for (command, is_kept) in
        [("Group.CallbackAfterNew", true), ("New.Event", true), ("Group.CallbackBeforeNew", false)]
    {
        assert_eq!(ask(&endpoint, &format!("CallbackCommand={command}"), r#"{"GroupId":"g"}"#).await, 200);
        let kept = journal.take();
        assert_eq!(kept.len(), usize::from(is_kept), "{command}");
        assert_eq!(app.take().len(), usize::from(!is_kept), "{command}");
        if let Some(entry) = kept.first() {
            assert_eq!(entry.key.as_ref().unwrap().as_str(), "7|group|g", "{command}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_cannot_be_kept_is_answered_500_whatever_the_policy_is() {
    for fault in ["fail", "panic", "wait"] {
        let journal = Memory { fault: Some(fault), ..Memory::default() };
        let app = App::default();
        let builder = builder(&app, &journal).on_after_failure(OnFailure::Allow).on_unknown_failure(OnFailure::Allow);
        let endpoint = builder.deadline(Duration::from_millis(50)).build().unwrap();
        assert_eq!(ask(&endpoint, &format!("CallbackCommand={DESTROYED}"), r#"{"GroupId":"g"}"#).await, 500, "{fault}");
        assert_eq!(ask(&endpoint, "CallbackCommand=New.Event", "{}").await, 500, "{fault}");
        let before =
            ask(&endpoint, "CallbackCommand=Group.CallbackBeforeCreateTopic", r#"{"Operator_Account":"a","Name":"n"}"#);
        assert_eq!(before.await, 200, "{fault}: before callbacks go on");
        assert_eq!(app.take(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_a_delivery_is_returned() {
    let (app, journal) = (App::default(), Memory::default());
    let endpoint = builder(&app, &journal).build().unwrap();
    let entry = |group: &str| {
        let query = format!("SdkAppid=7&CallbackCommand={DESTROYED}");
        Entry::new(7, DESTROYED, query, format!(r#"{{"GroupId":"{group}"}}"#), SystemTime::now())
    };
    let deliver = |entry: Entry| endpoint.deliver(entry, Attempt::new(1, 1, SystemTime::now()), Duration::from_secs(1));
    let failed = deliver(entry("fails")).await.unwrap_err();
    assert!(matches!(&failed, DeliveryError::Failed(error) if error.to_string() == "it fails"), "{failed}");
    assert!(
        matches!(deliver(entry("panics")).await.unwrap_err(), DeliveryError::Panicked(text) if text == "it panics")
    );
    assert!(matches!(deliver(entry("waits")).await.unwrap_err(), DeliveryError::TimedOut));
    let changed = |change: fn(&mut Entry)| {
        let mut entry = entry("g");
        change(&mut entry);
        entry
    };
    let undecodable = changed(|entry| entry.body = Bytes::from_static(b"{"));
    assert!(matches!(deliver(undecodable).await.unwrap_err(), DeliveryError::Undecodable));
    let foreign = changed(|entry| entry.app_id = 8);
    assert!(matches!(deliver(foreign).await.unwrap_err(), DeliveryError::UnknownApp { app_id: 8 }));
    let malformed = changed(|entry| entry.query = "SdkAppid=%zz".to_owned());
    assert!(matches!(deliver(malformed).await.unwrap_err(), DeliveryError::Malformed));
    let unknown = changed(|entry| {
        entry.query = "SdkAppid=7&CallbackCommand=New.Event".to_owned();
        entry.body = Bytes::from_static(b"{}");
    });
    deliver(unknown).await.unwrap();
    assert_eq!(app.take().last().unwrap(), "unknown New.Event");
    assert!(endpoint.deliver(entry("g"), Attempt::new(1, 1, SystemTime::now()), Duration::from_secs(1)).await.is_ok());
}

#[test]
fn every_after_event_says_what_its_order_depends_on() {
    let mut without = Vec::new();
    macro_rules! keys {
        ($($command:literal $method:ident $event:path;)*) => {
            $(
                let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/samples/requests");
                let body = std::fs::read_to_string(folder.join(concat!($command, ".json"))).or_else(|_| {
                    let mut names = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
                    let name = names.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(concat!($command, ".")));
                    std::fs::read_to_string(name.unwrap())
                });
                let event: $event = serde_json::from_str(&body.unwrap()).unwrap();
                let key = event.key();
                assert_eq!(key, Event::key(&event));
                if <$event as Event>::callback().phase == Phase::After {
                    if key.is_none() {
                        without.push($command);
                    }
                } else {
                    assert_eq!(key, None, "{}", $command);
                }
            )*
        };
    }
    each_callback!(keys);
    without.sort_unstable();
    let expected = [
        "Alert.RequestOverLimit",
        "ContentCallback.ResultNotify",
        "Group.CallbackOnDailyGroupQuotaAlarm",
        "Live.CallbackAfterCreateRoomReachingThreshold",
        "Push.AllMemberPush",
        "Push.OfflinePush",
    ];
    assert_eq!(without, expected);
}

#[test]
fn the_key_of_two_accounts_is_that_of_both_directions() {
    use tencent_im_callback::c2c::AfterSendMsg;

    let key = |from: &str, to: &str| {
        let body = serde_json::json!({ "From_Account": from, "To_Account": to, "MsgKey": "k", "MsgBody": [] });
        serde_json::from_value::<AfterSendMsg>(body).unwrap().key().unwrap()
    };
    assert_eq!(key("a", "b"), key("b", "a"));
    assert_ne!(key("a|b", "c"), key("a", "b|c"));
}
