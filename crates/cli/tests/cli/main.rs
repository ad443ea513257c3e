//! Runs the real `im-callback`, against real servers on this machine.

mod docs;
mod doctor;
mod list;
mod listen;
mod program;
mod replay;
mod sample;
mod send;
mod server;
mod shell;
mod sign;
mod stub;
#[cfg(feature = "tls")]
mod tls;
mod verify;
