//! The command line: what can be asked for. Each subcommand is a module of `commands`.

use clap::{ColorChoice, Parser, Subcommand};

use crate::{
    cli_error::{CliError, ExitStatus},
    commands::{
        completions::Completions, doctor::Doctor, journal::Journal, list::List, listen::Listen, man::Man,
        replay::Replay, sample::ShowSample, send::Send, sign::Sign, stub::Stub, ui::Ui, verify::Verify,
    },
};

/// Works on receivers of Tencent Chat's callbacks, offline.
///
/// It knows every callback, signs requests as the service does, and shows what a receiver answers.
/// It connects only to the addresses that it is given.
#[derive(Parser, Debug)]
#[command(name = "im-callback", version, after_long_help = AFTER, max_term_width = 100, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours; `NO_COLOR` in the environment turns them off too
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    color: ColorChoice,
}

const AFTER: &str = "\
Environment:
  IM_CALLBACK_TOKEN  the token of the console, for signing and verifying
  IM_CALLBACK_APP    the application, if `--app` is not given
  NO_COLOR           if set, no colours

Exit status:
  0  done, and all is as expected
  1  done, but something is not as expected: an answer, a signature, an endpoint
  2  not done: wrong arguments, or a file that cannot be read or written
  3  not done: the endpoint cannot be reached, or does not speak HTTP

Examples:
  im-callback list before
  im-callback sample Group.CallbackBeforeCreateTopic --set /Name='free spam'
  im-callback stub Group.CallbackBeforeCreateTopic >> src/main.rs";

#[derive(Subcommand, Debug)]
enum Command {
    List(List),
    Sample(ShowSample),
    Stub(Stub),
    Send(Box<Send>),
    Sign(Sign),
    Verify(Verify),
    Listen(Box<Listen>),
    Ui(Ui),
    Replay(Replay),
    Doctor(Doctor),
    Journal(Journal),
    Completions(Completions),
    Man(Man),
}

impl Cli {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        match self.command {
            Command::List(command) => command.run(),
            Command::Sample(command) => command.run(),
            Command::Stub(command) => command.run(),
            Command::Send(command) => command.run(),
            Command::Sign(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Listen(command) => command.run(),
            Command::Ui(command) => command.run(),
            Command::Replay(command) => command.run(),
            Command::Doctor(command) => command.run(),
            Command::Journal(command) => command.run(),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_has_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:\n  "), "{}", command.get_name());
        }
    }
}
