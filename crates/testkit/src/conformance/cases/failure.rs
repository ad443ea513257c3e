//! A method that fails or panics is answered for by the policy of its callback.

use tencent_im_callback::{EndpointBuilder, OnFailure};

use super::{CaseGroup, after_group_destroyed, before_create_topic};
use crate::{
    Request,
    conformance::{
        case::{Case, decision},
        request::callback,
    },
};

const BEFORE: &str = "Group.CallbackBeforeCreateTopic";
const AFTER: &str = "Group.CallbackAfterGroupDestroyed";

pub(super) fn groups() -> Vec<CaseGroup> {
    vec![
        CaseGroup::new(|builder| builder, deferred()),
        CaseGroup::new(
            |builder| builder.on_failure(OnFailure::Allow).on_after_failure(OnFailure::Allow),
            vec![
                allowed("a_failure_may_allow", before(), "fail", "group_before_create_topic"),
                allowed("a_panic_may_allow", before(), "panic-value", "group_before_create_topic"),
                allowed("a_failure_after_the_fact_may_be_acknowledged", after(), "fail", "group_after_group_destroyed"),
                allowed(
                    "a_panic_after_the_fact_may_be_acknowledged",
                    after(),
                    "yield,panic-str",
                    "group_after_group_destroyed",
                ),
            ],
        ),
        CaseGroup::new(
            |builder| builder.on_unknown_failure(OnFailure::Allow),
            vec![
                allowed("a_failure_about_an_unknown_command_may_allow", unknown(), "fail", "unknown"),
                failing("a_failure_after_the_fact_has_its_own_policy", after(), "fail", "group_after_group_destroyed"),
            ],
        ),
        CaseGroup::new(
            |builder| builder.on_unknown_failure(OnFailure::Refuse),
            vec![
                Case::new("a_failure_about_an_unknown_command_may_refuse", unknown().order("fail"))
                    .answered(decision(1, ""))
                    .calls("unknown"),
            ],
        ),
        CaseGroup::new(
            |builder| builder.on_failure(OnFailure::Refuse),
            vec![
                refused("a_failure_may_refuse", before(), "fail"),
                refused("a_panic_may_refuse", before(), "panic-string"),
                refused("a_panic_with_a_value_that_panics_when_it_is_dropped_may_refuse", before(), "panic-loud"),
                refused("a_panic_after_a_wait_may_refuse", before(), "yield,panic-string"),
                failing("refusing_does_not_reach_what_has_happened", after(), "fail", "group_after_group_destroyed"),
                failing("refusing_does_not_reach_unknown_commands", unknown(), "fail", "unknown"),
            ],
        ),
        CaseGroup::new(
            |builder: EndpointBuilder| {
                builder.on_failure_of(BEFORE, OnFailure::Refuse).on_failure_of(AFTER, OnFailure::Allow)
            },
            vec![
                refused("the_policy_of_one_command_goes_before_that_of_its_phase", before(), "fail"),
                allowed("so_it_does_after_the_fact", after(), "panic-str", "group_after_group_destroyed"),
                failing(
                    "the_policy_of_one_command_is_not_that_of_another",
                    created(),
                    "fail",
                    "group_after_create_topic",
                ),
            ],
        ),
    ]
}

/// Without any setting.
fn deferred() -> Vec<Case> {
    vec![
        failing("an_error_is_deferred", before(), "fail", "group_before_create_topic"),
        failing("an_error_after_a_wait_is_deferred", before(), "yield,fail", "group_before_create_topic"),
        failing("a_panic_with_a_literal_is_deferred", before(), "panic-str", "group_before_create_topic"),
        failing("a_panic_with_a_string_is_deferred", before(), "panic-string", "group_before_create_topic"),
        failing(
            "a_panic_with_a_value_that_is_no_text_is_deferred",
            before(),
            "panic-value",
            "group_before_create_topic",
        ),
        failing("a_panic_after_a_wait_is_deferred", before(), "yield,panic-value", "group_before_create_topic"),
        failing("an_error_after_the_fact_is_a_500", after(), "fail", "group_after_group_destroyed"),
        failing("a_panic_after_the_fact_is_a_500", after(), "panic-str", "group_after_group_destroyed"),
        failing("an_error_about_an_unknown_command_is_a_500", unknown(), "fail", "unknown"),
        failing("a_panic_about_an_unknown_command_is_a_500", unknown(), "panic-string", "unknown"),
        failing(
            "a_panic_with_a_value_that_panics_when_it_is_dropped_is_deferred",
            before(),
            "panic-loud",
            "group_before_create_topic",
        ),
        failing("so_is_one_after_a_wait", before(), "yield,panic-loud", "group_before_create_topic"),
        failing("a_panic_about_an_unknown_command_may_panic_again", unknown(), "yield,panic-loud", "unknown"),
        failing(
            "an_error_that_panics_when_it_is_dropped_is_deferred",
            before(),
            "fail-loud",
            "group_before_create_topic",
        ),
        failing(
            "an_error_after_a_wait_that_panics_when_it_is_dropped_is_deferred",
            before(),
            "yield,fail-loud",
            "group_before_create_topic",
        ),
        failing(
            "an_error_that_panics_when_it_is_shown_is_deferred",
            before(),
            "fail-mute",
            "group_before_create_topic",
        ),
        failing(
            "a_method_that_panics_when_it_is_dropped_is_a_500",
            topic_destroyed(),
            "end-loud",
            "group_after_topic_destroyed",
        ),
        failing(
            "a_method_that_panics_when_it_is_dropped_after_a_wait_is_a_500",
            topic_destroyed(),
            "yield,end-loud",
            "group_after_topic_destroyed",
        ),
        failing(
            "a_method_may_panic_and_panic_again_when_it_is_dropped",
            topic_destroyed(),
            "panic-loud,end-loud",
            "group_after_topic_destroyed",
        ),
    ]
}

fn before() -> Request {
    before_create_topic()
}

fn after() -> Request {
    after_group_destroyed(&serde_json::json!({ "GroupId": "g" }))
}

fn topic_destroyed() -> Request {
    callback("Group.CallbackAfterTopicDestroyed", r#"{"GroupId":"g","TopicIdList":["t"]}"#)
}

fn created() -> Request {
    callback("Group.CallbackAfterCreateTopic", r#"{"GroupId":"g","TopicId":"t"}"#)
}

fn unknown() -> Request {
    callback("Group.CallbackNeverSeen", "{}")
}

fn failing(name: &'static str, request: Request, orders: &str, method: &str) -> Case {
    Case::new(name, request.order(orders)).refused(500).calls(method)
}

fn allowed(name: &'static str, request: Request, orders: &str, method: &str) -> Case {
    Case::new(name, request.order(orders)).calls(method)
}

fn refused(name: &'static str, request: Request, orders: &str) -> Case {
    Case::new(name, request.order(orders)).answered(decision(1, "")).calls("group_before_create_topic")
}
