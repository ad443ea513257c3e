//! Panics of the app's code, caught.

use std::{
    any::Any,
    error::Error,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What `work` gives, or the text of its panic.
///
/// What `work` was about to change is not to be looked at after a panic.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(text)
}

/// The text of an error that the app has made.
#[cold]
pub(crate) fn error_text(error: &(dyn Error + 'static)) -> String {
    caught(|| error.to_string()).unwrap_or_else(|_| "an error whose text cannot be written: that panics".to_owned())
}

#[cold]
fn text(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a value that is not text").to_owned();
    // What a panic was made with may panic when it is dropped, and what that was made with may do so again.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        mem::forget(again);
    }
    text
}
