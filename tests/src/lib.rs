//! Conformance of adapters: one suite of requests and scripts over real sockets, the same for every
//! framework, so that an endpoint cannot tell which of them it is mounted in.
//!
//! An [`Adapter`] says how to start a server around an endpoint; [`suite::run`] plays every case of
//! [`cases`] and every script of [`scripts`] against it and returns a [`suite::Report`].

#![allow(clippy::missing_panics_doc, reason = "a test fails by panicking")]

pub mod case;
pub mod cases;
pub mod client;
pub mod every;
pub mod handler;
pub mod request;
pub mod scripts;
pub mod servers;
pub mod suite;
pub mod witness;

pub use crate::servers::Adapter;
