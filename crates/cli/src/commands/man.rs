//! `im-callback man`

use std::{io::Write as _, path::PathBuf};

use clap::{Args, Command, CommandFactory as _};

use crate::{
    cli::Cli,
    cli_error::{CliError, ExitStatus},
};

/// Prints a man page, or writes those of all subcommands
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  im-callback man | man -l -
  im-callback man doctor | man -l -
  im-callback man --dir ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The subcommand whose page to print, as in `journal ls`
    #[arg(value_name = "SUBCOMMAND", conflicts_with = "dir")]
    subcommand: Vec<String>,
    /// The folder to write all pages to
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        if let Some(dir) = self.dir {
            std::fs::create_dir_all(&dir).map_err(|error| CliError::file(&dir, error))?;
            clap_mangen::generate_to(command, &dir).map_err(|error| CliError::file(&dir, error))?;
            return Ok(ExitStatus::Met);
        }
        let command = self.subcommand.iter().try_fold(command, |command, name| subcommand(&command, name))?;
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        std::io::stdout().write_all(&page)?;
        Ok(ExitStatus::Met)
    }
}

fn subcommand(command: &Command, name: &str) -> Result<Command, CliError> {
    let found = command.find_subcommand(name).ok_or_else(|| {
        let names: Vec<_> = command.get_subcommands().map(Command::get_name).collect();
        CliError::usage(format!("there is no subcommand `{name}`\nthere are: {}", names.join(", ")))
    })?;
    Ok(found.clone())
}
