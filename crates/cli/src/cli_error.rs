//! The end of a command: its exit status, and its message when it fails.

use std::{fmt::Display, io, path::Path, process::ExitCode};

use crate::{
    paint::{BAD, HINT},
    untrusted_text::plain,
};

/// What came out of a command that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// All is as it should be: exit status 0.
    Met,
    /// Something is not as it was expected to be: exit status 1.
    Unmet,
}

impl ExitStatus {
    pub(crate) const fn met_if(condition: bool) -> Self {
        if condition { Self::Met } else { Self::Unmet }
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// It was asked for something that there is not, or cannot read what it was given: exit status 2.
    #[error("{0}")]
    Usage(String),
    /// No answer was got from the endpoint: exit status 3.
    #[error("{0}")]
    Unreachable(String),
    /// Its output cannot be written: exit status 2, or 0 where the reader has had enough.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    /// A file of the user's cannot be read or written.
    pub(crate) fn file(path: &Path, error: impl Display) -> Self {
        Self::Usage(format!("{}: {error}", path.display()))
    }

    pub(crate) fn report(&self) -> ExitCode {
        let status = match self {
            // `im-callback list | head -1` is no mistake.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Self::Usage(_) | Self::Output(_) => 2,
            Self::Unreachable(_) => 3,
        };
        let text = self.to_string();
        let (error, hints) = text.split_once('\n').unwrap_or((&text, ""));
        say(format_args!("{BAD}error:{BAD:#} {}", plain(error)));
        for hint in hints.lines() {
            say(format_args!("{HINT}hint:{HINT:#} {}", plain(hint)));
        }
        ExitCode::from(status)
    }
}

/// Writes a line to standard error, which may be closed: then the line is lost.
pub(crate) fn say(line: impl Display) {
    use io::Write as _;

    let _ = writeln!(anstream::stderr(), "{line}");
}
