//! The vendor's own samples reach their methods whole.

use serde_json::json;
use tencent_im_callback::Callback;

use crate::{
    conformance::{
        case::Case,
        every::event_of,
        request::{EVERY_APP, EVERY_TOKEN, NOW, callback as request},
    },
    sample,
};

pub(super) fn cases() -> Vec<Case> {
    sample::all().map(|(callback, variant, text)| case(callback, variant, text)).collect()
}

fn name(callback: &Callback, variant: &str) -> String {
    format!("the_sample_{}_{variant}_reaches_its_method", callback.command)
}

/// That nothing of a sample is lost between body and event is a test of the core's; what is compared
/// here is what has passed through the adapter.
fn case(callback: &Callback, variant: &str, text: &'static str) -> Case {
    let request =
        request(callback.command, text).set("SdkAppid", EVERY_APP.to_string()).signed(EVERY_TOKEN, &NOW.to_string());
    Case::new(name(callback, variant), request).accepted().seen(json!({
        "handler": "every",
        "method": callback.method,
        "command": callback.command,
        "event": event_of(callback.command, text),
        "dropped": [],
        "body_length": text.len(),
    }))
}
