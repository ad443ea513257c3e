//! The program of the README for hyper, which `tests/stops.rs` runs. It handles the signals of Unix.

#[cfg(unix)]
include!(concat!(env!("OUT_DIR"), "/hyper.rs"));

#[cfg(not(unix))]
fn main() {}
