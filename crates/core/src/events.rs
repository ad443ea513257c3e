//! The events: what the body of each callback says, one module for each family of commands.

pub mod alert;
pub mod bot;
pub mod c2c;
pub mod call;
pub mod chatbot;
pub mod content;
pub mod desk;
pub mod follow;
pub mod group;
pub mod live;
pub(crate) mod member;
pub mod mic;
pub mod official_account;
pub mod profile;
pub mod push;
pub mod recording;
pub mod room;
pub mod sns;
pub mod state;
