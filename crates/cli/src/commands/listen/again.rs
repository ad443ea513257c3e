//! The key of `listen --forward-to`: Enter sends the last callback to the receiver again.

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    thread,
};

use http::Request;
use tencent_im_callback_testkit::recording::Recorded;
use tokio::sync::mpsc;

use super::server::Body;
use crate::{
    cli_error::{CliError, say},
    credentials::Token,
    paint::FAINT,
};

/// The lines that are typed while `listen` runs. There are none where standard input is no terminal.
pub(super) struct Keys(Option<mpsc::UnboundedReceiver<()>>);

impl Keys {
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// Tells which key there is, and waits for it.
    pub(super) fn of_terminal() -> Self {
        if !io::stdin().is_terminal() || !is_in_foreground() {
            return Self::none();
        }
        say(format_args!("{FAINT}Enter sends the last callback again{FAINT:#}"));
        let (typed, lines) = mpsc::unbounded_channel();
        // A read cannot be interrupted: the thread ends with the process.
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                if line.is_err() || typed.send(()).is_err() {
                    break;
                }
            }
        });
        Self(Some(lines))
    }

    /// Ready at the next Enter.
    pub(super) async fn pressed(&mut self) {
        if let Some(lines) = &mut self.0
            && lines.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// Whether the process may read from its terminal: the shell stops a job in the background that does.
fn is_in_foreground() -> bool {
    #[cfg(unix)]
    {
        // An error says that the terminal does not control the process, and so does not stop it.
        rustix::termios::tcgetpgrp(io::stdin()).map_or(true, |group| group == rustix::process::getpgrp())
    }
    #[cfg(not(unix))]
    {
        true
    }
}

/// The callback as it would be sent now: with the same content, and a new signature if it had one.
pub(super) fn request(last: &Recorded, tokens: &[Token]) -> Result<Request<Body>, CliError> {
    let mut request = last.request();
    if let Some(token) = tokens.first() {
        request = request.signed_by(&token.signer()).at(std::time::SystemTime::now());
    }
    let request = request.build().map_err(|error| CliError::usage(error.to_string()))?;
    Ok(request.map(|bytes| Body { length: bytes.len(), bytes }))
}
