//! The thread that moves what was written from the write-ahead log into the database, so that the log stays small.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Weak,
    thread,
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::Notify;

use super::connect;
use crate::store::StoreError;

/// How often the log is looked at.
const PAUSE: Duration = Duration::from_millis(500);

/// A log of this size is moved into the database; appends go on meanwhile.
const PASSIVE: u64 = 16 << 20;

/// A log of this size is cut, for which appends have to wait.
const TRUNCATE: u64 = 192 << 20;

/// `store` ends the thread when the store is dropped.
pub(super) fn start(path: PathBuf, store: Weak<Notify>) -> Result<(), StoreError> {
    let connection = connect(&path)?;
    let thread = thread::Builder::new().name("journal-checkpoint".to_owned());
    let run = move || {
        while store.strong_count() > 0 {
            thread::sleep(PAUSE);
            let size = log_size(&path);
            if size >= TRUNCATE {
                checkpoint(&connection, "TRUNCATE");
            } else if size >= PASSIVE {
                checkpoint(&connection, "PASSIVE");
            }
        }
    };
    thread.spawn(run).map_err(StoreError::failed)?;
    Ok(())
}

fn log_size(path: &Path) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    fs::metadata(name).map_or(0, |metadata| metadata.len())
}

fn checkpoint(connection: &Connection, mode: &str) {
    // A checkpoint that fails is tried again at the next look.
    if let Err(error) = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())) {
        tracing::warn!(%error, "a checkpoint of the journal failed");
    }
}
