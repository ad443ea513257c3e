//! Catches panics of the app's code.

use std::{
    any::Any,
    error::Error,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The result of `work`, or the text of its panic.
///
/// After a panic the caller must not use what `work` was changing.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(text)
}

/// The text of an error of the app, whose `Display` may panic.
#[cold]
pub(crate) fn error_text(error: &(dyn Error + 'static)) -> String {
    caught(|| error.to_string()).unwrap_or_else(|_| "an error whose text cannot be written: that panics".to_owned())
}

#[cold]
fn text(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a value that is not text").to_owned();
    // The value of a panic may panic when it is dropped, and the value of that panic too.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        mem::forget(again);
    }
    text
}
