//! Freshness by the real clock, in the one place that depends on it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::conformance::{
    case::{Case, check_refusal},
    cases,
    request::TOKEN,
    suite::Stage,
};

super::scripts![the_real_clock_takes_now_and_refuses_an_hour_ago];

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
