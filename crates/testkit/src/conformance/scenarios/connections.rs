//! One connection, many requests; and many connections.

use http::Method;
use serde_json::json;

use super::{ordered, works};
use crate::{
    Request,
    conformance::{
        answer::{Answer, Read as _},
        case::{Case, check_refusal, decision},
        cases,
        fixture::Fixture,
        handler::OWN_CODE,
    },
};

super::scenarios![
    a_long_run_of_good_and_refused_requests_shares_one_connection,
    pipelined_requests_are_answered_in_their_order,
    pipelined_requests_wait_for_one_that_takes_its_time,
    a_client_that_wants_the_connection_closed_gets_it_closed,
    a_client_of_an_older_http_is_answered,
    a_hundred_connections_are_served_at_once,
];

/// A request of each kind, with its answer: a refusal by its status, or a decision by its code.
fn mixture(id: &str) -> Vec<(Request, u16, u32)> {
    let good = || cases::before_create_topic().tagged(id);
    vec![
        (good(), 200, 0),
        (good().method(Method::PUT), 405, 0),
        (good().method(Method::PUT).chunked(50), 405, 0),
        (good().padded(2_001), 413, 0),
        (ordered(id, "refuse"), 200, 1),
        (good().padded(6_000).chunked(512), 413, 0),
        (good().forged(), 401, 0),
        (good().unsigned().chunked(11), 401, 0),
        (good().set("SdkAppid", "1"), 403, 0),
        (ordered(id, "yield,code"), 200, OWN_CODE.0),
        (good().with_key("Sign"), 400, 0),
        (good().body("{"), 500, 0),
        (good().body(""), 500, 0),
        (ordered(id, "fail"), 500, 0),
        (ordered(id, "panic-value"), 500, 0),
        (good().method(Method::GET).body(""), 405, 0),
        (good().set("CallbackCommand", "X.Y").body("?"), 200, 0),
        (good().without("SdkAppid").without("CallbackCommand"), 200, 0),
    ]
}

fn check(answer: &Answer, status: u16, code: u32) {
    if status != 200 {
        return check_refusal(answer, status, false);
    }
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json()["ErrorCode"], json!(code));
}

async fn a_long_run_of_good_and_refused_requests_shares_one_connection(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.body_limit(2_000)).await;
    let mut connection = server.connect().await;
    for round in 0..30 {
        for (index, (request, status, code)) in mixture(id).into_iter().enumerate() {
            let answer = connection.ask(&request).await;
            check(&answer.unwrap_or_else(|error| panic!("round {round}, request {index}: {error}")), status, code);
        }
    }
    server.stop().await;
}

async fn pipelined_requests_are_answered_in_their_order(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.body_limit(2_000)).await;
    let mut connection = server.connect().await;
    let requests = mixture(id);
    let bytes: Vec<u8> = requests.iter().flat_map(|(request, ..)| request.to_bytes()).collect();
    connection.send(&bytes).await.expect("sent");
    for (index, (_, status, code)) in requests.into_iter().enumerate() {
        let answer = connection.answer().await.unwrap_or_else(|error| panic!("request {index}: {error}"));
        check(&answer, status, code);
    }
    works(&mut connection, &fixture.witness, &format!("{id}/next")).await;
    server.stop().await;
}

async fn pipelined_requests_wait_for_one_that_takes_its_time(fixture: Fixture) {
    let id = fixture.id;
    let (first, second) = (format!("{id}/first"), format!("{id}/second"));
    let server = fixture.start(|builder| builder).await;
    let mut connection = server.connect().await;
    let bytes = [ordered(&first, "wait,code").to_bytes(), ordered(&second, "refuse").to_bytes()].concat();
    connection.send(&bytes).await.expect("sent");
    fixture.witness.until(&first, "the first call", |record| record.calls.len() == 1).await;
    fixture.witness.release(&first);
    for (code, text) in [OWN_CODE, (1, "")] {
        assert_eq!(connection.answer().await.expect("an answer").json(), decision(code, text));
    }
    server.stop().await;
}

async fn a_client_that_wants_the_connection_closed_gets_it_closed(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    for request in [ordered(id, "code"), ordered(id, "code").forged(), ordered(id, "panic-str")] {
        let mut connection = server.connect().await;
        let answer = connection.ask(&request.header("Connection", "close")).await.expect("an answer");
        assert!(connection.closes(), "{answer:?}");
        connection.closed().await.expect("the connection is closed");
    }
    server.stop().await;
}

async fn a_client_of_an_older_http_is_answered(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    let case = Case::new(id, ordered(id, "refuse")).answered(decision(1, "")).seen(json!({}));
    let bytes = String::from_utf8(case.request.to_bytes()).expect("text").replacen("HTTP/1.1", "HTTP/1.0", 1);
    let mut connection = server.connect().await;
    connection.send(bytes.as_bytes()).await.expect("sent");
    let answer = connection.answer().await.expect("an answer");
    case.check(&answer, &fixture.witness.record(id));
    connection.closed().await.expect("the connection is closed");
    server.stop().await;
}

async fn a_hundred_connections_are_served_at_once(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    let mut connections = Vec::new();
    for _ in 0..100 {
        let mut connection = server.connect().await;
        connection.send(&ordered(id, "wait,refuse").to_bytes()).await.expect("sent");
        connections.push(connection);
    }
    fixture.witness.until(id, "all calls", |record| record.calls.len() == 100).await;
    assert_eq!(server.endpoint.in_flight(), 100);
    fixture.witness.release(id);
    for connection in &mut connections {
        assert_eq!(connection.answer().await.expect("an answer").json(), decision(1, ""));
    }
    server.stop().await;
}
