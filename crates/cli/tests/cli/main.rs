//! Runs the real `im-callback`, against real servers on this machine.

// They type into a shell, send signals, and look at the modes of files.
#![cfg(unix)]

mod browser;
mod connections;
mod docs;
mod doctor;
mod journal;
mod journal_copy;
#[cfg(target_os = "linux")]
mod limits;
mod list;
mod listen;
mod page;
mod program;
mod replay;
mod sample;
mod send;
mod server;
mod shell;
mod sign;
mod stub;
mod terminal;
#[cfg(feature = "tls")]
mod tls;
mod ui;
mod untrusted_text;
mod verify;
