//! The table of cases, a file for each step of a callback's way.

use serde_json::{Value, json};
use tencent_im_callback::EndpointBuilder;

use crate::{case::Case, request::Request};

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
pub mod samples;
mod signature;
mod undecodable;

/// Cases that share an endpoint.
#[derive(Debug)]
pub struct Chapter {
    /// How the endpoint differs from the usual one.
    pub settings: fn(EndpointBuilder) -> EndpointBuilder,
    /// Its cases.
    pub cases: Vec<Case>,
}

impl Chapter {
    const fn new(settings: fn(EndpointBuilder) -> EndpointBuilder, cases: Vec<Case>) -> Self {
        Self { settings, cases }
    }
}

/// All of them.
#[must_use]
pub fn chapters() -> Vec<Chapter> {
    let usual = [
        method::cases(),
        query::cases(),
        apps::cases(),
        signature::cases(),
        order::cases(),
        check::cases(),
        command::cases(),
        undecodable::cases(),
        decoding::cases(),
        samples::cases(),
        answers::cases(),
    ];
    let mut chapters = vec![Chapter::new(|builder| builder, usual.into_iter().flatten().collect())];
    chapters.extend(apps::chapters());
    chapters.extend(signature::chapters());
    chapters.extend(body_limit::chapters());
    chapters.extend(failure::chapters());
    chapters
}

/// Somebody asks for a topic: the good request from which most cases are made.
#[must_use]
pub fn before_create_topic() -> Request {
    let body = json!({
        "CallbackCommand": "Group.CallbackBeforeCreateTopic",
        "Operator_Account": "acct_1042",
        "Type": "Community",
        "Name": "Release notes",
    });
    Request::new("Group.CallbackBeforeCreateTopic", body.to_string())
}

/// A group was disbanded, with this body.
fn after_group_destroyed(body: &Value) -> Request {
    Request::new("Group.CallbackAfterGroupDestroyed", body.to_string())
}
