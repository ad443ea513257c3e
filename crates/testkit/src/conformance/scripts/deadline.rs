//! The budget belongs to the library: when it is used up the policy answers, and the method goes on.

use std::time::{Duration, Instant};

use serde_json::json;
use tencent_im_callback::{EndpointBuilder, OnFailure};

use super::{AT_ONCE, SHORT, ordered, works};
use crate::{
    Request,
    conformance::{
        answer::{Answer, Read as _},
        case::{check_refusal, decision},
        cases,
        handler::OWN_CODE,
        request::callback,
        suite::Stage,
    },
};

super::scripts![
    a_late_decision_is_deferred_and_its_method_goes_on,
    a_late_decision_may_be_allowed,
    a_late_decision_may_be_refused,
    a_late_acknowledgement_is_a_500,
    a_late_acknowledgement_may_be_given,
    a_late_answer_about_an_unknown_command_is_a_500,
    a_late_answer_about_what_is_undecodable_is_a_500,
    the_policy_of_one_command_answers_when_it_is_late,
    a_late_method_that_fails_does_no_harm,
    a_late_method_that_panics_does_no_harm,
    a_late_method_that_panics_when_it_is_dropped_does_no_harm,
    a_late_method_keeps_its_timers,
    a_method_within_the_budget_is_waited_for,
    the_time_for_the_body_is_part_of_the_budget,
];

/// Asks for what takes longer than there is time; the answer must come when the time is up, the method end
/// only when it is told to, and [`Endpoint::drain`](tencent_im_callback::Endpoint::drain) wait for that.
async fn late(
    stage: Stage,
    request: Request,
    settings: fn(EndpointBuilder) -> EndpointBuilder,
    check: impl FnOnce(&Answer),
) {
    let id = stage.id;
    let stand = stage.start(|builder| settings(builder.deadline(SHORT))).await;
    let mut connection = stand.connect().await;
    let begin = Instant::now();
    let answer = connection.ask(&request.tagged(id)).await.expect("an answer");
    assert!((SHORT..SHORT + AT_ONCE).contains(&begin.elapsed()), "answered after {:?}", begin.elapsed());
    check(&answer);
    works(&mut connection, &stage.witness, &format!("{id}/next")).await;

    let record = stage.witness.record(id);
    assert_eq!((record.calls.len(), record.finished, record.dropped), (1, 0, 0), "the method goes on");
    assert_eq!(stand.endpoint.in_flight(), 1);
    let drain = stand.endpoint.clone();
    let drain = tokio::spawn(async move { drain.drain().await });
    tokio::task::yield_now().await;
    assert!(!drain.is_finished(), "a late method is waited for");
    stage.witness.release(id);
    drain.await.expect("drained");
    let record = stage.witness.record(id);
    assert_eq!(record.finished + record.dropped, 1, "the method came to its end");
    assert_eq!(stand.endpoint.in_flight(), 0);
    works(&mut connection, &stage.witness, &format!("{id}/last")).await;
    stand.stop().await;
}

fn before(orders: &str) -> Request {
    cases::before_create_topic().order(orders)
}

fn after(orders: &str) -> Request {
    callback("Group.CallbackAfterGroupDestroyed", r#"{"GroupId":"g"}"#).order(orders)
}

fn deferred(answer: &Answer) {
    check_refusal(answer, 500, false);
}

fn decided(code: u32) -> impl FnOnce(&Answer) {
    move |answer| {
        assert_eq!((answer.status().as_u16(), answer.json()), (200, decision(code, "")));
    }
}

async fn a_late_decision_is_deferred_and_its_method_goes_on(stage: Stage) {
    late(stage.clone(), before("wait,code"), |builder| builder, deferred).await;
    assert_eq!(stage.witness.record(stage.id).finished, 1);
}

async fn a_late_decision_may_be_allowed(stage: Stage) {
    late(stage, before("wait,refuse"), |builder| builder.on_failure(OnFailure::Allow), decided(0)).await;
}

async fn a_late_decision_may_be_refused(stage: Stage) {
    late(stage, before("wait"), |builder| builder.on_failure(OnFailure::Refuse), decided(1)).await;
}

async fn a_late_acknowledgement_is_a_500(stage: Stage) {
    late(stage, after("wait"), |builder| builder.on_failure(OnFailure::Refuse), deferred).await;
}

async fn a_late_acknowledgement_may_be_given(stage: Stage) {
    late(stage, after("wait"), |builder| builder.on_after_failure(OnFailure::Allow), decided(0)).await;
}

async fn a_late_answer_about_an_unknown_command_is_a_500(stage: Stage) {
    late(stage, callback("X.Y", "{}").order("wait"), |builder| builder, deferred).await;
}

async fn a_late_answer_about_what_is_undecodable_is_a_500(stage: Stage) {
    late(stage, before("wait").body("{"), |builder| builder, deferred).await;
}

async fn the_policy_of_one_command_answers_when_it_is_late(stage: Stage) {
    let settings =
        |builder: EndpointBuilder| builder.on_failure_of("Group.CallbackBeforeCreateTopic", OnFailure::Refuse);
    late(stage, before("wait"), settings, decided(1)).await;
}

async fn a_late_method_that_fails_does_no_harm(stage: Stage) {
    late(stage, before("wait,fail"), |builder| builder, deferred).await;
}

async fn a_late_method_that_panics_does_no_harm(stage: Stage) {
    late(stage, before("wait,panic-string"), |builder| builder, deferred).await;
}

async fn a_late_method_that_panics_when_it_is_dropped_does_no_harm(stage: Stage) {
    let request = callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":["t"]}"#);
    late(stage, request.order("wait,end-loud"), |builder| builder, deferred).await;
}

async fn a_late_method_keeps_its_timers(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.deadline(SHORT)).await;
    check_refusal(&stand.ask(&ordered(id, "nap")).await, 500, false);
    stand.drain().await;
    assert_eq!(stage.witness.record(id).finished, 1);
    stand.stop().await;
}

async fn a_method_within_the_budget_is_waited_for(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder).await;
    assert_eq!(stand.ask(&ordered(id, "nap,code")).await.json(), decision(OWN_CODE.0, OWN_CODE.1));
    assert_eq!(stage.witness.record(id).calls[0]["has_time_left"], json!(true));
    stand.stop().await;
}

async fn the_time_for_the_body_is_part_of_the_budget(stage: Stage) {
    let id = stage.id;
    let (budget, for_the_body) = (Duration::from_millis(700), Duration::from_millis(500));
    let stand = stage.start(|builder| builder.deadline(budget)).await;
    let mut connection = stand.connect().await;
    let request = ordered(id, "wait");
    let begin = Instant::now();
    connection.send(&request.head_and_body().0).await.expect("sent");
    // What is tested is that this time passes.
    tokio::time::sleep(for_the_body).await;
    connection.send(&request.head_and_body().1).await.expect("sent");
    check_refusal(&connection.answer().await.expect("an answer"), 500, false);
    assert!((budget..budget + for_the_body).contains(&begin.elapsed()), "answered after {:?}", begin.elapsed());
    stage.witness.release(id);
    stand.stop().await;
}
