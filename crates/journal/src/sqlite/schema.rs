//! The tables, and the versions of them.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// The version of the tables that this program writes, in `user_version`.
const VERSION: i64 = 1;

pub(super) const UNFINISHED: i64 = 0;
pub(super) const DONE: i64 = 1;
pub(super) const DEAD: i64 = 2;

/// No index is unique: it would cost each append a look at a random page, and the journal knows repetitions by itself.
const TABLES: &str = "
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app_id INTEGER NOT NULL,
    command TEXT NOT NULL,
    query TEXT NOT NULL,
    body BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    key TEXT,
    identity TEXT,
    state INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER,
    error TEXT,
    suspected INTEGER NOT NULL DEFAULT 0,
    in_hand INTEGER NOT NULL DEFAULT 0,
    retried INTEGER NOT NULL DEFAULT 0,
    finished_at INTEGER
);
CREATE INDEX entry_unfinished ON entry (id) WHERE state = 0;
CREATE INDEX entry_unfinished_key ON entry (key, id) WHERE state = 0;
CREATE INDEX entry_retried ON entry (id) WHERE retried = 1;
CREATE INDEX entry_dead ON entry (id) WHERE state = 2;
CREATE INDEX entry_finished ON entry (finished_at) WHERE state <> 0;
CREATE TABLE owner (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    fence INTEGER NOT NULL,
    heartbeat INTEGER NOT NULL
);
INSERT INTO owner VALUES (1, 0, 0);
";

/// Makes the tables if there are none.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::failed)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(StoreError::failed)?;
    match found {
        0 => {
            transaction.execute_batch(TABLES).map_err(StoreError::failed)?;
            transaction.pragma_update(None, "user_version", VERSION).map_err(StoreError::failed)?;
            transaction.commit().map_err(StoreError::failed)
        }
        VERSION => Ok(()),
        newer => Err(StoreError::NewerVersion {
            found: u64::try_from(newer).unwrap_or_default(),
            known: u64::try_from(VERSION).unwrap_or_default(),
        }),
    }
}
