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
    request::{TOKEN, now},
    suite::Stage,
};

super::scripts![the_real_clock_takes_now_and_refuses_an_hour_ago, a_clock_that_panics_is_answered_with_a_500];

async fn the_real_clock_takes_now_and_refuses_an_hour_ago(stage: Stage) {
    let id = stage.id;
    let stand = stage.start(|builder| builder.clock(SystemTime::now)).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    let at = |time: u64| cases::before_create_topic().signed(TOKEN, &time.to_string()).tagged(id);
    for stale in [now - 3_600, now + 3_600] {
        check_refusal(&stand.ask(&at(stale)).await, 401, false);
    }
    let good = Case::new(id, at(now)).calls("group_before_create_topic");
    good.check(&stand.ask(&good.request).await, &stage.witness.record(id));
    stand.stop().await;
}

async fn a_clock_that_panics_is_answered_with_a_500(stage: Stage) {
    let id = stage.id;
    let is_broken = Arc::new(AtomicBool::new(true));
    let clock = Arc::clone(&is_broken);
    let clock = move || if clock.load(Ordering::SeqCst) { std::panic::panic_any("the clock is broken") } else { now() };
    let stand = stage.start(|builder| builder.clock(clock)).await;
    let mut connection = stand.connect().await;
    let good = || cases::before_create_topic().tagged(id);
    for request in [good(), good().forged(), good().without("SdkAppid").without("CallbackCommand"), good().chunked(10)]
    {
        check_refusal(&connection.ask(&request).await.expect("an answer"), 500, false);
    }
    assert!(stage.witness.record(id).calls.is_empty(), "no method is called");
    is_broken.store(false, Ordering::SeqCst);
    super::works(&mut connection, &stage.witness, &format!("{id}/next")).await;
    stand.stop().await;
}
