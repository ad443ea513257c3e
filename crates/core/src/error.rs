//! What can go wrong, as types.

use std::fmt;

/// What a handler's method may fail with: any error, also a text by `?` or `.into()`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a handler's method returns: its answer, or an error.
///
/// An error is logged and answered by the failure policy of the callback, [`OnFailure`](crate::OnFailure);
/// its text does not leave the process.
pub type Result<T, E = BoxError> = std::result::Result<T, E>;

/// What is wrong with a setting or a value that the app gave.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The endpoint has no application, so it would refuse every request.
    #[error("no application is registered; add one with `app`")]
    NoApp,
    /// One application was registered twice.
    #[error("application {app_id} is registered twice")]
    DuplicateApp {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// The tokens of an application were to be replaced that is not registered.
    #[error("application {app_id} is not registered")]
    UnknownApp {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// An application was registered without a token.
    #[error("application {app_id} has no token; `unverified_app` is for receivers that check no signature")]
    NoToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// A token is empty.
    #[error("a token of application {app_id} is empty")]
    EmptyToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// A token begins or ends with white space, which comes from the way it was read rather than from the console.
    #[error("a token of application {app_id} begins or ends with white space")]
    PaddedToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// A token is in quotes, which come from the way it was read: `docker --env-file` keeps them, for example.
    #[error("a token of application {app_id} is in quotes; give it without them")]
    QuotedToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// A token has fewer than four characters: a part of a token, or one that is soon guessed.
    #[error("a token of application {app_id} has fewer than four characters")]
    ShortToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// A command that no callback has.
    #[error("no callback has the command `{command}`")]
    UnknownCommand {
        /// The word.
        command: String,
    },
    /// A failure of an *after* callback cannot be answered with a refusal.
    #[error("`{command}` comes after the fact and cannot be refused")]
    NotRefusable {
        /// The callback's command word.
        command: &'static str,
    },
    /// A setting that would let no callback through.
    #[error("`{setting}` cannot be zero")]
    Zero {
        /// The setter.
        setting: &'static str,
    },
    /// An error code outside the range that the service knows for the command.
    #[error("the error code {code} is not in {min}..={max}")]
    CodeOutOfRange {
        /// The code.
        code: u32,
        /// The smallest that is allowed.
        min: u32,
        /// The largest that is allowed.
        max: u32,
    },
    /// A message was to be replaced by one without an element.
    #[error("a message has at least one element")]
    EmptyMessage,
    /// A message was to be replaced by one with several custom elements.
    #[error("a message has at most one custom element")]
    TwoCustomElements,
    /// The content of an element was to be changed deeper within it than is looked at.
    #[error("the content differs within more than 64 levels of objects and lists")]
    TooDeep,
}

/// Why the body of a known callback could not be read into its event.
///
/// It says where and what, but never quotes text from the body: that may be a user's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    command: &'static str,
    path: String,
    reason: String,
}

impl DecodeError {
    pub(crate) const fn new(command: &'static str, path: String, reason: String) -> Self {
        Self { command, path, reason }
    }

    /// The command whose event the body was to be read into.
    #[must_use]
    pub const fn command(&self) -> &'static str {
        self.command
    }

    /// Where the fault is, as a JSON path such as `FriendItem[0].To_Account`; `.` for the whole body.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there: never with text from the body, though it may name a number.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body of {} does not decode at `{}`: {}", self.command, self.path, self.reason)
    }
}

impl std::error::Error for DecodeError {}
