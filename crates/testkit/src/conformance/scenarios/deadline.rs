//! The deadline: the policy answers, and the method continues.

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
        fixture::Fixture,
        handler::OWN_CODE,
        request::callback,
    },
};

super::scenarios![
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
/// only on an order, and [`Endpoint::drain`](tencent_im_callback::Endpoint::drain) wait for that.
async fn late(
    fixture: Fixture,
    request: Request,
    settings: fn(EndpointBuilder) -> EndpointBuilder,
    check: impl FnOnce(&Answer),
) {
    let id = fixture.id;
    let server = fixture.start(|builder| settings(builder.deadline(SHORT))).await;
    let mut connection = server.connect().await;
    let begin = Instant::now();
    let answer = connection.ask(&request.tagged(id)).await.expect("an answer");
    assert!((SHORT..SHORT + AT_ONCE).contains(&begin.elapsed()), "answered after {:?}", begin.elapsed());
    check(&answer);
    works(&mut connection, &fixture.witness, &format!("{id}/next")).await;

    let record = fixture.witness.record(id);
    assert_eq!((record.calls.len(), record.finished, record.dropped), (1, 0, 0), "the method continues");
    assert_eq!(server.endpoint.in_flight(), 1);
    let drain = server.endpoint.clone();
    let drain = tokio::spawn(async move { drain.drain().await });
    tokio::task::yield_now().await;
    assert!(!drain.is_finished(), "a late method is waited for");
    fixture.witness.release(id);
    drain.await.expect("drained");
    let record = fixture.witness.record(id);
    assert_eq!(record.finished + record.dropped, 1, "the method came to its end");
    assert_eq!(server.endpoint.in_flight(), 0);
    works(&mut connection, &fixture.witness, &format!("{id}/last")).await;
    server.stop().await;
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

fn effect(code: u32) -> impl FnOnce(&Answer) {
    move |answer| {
        assert_eq!((answer.status().as_u16(), answer.json()), (200, decision(code, "")));
    }
}

async fn a_late_decision_is_deferred_and_its_method_goes_on(fixture: Fixture) {
    late(fixture.clone(), before("wait,code"), |builder| builder, deferred).await;
    assert_eq!(fixture.witness.record(fixture.id).finished, 1);
}

async fn a_late_decision_may_be_allowed(fixture: Fixture) {
    late(fixture, before("wait,refuse"), |builder| builder.on_failure(OnFailure::Allow), effect(0)).await;
}

async fn a_late_decision_may_be_refused(fixture: Fixture) {
    late(fixture, before("wait"), |builder| builder.on_failure(OnFailure::Refuse), effect(1)).await;
}

async fn a_late_acknowledgement_is_a_500(fixture: Fixture) {
    late(fixture, after("wait"), |builder| builder.on_failure(OnFailure::Refuse), deferred).await;
}

async fn a_late_acknowledgement_may_be_given(fixture: Fixture) {
    late(fixture, after("wait"), |builder| builder.on_after_failure(OnFailure::Allow), effect(0)).await;
}

async fn a_late_answer_about_an_unknown_command_is_a_500(fixture: Fixture) {
    late(fixture, callback("X.Y", "{}").order("wait"), |builder| builder, deferred).await;
}

async fn a_late_answer_about_what_is_undecodable_is_a_500(fixture: Fixture) {
    late(fixture, before("wait").body("{"), |builder| builder, deferred).await;
}

async fn the_policy_of_one_command_answers_when_it_is_late(fixture: Fixture) {
    let settings =
        |builder: EndpointBuilder| builder.on_failure_of("Group.CallbackBeforeCreateTopic", OnFailure::Refuse);
    late(fixture, before("wait"), settings, effect(1)).await;
}

async fn a_late_method_that_fails_does_no_harm(fixture: Fixture) {
    late(fixture, before("wait,fail"), |builder| builder, deferred).await;
}

async fn a_late_method_that_panics_does_no_harm(fixture: Fixture) {
    late(fixture, before("wait,panic-string"), |builder| builder, deferred).await;
}

async fn a_late_method_that_panics_when_it_is_dropped_does_no_harm(fixture: Fixture) {
    let request = callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":["t"]}"#);
    late(fixture, request.order("wait,end-loud"), |builder| builder, deferred).await;
}

async fn a_late_method_keeps_its_timers(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.deadline(SHORT)).await;
    check_refusal(&server.ask(&ordered(id, "nap")).await, 500, false);
    server.drain().await;
    assert_eq!(fixture.witness.record(id).finished, 1);
    server.stop().await;
}

async fn a_method_within_the_budget_is_waited_for(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    assert_eq!(server.ask(&ordered(id, "nap,code")).await.json(), decision(OWN_CODE.0, OWN_CODE.1));
    assert_eq!(fixture.witness.record(id).calls[0]["has_time_left"], json!(true));
    server.stop().await;
}

async fn the_time_for_the_body_is_part_of_the_budget(fixture: Fixture) {
    let id = fixture.id;
    let (budget, for_the_body) = (Duration::from_millis(700), Duration::from_millis(500));
    let server = fixture.start(|builder| builder.deadline(budget)).await;
    let mut connection = server.connect().await;
    let request = ordered(id, "wait");
    let begin = Instant::now();
    connection.send(&request.head_and_body().0).await.expect("sent");
    // What is tested is that this time passes.
    tokio::time::sleep(for_the_body).await;
    connection.send(&request.head_and_body().1).await.expect("sent");
    check_refusal(&connection.answer().await.expect("an answer"), 500, false);
    assert!((budget..budget + for_the_body).contains(&begin.elapsed()), "answered after {:?}", begin.elapsed());
    fixture.witness.release(id);
    server.stop().await;
}
