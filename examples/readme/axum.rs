//! The program of the README for axum. `tests/stops.rs` runs it.

include!(concat!(env!("OUT_DIR"), "/axum.rs"));
