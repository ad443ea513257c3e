//! What needs several packages of this workspace at once; first of all a server for each adapter, for the
//! conformance suite of the testkit and for tests beside it.

#![allow(clippy::missing_panics_doc, reason = "a test fails by panicking")]

pub mod servers;

use std::time::Duration;

/// How long anything may take that is waited for.
pub const PATIENCE: Duration = Duration::from_secs(8);
