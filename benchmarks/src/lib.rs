//! What the benchmarks have in common: the app in two ways, requests for it, and the cases that are measured.
//!
//! The program that runs them is this package's `main.rs`; `docs/performance.md` shows what came of it.

pub mod case;
pub mod hand;
pub mod ours;
mod plain;
pub mod request;
pub mod server;
pub mod settings;
pub mod waiting;
