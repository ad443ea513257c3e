//! The errors, each named after the operation that fails.

use std::fmt;

/// The error of a handler's method: any error, or a text by `?` or `.into()`.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a handler's method returns: its answer, or an error.
///
/// An error is logged and answered by the failure policy of the callback, [`OnFailure`](crate::OnFailure);
/// its text is not sent.
pub type Result<T, E = BoxError> = std::result::Result<T, E>;

/// Why [`EndpointBuilder::build`](crate::EndpointBuilder::build) makes no endpoint: an application, a token or a
/// setting with which the endpoint cannot work.
///
/// The text names the application or the setting, and never quotes a token. `Debug` writes the same text as `Display`,
/// so that a `main` that returns the error prints a sentence.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
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
    /// A token begins or ends with white space. The console gives no such token; the way it was read adds the space.
    #[error("a token of application {app_id} begins or ends with white space")]
    PaddedToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// A token is in quotes. The way it was read keeps them: `docker --env-file` does, for example.
    #[error("a token of application {app_id} is in quotes; give it without them")]
    QuotedToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// A token has fewer than four characters: it is a part of a token, or it is easy to guess.
    #[error("a token of application {app_id} has fewer than four characters")]
    ShortToken {
        /// Its `SdkAppid`.
        app_id: u64,
    },
    /// No callback has this command.
    #[error("no callback has the command `{command}`")]
    UnknownCommand {
        /// The command word.
        command: String,
    },
    /// A failure of this callback cannot be answered with a refusal: only *before* callbacks can be refused.
    #[error("`{command}` cannot be refused; only before callbacks can")]
    NotRefusable {
        /// The callback's command word.
        command: &'static str,
    },
    /// This callback waits for an answer of its method: only *after* callbacks can be acknowledged at once.
    #[error("`{command}` is answered by its method; only after callbacks have a setting for their acknowledgement")]
    NotAfter {
        /// The callback's command word.
        command: &'static str,
    },
    /// With this setting the endpoint would accept no callback.
    #[error("`{setting}` cannot be zero")]
    Zero {
        /// The method of the builder.
        setting: &'static str,
    },
}

/// The error of `try_new` and `TryFrom<u32>` of the own codes, such as [`GroupCode`](crate::GroupCode): the service
/// does not accept this code for the command.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the error code {code} is not in {min}..={max}")]
#[non_exhaustive]
pub struct CodeOutOfRange {
    /// The code.
    pub code: u32,
    /// The smallest code of the range.
    pub min: u32,
    /// The largest code of the range.
    pub max: u32,
}

/// The error of [`Replacement::body`](crate::Replacement::body): the service does not accept such a message.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReplacement {
    /// The new message has no element.
    #[error("a message has at least one element")]
    EmptyMessage,
    /// The new message has several custom elements.
    #[error("a message has at most one custom element")]
    TwoCustomElements,
}

/// The error of [`UnknownAnswer::fields`](crate::UnknownAnswer::fields): these are no fields of an answer.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAnswer {
    /// The value is not written as a JSON object.
    #[error("the fields of an answer are a JSON object")]
    NoObject,
    /// The value has a field that every answer has.
    #[error("`{name}` is set by `acknowledge` or `with_code`")]
    ReservedField {
        /// The name of the field.
        name: &'static str,
    },
}

/// The error of [`Element::set_content`](crate::message::Element::set_content): the old and the new content differ
/// within more than 64 levels of objects and lists.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the content differs within more than 64 levels of objects and lists")]
#[non_exhaustive]
pub struct ContentTooDeep;

/// Implements `Debug` by `Display`, because a `main` that returns an error prints its `Debug`.
macro_rules! debug_as_display {
    ($($Error:ident),*) => {
        $(
            impl fmt::Debug for $Error {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }
        )*
    };
}

debug_as_display!(BuildError, CodeOutOfRange, InvalidReplacement, InvalidAnswer, ContentTooDeep);

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
