//! The program of the README for hyper. `tests/stops.rs` runs it.

include!(concat!(env!("OUT_DIR"), "/hyper.rs"));
