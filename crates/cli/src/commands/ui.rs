//! `im-callback ui`

use std::{path::PathBuf, sync::mpsc};

use clap::Args;

use crate::{
    cli_error::{CliError, ExitStatus, say},
    credentials::{AppOption, TokenOption},
    inspector::{Inspector, PORT, Receiver, Settings, Socket, Source, is_own},
    paint::STRONG,
    runtime::block_on,
    target::Target,
};

/// Shows a recording on a page: each callback, its answer, and why it was refused
#[derive(Args, Debug)]
#[command(after_long_help = "\
Recordings are made by `im-callback listen --record`, and in your own app by the testkit's recorder.
With --follow the page shows what an app adds while it runs. With --forward-to the page can send
callbacks again. Only this machine can open the page, with the secret in the URL that is printed.

Examples:
  im-callback ui today.jsonl
  im-callback ui today.jsonl --follow --forward-to :8080/callback")]
pub(crate) struct Ui {
    /// The recording
    file: PathBuf,
    /// Shows what is added to the file while the page is open
    #[arg(long)]
    follow: bool,
    /// The receiver that the page sends callbacks to; without it nothing is sent
    #[arg(long, value_name = "URL")]
    forward_to: Option<Target>,
    /// The port of the page; port 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = PORT)]
    port: u16,
    #[command(flatten)]
    app: AppOption,
    #[command(flatten)]
    token: TokenOption,
}

impl Ui {
    pub(crate) fn run(self) -> Result<ExitStatus, CliError> {
        // A wrong name is reported before the page is there.
        std::fs::File::open(&self.file).map_err(|error| CliError::file(&self.file, error))?;
        let socket = Socket::bind(self.port)?;
        if self.forward_to.as_ref().is_some_and(|target| is_own(target, socket.port())) {
            return Err(CliError::usage("--forward-to is the page itself"));
        }
        let settings = Settings {
            app: self.app.app,
            tokens: self.token.tokens()?,
            receiver: self.forward_to.map(Receiver::at).transpose().map_err(CliError::Usage)?,
            answers: None,
            source: self.file.display().to_string(),
        };
        let source = Source::File { path: self.file, is_followed: self.follow };
        let feed = Inspector::start(socket, settings, source)?;
        say(format_args!("{STRONG}page{STRONG:#} at {}", feed.url()));
        let (ended, is_ended) = mpsc::channel();
        let page = ended.clone();
        std::thread::spawn(move || page.send(feed.wait()));
        std::thread::spawn(move || ended.send(block_on(super::listen::interrupted())));
        is_ended.recv().unwrap_or(Ok(())).map(|()| ExitStatus::Met)
    }
}
