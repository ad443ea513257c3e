//! The subcommands, one a module.

pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod journal;
pub(crate) mod list;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod replay;
pub(crate) mod sample;
pub(crate) mod send;
pub(crate) mod sign;
pub(crate) mod stub;
pub(crate) mod ui;
pub(crate) mod verify;
