//! The answer of the handler is sent in the format of the vendor.

use serde_json::{Value, json};

use super::{before_create_topic, callback};
use crate::{
    conformance::{
        case::{Case, decision},
        handler::OWN_CODE,
    },
    sample,
};

/// The vendor's sample of an answer.
fn answer(command: &str, variant: &str) -> Value {
    let (_, text) = sample::answers_to(command).find(|(name, _)| *name == variant).expect("there is such a sample");
    serde_json::from_str(text).expect("a sample is JSON")
}

pub(super) fn cases() -> Vec<Case> {
    let good = before_create_topic();
    let topics = callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":[]}"#);
    let created = callback("Group.CallbackAfterCreateTopic", r#"{"GroupId":"g","TopicId":"t"}"#);
    let seen = json!({ "has_time_left": true });
    vec![
        Case::new("a_topic_that_is_allowed_is_answered_as_in_the_sample", good.clone())
            .answered(answer("Group.CallbackBeforeCreateTopic", "allow"))
            .seen(seen.clone()),
        Case::new("a_topic_that_is_refused_is_answered_as_in_the_sample", good.clone().order("refuse"))
            .answered(answer("Group.CallbackBeforeCreateTopic", "refuse"))
            .seen(seen.clone()),
        Case::new("a_topic_that_is_refused_with_an_own_code_is_answered_with_it", good.clone().order("code"))
            .answered(decision(OWN_CODE.0, OWN_CODE.1))
            .seen(seen.clone()),
        Case::new("a_method_that_waits_a_little_answers_just_so", good.order("yield,code"))
            .answered(decision(OWN_CODE.0, OWN_CODE.1))
            .seen(seen.clone()),
        Case::new("a_topic_that_was_created_is_acknowledged_as_in_the_sample", created)
            .answered(answer("Group.CallbackAfterCreateTopic", "ok"))
            .seen(seen.clone()),
        Case::new("topics_that_were_deleted_are_acknowledged_as_in_the_sample", topics)
            .answered(answer("Group.CallbackAfterTopicDestroyed", "ok"))
            .seen(seen.clone()),
        Case::new(
            "a_group_that_was_disbanded_is_acknowledged_as_in_the_sample",
            super::after_group_destroyed(&json!({ "GroupId": "g" })),
        )
        .answered(answer("Group.CallbackAfterGroupDestroyed", "ok"))
        .seen(seen),
    ]
}
