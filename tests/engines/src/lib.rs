//! Servers for tests, each with its data in a folder of its own and on a free port of the loopback interface.

use std::net::{Ipv4Addr, TcpListener};

pub mod postgres;

/// A port on which nothing listens now.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}

/// Fails where a check may not be left out; elsewhere says what is left out.
///
/// # Panics
/// In continuous integration, where `CI` is set.
pub fn left_out(what: &str, package: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what} is not installed: Debian's package is {package}");
    eprintln!("LEFT OUT: {what} is not installed, so its tests did nothing. Debian's package is {package}.");
}
