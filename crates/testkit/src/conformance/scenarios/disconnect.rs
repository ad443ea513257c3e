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
    fixture::{Fixture, TestServer},
    request::callback,
};

super::scenarios![
    a_method_ends_although_the_client_closes_its_writing_side,
    a_method_ends_although_the_client_resets_the_connection,
    a_method_whose_client_disconnected_keeps_its_timers,
    a_method_whose_client_disconnected_may_fail,
    a_method_whose_client_disconnected_may_panic,
    a_method_is_dropped_with_its_request_if_that_is_wanted,
    a_method_that_panics_when_it_is_dropped_with_its_request_does_no_harm,
    a_method_whose_client_disconnected_may_panic_when_it_is_dropped,
    a_half_close_drops_a_method_where_the_framework_drops_the_request,
    a_client_that_disconnects_within_its_body_reaches_no_method,
    a_client_that_disconnects_within_a_refused_body_is_forgotten,
];

/// A request whose method waits, and the connection that it came over.
async fn waiting(fixture: &Fixture, server: &TestServer, orders: &str) -> Connection {
    let mut connection = server.connect().await;
    connection.send(&ordered(fixture.id, orders).to_bytes()).await.expect("sent");
    fixture.witness.until(fixture.id, "the call", |record| record.calls.len() == 1).await;
    connection
}

/// Waits until the server has dropped the request, with the method still at it.
async fn until_dropped(fixture: &Fixture) {
    let record = fixture.witness.until(fixture.id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!(record.finished, 0, "the request is over before its method");
}

async fn a_method_ends_although_the_client_closes_its_writing_side(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    drop(waiting(&fixture, &server, "wait").await);
    if fixture.adapter.is_cancelling_on_half_close() {
        until_dropped(&fixture).await;
    }
    assert_eq!(server.endpoint.in_flight(), 1);
    fixture.witness.release(id);
    server.drain().await;
    let record = fixture.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!((record.finished, record.dropped), (1, 0));
    server.stop().await;
}

async fn a_method_ends_although_the_client_resets_the_connection(fixture: Fixture) {
    reset(fixture, "wait", (1, 0)).await;
}

async fn a_method_whose_client_disconnected_may_fail(fixture: Fixture) {
    reset(fixture, "wait,fail", (0, 1)).await;
}

async fn a_method_whose_client_disconnected_may_panic(fixture: Fixture) {
    reset(fixture, "wait,panic-str", (0, 1)).await;
}

async fn reset(fixture: Fixture, orders: &str, (finished, dropped): (usize, usize)) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    waiting(&fixture, &server, orders).await.reset().expect("reset");
    until_dropped(&fixture).await;
    assert_eq!((server.endpoint.in_flight(), fixture.witness.record(id).dropped), (1, 0), "the method continues");
    fixture.witness.release(id);
    server.drain().await;
    let record = fixture.witness.record(id);
    assert_eq!((record.finished, record.dropped), (finished, dropped));
    super::works(&mut server.connect().await, &fixture.witness, &format!("{id}/next")).await;
    server.stop().await;
}

async fn a_method_whose_client_disconnected_keeps_its_timers(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.deadline(Duration::from_secs(5))).await;
    waiting(&fixture, &server, "nap").await.reset().expect("reset");
    until_dropped(&fixture).await;
    server.drain().await;
    assert_eq!(fixture.witness.record(id).finished, 1);
    server.stop().await;
}

async fn a_method_is_dropped_with_its_request_if_that_is_wanted(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.on_disconnect(OnDisconnect::Drop)).await;
    waiting(&fixture, &server, "wait").await.reset().expect("reset");
    let record = fixture.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!((record.finished, record.dropped), (0, 1));
    server.drain().await;
    server.stop().await;
}

async fn a_method_that_panics_when_it_is_dropped_with_its_request_does_no_harm(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.on_disconnect(OnDisconnect::Drop)).await;
    waiting(&fixture, &server, "hold-loud").await.reset().expect("reset");
    let record = fixture.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    assert_eq!((record.finished, record.dropped), (0, 1));
    server.drain().await;
    super::works(&mut server.connect().await, &fixture.witness, &format!("{id}/next")).await;
    server.stop().await;
}

async fn a_method_whose_client_disconnected_may_panic_when_it_is_dropped(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    let request = callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":["t"]}"#);
    let mut connection = server.connect().await;
    connection.send(&request.order("wait,end-loud").tagged(id).to_bytes()).await.expect("sent");
    fixture.witness.until(id, "the call", |record| record.calls.len() == 1).await;
    connection.reset().expect("reset");
    until_dropped(&fixture).await;
    fixture.witness.release(id);
    server.drain().await;
    assert_eq!(fixture.witness.record(id).finished, 1);
    super::works(&mut server.connect().await, &fixture.witness, &format!("{id}/next")).await;
    server.stop().await;
}

async fn a_half_close_drops_a_method_where_the_framework_drops_the_request(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.on_disconnect(OnDisconnect::Drop)).await;
    drop(waiting(&fixture, &server, "wait").await);
    if fixture.adapter.is_cancelling_on_half_close() {
        fixture.witness.until(id, "the end of the method", |record| record.dropped == 1).await;
    }
    fixture.witness.release(id);
    server.drain().await;
    let dropped = usize::from(fixture.adapter.is_cancelling_on_half_close());
    let record = fixture.witness.record(id);
    assert_eq!((record.finished, record.dropped), (1 - dropped, dropped));
    server.stop().await;
}

async fn a_client_that_disconnects_within_its_body_reaches_no_method(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    for is_reset in [false, true] {
        let mut connection = server.connect().await;
        connection.send(&ordered(id, "").head_and_body().0).await.expect("sent");
        until_in_flight(&server, 1).await;
        if is_reset {
            connection.reset().expect("reset");
        } else {
            drop(connection);
        }
        server.drain().await;
    }
    let record = fixture.witness.until(id, "the end of both", |record| record.requests_over == 2).await;
    assert!(record.calls.is_empty());
    server.stop().await;
}

async fn a_client_that_disconnects_within_a_refused_body_is_forgotten(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.deadline(Duration::from_secs(60))).await;
    let mut connection = server.connect().await;
    connection.send(&ordered(id, "").forged().padded(900).head_and_body().0).await.expect("sent");
    drop(connection);
    fixture.witness.until(id, "the end of the request", |record| record.requests_over == 1).await;
    server.stop().await;
}
