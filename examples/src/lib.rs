//! What the receivers in this package share: the business logic, written once, and how a program runs.
//!
//! The programs themselves are `axum.rs`, `actix_web.rs` and `hyper.rs` beside this folder; each
//! begins with how to run it. `demo` runs all three at once and sends them callbacks.

pub mod connections;
mod rest_api;
mod run;
mod settings;
mod topics;

pub use crate::{
    rest_api::{RestApi, random_u32},
    run::{ReloadSignal, drain, log, stop_signal},
    settings::Settings,
    topics::{Entry, Topics},
};

/// The programs of the project's README, compiled as they stand there.
#[cfg(all(doctest, unix))]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The fixes of the usual compile errors.
#[cfg(doctest)]
#[doc = include_str!("../../docs/when-it-does-not-compile.md")]
pub struct WhenItDoesNotCompile;

/// The program of the page about the journal.
#[cfg(doctest)]
#[doc = include_str!("../../docs/nothing-lost.md")]
pub struct NothingLost;
