//! The command line: what can be asked for. Each subcommand is a module of `commands`.

use clap::{ColorChoice, Command as Program, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::{
    cli_error::{CliError, ExitStatus},
    commands::{
        completions::Completions, doctor::Doctor, journal::Journal, list::List, listen::Listen, man::Man,
        replay::Replay, sample::ShowSample, send::Send, sign::Sign, stub::Stub, ui::Ui, verify::Verify,
    },
    layout,
};

/// Works on receivers of Tencent Chat's callbacks, offline.
///
/// It knows every callback, signs requests as the service does, and shows what a receiver answers.
/// It connects only to the addresses that it is given.
#[derive(Parser, Debug)]
#[command(name = "im-callback", version, after_long_help = AFTER, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to use colours: auto, always or never; `NO_COLOR` in the environment turns them off too
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    // Beside `--help`, at the end.
    #[arg(display_order = 998, hide_possible_values = true)]
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

/// How wide help is at most.
const HELP_WIDTH: usize = 100;

impl Cli {
    /// Reads the arguments of this process.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let width = layout::width().min(HELP_WIDTH);
        Self::from_arg_matches(&fitted(Self::command(), width).term_width(width).try_get_matches()?)
    }

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

/// The command and its subcommands with help whose examples do not break within a command.
fn fitted(command: Program, width: usize) -> Program {
    let help = command.get_after_long_help().map(|help| layout::fitted(&help.to_string(), width));
    let command = command.mut_subcommands(|command| fitted(command, width));
    match help {
        Some(help) => command.after_long_help(help),
        None => command,
    }
}

#[cfg(test)]
mod tests {
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

    /// All commands, also those of subcommands.
    fn all(command: &Program) -> Vec<&Program> {
        let of_subcommands = command.get_subcommands().flat_map(all);
        [command].into_iter().chain(of_subcommands).collect()
    }

    #[test]
    fn no_example_breaks_within_a_command_at_any_width() {
        let help = |command: &Program| command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        for width in [40, 60, 80, HELP_WIDTH] {
            let (as_written, fitted) = (Cli::command(), fitted(Cli::command(), width));
            for (command, shown) in all(&as_written).into_iter().zip(all(&fitted)) {
                let (_, written) = help(command)
                    .split_once("Examples:\n")
                    .map(|(a, b)| (a.to_owned(), b.to_owned()))
                    .unwrap_or_default();
                let shown = help(shown);
                let joined = shown.replace(" \\\n      ", " ");
                assert!(joined.ends_with(&written), "{}:\n{shown}", command.get_name());
                for line in shown.lines() {
                    // A word may be longer than the line.
                    let is_one_word = line.trim().trim_end_matches(" \\").split(' ').count() == 1;
                    let is_quoted = line.contains(['\'', '"']);
                    assert!(line.chars().count() <= width || is_one_word || is_quoted, "{width}: {line}");
                }
            }
        }
    }
}
