//! The programs of docs/testing.md: they compile and run here, and the guide has the same text.

use std::error::Error;

use tencent_im_callback::{
    CallbackHandler, Context, Decision, Endpoint, GroupCode, OnFailure, Result, async_trait, group,
};
use tencent_im_callback_testkit::{Answer, FixedClock, Recording, near_miss, samples};

const NO_SPAM: GroupCode = GroupCode::new(10_123);

struct App;

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        _ctx: &Context,
        event: group::BeforeCreateTopic,
    ) -> Result<Decision<GroupCode>> {
        if event.name.contains("spam") {
            return Ok(Decision::refuse_with(NO_SPAM, "no spam"));
        }
        Ok(Decision::Allow)
    }
}

use tencent_im_callback_testkit::{Harness, sample};

#[tokio::test]
async fn spam_is_refused() {
    let harness = Harness::new(App);
    let answer = harness.call(sample::<group::BeforeCreateTopic>().set("/Name", "spam")).await;
    answer.assert_refused_with(10_123).assert_text("no spam");
}

#[test]
fn a_handler_takes_every_shape() {
    let harness = Harness::new(App);
    for sample in samples::<group::AfterSendMsg>() {
        harness.call_blocking(sample.undocumented()).assert_acknowledged();
    }
}

#[derive(Clone)]
struct Tenant(#[expect(dead_code, reason = "the handler of the guide does not look at it")] &'static str);

#[tokio::test]
async fn a_context_is_what_the_test_says() {
    let harness = Harness::new(App);
    let topic = sample::<group::BeforeCreateTopic>();
    let answer = harness.call_with(topic, |request| request.platform("RESTAPI").extension(Tenant("north"))).await;
    answer.assert_allowed();
}

mod whole_way {
    use super::{App, OnFailure, group};

    use std::time::Duration;

    use tencent_im_callback_testkit::{Harness, sample};

    #[tokio::test]
    async fn a_request_goes_the_whole_way() {
        let harness = Harness::configured(App, |endpoint| endpoint.on_failure(OnFailure::Refuse).body_limit(64 * 1024));
        let topic = sample::<group::BeforeCreateTopic>();

        harness.send(topic.request().platform("iOS").client_ip("203.0.113.9")).await.assert_allowed();
        harness.send(topic.request().unsigned()).await.assert_status(401).assert_unhandled();
        harness.send(topic.request().padded(64 * 1024 + 1)).await.assert_status(413);

        // The clock is the test's own: signatures are made by it and compared with it.
        let request = topic.request().at(harness.clock().now());
        harness.clock().advance(Duration::from_secs(61));
        harness.send(request).await.assert_status(401);

        // A field that cannot be read is dropped and reported. A body that cannot be read goes to `undecodable`.
        harness.send(topic.clone().set("/Type", 7)).await.assert_allowed().assert_dropped(["Type"]);
        harness.send(topic.remove("/Name")).await.assert_refused().assert_handled_by("undecodable");
    }
}

#[tokio::test]
async fn an_endpoint_of_ones_own_is_read_too() -> Result<(), Box<dyn Error + Send + Sync>> {
    let clock = FixedClock::new();
    let endpoint = Endpoint::builder(App).app(1_400_000_007, ["a token"]).clock(clock.reader()).build()?;

    let request = sample::<group::BeforeCreateTopic>().request().app_id(1_400_000_007).token("a token").at(clock.now());
    let response = endpoint.handle(request.build()?).await;
    Answer::read(request.command(), response).assert_allowed();
    Ok(())
}

#[tokio::test]
async fn near_misses_are_answered_rightly() {
    let harness = Harness::new(App);
    for miss in near_miss::all(&sample::<group::BeforeCreateTopic>().request()) {
        if let Some(request) = miss.request() {
            miss.assert(&harness.send(request.clone()).await);
        }
    }
}

mod recordings {
    use super::{App, Harness, Recording};

    #[tokio::test]
    async fn the_answers_of_may_have_not_changed() -> Result<(), Box<dyn std::error::Error>> {
        let recording = Recording::open("tests/may.jsonl")?;
        Harness::new(App).replay(&recording).await.assert_unchanged();
        Ok(())
    }
}

#[test]
fn the_guide_says_what_stands_here() {
    let guide = include_str!("../../../docs/testing.md");
    let here: Vec<_> = include_str!("guide.rs").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let programs: Vec<_> = guide.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(programs.len() >= 8, "only {} programs", programs.len());
    for program in programs {
        // Of what is said once, above, for all programs here.
        let is_import = |line: &&str| line.starts_with("use ");
        let lines: Vec<_> =
            program.lines().map(str::trim).filter(|line| !line.is_empty()).filter(|line| !is_import(line)).collect();
        let is_here = here.windows(lines.len()).any(|window| window == lines);
        assert!(is_here, "this is in the guide and not in its test:\n{program}");
    }
}
