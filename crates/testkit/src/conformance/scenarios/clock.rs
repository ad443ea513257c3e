//! Freshness by the real clock, in the one place that depends on it; and a clock that panics.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use crate::conformance::{
    case::{Case, check_refusal},
    cases,
    fixture::Fixture,
    request::{TOKEN, now},
};

super::scenarios![the_real_clock_takes_now_and_refuses_an_hour_ago, a_clock_that_panics_is_answered_with_a_500];

async fn the_real_clock_takes_now_and_refuses_an_hour_ago(fixture: Fixture) {
    let id = fixture.id;
    let server = fixture.start(|builder| builder.clock(SystemTime::now)).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    let at = |time: u64| cases::before_create_topic().signed(TOKEN, &time.to_string()).tagged(id);
    for stale in [now - 3_600, now + 3_600] {
        check_refusal(&server.ask(&at(stale)).await, 401, false);
    }
    let good = Case::new(id, at(now)).calls("group_before_create_topic");
    good.check(&server.ask(&good.request).await, &fixture.witness.record(id));
    server.stop().await;
}

async fn a_clock_that_panics_is_answered_with_a_500(fixture: Fixture) {
    let id = fixture.id;
    let is_broken = Arc::new(AtomicBool::new(true));
    let clock = Arc::clone(&is_broken);
    let clock = move || if clock.load(Ordering::SeqCst) { std::panic::panic_any("the clock is broken") } else { now() };
    let server = fixture.start(|builder| builder.clock(clock)).await;
    let mut connection = server.connect().await;
    let good = || cases::before_create_topic().tagged(id);
    for request in [good(), good().forged(), good().without("SdkAppid").without("CallbackCommand"), good().chunked(10)]
    {
        check_refusal(&connection.ask(&request).await.expect("an answer"), 500, false);
    }
    assert!(fixture.witness.record(id).calls.is_empty(), "no method is called");
    is_broken.store(false, Ordering::SeqCst);
    super::works(&mut connection, &fixture.witness, &format!("{id}/next")).await;
    server.stop().await;
}
