//! The metrics of a journal, with the feature `metrics`.

use std::time::Duration;

use tencent_im_callback::DeliveryError;

use crate::store::Stats;

macro_rules! metric {
    ($metric:ident!($($arguments:tt)*).$method:ident($value:expr)) => {
        #[cfg(feature = "metrics")]
        metrics::$metric!($($arguments)*).$method($value);
    };
}

/// Numbers of entries and bytes are far below 2^52.
#[cfg(feature = "metrics")]
#[expect(clippy::cast_precision_loss, reason = "no number is that large")]
const fn float(number: u64) -> f64 {
    number as f64
}

/// A command that this version knows, or `other`: strangers cannot make up commands, but a label is from a closed list.
#[cfg(feature = "metrics")]
fn command(command: &str) -> &'static str {
    tencent_im_callback::Callback::find(command).map_or("other", |callback| callback.command)
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics are off"))]
pub(crate) fn appended(name: &str, took: Duration) {
    metric!(counter!("tencent_im_callback_journal_appended_total", "command" => command(name)).increment(1));
    metric!(histogram!("tencent_im_callback_journal_append_seconds").record(took));
}

pub(crate) fn repetition() {
    metric!(counter!("tencent_im_callback_journal_repetitions_total").increment(1));
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics are off"))]
pub(crate) fn attempt(name: &str, error: Option<&DeliveryError>) {
    let outcome = match error {
        None => "done",
        Some(DeliveryError::Panicked(_)) => "panicked",
        Some(DeliveryError::TimedOut) => "timed_out",
        Some(DeliveryError::Undecodable) => "undecodable",
        Some(_) => "failed",
    };
    metric!(
        counter!("tencent_im_callback_journal_attempts_total", "command" => command(name), "outcome" => outcome)
            .increment(1)
    );
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics are off"))]
pub(crate) fn dead(name: &str) {
    metric!(counter!("tencent_im_callback_journal_dead_total", "command" => command(name)).increment(1));
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics are off"))]
pub(crate) fn in_hand(methods: usize) {
    metric!(gauge!("tencent_im_callback_journal_in_hand").set(float(methods as u64)));
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics are off"))]
pub(crate) fn partitions(number: usize) {
    metric!(gauge!("tencent_im_callback_journal_partitions").set(float(number as u64)));
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics are off"))]
pub(crate) fn owner(is_owner: bool) {
    metric!(gauge!("tencent_im_callback_journal_is_owner").set(f64::from(u8::from(is_owner))));
}

#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "metrics are off"))]
pub(crate) fn stats(stats: &Stats, keys: usize) {
    let age = stats.oldest_unfinished.and_then(|oldest| oldest.elapsed().ok()).unwrap_or_default();
    metric!(gauge!("tencent_im_callback_journal_unfinished").set(float(stats.unfinished)));
    metric!(gauge!("tencent_im_callback_journal_oldest_unfinished_seconds").set(age.as_secs_f64()));
    metric!(gauge!("tencent_im_callback_journal_dead").set(float(stats.dead)));
    metric!(gauge!("tencent_im_callback_journal_bytes").set(float(stats.bytes)));
    metric!(gauge!("tencent_im_callback_journal_keys_waiting").set(float(keys as u64)));
}
