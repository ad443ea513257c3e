//! What the servers have in common, one program for each framework.
//!
//! They are programs of their own, each built with nothing but its framework: what one asks of a
//! dependency that all of them share would be paid by all of them.

use std::{env, error::Error, net::SocketAddr};

use crate::settings::Settings;

/// What is answered where nothing is looked at.
pub const CONSTANT: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

/// What a server does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It reads the body and answers a constant.
    Floor,
    /// It is the endpoint as a careful user writes it.
    Hand,
    /// It is the library's endpoint.
    Ours,
}

/// The settings of a server: its only argument, and the environment.
pub fn told() -> Result<(Kind, Settings), Box<dyn Error>> {
    let words: Vec<_> = env::args().skip(1).collect();
    let kind = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["floor"] => Kind::Floor,
        ["hand"] => Kind::Hand,
        ["ours"] => Kind::Ours,
        _ => return Err("what kind of server: floor, hand or ours".into()),
    };
    Ok((kind, Settings::from_env()?))
}

/// Runs a server on the runtime that `#[tokio::main]` makes.
pub fn on_tokio(
    settings: &Settings,
    server: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(settings.threads).enable_all().build()?.block_on(server)
}

/// Prints the line that drivers wait for.
pub fn ready(address: SocketAddr) {
    println!("listening on {address}");
}
