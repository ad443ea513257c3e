//! The thread that writes: all that waits goes into one transaction, and is answered after its commit.

use std::{sync::Arc, thread};

use rusqlite::{Connection, Error, ErrorCode, Transaction, TransactionBehavior, params};
use tencent_im_callback::Entry;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{
    id, millis,
    owner::{Owner, is_owner, renew},
    read::unfinished_of,
    row,
    schema::{DEAD, DONE, UNFINISHED},
};
use crate::store::{Change, Fence, StoreError, Unfinished};

/// So much waits at most, and goes into one transaction at most.
const GROUP: usize = 1_024;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write.
pub(super) enum Write {
    Append {
        entries: Vec<Entry>,
        answer: Answer<Vec<u64>>,
    },
    Acquire {
        own: Option<Fence>,
        now: i64,
        answer: Answer<Option<Fence>>,
    },
    /// `now` is 0 to release the fence.
    Renew {
        fence: Fence,
        now: i64,
        answer: Answer<()>,
    },
    Settle {
        fence: Fence,
        changes: Vec<Change>,
        now: i64,
        answer: Answer<()>,
    },
    Retry {
        ids: Vec<u64>,
        answer: Answer<u64>,
    },
    TakeRetried {
        fence: Fence,
        answer: Answer<Vec<Unfinished>>,
    },
    Discard {
        ids: Vec<u64>,
        answer: Answer<u64>,
    },
    Prune {
        done_before: i64,
        dead_before: i64,
        answer: Answer<u64>,
    },
}

/// What was written, to be answered after the commit.
enum Written {
    Append(Vec<u64>, Answer<Vec<u64>>),
    Acquire(Option<Fence>, Answer<Option<Fence>>),
    Fenced(Result<(), StoreError>, Answer<()>),
    Retried(Result<Vec<Unfinished>, StoreError>, Answer<Vec<Unfinished>>),
    Count(u64, Answer<u64>),
}

impl Written {
    fn answer(self, failed: Option<&StoreError>) {
        // Who asked may have gone.
        match self {
            Self::Append(ids, answer) => drop(answer.send(failed.map_or(Ok(ids), |error| Err(error.clone())))),
            Self::Acquire(fence, answer) => drop(answer.send(failed.map_or(Ok(fence), |error| Err(error.clone())))),
            Self::Fenced(result, answer) => drop(answer.send(failed.map_or(result, |error| Err(error.clone())))),
            Self::Retried(result, answer) => drop(answer.send(failed.map_or(result, |error| Err(error.clone())))),
            Self::Count(count, answer) => drop(answer.send(failed.map_or(Ok(count), |error| Err(error.clone())))),
        }
    }
}

impl Write {
    /// Answers without writing.
    fn refuse(self, error: &StoreError) {
        let error = error.clone();
        match self {
            Self::Append { answer, .. } => drop(answer.send(Err(error))),
            Self::Acquire { answer, .. } => drop(answer.send(Err(error))),
            Self::Renew { answer, .. } | Self::Settle { answer, .. } => drop(answer.send(Err(error))),
            Self::TakeRetried { answer, .. } => drop(answer.send(Err(error))),
            Self::Retry { answer, .. } | Self::Discard { answer, .. } | Self::Prune { answer, .. } => {
                drop(answer.send(Err(error)));
            }
        }
    }
}

/// The sending end of the thread.
pub(super) struct Writer(mpsc::Sender<Write>);

impl Writer {
    pub(super) fn start(connection: Connection, owner: Owner, appended: Arc<Notify>) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(GROUP);
        let thread = thread::Builder::new().name("journal-writer".to_owned());
        thread.spawn(move || run(connection, owner, receiver, &appended)).map_err(StoreError::failed)?;
        Ok(Self(sender))
    }

    pub(super) async fn send(&self, write: Write) -> Result<(), StoreError> {
        self.0.send(write).await.map_err(|_| StoreError::Closed)
    }
}

/// Ends when the store is dropped.
fn run(mut connection: Connection, mut owner: Owner, mut receiver: mpsc::Receiver<Write>, appended: &Notify) {
    // After a failed sync it is unknown what the disk has, and the next sync may report success all the same.
    let mut untrusted: Option<StoreError> = None;
    while let Some(first) = receiver.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = receiver.try_recv()
        {
            group.push(next);
        }
        if let Some(error) = &untrusted {
            for write in group {
                write.refuse(error);
            }
            continue;
        }
        let mut written = Vec::with_capacity(group.len());
        let failed = commit(&mut connection, &mut owner, group, &mut written).err().map(|error| {
            let reason = error.to_string();
            if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
                tracing::error!(reason, "the journal cannot be trusted until it is opened again");
                untrusted = Some(StoreError::Untrusted { reason: reason.clone() });
                return StoreError::Untrusted { reason };
            }
            StoreError::Failed { reason }
        });
        let has_appended = written.iter().any(|written| matches!(written, Written::Append(..)));
        for written in written {
            written.answer(failed.as_ref());
        }
        if has_appended {
            // Kept until the feed looks, if it is busy.
            appended.notify_one();
        }
    }
}

fn commit(
    connection: &mut Connection,
    owner: &mut Owner,
    group: Vec<Write>,
    written: &mut Vec<Written>,
) -> rusqlite::Result<()> {
    let mut group = group.into_iter();
    let result = (|| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for write in group.by_ref() {
            written.push(apply(&transaction, owner, write)?);
        }
        transaction.commit()
    })();
    if let Err(error) = &result {
        let error = StoreError::failed(error);
        for write in group {
            write.refuse(&error);
        }
    }
    result
}

fn apply(transaction: &Transaction<'_>, owner: &mut Owner, write: Write) -> rusqlite::Result<Written> {
    Ok(match write {
        Write::Append { entries, answer } => match append(transaction, &entries) {
            Ok(ids) => Written::Append(ids, answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
        Write::Acquire { own, now, answer } => match owner.acquire(transaction, own, now) {
            Ok(fence) => Written::Acquire(fence, answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
        Write::Renew { fence, now, answer } => match renew(transaction, fence, now) {
            Ok(is_owner) => Written::Fenced(owned(is_owner), answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
        Write::Settle { fence, changes, now, answer } => match settle(transaction, fence, &changes, now) {
            Ok(is_owner) => Written::Fenced(owned(is_owner), answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
        Write::Retry { ids, answer } => match retry(transaction, &ids) {
            Ok(count) => Written::Count(count, answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
        Write::TakeRetried { fence, answer } => match take_retried(transaction, fence) {
            Ok(entries) => Written::Retried(entries.ok_or(StoreError::Fenced), answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
        Write::Discard { ids, answer } => match discard(transaction, &ids) {
            Ok(count) => Written::Count(count, answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
        Write::Prune { done_before, dead_before, answer } => match prune(transaction, done_before, dead_before) {
            Ok(count) => Written::Count(count, answer),
            Err(error) => return refused(error, |error| drop(answer.send(Err(error)))),
        },
    })
}

/// Answers the write that has failed. The error ends the transaction.
fn refused(error: Error, answer: impl FnOnce(StoreError)) -> rusqlite::Result<Written> {
    answer(StoreError::failed(&error));
    Err(error)
}

const fn owned(is_owner: bool) -> Result<(), StoreError> {
    if is_owner { Ok(()) } else { Err(StoreError::Fenced) }
}

fn append(transaction: &Transaction<'_>, entries: &[Entry]) -> rusqlite::Result<Vec<u64>> {
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

fn settle(transaction: &Transaction<'_>, fence: Fence, changes: &[Change], now: i64) -> rusqlite::Result<bool> {
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
                    "UPDATE entry SET state = ?, in_hand = 0, due = NULL, finished_at = ? WHERE id = ?",
                )?;
                update.execute(params![DONE, now, row(*id)])?;
            }
            Change::Failed { id, attempts, due, error } => {
                let mut update = transaction
                    .prepare_cached("UPDATE entry SET in_hand = 0, attempts = ?, due = ?, error = ? WHERE id = ?")?;
                update.execute(params![attempts, millis(*due), error, row(*id)])?;
            }
            Change::Dead { id, attempts, error } => {
                let mut update = transaction.prepare_cached(
                    "UPDATE entry SET state = ?, in_hand = 0, attempts = ?, due = NULL, error = ?, finished_at = ? \
                     WHERE id = ?",
                )?;
                update.execute(params![DEAD, attempts, error, now, row(*id)])?;
            }
        }
    }
    Ok(true)
}

fn retry(transaction: &Transaction<'_>, ids: &[u64]) -> rusqlite::Result<u64> {
    let mut update = transaction.prepare_cached(
        "UPDATE entry SET state = ?, retried = 1, attempts = 0, due = NULL, suspected = 0, finished_at = NULL \
         WHERE id = ? AND state <> ?",
    )?;
    ids.iter().try_fold(0, |count, id| Ok(count + update.execute(params![UNFINISHED, row(*id), UNFINISHED])? as u64))
}

/// `None` when another process has taken over.
fn take_retried(transaction: &Transaction<'_>, fence: Fence) -> rusqlite::Result<Option<Vec<Unfinished>>> {
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

fn discard(transaction: &Transaction<'_>, ids: &[u64]) -> rusqlite::Result<u64> {
    let mut delete = transaction.prepare_cached("DELETE FROM entry WHERE id = ?")?;
    ids.iter().try_fold(0, |count, id| Ok(count + delete.execute([row(*id)])? as u64))
}

/// In pieces, so that an append does not wait for long.
fn prune(transaction: &Transaction<'_>, done_before: i64, dead_before: i64) -> rusqlite::Result<u64> {
    let mut delete = transaction.prepare_cached(
        "DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE state <> 0 AND finished_at < \
         CASE state WHEN 1 THEN ?1 ELSE ?2 END ORDER BY finished_at LIMIT 1000)",
    )?;
    Ok(delete.execute([done_before, dead_before])? as u64)
}
