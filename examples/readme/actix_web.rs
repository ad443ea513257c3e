//! The program of the README for actix-web. `tests/stops.rs` runs it.

include!(concat!(env!("OUT_DIR"), "/actix-web.rs"));
