//! The journal over NATS.

mod append;
mod dead;
mod feeding;
mod index;
mod link;
mod message;
mod nats;
mod progress;
mod prune;
mod read;
mod settings;
mod store;
mod streams;
mod workers;

pub use crate::{nats::Nats, settings::NatsBuilder};
