//! Errors of the client as errors of a store.

use std::error::Error as _;

use tencent_im_callback_journal::StoreError;
use tokio_postgres::Error;

/// The text of an error, without what a server adds as its detail: that may have values of rows.
pub(crate) fn failed(error: &Error) -> StoreError {
    StoreError::failed(text(error))
}

fn text(error: &Error) -> String {
    if let Some(server) = error.as_db_error() {
        return format!("PostgreSQL: {} (SQLSTATE {})", server.message(), server.code().code());
    }
    let mut text = format!("PostgreSQL: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
