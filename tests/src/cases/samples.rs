//! The vendor's own samples reach their methods whole.

use serde_json::{Value, json};

use crate::{case::Case, request::Request};

macro_rules! sample {
    ($method:literal, $file:literal) => {
        ($method, $file, include_str!(concat!("../../../crates/core/samples/requests/", $file)))
    };
}

const SAMPLES: [(&str, &str, &str); 8] = [
    sample!("group_before_create_topic", "Group.CallbackBeforeCreateTopic.json"),
    sample!("group_after_create_topic", "Group.CallbackAfterCreateTopic.json"),
    sample!("group_after_create_topic", "Group.CallbackAfterCreateTopic.no-custom-fields.json"),
    sample!("group_after_topic_destroyed", "Group.CallbackAfterTopicDestroyed.json"),
    sample!("group_after_topic_destroyed", "Group.CallbackAfterTopicDestroyed.one.json"),
    sample!("group_after_group_destroyed", "Group.CallbackAfterGroupDestroyed.json"),
    sample!("group_after_group_destroyed", "Group.CallbackAfterGroupDestroyed.community.json"),
    sample!("group_after_group_destroyed", "Group.CallbackAfterGroupDestroyed.with-operator.json"),
];

pub(super) fn cases() -> Vec<Case> {
    SAMPLES.iter().map(|(method, file, text)| case(method, file, text)).collect()
}

fn case(method: &str, file: &str, text: &str) -> Case {
    let mut event: Value = serde_json::from_str(text).expect("a sample is JSON");
    let command = event["CallbackCommand"].as_str().expect("a sample names its command").to_owned();
    // Quoted or not, it is one number.
    if let Some(time) = event["EventTime"].as_str() {
        event["EventTime"] = time.parse::<u64>().expect("a time is a number").into();
    }
    if event["EventTime"].is_null() {
        event.as_object_mut().expect("a sample is an object").remove("EventTime");
    }
    Case::new(format!("the_sample_{file}_reaches_its_method"), Request::new(&command, text))
        .seen(json!({ "method": method, "event": event, "dropped": [], "body_length": text.len() }))
}
