//! Callbacks in flight are bounded, and can be waited for.

use std::time::Instant;

use http::Method;
use tencent_im_callback::EndpointBuilder;

use super::{AT_ONCE, SHORT, ordered, works};
use crate::conformance::{
    answer::Read as _,
    case::{check_refusal, decision},
    cases,
    connection::PATIENCE,
    fixture::Fixture,
};

super::scenarios![
    over_the_bound_the_answer_is_a_503_at_once,
    late_methods_count_among_those_in_flight,
    what_is_refused_needs_no_place,
    draining_waits_for_all_in_flight,
    draining_what_is_idle_ends_at_once,
    methods_on_a_runtime_of_their_own_outlive_the_server,
    methods_outlive_the_server_on_the_runtime_that_the_endpoint_was_built_in,
];

async fn over_the_bound_the_answer_is_a_503_at_once(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.in_flight_limit(2)).await;
    let mut waiting = [server.connect().await, server.connect().await];
    for connection in &mut waiting {
        connection.send(&ordered(id, "wait,refuse").to_bytes()).await.expect("sent");
    }
    fixture.witness.until(id, "both calls", |record| record.calls.len() == 2).await;

    let third = format!("{id}/third");
    let mut connection = server.connect().await;
    for _ in 0..50 {
        let begin = Instant::now();
        check_refusal(&connection.ask(&ordered(&third, "")).await.expect("an answer"), 503, false);
        assert!(begin.elapsed() < AT_ONCE, "refused after {:?}", begin.elapsed());
    }
    assert_eq!(server.endpoint.in_flight(), 2);
    assert!(fixture.witness.record(&third).calls.is_empty());

    fixture.witness.release(id);
    for connection in &mut waiting {
        assert_eq!(connection.answer().await.expect("an answer").json(), decision(1, ""));
    }
    works(&mut connection, &fixture.witness, &third).await;
    server.stop().await;
}

async fn late_methods_count_among_those_in_flight(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.in_flight_limit(1).deadline(SHORT)).await;
    let mut connection = server.connect().await;
    check_refusal(&connection.ask(&ordered(id, "wait")).await.expect("an answer"), 500, false);
    let next = format!("{id}/next");
    check_refusal(&connection.ask(&ordered(&next, "")).await.expect("an answer"), 503, false);
    fixture.witness.release(id);
    server.drain().await;
    works(&mut connection, &fixture.witness, &next).await;
    server.stop().await;
}

async fn what_is_refused_needs_no_place(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.in_flight_limit(1).body_limit(20_000)).await;
    let mut waiting = server.connect().await;
    waiting.send(&ordered(id, "wait").to_bytes()).await.expect("sent");
    fixture.witness.until(id, "the call", |record| record.calls.len() == 1).await;

    let good = cases::before_create_topic();
    let mut connection = server.connect().await;
    for (request, status) in [
        (good.clone().method(Method::PUT), 405),
        (good.clone().padded(20_001), 413),
        (good.clone().with_key("Sign"), 400),
        (good.clone().set("SdkAppid", "1"), 403),
        (good.clone().forged(), 401),
        (good.clone().body("{"), 503),
    ] {
        check_refusal(&connection.ask(&request).await.expect("an answer"), status, false);
    }
    let check = good.without("SdkAppid").without("CallbackCommand");
    assert_eq!(connection.ask(&check).await.expect("an answer").json(), decision(0, ""));
    fixture.witness.release(id);
    server.stop().await;
}

async fn draining_waits_for_all_in_flight(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    let ids = [format!("{id}/1"), format!("{id}/2"), format!("{id}/3")];
    let mut connections = Vec::new();
    for id in &ids {
        let mut connection = server.connect().await;
        connection.send(&ordered(id, "wait").to_bytes()).await.expect("sent");
        fixture.witness.until(id, "the call", |record| record.calls.len() == 1).await;
        connections.push(connection);
    }
    let endpoint = server.endpoint.clone();
    let drains = [(); 2].map(|()| {
        let endpoint = endpoint.clone();
        tokio::spawn(async move { endpoint.drain().await })
    });
    for (id, connection) in ids.iter().zip(&mut connections) {
        assert!(drains.iter().all(|drain| !drain.is_finished()), "{} are still in flight", endpoint.in_flight());
        fixture.witness.release(id);
        assert_eq!(connection.answer().await.expect("an answer").json(), decision(0, ""));
    }
    for drain in drains {
        tokio::time::timeout(PATIENCE, drain).await.expect("in time").expect("drained");
    }
    assert_eq!(endpoint.in_flight(), 0);
    server.stop().await;
}

async fn draining_what_is_idle_ends_at_once(fixture: Fixture) {
    let server = fixture.start(|builder| builder).await;
    let begin = Instant::now();
    server.endpoint.drain().await;
    assert!(begin.elapsed() < AT_ONCE);
    server.stop().await;
}

async fn methods_on_a_runtime_of_their_own_outlive_the_server(fixture: Fixture) {
    let runtime = tokio::runtime::Handle::current();
    outlive_the_server(fixture, |builder| builder.runtime(runtime)).await;
}

async fn methods_outlive_the_server_on_the_runtime_that_the_endpoint_was_built_in(fixture: Fixture) {
    outlive_the_server(fixture, |builder| builder).await;
}

/// One whose answer is overdue and one that is waited for; both have begun to sleep before the server's end.
async fn outlive_the_server(fixture: Fixture, settings: impl FnOnce(EndpointBuilder) -> EndpointBuilder) {
    let (late, waited_for) = (format!("{}/late", fixture.id), format!("{}/waited_for", fixture.id));
    let server = fixture.start(|builder| settings(builder.deadline(SHORT))).await;
    check_refusal(&server.ask(&ordered(&late, "nap")).await, 500, false);
    let mut connection = server.connect().await;
    connection.send(&ordered(&waited_for, "nap").to_bytes()).await.expect("sent");
    fixture.witness.until(&waited_for, "the call", |record| record.calls.len() == 1).await;

    let endpoint = server.endpoint.clone();
    server.stop_at_once().await;
    tokio::time::timeout(PATIENCE, endpoint.drain()).await.expect("all callbacks end");
    for id in [&late, &waited_for] {
        let record = fixture.witness.record(id);
        assert_eq!((record.finished, record.dropped), (1, 0), "{id}");
    }
}
