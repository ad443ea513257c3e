//! The thread that writes: all that waits goes into one transaction, and is answered after its commit.

use std::thread;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior, params};
use tencent_im_callback::Entry;
use tokio::sync::{mpsc, oneshot};

use super::{
    id, millis,
    owner::{Owner, is_owner},
    read::unfinished_of,
    row,
    schema::{DEAD, DONE, UNFINISHED},
};
use crate::store::{Change, Fence, StoreError, Unfinished};

/// So much waits at most, and goes into one transaction at most.
const GROUP: usize = 1_024;

/// What a write comes to: its own result within that of the transaction.
pub(super) type Outcome<T> = rusqlite::Result<Result<T, StoreError>>;

/// Something to write for a task that waits for it.
trait Write: Send {
    /// Writes within the transaction. An error ends the transaction.
    fn apply(&mut self, transaction: &Transaction<'_>, owner: &mut Owner) -> rusqlite::Result<()>;

    /// Wakes the task, after the commit or with the reason why there is none.
    fn answer(self: Box<Self>, failed: Option<&StoreError>);
}

struct Job<T, F> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnOnce(&Transaction<'_>, &mut Owner) -> Outcome<T> + Send> Write for Job<T, F> {
    fn apply(&mut self, transaction: &Transaction<'_>, owner: &mut Owner) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(work(transaction, owner)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, failed: Option<&StoreError>) {
        let result = match failed {
            Some(error) => Err(error.clone()),
            None => self.result.unwrap_or(Err(StoreError::Closed)),
        };
        // The task may have ended.
        _ = self.answer.send(result);
    }
}

/// The sending end of the thread.
pub(super) struct Writer(mpsc::Sender<Box<dyn Write>>);

impl Writer {
    pub(super) fn start(connection: Connection, owner: Owner) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(GROUP);
        let thread = thread::Builder::new().name("journal-writer".to_owned());
        thread.spawn(move || run(connection, owner, receiver)).map_err(StoreError::failed)?;
        Ok(Self(sender))
    }

    /// Writes within the next transaction; returns after its commit.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>, &mut Owner) -> Outcome<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Job { work: Some(work), result: None, answer });
        self.0.send(job).await.map_err(|_| StoreError::Closed)?;
        answered.await.unwrap_or(Err(StoreError::Closed))
    }
}

/// Ends when the store is dropped.
fn run(mut connection: Connection, mut owner: Owner, mut receiver: mpsc::Receiver<Box<dyn Write>>) {
    // After a failed sync it is unknown what the disk has, and the next sync may report success all the same.
    let mut untrusted: Option<StoreError> = None;
    while let Some(first) = receiver.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = receiver.try_recv()
        {
            group.push(next);
        }
        let failed = untrusted.clone().or_else(|| {
            let error = commit(&mut connection, &mut owner, &mut group).err()?;
            let reason = error.to_string();
            if error.sqlite_error_code() != Some(ErrorCode::SystemIoFailure) {
                return Some(StoreError::Failed { reason });
            }
            tracing::error!(reason, "the journal cannot be trusted until it is opened again");
            untrusted = Some(StoreError::Untrusted { reason });
            untrusted.clone()
        });
        for write in group {
            write.answer(failed.as_ref());
        }
    }
}

fn commit(connection: &mut Connection, owner: &mut Owner, group: &mut [Box<dyn Write>]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for write in group {
        write.apply(&transaction, owner)?;
    }
    transaction.commit()
}

/// The result of a write for which the process has to feed.
pub(super) const fn if_owner(is_owner: bool) -> Result<(), StoreError> {
    if is_owner { Ok(()) } else { Err(StoreError::Fenced) }
}

pub(super) fn append(transaction: &Transaction<'_>, entries: &[Entry]) -> rusqlite::Result<Vec<u64>> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO entry (app_id, command, query, body, received_at, key, identity) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    let rows = entries.iter().map(|entry| {
        insert.insert(params![
            row(entry.app_id),
            entry.command,
            entry.query,
            &entry.body[..],
            millis(entry.received_at),
            entry.key.as_ref().map(AsRef::<str>::as_ref),
            entry.identity.as_ref().map(AsRef::<str>::as_ref),
        ])
    });
    rows.map(|row| row.map(id)).collect()
}

pub(super) fn settle(
    transaction: &Transaction<'_>,
    fence: Fence,
    changes: &[Change],
    now: i64,
) -> rusqlite::Result<bool> {
    if !is_owner(transaction, fence)? {
        return Ok(false);
    }
    for change in changes {
        match change {
            Change::Started { id } => {
                let mut update = transaction.prepare_cached("UPDATE entry SET in_hand = 1 WHERE id = ?")?;
                update.execute([row(*id)])?;
            }
            Change::Released { id } => {
                let mut update = transaction.prepare_cached("UPDATE entry SET in_hand = 0 WHERE id = ?")?;
                update.execute([row(*id)])?;
            }
            Change::Done { id } => {
                let mut update = transaction.prepare_cached(
                    "UPDATE entry SET state = ?, in_hand = 0, due = NULL, finished_at = ? \
                     WHERE id = ? AND state = 0",
                )?;
                update.execute(params![DONE, now, row(*id)])?;
            }
            Change::Failed { id, attempts, due, error } => {
                let mut update = transaction.prepare_cached(
                    "UPDATE entry SET in_hand = 0, attempts = ?, due = ?, error = ? WHERE id = ? AND state = 0",
                )?;
                update.execute(params![attempts, millis(*due), error, row(*id)])?;
            }
            Change::Dead { id, attempts, error } => {
                let mut update = transaction.prepare_cached(
                    "UPDATE entry SET state = ?, in_hand = 0, attempts = ?, due = NULL, error = ?, finished_at = ? \
                     WHERE id = ? AND state = 0",
                )?;
                update.execute(params![DEAD, attempts, error, now, row(*id)])?;
            }
        }
    }
    Ok(true)
}

pub(super) fn retry(transaction: &Transaction<'_>, ids: &[u64]) -> rusqlite::Result<u64> {
    let mut update = transaction.prepare_cached(
        "UPDATE entry SET state = ?, retried = 1, attempts = 0, due = NULL, suspected = 0, finished_at = NULL \
         WHERE id = ? AND state <> ?",
    )?;
    ids.iter().try_fold(0, |count, id| Ok(count + update.execute(params![UNFINISHED, row(*id), UNFINISHED])? as u64))
}

/// `None` when another process has taken over.
pub(super) fn take_retried(transaction: &Transaction<'_>, fence: Fence) -> rusqlite::Result<Option<Vec<Unfinished>>> {
    if !is_owner(transaction, fence)? {
        return Ok(None);
    }
    let mut select = transaction.prepare_cached(
        "SELECT id, key, attempts, due, error, suspected FROM entry WHERE retried = 1 AND state = 0 ORDER BY id",
    )?;
    let entries = select.query_map([], unfinished_of)?.collect::<rusqlite::Result<Vec<_>>>()?;
    forget_retried(transaction)?;
    Ok(Some(entries))
}

pub(super) fn forget_retried(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    transaction.prepare_cached("UPDATE entry SET retried = 0 WHERE retried = 1")?.execute([])
}

pub(super) fn discard(transaction: &Transaction<'_>, ids: &[u64]) -> rusqlite::Result<u64> {
    let mut delete = transaction.prepare_cached("DELETE FROM entry WHERE id = ?")?;
    ids.iter().try_fold(0, |count, id| Ok(count + delete.execute([row(*id)])? as u64))
}

/// In pieces, so that an append does not wait for long.
pub(super) fn prune(transaction: &Transaction<'_>, done_before: i64, dead_before: i64) -> rusqlite::Result<u64> {
    let mut delete = transaction.prepare_cached(
        "DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE state <> 0 AND finished_at < \
         CASE state WHEN 1 THEN ?1 ELSE ?2 END ORDER BY finished_at LIMIT 1000)",
    )?;
    Ok(delete.execute([done_before, dead_before])? as u64)
}
