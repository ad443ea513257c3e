//! Numbers of the command line, with errors that say what is wanted.

use std::num::NonZeroUsize;

/// How many: 1 or more.
pub(crate) fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "it is a whole number, 1 or more".to_owned())
}

/// An application, as the console numbers them.
pub(crate) fn app(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "it is the number of the application, its SDKAppID in the console".to_owned())
}
