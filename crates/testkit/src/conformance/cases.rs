//! The table of cases, a file for each step of a callback's way.

use serde_json::{Value, json};
use tencent_im_callback::EndpointBuilder;

use crate::{
    Request,
    conformance::{case::Case, request::callback},
};

mod answers;
mod apps;
mod body_limit;
mod check;
mod command;
mod decoding;
mod failure;
mod method;
mod order;
mod query;
mod samples;
mod signature;
mod undecodable;

/// Cases that share an endpoint.
#[derive(Debug)]
pub(crate) struct CaseGroup {
    /// How the endpoint differs from the usual one.
    pub(crate) settings: fn(EndpointBuilder) -> EndpointBuilder,
    /// Its cases.
    pub(crate) cases: Vec<Case>,
}

impl CaseGroup {
    const fn new(settings: fn(EndpointBuilder) -> EndpointBuilder, cases: Vec<Case>) -> Self {
        Self { settings, cases }
    }
}

/// All of them.
pub(crate) fn groups() -> Vec<CaseGroup> {
    let usual = [
        method::cases(),
        query::cases(),
        apps::cases(),
        signature::cases(),
        check::cases(),
        command::cases(),
        undecodable::cases(),
        decoding::cases(),
        samples::cases(),
        answers::cases(),
    ];
    let mut groups = vec![CaseGroup::new(|builder| builder, usual.into_iter().flatten().collect())];
    groups.extend(apps::groups());
    groups.extend(signature::groups());
    groups.extend(order::groups());
    groups.extend(body_limit::groups());
    groups.extend(failure::groups());
    groups
}

/// A user creates a topic: the good request from which most cases are made.
pub(crate) fn before_create_topic() -> Request {
    let body = json!({
        "CallbackCommand": "Group.CallbackBeforeCreateTopic",
        "Operator_Account": "acct_1042",
        "Type": "Community",
        "Name": "Release notes",
    });
    callback("Group.CallbackBeforeCreateTopic", body.to_string())
}

/// A group was disbanded, with this body.
fn after_group_destroyed(body: &Value) -> Request {
    callback("Group.CallbackAfterGroupDestroyed", body.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::conformance::scenarios;

    #[test]
    fn every_case_and_script_has_a_name_of_its_own() {
        let mut names = HashSet::new();
        let cases = super::groups().into_iter().flat_map(|group| group.cases).map(|case| case.name.to_string());
        for name in cases.chain(scenarios::all().into_iter().map(|scenario| scenario.name.to_owned())) {
            assert!(names.insert(name.clone()), "{name} is there twice");
        }
    }
}
