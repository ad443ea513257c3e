//! Which process feeds from the journal.
//!
//! The table `owner` has the number of the feeding and its last heartbeat. Beside it the feeding process holds the lock of a
//! file that is named after the number. The system releases the lock when the process ends, however it ends, so that the
//! next process need not wait until the heartbeat is old.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use rusqlite::{Transaction, params};

use super::{id, row, schema::UNFINISHED, write::forget_retried};
use crate::store::Fence;

/// The feeding process renews its heartbeat each second. When it has not for so many milliseconds, another may take over.
const TAKE_OVER_AFTER: i64 = 5_000;

/// The lock of this process, while it feeds.
pub(super) struct Owner {
    folder: PathBuf,
    lock: Option<(Fence, File)>,
}

impl Owner {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), lock: None }
    }

    /// The next number, unless another process feeds. `own` is the last number of this process.
    pub(super) fn acquire(
        &mut self,
        transaction: &Transaction<'_>,
        own: Option<Fence>,
        now: i64,
    ) -> rusqlite::Result<Option<Fence>> {
        let (last, heartbeat): (i64, i64) =
            transaction.query_row("SELECT fence, heartbeat FROM owner", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        // A heartbeat far in the future is from before the clock was set back.
        let is_fresh = (now - TAKE_OVER_AFTER..=now + TAKE_OVER_AFTER).contains(&heartbeat);
        let is_own = own == Some(Fence(id(last)));
        if is_fresh && !is_own && !self.has_ended(Fence(id(last))) {
            return Ok(None);
        }
        let fence = Fence(id(last + 1));
        transaction.execute("UPDATE owner SET fence = ?, heartbeat = ?", params![row(fence.0), now])?;
        transaction.execute(
            "UPDATE entry SET suspected = suspected + ?, in_hand = 0 WHERE state = ? AND in_hand = 1",
            params![i64::from(!is_own), UNFINISHED],
        )?;
        // Who feeds reads all unfinished entries at first.
        forget_retried(transaction)?;
        self.hold(fence);
        _ = fs::remove_file(self.path(Fence(id(last))));
        Ok(Some(fence))
    }

    /// Whether the process with this number has ended. Where the file of its lock is gone its heartbeat decides.
    fn has_ended(&self, fence: Fence) -> bool {
        let is_own = self.lock.as_ref().is_some_and(|(own, _)| *own == fence);
        let Ok(file) = OpenOptions::new().write(true).open(self.path(fence)) else { return false };
        !is_own && file.try_lock().is_ok()
    }

    /// Without the lock, such as on a full disk, other processes wait for an old heartbeat.
    fn hold(&mut self, fence: Fence) {
        // It may be the lock of this very number, of a transaction that was not committed.
        self.lock = None;
        let locked = File::create(self.path(fence)).and_then(|file| match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(std::io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        });
        match locked {
            Ok(file) => self.lock = Some((fence, file)),
            Err(error) => {
                tracing::warn!(%error, "the lock of the journal is not held; after a crash other processes wait 5 seconds");
            }
        }
    }

    fn path(&self, fence: Fence) -> PathBuf {
        self.folder.join(format!("owner-{}", fence.0))
    }
}

/// Whether this process feeds still. `now` is 0 to end.
pub(super) fn renew(transaction: &Transaction<'_>, fence: Fence, now: i64) -> rusqlite::Result<bool> {
    let mut update = transaction.prepare_cached("UPDATE owner SET heartbeat = ? WHERE fence = ?")?;
    Ok(update.execute(params![now, row(fence.0)])? == 1)
}

/// Whether no other process has taken over.
pub(super) fn is_owner(transaction: &Transaction<'_>, fence: Fence) -> rusqlite::Result<bool> {
    let found: i64 = transaction.prepare_cached("SELECT fence FROM owner")?.query_row([], |row| row.get(0))?;
    Ok(id(found) == fence.0)
}
