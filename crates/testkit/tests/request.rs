//! What every request has to be, whenever it is made.

use std::time::{Duration, Instant};

use tencent_im_callback_testkit::{Request, Signer, request::TOKEN};

#[test]
fn a_request_that_is_made_when_a_second_ends_is_rightly_signed_too() {
    let (request, signer) = (Request::new("State.StateChange", "{}"), Signer::new(TOKEN));
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(1_100) {
        let query = request.query_string().unwrap();
        let value = |key: &str| query.split('&').find_map(|piece| piece.strip_prefix(key)).unwrap().to_owned();
        assert_eq!(value("Sign="), signer.sign(&value("RequestTime=")));
    }
}

#[test]
fn a_body_in_chunks_says_how_long_each_is_and_not_how_long_it_is() {
    let request = Request::new("State.StateChange", "{\"a\": 1}").chunked(5);
    let wire = String::from_utf8(request.to_wire("localhost")).unwrap();
    let (head, body) = wire.split_once("\r\n\r\n").unwrap();
    assert!(head.ends_with("\r\nTransfer-Encoding: chunked") && !head.contains("Content-Length"), "{head}");
    assert_eq!(body, "5\r\n{\"a\":\r\n3\r\n 1}\r\n0\r\n\r\n");
}
