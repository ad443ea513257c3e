//! Frameworks that have no adapter of their own, and what comes of mounting an endpoint into them.
//!
//! Each file of `tests` begins with how it is done. `cargo test --manifest-path tests/frameworks/Cargo.toml` runs them.
