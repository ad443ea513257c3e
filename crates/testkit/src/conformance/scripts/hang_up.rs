//! The client closes the connection before it has its answer.
//!
//! Frameworks differ in what they notice. hyper, and so axum, drops a request when its client says
//! farewell or resets the connection. actix-web takes a farewell for the end of the requests, not of
//! the client's interest, and goes on; a reset makes it drop the request, too. With
//! [`OnDisconnect::Finish`] the difference cannot be seen from within a method.

use std::time::Duration;

use tencent_im_callback::OnDisconnect;

use super::{ordered, until_in_flight};
use crate::conformance::{
    connection::Connection,
    request::callback,
    suite::{Stage, Stand},
};

super::scripts![
    a_method_ends_although_the_client_says_farewell,
    a_method_ends_although_the_client_resets_the_connection,
    a_method_whose_client_hung_up_keeps_its_timers,
    a_method_whose_client_hung_up_may_fail,
    a_method_whose_client_hung_up_may_panic,
    a_method_is_dropped_with_its_request_if_that_is_wanted,
    a_method_that_panics_when_it_is_dropped_with_its_request_does_no_harm,
    a_method_whose_client_hung_up_may_panic_when_it_is_dropped,
    a_farewell_drops_a_method_where_the_framework_drops_the_request,
    a_client_that_hangs_up_within_its_body_reaches_no_method,
    a_client_that_hangs_up_within_a_refused_body_is_forgotten,
];

/// A request whose method waits, and the connection that it came over.
async fn waiting(stage: &Stage, stand: &Stand, orders: &str) -> Connection {
    let mut connection = stand.connect().await;
    connection.send(&ordered(stage.id, orders).to_bytes()).await.expect("sent");
    stage.witness.until(stage.id, "the call", |record| record.calls.len() == 1).await;
    connection
}

/// Waits until the server has dropped the request, with the method still at it.
async fn until_dropped(stage: &Stage) {
    let record = stage.witness.until(stage.id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!(record.finished, 0, "the request is over before its method");
}

async fn a_method_ends_although_the_client_says_farewell(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder).await;
    drop(waiting(&stage, &stand, "wait").await);
    if stage.adapter.is_dropping_on_farewell() {
        until_dropped(&stage).await;
    }
    assert_eq!(stand.endpoint.in_flight(), 1);
    stage.witness.release(id);
    stand.drain().await;
    let record = stage.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!((record.finished, record.dropped), (1, 0));
    stand.stop().await;
}

async fn a_method_ends_although_the_client_resets_the_connection(stage: Stage) {
    reset(stage, "wait", (1, 0)).await;
}

async fn a_method_whose_client_hung_up_may_fail(stage: Stage) {
    reset(stage, "wait,fail", (0, 1)).await;
}

async fn a_method_whose_client_hung_up_may_panic(stage: Stage) {
    reset(stage, "wait,panic-str", (0, 1)).await;
}

async fn reset(stage: Stage, orders: &str, (finished, dropped): (usize, usize)) {
    let id = stage.id;
    let stand = stage.start(|builder| builder).await;
    waiting(&stage, &stand, orders).await.reset().expect("reset");
    until_dropped(&stage).await;
    assert_eq!((stand.endpoint.in_flight(), stage.witness.record(id).dropped), (1, 0), "the method goes on");
    stage.witness.release(id);
    stand.drain().await;
    let record = stage.witness.record(id);
    assert_eq!((record.finished, record.dropped), (finished, dropped));
    super::works(&mut stand.connect().await, &stage.witness, &format!("{id}/next")).await;
    stand.stop().await;
}

async fn a_method_whose_client_hung_up_keeps_its_timers(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.deadline(Duration::from_secs(5))).await;
    waiting(&stage, &stand, "nap").await.reset().expect("reset");
    until_dropped(&stage).await;
    stand.drain().await;
    assert_eq!(stage.witness.record(id).finished, 1);
    stand.stop().await;
}

async fn a_method_is_dropped_with_its_request_if_that_is_wanted(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.on_disconnect(OnDisconnect::Drop)).await;
    waiting(&stage, &stand, "wait").await.reset().expect("reset");
    let record = stage.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!((record.finished, record.dropped), (0, 1));
    stand.drain().await;
    stand.stop().await;
}

async fn a_method_that_panics_when_it_is_dropped_with_its_request_does_no_harm(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.on_disconnect(OnDisconnect::Drop)).await;
    waiting(&stage, &stand, "hold-loud").await.reset().expect("reset");
    let record = stage.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!((record.finished, record.dropped), (0, 1));
    stand.drain().await;
    super::works(&mut stand.connect().await, &stage.witness, &format!("{id}/next")).await;
    stand.stop().await;
}

async fn a_method_whose_client_hung_up_may_panic_when_it_is_dropped(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder).await;
    let request = callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":["t"]}"#);
    let mut connection = stand.connect().await;
    connection.send(&request.order("wait,end-loud").tagged(id).to_bytes()).await.expect("sent");
    stage.witness.until(id, "the call", |record| record.calls.len() == 1).await;
    connection.reset().expect("reset");
    until_dropped(&stage).await;
    stage.witness.release(id);
    stand.drain().await;
    assert_eq!(stage.witness.record(id).finished, 1);
    super::works(&mut stand.connect().await, &stage.witness, &format!("{id}/next")).await;
    stand.stop().await;
}

async fn a_farewell_drops_a_method_where_the_framework_drops_the_request(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.on_disconnect(OnDisconnect::Drop)).await;
    drop(waiting(&stage, &stand, "wait").await);
    if stage.adapter.is_dropping_on_farewell() {
        stage.witness.until(id, "the end of the method", |record| record.dropped == 1).await;
    }
    stage.witness.release(id);
    stand.drain().await;
    let dropped = usize::from(stage.adapter.is_dropping_on_farewell());
    let record = stage.witness.record(id);
    assert_eq!((record.finished, record.dropped), (1 - dropped, dropped));
    stand.stop().await;
}

async fn a_client_that_hangs_up_within_its_body_reaches_no_method(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder).await;
    for is_reset in [false, true] {
        let mut connection = stand.connect().await;
        connection.send(&ordered(id, "").head_and_body().0).await.expect("sent");
        until_in_flight(&stand, 1).await;
        if is_reset {
            connection.reset().expect("reset");
        } else {
            drop(connection);
        }
        stand.drain().await;
    }
    let record = stage.witness.until(id, "the end of both", |record| record.requests_over == 2).await;
    assert!(record.calls.is_empty());
    stand.stop().await;
}

async fn a_client_that_hangs_up_within_a_refused_body_is_forgotten(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.deadline(Duration::from_secs(60))).await;
    let mut connection = stand.connect().await;
    connection.send(&ordered(id, "").forged().padded(900).head_and_body().0).await.expect("sent");
    drop(connection);
    stage.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    stand.stop().await;
}
