//! `im-callback`: works on receivers of Tencent Chat's callbacks from the command line, offline.

mod answers;
mod body;
mod cli;
mod cli_error;
mod client;
mod command_word;
mod commands;
mod credentials;
mod decode;
mod diagnosis;
mod exchange;
mod fresh;
mod json;
mod layout;
mod number;
mod paint;
mod progress;
mod reference;
mod runtime;
mod statistics;
mod target;
mod untrusted_text;
mod when;

use std::process::ExitCode;

use crate::{
    cli::Cli,
    cli_error::{ExitStatus, say},
    untrusted_text::{is_unsafe, plain},
};

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    match cli.run() {
        Ok(ExitStatus::Met) => ExitCode::SUCCESS,
        Ok(ExitStatus::Unmet) => ExitCode::from(1),
        Err(fault) => fault.report(),
    }
}

/// Shows help, or what is wrong with the arguments.
fn refused(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    // clap repeats arguments as they are, and a script passes on what others wrote.
    if text.lines().any(|line| line.contains(is_unsafe)) {
        text.lines().for_each(|line| say(plain(line)));
    } else {
        // The reader of a pipe may have had enough.
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}
