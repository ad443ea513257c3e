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
