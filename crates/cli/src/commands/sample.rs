//! `im-callback sample`

use std::io::Write as _;

use clap::Args;
use tencent_im_callback::Callback;
use tencent_im_callback_testkit::sample;

use crate::{
    body::{self, Changes},
    cli_error::{CliError, ExitStatus},
    command_word::Word,
    json::{self, Pretty},
};

/// Prints the body of a callback as the service sends it, changed if asked
#[derive(Args, Debug)]
#[command(
    name = "sample",
    after_long_help = "\
Examples:
  im-callback sample Group.CallbackBeforeCreateTopic
  im-callback sample Group.CallbackBeforeCreateTopic --set /Name='free spam' --compact
  im-callback sample State.StateChange --variants
  im-callback sample State.StateChange --variant logout"
)]
pub(crate) struct ShowSample {
    /// The callback: its command word, method or event
    #[arg(value_parser = Word, hide_possible_values = true)]
    command: &'static Callback,
    /// The sample with this name instead of the plainest
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    #[command(flatten)]
    changes: Changes,
    /// On one line
    #[arg(long)]
    compact: bool,
    /// The names of the variants instead; the plain one is `-`
    #[arg(long, conflicts_with_all = ["variant", "set", "insert", "compact", "answers"])]
    variants: bool,
    /// The vendor's sample answers instead
    #[arg(long, conflicts_with_all = ["variant", "set", "insert", "compact"])]
    answers: bool,
}

impl ShowSample {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let mut out = anstream::stdout();
        let command = self.command.command;
        if self.variants {
            for (variant, _) in body::samples_of(command) {
                writeln!(out, "{variant}")?;
            }
            return Ok(ExitStatus::Met);
        }
        if self.answers {
            for (_, answer) in sample::answers_to(command) {
                let answer = serde_json::from_str(answer).map_err(|error| CliError::usage(error.to_string()))?;
                writeln!(out, "{}", Pretty { value: &answer, margin: "", times: false })?;
            }
            return Ok(ExitStatus::Met);
        }
        let mut body = body::sample_of(command, self.variant.as_deref())?;
        self.changes.make(Some(self.command), &mut body)?;
        if self.compact {
            writeln!(out, "{}", json::line(&body))?;
        } else {
            writeln!(out, "{}", Pretty { value: &body, margin: "", times: false })?;
        }
        Ok(ExitStatus::Met)
    }
}
