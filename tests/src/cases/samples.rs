//! The vendor's own samples reach their methods whole.

use serde_json::{Value, json};
use tencent_im_callback_testkit::sample;

use crate::{case::Case, request::Request};

/// The callbacks that the handler of the suite has a method for.
const HANDLED: [(&str, &str); 4] = [
    ("Group.CallbackBeforeCreateTopic", "group_before_create_topic"),
    ("Group.CallbackAfterCreateTopic", "group_after_create_topic"),
    ("Group.CallbackAfterTopicDestroyed", "group_after_topic_destroyed"),
    ("Group.CallbackAfterGroupDestroyed", "group_after_group_destroyed"),
];

pub(super) fn cases() -> Vec<Case> {
    sample::all().map(|(callback, variant, text)| case(callback.command, variant, text)).collect()
}

fn case(command: &str, variant: &str, text: &str) -> Case {
    let request = Request::new(command, text);
    let Some((_, method)) = HANDLED.iter().find(|(handled, _)| *handled == command) else {
        let name = format!("the_sample_{command}_{variant}_is_read_and_accepted");
        return Case::new(name, request).accepted();
    };
    let mut event: Value = serde_json::from_str(text).expect("a sample is JSON");
    // Quoted or not, it is one number.
    if let Some(time) = event["EventTime"].as_str() {
        event["EventTime"] = time.parse::<u64>().expect("a time is a number").into();
    }
    if event["EventTime"].is_null() {
        event.as_object_mut().expect("a sample is an object").remove("EventTime");
    }
    Case::new(format!("the_sample_{command}_{variant}_reaches_its_method"), request)
        .seen(json!({ "method": method, "event": event, "dropped": [], "body_length": text.len() }))
}
