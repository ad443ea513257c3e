//! Where a journal is: a folder, or the address of a server.

use clap::Args;
use tencent_im_callback_journal::{Sqlite, Store, StoreError};

use crate::cli_error::CliError;

/// Where a journal is.
#[derive(Args, Debug)]
pub(super) struct Location {
    /// The folder of the journal, or its address: postgres://.. or nats://..
    #[arg(value_name = "JOURNAL")]
    journal: String,
}

impl Location {
    /// Opens the journal that is there.
    pub(super) async fn open(&self) -> Result<Box<dyn Store>, CliError> {
        open(&self.journal, Mode::Existing).await
    }
}

/// How the addresses begin that this build of the command opens.
const SCHEMES: &[&str] = &[
    #[cfg(feature = "postgres")]
    "postgres://",
    #[cfg(feature = "nats")]
    "nats://",
];

/// What becomes of a journal that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is an error.
    Existing,
    /// It is made, and takes every entry that is appended, also one that it knows.
    ToCopyInto,
}

pub(super) async fn open(journal: &str, mode: Mode) -> Result<Box<dyn Store>, CliError> {
    let opened = match journal.split_once("://") {
        #[cfg(feature = "postgres")]
        Some(("postgres" | "postgresql", _)) => postgres(journal, mode).await,
        #[cfg(feature = "nats")]
        Some(("nats" | "tls", _)) => nats(journal, mode).await,
        Some((scheme, _)) => {
            let text = format!("this command opens no journal with an address that begins with {scheme}://");
            return Err(CliError::usage(format!("{text}\nit opens a folder, or one of {}", SCHEMES.join(", "))));
        }
        None => folder(journal, mode).await,
    };
    let hint = "it is what the receiver opens: the folder of `Journal::open`, or the address of its server";
    opened.map_err(|error| CliError::usage(format!("no journal is opened: {error}\n{hint}")))
}

async fn folder(folder: &str, mode: Mode) -> Result<Box<dyn Store>, StoreError> {
    let store = match mode {
        Mode::Existing => Sqlite::open_existing(folder).await?,
        Mode::ToCopyInto => Sqlite::open(folder).await?,
    };
    Ok(Box::new(store))
}

#[cfg(feature = "postgres")]
async fn postgres(address: &str, mode: Mode) -> Result<Box<dyn Store>, StoreError> {
    use tencent_im_callback_journal_postgres::Postgres;

    let store = match mode {
        Mode::Existing => Postgres::connect_existing(address).await?,
        Mode::ToCopyInto => Postgres::builder(address).repetitions(std::time::Duration::ZERO).connect().await?,
    };
    Ok(Box::new(store))
}

#[cfg(feature = "nats")]
async fn nats(address: &str, mode: Mode) -> Result<Box<dyn Store>, StoreError> {
    use tencent_im_callback_journal_nats::Nats;

    let store = match mode {
        Mode::Existing => Nats::connect_existing(address).await?,
        Mode::ToCopyInto => Nats::builder(address).repetitions(std::time::Duration::ZERO).connect().await?,
    };
    Ok(Box::new(store))
}

/// The location without a password, to be shown.
pub(super) fn shown(journal: &str) -> String {
    let Some((scheme, rest)) = journal.split_once("://") else { return journal.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // A parameter may be a password too.
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for (journal, expected) in [
            ("folder/with@sign", "folder/with@sign"),
            ("postgres://me:sec@ret@host:1/db?password=secret", "postgres://host:1/db"),
            ("nats://token@host", "nats://host"),
            ("nats://host?token=secret", "nats://host"),
        ] {
            assert_eq!(shown(journal), expected);
        }
    }
}
