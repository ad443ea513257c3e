//! A handler in a harness: answers can be asserted, and an assertion that fails says why.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tencent_im_callback::{
    AccountDecision, CALLBACKS, CallbackHandler, Context, Decision, DecodeError, FriendCode, FriendDecision, GroupCode,
    InviteDecision, MessageDecision, OnFailure, Platform, Replacement, Result, SignalReply, async_trait, c2c, chatbot,
    group, message::Element, sns,
};
use tencent_im_callback_testkit::{
    Answer, Effect, Ended, Harness, Recording, Request,
    recording::{Recorded, Writer},
    sample, samples,
};

const NO_SPAM: GroupCode = GroupCode::new(10_123);
const NOT_OPEN: FriendCode = FriendCode::new(38_011);

#[derive(Default)]
struct App {
    topics: AtomicU32,
}

#[derive(Clone)]
struct User(&'static str);

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        self.topics.fetch_add(1, Ordering::Relaxed);
        match &*event.name {
            "spam" => Ok(Decision::refuse_with(NO_SPAM, "no spam")),
            "no" => Ok(Decision::Refuse),
            "error" => Err("the database is gone".into()),
            "panic" => panic!("row {} is odd", 7),
            "panic with a value" => panic_any(7),
            "wait" => {
                tokio::time::sleep(Duration::from_secs(3_600)).await;
                Ok(Decision::Allow)
            }
            "web only" if ctx.platform() != Some(Platform::Web) => Ok(Decision::Refuse),
            "for mika" if ctx.extensions().get::<User>().is_none_or(|user| user.0 != "mika") => Ok(Decision::Refuse),
            "in time" if ctx.time_left() < Duration::from_secs(1) => Ok(Decision::Refuse),
            _ => Ok(Decision::Allow),
        }
    }

    async fn group_before_invite_join_group(
        &self,
        _ctx: &Context,
        event: group::BeforeInviteJoinGroup,
    ) -> Result<InviteDecision<GroupCode>> {
        let refused = event.destination_members.into_iter().map(|member| member.member_account);
        Ok(InviteDecision::AllowExcept(refused.collect()))
    }

    async fn sns_prev_friend_add(&self, _ctx: &Context, event: sns::PrevFriendAdd) -> Result<FriendDecision> {
        Ok(FriendDecision::each(&event, |friend| match &*friend.to_account {
            "odd_bird" => AccountDecision::refuse_with(NOT_OPEN, "not open to requests"),
            _ => AccountDecision::Allow,
        }))
    }

    async fn c2c_before_send_msg(
        &self,
        _ctx: &Context,
        event: c2c::BeforeSendMsg,
    ) -> Result<MessageDecision<tencent_im_callback::C2cCode>> {
        Ok(match event.to_account.as_str() {
            "nobody" => MessageDecision::Discard,
            _ => MessageDecision::Replace(Replacement::body([Element::text("***")])?.and_custom_data("checked")),
        })
    }

    async fn chatbot_on_c2c_signal_message(
        &self,
        _ctx: &Context,
        _event: chatbot::OnC2CSignalMessage,
    ) -> Result<SignalReply> {
        Ok(SignalReply::new("{}"))
    }

    async fn undecodable(&self, _ctx: &Context, error: DecodeError) -> Result<Decision<Infallible>> {
        if error.path() == "Operator_Account" { Ok(Decision::Allow) } else { Err(error.into()) }
    }
}

fn topic(name: &str) -> tencent_im_callback_testkit::Sample<group::BeforeCreateTopic> {
    sample().set("/Name", name)
}

fn complaint(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).expect_err("the assertion fails");
    panic.downcast_ref::<String>().expect("a message").clone()
}

#[tokio::test]
async fn a_unit_test_is_three_lines() {
    let harness = Harness::new(App::default());
    let answer = harness.call(sample::<group::BeforeCreateTopic>().set("/Name", "spam")).await;
    answer.assert_refused_with(10_123);
}

#[tokio::test]
async fn what_a_method_returns_is_there_with_its_type() {
    let app = Arc::new(App::default());
    let harness = Harness::shared(Arc::clone(&app));
    let called = harness.call(topic("spam")).await;
    assert_eq!(called.answer(), &Decision::refuse_with(NO_SPAM, "no spam"));
    assert_eq!(called.effect(), &Effect::RefusedWith { code: 10_123, text: "no spam".into() });
    called.assert_text("no spam").assert_handled_by("group_before_create_topic");
    assert_eq!(harness.call(topic("fine")).await.into_answer(), Decision::Allow);
    assert_eq!(app.topics.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_event_can_be_given_in_place_of_a_sample() {
    let harness = Harness::new(App::default());
    let mut event = topic("fine").event();
    event.name = "no".into();
    harness.call(event.clone()).await.assert_refused();
    harness.send(event).await.assert_refused_with(1);
}

#[tokio::test]
async fn both_ways_lead_to_the_same_decision() {
    let harness = Harness::new(App::default());
    for name in ["spam", "no", "error", "panic", "in time", "fine"] {
        let (called, sent) = (harness.call(topic(name)).await, harness.send(topic(name)).await);
        assert_eq!(called.effect(), sent.effect(), "{name}");
        assert_eq!(called.calls()[0].ended, sent.calls()[0].ended, "{name}");
    }
}

#[tokio::test]
async fn every_kind_of_decision_can_be_asserted() {
    let harness = Harness::new(App::default());
    let invited = samples::<group::BeforeInviteJoinGroup>().next().unwrap();
    let accounts: Vec<_> =
        invited.event().destination_members.into_iter().rev().map(|member| member.member_account).collect();
    harness.send(invited).await.assert_allowed_except(accounts);
    let request = sample::<sns::PrevFriendAdd>();
    let answer = harness.send(request).await;
    answer.assert_account_allowed("mika_l").assert_account_refused_with("odd_bird", 38_011);
    assert!(!answer.effect().is_allowed() && !answer.effect().is_refused());
    let message = sample::<c2c::BeforeSendMsg>();
    let answer = harness.send(message.clone()).await;
    answer.assert_replaced_body([Element::text("***")]).assert_replaced_custom_data("checked");
    harness.send(message.set("/To_Account", "nobody")).await.assert_discarded();
    harness.send(sample::<chatbot::OnC2CSignalMessage>()).await.assert_data("{}").assert_allowed();
    harness.send(sample::<group::AfterCreateTopic>()).await.assert_acknowledged().assert_allowed();
    harness.send(topic("no").request().unsigned()).await.assert_failed().assert_status(401).assert_unhandled();
}

#[tokio::test]
async fn an_error_and_a_panic_are_told_with_their_text() {
    let harness = Harness::new(App::default());
    for answer in [Answer::from(harness.call(topic("error")).await), harness.send(topic("error")).await] {
        assert_eq!(answer.calls()[0].ended, Ended::Failed("the database is gone".into()));
        let text = complaint(|| drop(answer.assert_allowed().clone()));
        assert!(text.contains("decided: failed with status 500: not processed"), "{text}");
        assert!(text.contains("error:   `the database is gone`"), "{text}");
    }
    for answer in [Answer::from(harness.call(topic("panic")).await), harness.send(topic("panic")).await] {
        assert_eq!(answer.calls()[0].ended, Ended::Panicked("row 7 is odd".into()));
        let text = complaint(|| drop(answer.assert_refused().clone()));
        assert!(text.contains("panic:   `row 7 is odd`"), "{text}");
    }
    let odd = harness.call(topic("panic with a value")).await;
    assert_eq!(odd.calls()[0].ended, Ended::Panicked("a value that is not text".into()));
    let text = complaint(|| drop(odd.answer().clone()));
    assert!(text.starts_with("Group.CallbackBeforeCreateTopic got no answer\n"), "{text}");
}

#[tokio::test]
async fn a_method_that_was_forgotten_is_told() {
    let harness = Harness::new(App::default());
    let answer = harness.send(sample::<group::BeforeCreateGroup>()).await;
    answer.assert_allowed();
    assert!(answer.calls()[0].is_unhandled());
    let text = complaint(|| drop(answer.assert_refused().clone()));
    assert!(text.contains("method:  group_before_create_group, which the handler leaves at its default"), "{text}");
}

#[tokio::test]
async fn fields_that_could_not_be_read_are_told() {
    let harness = Harness::new(App::default());
    let odd = topic("fine").set("/Type", json!({ "odd": true }));
    for answer in [Answer::from(harness.call(odd.clone()).await), harness.send(odd).await] {
        answer.assert_allowed().assert_dropped(["Type"]);
        let text = complaint(|| drop(answer.assert_dropped(["Name"]).clone()));
        assert!(text.contains("dropped: Type ("), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_that_is_late_is_told() {
    let harness = Harness::configured(App::default(), |endpoint| endpoint.on_failure(OnFailure::Refuse));
    let answer = harness.send(topic("wait")).await;
    answer.assert_refused_with(1);
    let text = complaint(|| drop(answer.assert_allowed().clone()));
    assert!(text.contains("late:    the method had not ended"), "{text}");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_comes_to_undecodable() {
    let harness = Harness::new(App::default());
    let answer = harness.send(topic("x").remove("/Name")).await;
    answer.assert_status(500).assert_handled_by("undecodable");
    assert!(answer.to_string().contains("error:   `the body of Group.CallbackBeforeCreateTopic"), "{answer}");
    harness.send(topic("x").remove("/Operator_Account")).await.assert_status(200).assert_handled_by("undecodable");
}

#[tokio::test]
#[should_panic(expected = "does not decode at `Name`: missing")]
async fn a_method_cannot_be_called_with_what_is_no_event() {
    drop(Harness::new(App::default()).call(topic("x").remove("/Name")).await);
}

#[tokio::test]
async fn the_answer_is_read_as_that_of_the_callback_that_was_believed() {
    let harness = Harness::new(App::default());
    let wrong_word = topic("spam").request().set("CallbackCommand", "Group.CallbackAfterCreateTopic");
    harness.send(wrong_word).await.assert_refused_with(10_123);
    harness.send(Request::new("Unknown.Command", "{}")).await.assert_acknowledged().assert_handled_by("unknown");
}

#[tokio::test]
async fn the_context_says_what_the_request_says() {
    let harness = Harness::new(App::default());
    let web = topic("web only");
    harness.call(web.clone()).await.assert_refused();
    harness.call_with(web.clone(), |request| request.platform("Web")).await.assert_allowed();
    harness.send(web.request().platform("Web")).await.assert_allowed();
    let mika = topic("for mika");
    harness.call(mika.clone()).await.assert_refused();
    harness.call_with(mika.clone(), |request| request.extension(User("mika"))).await.assert_allowed();
    harness.send(mika.request().extension(User("mika"))).await.assert_allowed();
}

#[tokio::test]
async fn the_clock_is_the_tests_own() {
    let harness = Harness::new(App::default());
    let request = topic("fine").request().at(harness.clock().now());
    harness.clock().advance(Duration::from_secs(60));
    harness.send(request.clone()).await.assert_allowed();
    harness.clock().advance(Duration::from_secs(1));
    harness.send(request).await.assert_status(401);
    harness.send(topic("fine")).await.assert_allowed();
}

#[test]
fn a_test_need_not_be_async() {
    let harness = Harness::new(App::default());
    harness.call_blocking(topic("spam")).assert_refused_with(10_123);
    harness.send_blocking(topic("spam")).assert_refused_with(10_123);
}

#[tokio::test]
#[should_panic(expected = "runs in an asynchronous runtime already")]
async fn an_async_test_is_not_blocked() {
    drop(Harness::new(App::default()).call_blocking(topic("fine")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_harness_can_be_used_from_several_tasks() {
    let harness = std::sync::Arc::new(Harness::new(App::default()));
    let tasks = (0..8).map(|task| {
        let harness = std::sync::Arc::clone(&harness);
        tokio::spawn(async move {
            let name = if task % 2 == 0 { "spam" } else { "fine" };
            (task % 2 == 0, harness.call(topic(name)).await.clone(), harness.send(topic(name)).await)
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        let (is_spam, called, sent) = task.await.unwrap();
        assert_eq!(called.effect().is_refused(), is_spam);
        assert_eq!(sent.effect().is_refused(), is_spam);
        assert_eq!(sent.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_recording_of_another_application_is_a_regression_test() {
    let body = topic("spam").to_string();
    let came = |app_id: u64, status: u16, answer: &str| {
        let query = format!("SdkAppid={app_id}&CallbackCommand=Group.CallbackBeforeCreateTopic&Sign=0&RequestTime=1");
        Recorded::new(std::time::SystemTime::now(), &query, body.clone()).answered(
            status,
            answer.to_owned(),
            Duration::ZERO,
        )
    };
    let mut file = Vec::new();
    let mut writer = Writer::new(&mut file);
    let refused = r#"{"ActionStatus":"OK","ErrorInfo":"no spam","ErrorCode":10123}"#;
    let foreign = r#"{"ActionStatus":"FAIL","ErrorInfo":"wrong application","ErrorCode":403}"#;
    writer.write(&came(1_400_000_777, 200, refused)).unwrap();
    writer.write(&came(1_400_000_778, 403, foreign)).unwrap();
    let recording = Recording::read(&file[..]).unwrap();

    let harness = Harness::new(App::default());
    harness.replay(&recording).await.assert_unchanged();
    let text = Harness::new(Silent).replay(&recording).await.to_string();
    assert!(text.starts_with("1 of 2 answers have changed\n1. Group.CallbackBeforeCreateTopic"), "{text}");
}

struct Silent;

impl CallbackHandler for Silent {}

#[test]
fn a_change_that_is_none_is_told() {
    let complaint = |change: fn()| complaint(change);
    assert_eq!(
        complaint(|| drop(topic("x").set("Name", 1))),
        "Group.CallbackBeforeCreateTopic: `Name` does not begin with a slash"
    );
    assert_eq!(
        complaint(|| drop(topic("x").set("/No/Name", 1))),
        "Group.CallbackBeforeCreateTopic: there is nothing at `/No`"
    );
    assert_eq!(complaint(|| drop(topic("x").remove("/No"))), "Group.CallbackBeforeCreateTopic: there is no `No` at ``");
    assert!(complaint(|| drop(topic("x").variant("no"))).contains("has no variant `no`, but ``"));
    assert!(complaint(|| drop(topic("x").remove("/Name").event())).contains("missing field `Name`"));
}

#[test]
fn the_plainest_sample_comes_first() {
    for callback in CALLBACKS {
        let variants: Vec<_> = sample::of(callback.command).map(|(variant, _)| variant).collect();
        assert!(variants.iter().skip(1).all(|variant| !variant.is_empty()), "{}: {variants:?}", callback.command);
    }
    assert_eq!(sample::<c2c::BeforeSendMsg>().name(), "");
}

#[test]
fn every_variant_can_be_chosen() {
    for plain in samples::<group::BeforeSendMsg>() {
        let chosen = sample::<group::BeforeSendMsg>().set("/GroupId", "changed").variant(plain.name());
        assert_eq!(chosen, plain);
    }
    let fields = topic("x").undocumented();
    assert!(fields.body()["UndocumentedField"].is_object());
    assert_eq!(fields.event().name, "x");
}

#[tokio::test]
async fn fields_that_are_in_no_event_are_counted() {
    let harness = Harness::new(App::default());
    let group = sample::<group::AfterGroupDestroyed>();
    harness.send(group.clone()).await.assert_unread([""; 0]);
    let answer = harness.send(group.insert("/Reason", "empty").insert("/MemberList/0/NickName", "B")).await;
    answer.assert_acknowledged().assert_unread(["Reason", "MemberList[0].NickName"]);
    assert!(answer.to_string().contains("unread:  Reason"), "{answer}");
}

/// A helper of many tests needs no type parameter for the handler.
async fn refused(harness: &Harness, name: &str) -> bool {
    harness.call(topic(name)).await.effect().is_refused()
}

#[tokio::test]
async fn helpers_take_the_harness_of_any_handler() {
    struct Silent;

    impl CallbackHandler for Silent {}

    assert!(refused(&Harness::new(App::default()), "spam").await);
    assert!(!refused(&Harness::new(Silent), "spam").await);
    let shared: Arc<dyn CallbackHandler> = Arc::new(Silent);
    assert!(!refused(&Harness::new(shared), "spam").await);
}

#[test]
fn a_field_that_no_event_has_is_inserted_and_not_set() {
    assert_eq!(
        complaint(|| drop(topic("x").set("/name", "y"))),
        "Group.CallbackBeforeCreateTopic: there is no field `name`; `Name` may be meant; \
         `insert` adds a field that no event has"
    );
    assert_eq!(
        complaint(|| drop(topic("x").set("/operatoraccount", "y"))),
        "Group.CallbackBeforeCreateTopic: there is no field `operatoraccount`; `Operator_Account` may be meant; \
         `insert` adds a field that no event has"
    );
    assert_eq!(
        complaint(|| drop(topic("x").set("/Weather", "y"))),
        "Group.CallbackBeforeCreateTopic: there is no field `Weather`; `insert` adds a field that no event has"
    );
    // Fields that the event has and the sample has not.
    assert_eq!(topic("x").remove("/Name").set("/Name", "y").event().name, "y");
    assert!(topic("x").set("/EventTime", 1_670_574_414_123_u64).event().event_time.is_some());
    assert_eq!(topic("x").insert("/name", "y").body()["name"], "y");
}
