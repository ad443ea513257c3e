//! The program of the README for actix-web, which `tests/stops.rs` runs. It handles the signals of Unix.

#[cfg(unix)]
include!(concat!(env!("OUT_DIR"), "/actix-web.rs"));

#[cfg(not(unix))]
fn main() {}
