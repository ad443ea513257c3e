//! The entries of lists of members, which several families have.

use serde::{Deserialize, Serialize};

use crate::wire::lenient::text;

/// An entry of a list of members.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// The member's user id.
    #[serde(rename = "Member_Account", deserialize_with = "text")]
    pub member_account: String,
}
