//! `im-callback completions`

use std::io::Write as _;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::{
    cli::Cli,
    cli_error::{CliError, ExitStatus},
};

/// Prints a shell's completions, callbacks' command words included
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  im-callback completions bash > ~/.local/share/bash-completion/completions/im-callback
  im-callback completions zsh > ~/.zfunc/_im-callback
  im-callback completions fish > ~/.config/fish/completions/im-callback.fish")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        // Not straight to standard output: the generator panics where a write fails.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "im-callback", &mut script);
        // clap_complete 4.6 writes one name for a subcommand where it sets it and another where it compares
        // it, if there is a hyphen in the program's: bash would complete nothing.
        let script = String::from_utf8_lossy(&script).replace("im__subcmd__callback", "im__callback");
        std::io::stdout().write_all(script.as_bytes())?;
        Ok(ExitStatus::Met)
    }
}
