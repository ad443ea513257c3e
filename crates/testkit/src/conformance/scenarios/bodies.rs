//! Bodies that arrive slowly, in part or not at all, and bodies that are too long.

use std::time::{Duration, Instant};

use http::Method;

use super::{AT_ONCE, SHORT, ordered, works, works_or_is_closed};
use crate::{
    Request,
    conformance::{
        answer::Read as _,
        case::{check_refusal, decision},
        cases,
        connection::{Connection, PATIENCE},
        fixture::{Fixture, TestServer},
        handler::OWN_CODE,
    },
};

super::scenarios![
    a_body_that_comes_byte_by_byte_is_taken,
    a_chunked_body_that_comes_byte_by_byte_is_taken,
    a_body_that_is_too_slow_is_answered_in_time,
    a_body_that_is_too_slow_takes_no_place_any_more,
    a_forged_request_with_a_slow_body_is_answered_in_time,
    a_wrong_method_with_a_slow_body_is_a_wrong_method,
    a_client_that_asks_first_is_told_to_go_on,
    a_body_far_too_large_is_refused_before_its_end,
    a_body_far_too_large_in_chunks_is_refused_before_its_end,
    a_forged_body_without_end_is_refused_before_its_end,
    a_body_without_end_is_not_read_for_ever,
    a_body_too_large_that_comes_slowly_is_too_large,
    trailers_and_extensions_of_chunks_are_passed_over,
    a_body_that_breaks_off_reaches_no_method,
    a_body_with_a_bad_chunk_reaches_no_method,
];

async fn a_body_that_comes_byte_by_byte_is_taken(fixture: Fixture) {
    let id = fixture.id;
    trickled(fixture, ordered(id, "code")).await;
}

async fn a_chunked_body_that_comes_byte_by_byte_is_taken(fixture: Fixture) {
    let id = fixture.id;
    trickled(fixture, ordered(id, "code").chunked(10)).await;
}

async fn trickled(fixture: Fixture, request: Request) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.deadline(Duration::from_secs(5))).await;
    let mut connection = server.connect().await;
    connection.send(&request.head_and_body().0).await.expect("sent");
    connection.trickle(&request.head_and_body().1, Duration::from_millis(1)).await.expect("sent");
    assert_eq!(connection.answer().await.expect("an answer").json(), decision(OWN_CODE.0, OWN_CODE.1));
    works(&mut connection, &fixture.witness, &format!("{id}/next")).await;
    server.stop().await;
}

async fn a_body_that_is_too_slow_is_answered_in_time(fixture: Fixture) {
    let id = fixture.id;
    slow(fixture, cases::before_create_topic().tagged(id), 408).await;
}

async fn a_forged_request_with_a_slow_body_is_answered_in_time(fixture: Fixture) {
    let id = fixture.id;
    slow(fixture, cases::before_create_topic().forged().tagged(id), 408).await;
}

async fn a_wrong_method_with_a_slow_body_is_a_wrong_method(fixture: Fixture) {
    let id = fixture.id;
    slow(fixture, cases::before_create_topic().method(Method::PUT).tagged(id), 405).await;
}

/// Sends all but the last byte, and that after the answer.
async fn slow(fixture: Fixture, request: Request, status: u16) {
    let id = fixture.id;
    for request in [request.clone(), request.chunked(20)] {
        let server = fixture.start(|builder| builder.deadline(SHORT)).await;
        let mut connection = server.connect().await;
        let bytes = request.to_bytes();
        let (most, last) = bytes.split_at(bytes.len() - 1);
        let begin = Instant::now();
        connection.send(most).await.expect("sent");
        check_refusal(&connection.answer().await.expect("an answer"), status, false);
        assert!((SHORT..SHORT + AT_ONCE).contains(&begin.elapsed()), "answered after {:?}", begin.elapsed());
        works_or_is_closed(connection, last, &fixture.witness, &format!("{id}/next")).await;
        assert!(fixture.witness.record(id).calls.is_empty(), "no method is called without a body");
        server.stop().await;
    }
}

async fn a_body_that_is_too_slow_takes_no_place_any_more(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.deadline(SHORT).in_flight_limit(1)).await;
    let request = ordered(id, "code");
    let mut slow = server.connect().await;
    slow.send(&request.head_and_body().0).await.expect("sent");
    super::until_in_flight(&server, 1).await;
    check_refusal(&server.ask(&request).await, 503, false);
    check_refusal(&slow.answer().await.expect("an answer"), 408, false);
    assert_eq!(server.ask(&request).await.json(), decision(OWN_CODE.0, OWN_CODE.1));
    server.stop().await;
}

async fn a_client_that_asks_first_is_told_to_go_on(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    for (request, status) in [(ordered(id, "code"), 200), (ordered(id, "code").forged(), 401)] {
        let request = request.header("Expect", "100-continue");
        let mut connection = server.connect().await;
        connection.send(&request.head_and_body().0).await.expect("sent");
        assert_eq!(connection.head().await.expect("an interim answer").status(), 100);
        connection.send(&request.head_and_body().1).await.expect("sent");
        assert_eq!(connection.answer().await.expect("an answer").status(), status);
        works(&mut connection, &fixture.witness, &format!("{id}/{status}")).await;
    }
    server.stop().await;
}

async fn a_body_far_too_large_is_refused_before_its_end(fixture: Fixture) {
    let id = fixture.id;
    let request = cases::before_create_topic().padded(4_000_000).tagged(id);
    far_too_large(fixture, &request).await;
}

async fn a_body_far_too_large_in_chunks_is_refused_before_its_end(fixture: Fixture) {
    let id = fixture.id;
    let request = cases::before_create_topic().padded(4_000_000).chunked(1_000).tagged(id);
    far_too_large(fixture, &request).await;
}

async fn a_forged_body_without_end_is_refused_before_its_end(fixture: Fixture) {
    let id = fixture.id;
    let request = cases::before_create_topic().padded(4_000_000).forged().chunked(1_000).tagged(id);
    far_too_large(fixture, &request).await;
}

/// Sends only a part before the answer.
async fn far_too_large(fixture: Fixture, request: &Request) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.body_limit(1_000)).await;
    let mut connection = server.connect().await;
    let bytes = request.to_bytes();
    let (part, rest) = bytes.split_at(30_000);
    connection.send(part).await.expect("sent");
    check_refusal(&connection.answer().await.expect("an answer"), 413, false);
    works_or_is_closed(connection, rest, &fixture.witness, &format!("{id}/next")).await;
    assert!(fixture.witness.record(id).calls.is_empty(), "no method is called");
    server.stop().await;
}

async fn a_body_without_end_is_not_read_for_ever(fixture: Fixture) {
    let server = fixture.start(|builder| builder.body_limit(1_000)).await;
    let request = cases::before_create_topic().padded(4_000).chunked(1_000).tagged(fixture.id);
    let bytes = request.to_bytes();
    let without_end = bytes.strip_suffix(b"0\r\n\r\n").expect("chunks have an end");
    let mut connection = server.connect().await;
    connection.send(without_end).await.expect("sent");
    check_refusal(&connection.answer().await.expect("an answer"), 413, false);
    let more = async {
        while connection.send(b"1\r\n \r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, more).await.is_ok(), "it takes chunks for ever");
    server.stop().await;
}

async fn a_body_too_large_that_comes_slowly_is_too_large(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.body_limit(1_000).deadline(SHORT)).await;
    let request = cases::before_create_topic().padded(2_000).tagged(id);
    for request in [request.clone(), request.forged()] {
        let mut connection = server.connect().await;
        let bytes = request.to_bytes();
        let (most, last) = bytes.split_at(bytes.len() - 1);
        connection.send(most).await.expect("sent");
        check_refusal(&connection.answer().await.expect("an answer"), 413, false);
        works_or_is_closed(connection, last, &fixture.witness, &format!("{id}/next")).await;
    }
    server.stop().await;
}

async fn trailers_and_extensions_of_chunks_are_passed_over(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder).await;
    let request = ordered(id, "code");
    let body = String::from_utf8(request.head_and_body().1).expect("text");
    let body = format!("{:x};a=b\r\n{body}\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n", body.len());
    let request = request.chunked(1);
    let mut connection = server.connect().await;
    connection.send(&[request.head_and_body().0, body.into_bytes()].concat()).await.expect("sent");
    assert_eq!(connection.answer().await.expect("an answer").json(), decision(OWN_CODE.0, OWN_CODE.1));
    works(&mut connection, &fixture.witness, &format!("{id}/next")).await;
    server.stop().await;
}

async fn a_body_that_breaks_off_reaches_no_method(fixture: Fixture) {
    let id = fixture.id;
    let request = cases::before_create_topic().tagged(id);
    for request in [request.clone(), request.chunked(20)] {
        let bytes = request.to_bytes();
        broken(&fixture, &bytes[..bytes.len() - 1]).await;
    }
}

async fn a_body_with_a_bad_chunk_reaches_no_method(fixture: Fixture) {
    let id = fixture.id;
    let request = cases::before_create_topic().tagged(id).chunked(20);
    broken(&fixture, &[request.head_and_body().0, b"4\r\n{\"a\"\r\nzz\r\n".to_vec()].concat()).await;
}

/// Sends what is no whole request and then nothing more: there is a 400, or the connection is closed.
async fn broken(fixture: &Fixture, bytes: &[u8]) {
    let id = fixture.id;
    let server: TestServer = fixture.start(|builder| builder).await;
    let mut connection: Connection = server.connect().await;
    connection.send(bytes).await.expect("sent");
    connection.finish_sending().await.expect("finished");
    if let Ok(answer) = connection.answer().await {
        assert_eq!(answer.status(), 400, "{answer:?}");
    }
    connection.closed().await.expect("the connection is closed");
    fixture.witness.until(id, "the end of the request", |record| record.requests_over > 0).await;
    server.drain().await;
    assert!(fixture.witness.record(id).calls.is_empty(), "no method is called");
    server.stop().await;
}
