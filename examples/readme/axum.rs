//! The program of the README for axum, which `tests/stops.rs` runs. It handles the signals of Unix.

#[cfg(unix)]
include!(concat!(env!("OUT_DIR"), "/axum.rs"));

#[cfg(not(unix))]
fn main() {}
