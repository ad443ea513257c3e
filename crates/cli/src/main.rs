//! `im-callback`: works on receivers of Tencent Chat's callbacks from the command line, offline.

mod answers;
mod body;
mod cli;
mod client;
mod commands;
mod credentials;
mod decode;
mod diagnosis;
mod exchange;
mod fault;
mod json;
mod judge;
mod paint;
mod progress;
mod runtime;
mod statistics;
mod target;
mod when;
mod word;

use std::process::ExitCode;

use clap::Parser;

use crate::{cli::Cli, fault::Verdict};

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(Verdict::Met) => ExitCode::SUCCESS,
        Ok(Verdict::Unmet) => ExitCode::from(1),
        Err(fault) => fault.report(),
    }
}
