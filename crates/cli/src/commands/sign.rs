//! `im-callback sign`

use std::io::Write as _;

use clap::Args;

use crate::{
    cli_error::{CliError, ExitStatus},
    credentials::TokenOption,
    when::When,
};

/// Prints the query parameters that prove who sent a request
#[derive(Args, Debug)]
#[command(after_long_help = "\
What is printed lets anyone who has it send callbacks for a minute: keep it out of logs.

Examples:
  im-callback sign
  im-callback sign --time 1669872112
  curl \"http://localhost:8080/callback?SdkAppid=1400000001&CallbackCommand=State.StateChange&$(im-callback sign)\" -d \"$(im-callback sample State.StateChange)\"")]
pub(crate) struct Sign {
    #[command(flatten)]
    token: TokenOption,
    /// The time to sign for: Unix seconds, or from now as in `-90s` and `+2m`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, default_value = "+0s", hide_default_value = true)]
    time: When,
}

impl Sign {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        let signer = self.token.required_signer()?;
        writeln!(anstream::stdout(), "{}", signer.query_at(self.time.to_system_time()))?;
        Ok(ExitStatus::Met)
    }
}
