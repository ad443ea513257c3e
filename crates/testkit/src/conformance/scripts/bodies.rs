//! Bodies that come slowly, too long, in part or not at all.

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
        handler::OWN_CODE,
        suite::{Stage, Stand},
    },
};

super::scripts![
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

async fn a_body_that_comes_byte_by_byte_is_taken(stage: Stage) {
    let id = stage.id;
    trickled(stage, ordered(id, "code")).await;
}

async fn a_chunked_body_that_comes_byte_by_byte_is_taken(stage: Stage) {
    let id = stage.id;
    trickled(stage, ordered(id, "code").chunked(10)).await;
}

async fn trickled(stage: Stage, request: Request) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.deadline(Duration::from_secs(5))).await;
    let mut connection = stand.connect().await;
    connection.send(&request.head_and_body().0).await.expect("sent");
    connection.trickle(&request.head_and_body().1, Duration::from_millis(1)).await.expect("sent");
    assert_eq!(connection.answer().await.expect("an answer").json(), decision(OWN_CODE.0, OWN_CODE.1));
    works(&mut connection, &stage.witness, &format!("{id}/next")).await;
    stand.stop().await;
}

async fn a_body_that_is_too_slow_is_answered_in_time(stage: Stage) {
    let id = stage.id;
    slow(stage, cases::before_create_topic().tagged(id), 408).await;
}

async fn a_forged_request_with_a_slow_body_is_answered_in_time(stage: Stage) {
    let id = stage.id;
    slow(stage, cases::before_create_topic().forged().tagged(id), 408).await;
}

async fn a_wrong_method_with_a_slow_body_is_a_wrong_method(stage: Stage) {
    let id = stage.id;
    slow(stage, cases::before_create_topic().method(Method::PUT).tagged(id), 405).await;
}

/// Sends all but the last byte, and that after the answer.
async fn slow(stage: Stage, request: Request, status: u16) {
    let id = stage.id;
    for request in [request.clone(), request.chunked(20)] {
        let stand = stage.start(|builder| builder.deadline(SHORT)).await;
        let mut connection = stand.connect().await;
        let bytes = request.to_bytes();
        let (most, last) = bytes.split_at(bytes.len() - 1);
        let begin = Instant::now();
        connection.send(most).await.expect("sent");
        check_refusal(&connection.answer().await.expect("an answer"), status, false);
        assert!((SHORT..SHORT + AT_ONCE).contains(&begin.elapsed()), "answered after {:?}", begin.elapsed());
        works_or_is_closed(connection, last, &stage.witness, &format!("{id}/next")).await;
        assert!(stage.witness.record(id).calls.is_empty(), "no method is called without a body");
        stand.stop().await;
    }
}

async fn a_body_that_is_too_slow_takes_no_place_any_more(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.deadline(SHORT).in_flight_limit(1)).await;
    let request = ordered(id, "code");
    let mut slow = stand.connect().await;
    slow.send(&request.head_and_body().0).await.expect("sent");
    super::until_in_flight(&stand, 1).await;
    check_refusal(&stand.ask(&request).await, 503, false);
    check_refusal(&slow.answer().await.expect("an answer"), 408, false);
    assert_eq!(stand.ask(&request).await.json(), decision(OWN_CODE.0, OWN_CODE.1));
    stand.stop().await;
}

async fn a_client_that_asks_first_is_told_to_go_on(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder).await;
    for (request, status) in [(ordered(id, "code"), 200), (ordered(id, "code").forged(), 401)] {
        let request = request.header("Expect", "100-continue");
        let mut connection = stand.connect().await;
        connection.send(&request.head_and_body().0).await.expect("sent");
        assert_eq!(connection.head().await.expect("an interim answer").status(), 100);
        connection.send(&request.head_and_body().1).await.expect("sent");
        assert_eq!(connection.answer().await.expect("an answer").status(), status);
        works(&mut connection, &stage.witness, &format!("{id}/{status}")).await;
    }
    stand.stop().await;
}

async fn a_body_far_too_large_is_refused_before_its_end(stage: Stage) {
    let id = stage.id;
    let request = cases::before_create_topic().padded(4_000_000).tagged(id);
    far_too_large(stage, &request).await;
}

async fn a_body_far_too_large_in_chunks_is_refused_before_its_end(stage: Stage) {
    let id = stage.id;
    let request = cases::before_create_topic().padded(4_000_000).chunked(1_000).tagged(id);
    far_too_large(stage, &request).await;
}

async fn a_forged_body_without_end_is_refused_before_its_end(stage: Stage) {
    let id = stage.id;
    let request = cases::before_create_topic().padded(4_000_000).forged().chunked(1_000).tagged(id);
    far_too_large(stage, &request).await;
}

/// Sends no more than a part before the answer.
async fn far_too_large(stage: Stage, request: &Request) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.body_limit(1_000)).await;
    let mut connection = stand.connect().await;
    let bytes = request.to_bytes();
    let (part, rest) = bytes.split_at(30_000);
    connection.send(part).await.expect("sent");
    check_refusal(&connection.answer().await.expect("an answer"), 413, false);
    works_or_is_closed(connection, rest, &stage.witness, &format!("{id}/next")).await;
    assert!(stage.witness.record(id).calls.is_empty(), "no method is called");
    stand.stop().await;
}

async fn a_body_without_end_is_not_read_for_ever(stage: Stage) {
    let stand = stage.start(|builder| builder.body_limit(1_000)).await;
    let request = cases::before_create_topic().padded(4_000).chunked(1_000).tagged(stage.id);
    let bytes = request.to_bytes();
    let without_end = bytes.strip_suffix(b"0\r\n\r\n").expect("chunks have an end");
    let mut connection = stand.connect().await;
    connection.send(without_end).await.expect("sent");
    check_refusal(&connection.answer().await.expect("an answer"), 413, false);
    let more = async {
        while connection.send(b"1\r\n \r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, more).await.is_ok(), "it takes chunks for ever");
    stand.stop().await;
}

async fn a_body_too_large_that_comes_slowly_is_too_large(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.body_limit(1_000).deadline(SHORT)).await;
    let request = cases::before_create_topic().padded(2_000).tagged(id);
    for request in [request.clone(), request.forged()] {
        let mut connection = stand.connect().await;
        let bytes = request.to_bytes();
        let (most, last) = bytes.split_at(bytes.len() - 1);
        connection.send(most).await.expect("sent");
        check_refusal(&connection.answer().await.expect("an answer"), 413, false);
        works_or_is_closed(connection, last, &stage.witness, &format!("{id}/next")).await;
    }
    stand.stop().await;
}

async fn trailers_and_extensions_of_chunks_are_passed_over(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder).await;
    let request = ordered(id, "code");
    let body = String::from_utf8(request.head_and_body().1).expect("text");
    let body = format!("{:x};a=b\r\n{body}\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n", body.len());
    let request = request.chunked(1);
    let mut connection = stand.connect().await;
    connection.send(&[request.head_and_body().0, body.into_bytes()].concat()).await.expect("sent");
    assert_eq!(connection.answer().await.expect("an answer").json(), decision(OWN_CODE.0, OWN_CODE.1));
    works(&mut connection, &stage.witness, &format!("{id}/next")).await;
    stand.stop().await;
}

async fn a_body_that_breaks_off_reaches_no_method(stage: Stage) {
    let id = stage.id;
    let request = cases::before_create_topic().tagged(id);
    for request in [request.clone(), request.chunked(20)] {
        let bytes = request.to_bytes();
        broken(&stage, &bytes[..bytes.len() - 1]).await;
    }
}

async fn a_body_with_a_bad_chunk_reaches_no_method(stage: Stage) {
    let id = stage.id;
    let request = cases::before_create_topic().tagged(id).chunked(20);
    broken(&stage, &[request.head_and_body().0, b"4\r\n{\"a\"\r\nzz\r\n".to_vec()].concat()).await;
}

/// Sends what is no whole request and then nothing more: there is a 400, or the connection is closed.
async fn broken(stage: &Stage, bytes: &[u8]) {
    let id = stage.id;
    let stand: Stand = stage.start(|builder| builder).await;
    let mut connection: Connection = stand.connect().await;
    connection.send(bytes).await.expect("sent");
    connection.finish_sending().await.expect("finished");
    if let Ok(answer) = connection.answer().await {
        assert_eq!(answer.status(), 400, "{answer:?}");
    }
    connection.closed().await.expect("the connection is closed");
    stage.witness.until(id, "the end of the request", |record| record.requests_over > 0).await;
    stand.drain().await;
    assert!(stage.witness.record(id).calls.is_empty(), "no method is called");
    stand.stop().await;
}
