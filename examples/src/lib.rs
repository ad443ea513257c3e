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

/// The programs of the pages, compiled as they stand there.
#[cfg(doctest)]
mod pages {
    #[cfg(unix)]
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[cfg(unix)]
    #[doc = include_str!("../../README.zh-CN.md")]
    struct ReadmeZhCn;

    #[doc = include_str!("../../docs/cookbook.md")]
    struct Cookbook;

    #[doc = include_str!("../../docs/deciding.md")]
    struct Deciding;

    #[doc = include_str!("../../docs/getting-started.md")]
    struct GettingStarted;

    #[doc = include_str!("../../docs/inspector.md")]
    struct Inspector;

    #[doc = include_str!("../../docs/nothing-lost.md")]
    struct NothingLost;

    #[doc = include_str!("../../docs/several-apps.md")]
    struct SeveralApps;

    #[doc = include_str!("../../docs/when-it-does-not-compile.md")]
    struct WhenItDoesNotCompile;
}
