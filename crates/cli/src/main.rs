//! `im-callback`: works on receivers of Tencent Chat's callbacks from the command line, offline.
//!
//! ```sh
//! cargo install tencent-im-callback-cli
//! export IM_CALLBACK_TOKEN='the token' IM_CALLBACK_APP=1400000001
//!
//! im-callback list before message                             # the callbacks, and what they can be answered with
//! im-callback stub Group.CallbackBeforeSendMsg                # the method to write, ready to paste
//! im-callback send :8080/callback Group.CallbackBeforeSendMsg # signs a callback, posts it, shows what was decided
//! im-callback listen 9000 --forward-to :8080/callback         # shows what the service sends, and records it
//! im-callback verify 'SdkAppid=1400000001&Sign=..'            # why a request is refused
//! im-callback doctor :8080/callback                           # forged, stale, foreign, slow and broken requests
//! ```
//!
//! It connects only to the addresses that it is given, and prints no token.

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
mod inspector;
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
