//! Private servers for tests, each on a free port with a folder of its own, and a [`Proxy`] that is a network that can fail.
//!
//! A server is needed by some tests only. Where its program is not installed, [`missing`] says so: it fails in CI, and
//! elsewhere it prints what was left out.

pub mod nats;
pub mod postgres;
mod proxy;

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Child,
    thread::sleep,
    time::{Duration, Instant},
};

pub use crate::proxy::Proxy;

/// How long a server may take to start.
const START: Duration = Duration::from_secs(30);

/// The program with this name, in the folders of `PATH` and in those for programs of the system.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Reports that a program is not installed, so that tests are left out.
///
/// # Panics
/// In CI, where the variable `CI` is set: there nothing is left out.
pub fn missing(program: &str) {
    let text = format!("{program} is not installed: the tests that need it are left out");
    assert!(env::var_os("CI").is_none(), "{text}");
    eprintln!("{text}");
}

/// A port of this machine that nothing listens on.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("the listener has an address").port()
}

/// Waits until a server that was started accepts connections.
///
/// # Panics
/// If it ends, or does not for half a minute, with the end of its log.
fn wait_for(address: SocketAddr, server: &mut Child, log: &Path) {
    let started_at = Instant::now();
    while TcpStream::connect(address).is_err() {
        let has_ended = server.try_wait().is_ok_and(|status| status.is_some());
        if has_ended || started_at.elapsed() > START {
            let log = fs::read_to_string(log).unwrap_or_default();
            panic!("nothing listens on {address}: {log}");
        }
        sleep(Duration::from_millis(10));
    }
}
