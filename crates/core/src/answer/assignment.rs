//! The answer to a chatbot that passes a client to agents.

use serde::Serialize;

use super::{Answer, Wire};
use crate::{Outcome, Phase, wire::response::WireResponse};

/// The agents that a client is passed to. Without a group and agents the service chooses.
///
/// See [679/116643](https://cloud.tencent.com/document/product/679/116643).
///
/// ```
/// use tencent_im_callback::{AgentAssignment, chatbot};
///
/// fn assignment(event: &chatbot::OnAssignHuman) -> AgentAssignment {
///     match event.client_user_id.as_str() {
///         "rowan_ash" => AgentAssignment::default().agents(["agent_1", "agent_2"]),
///         _ => AgentAssignment::default().group(7),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AgentAssignment {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_group_id: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agent_id_list: Vec<String>,
}

impl AgentAssignment {
    /// Assigns the client to the agents of this group.
    #[must_use]
    pub const fn group(mut self, agent_group_id: u64) -> Self {
        self.agent_group_id = Some(agent_group_id);
        self
    }

    /// Assigns the client to one of these agents, in place of those given before.
    #[must_use]
    pub fn agents(mut self, agent_ids: impl IntoIterator<Item: Into<String>>) -> Self {
        self.agent_id_list = agent_ids.into_iter().map(Into::into).collect();
        self
    }

    /// The group.
    #[must_use]
    pub const fn agent_group_id(&self) -> Option<u64> {
        self.agent_group_id
    }

    /// The agents.
    #[must_use]
    pub fn agent_id_list(&self) -> &[String] {
        &self.agent_id_list
    }
}

impl<E> Answer<E> for AgentAssignment {
    const PHASE: Phase = Phase::Reply;

    fn unhandled(_: &E) -> Self {
        Self::default()
    }

    fn refused(_: Option<&E>) -> Option<Self> {
        None
    }
}

impl Wire for AgentAssignment {
    fn wire_response(self) -> WireResponse {
        WireResponse::ok_with(self, Outcome::Ack)
    }
}
