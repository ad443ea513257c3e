//! A feeding: one connection to the server, which holds the advisory locks of its partitions.
//!
//! Another connection gets a lock only after this connection has ended. So every write of this connection is a write of the
//! owner, and needs no further check.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use tencent_im_callback::Key;
use tencent_im_callback_journal::{
    StoreError,
    store::{Change, Fence, Share, Unfinished},
};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    errors::failed,
    link::{Connected, Server},
    read::{id, millis, row_id, unfinished},
};

/// The statements of a feeding take at most this time. At a takeover all unfinished entries are looked at.
const TIME: Duration = Duration::from_secs(20);

/// The number within the journal's advisory locks that every feeding session holds, to be counted.
const WORKER: i32 = i32::MAX;

const RENEW: &str = "SELECT partition, is_surplus FROM renew($1, $2)";
const GIVE_UP: &str = "SELECT give_up($1, $2)";
const SETTLE: &str = "SELECT settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const TAKE: &str = "SELECT taken_to, is_more FROM take($1, $2, $3, $4, $5)";
// The partitions of a feeding may be taken up to different ids: what is behind the lowest is read in its turn.
const OF_PARTITIONS: &str = "SELECT t.id, t.partition, t.key, t.attempts, t.due, t.error, t.suspected \
     FROM taken t JOIN owner o USING (partition) \
     WHERE o.fence = $1 AND t.id >= $2 AND t.id <= (SELECT min(taken_to) FROM owner WHERE fence = $1) \
     ORDER BY t.id LIMIT $3";
const OF_KEY: &str = "SELECT t.id, t.partition, t.key, t.attempts, t.due, t.error, t.suspected \
     FROM taken t JOIN owner o USING (partition) \
     WHERE o.fence = $1 AND t.id >= $2 AND t.key = $4 ORDER BY t.id LIMIT $3";
const TAKE_RETRIED: &str = "WITH retried AS ( \
         UPDATE taken t SET is_retried = false FROM owner o \
         WHERE t.is_retried AND o.partition = t.partition AND o.fence = $1 RETURNING t.* \
     ) SELECT id, partition, key, attempts, due, error, suspected FROM retried ORDER BY id";

/// So many entries of all partitions are looked at in one statement.
const TAKEN_AT_ONCE: i64 = 5_000;

struct Session {
    connected: Connected,
    /// The earlier fences of this process.
    earlier: Vec<i64>,
    /// What it has, as far as it knows.
    partitions: Mutex<BTreeSet<i32>>,
    /// The entries of its partitions are taken up to this id at least.
    taken_to: AtomicI64,
}

/// The feedings of this process: one, or none.
pub(crate) struct Sessions {
    server: Arc<Server>,
    /// In milliseconds.
    repetitions: i64,
    by_fence: Mutex<BTreeMap<u64, Arc<Session>>>,
}

impl Sessions {
    /// An entry is a repetition if its identity was received within this time before.
    pub(crate) fn new(server: Arc<Server>, repetitions: Duration) -> Self {
        let repetitions = i64::try_from(repetitions.as_millis()).unwrap_or(i64::MAX);
        Self { server, repetitions, by_fence: Mutex::default() }
    }

    pub(crate) async fn acquire(&self, own: Option<Fence>) -> Result<Fence, StoreError> {
        let before = own.and_then(|own| self.take(own));
        let mut earlier = before.as_ref().map(|session| session.earlier.clone()).unwrap_or_default();
        earlier.extend(own.map(|Fence(own)| row_id(own)));
        // The session before ends, and the server releases its locks.
        drop(before);
        let connected = Connected::new(self.server.open(TIME).await?, TIME);
        let begin = format!(
            "LISTEN {}; SELECT pg_advisory_lock_shared({}, {WORKER})",
            self.server.channel(),
            self.server.class
        );
        connected.client.batch_execute(&begin).await.map_err(|error| failed(&error))?;
        let rows = connected.query("SELECT nextval('fence')", &[]).await?;
        let fence = id(rows.first().ok_or(StoreError::Closed)?, 0)?;
        let session = Session { connected, earlier, partitions: Mutex::default(), taken_to: AtomicI64::new(0) };
        self.lock().insert(fence, Arc::new(session));
        Ok(Fence(fence))
    }

    pub(crate) async fn renew(&self, fence: Fence) -> Result<Share, StoreError> {
        let session = self.session(fence)?;
        let rows = session.query(RENEW, &[&row_id(fence.0), &session.earlier]).await?;
        let mut share = Share::default();
        let mut partitions = BTreeSet::new();
        for row in rows {
            let (partition, is_surplus): (i32, bool) = row
                .try_get(0)
                .and_then(|partition| Ok((partition, row.try_get(1)?)))
                .map_err(|error| failed(&error))?;
            partitions.insert(partition);
            let number = u32::try_from(partition).unwrap_or_default();
            share.partitions.push(number);
            if is_surplus {
                share.surplus.push(number);
            }
        }
        let mut known = session.partitions.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_subset(&partitions) {
            *known = partitions;
            Ok(share)
        } else {
            Err(StoreError::Fenced)
        }
    }

    pub(crate) async fn give_up(&self, fence: Fence, partition: u32) -> Result<(), StoreError> {
        let session = self.session(fence)?;
        let partition = i32::try_from(partition).unwrap_or(i32::MAX);
        session.partitions.lock().unwrap_or_else(PoisonError::into_inner).remove(&partition);
        session.query(GIVE_UP, &[&row_id(fence.0), &partition]).await.map(drop)
    }

    /// Ends the session. What is in hand still is suspected then.
    pub(crate) async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        let Some(session) = self.take(fence) else { return Err(StoreError::Fenced) };
        let partitions = session.partitions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for partition in partitions {
            session.query(GIVE_UP, &[&row_id(fence.0), &partition]).await?;
        }
        Ok(())
    }

    /// What is unfinished. What the log has beyond that is taken from there first.
    pub(crate) async fn unfinished(&self, fence: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        let session = self.session(fence)?;
        let (fence, from, limit) = (row_id(fence.0), row_id(from), row_id(max as u64));
        loop {
            let is_more = session.take(fence, from, limit, self.repetitions).await?;
            let rows = session.query(OF_PARTITIONS, &[&fence, &from, &limit]).await?;
            if !is_more || rows.len() >= max {
                return rows.iter().map(unfinished).collect();
            }
        }
    }

    /// What is unfinished of a key, as far as it was taken: [`unfinished`](Self::unfinished) gives the rest.
    pub(crate) async fn unfinished_of(
        &self,
        fence: Fence,
        key: &Key,
        from: u64,
        max: usize,
    ) -> Result<Vec<Unfinished>, StoreError> {
        let session = self.session(fence)?;
        let (fence, from, max) = (row_id(fence.0), row_id(from), row_id(max as u64));
        let rows = session.query(OF_KEY, &[&fence, &from, &max, &key.as_str()]).await?;
        rows.iter().map(unfinished).collect()
    }

    pub(crate) async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError> {
        let session = self.session(fence)?;
        let rows = session.query(TAKE_RETRIED, &[&row_id(fence.0)]).await?;
        rows.iter().map(unfinished).collect()
    }

    pub(crate) async fn settle(&self, fence: Fence, changes: Vec<Change>) -> Result<(), StoreError> {
        let session = self.session(fence)?;
        let settled = Settled::from(changes);
        // Entries that were appended just now, by a copy of a journal.
        while settled.last() > session.taken_to.load(Ordering::Relaxed) {
            if !session.take(row_id(fence.0), i64::MAX, 1, self.repetitions).await? {
                break;
            }
        }
        let rows = session.query(SETTLE, &settled.values(&row_id(fence.0), &millis(SystemTime::now()))).await?;
        let is_owner = rows.first().ok_or(StoreError::Closed)?.try_get(0).map_err(|error| failed(&error))?;
        if is_owner { Ok(()) } else { Err(StoreError::Fenced) }
    }

    fn session(&self, fence: Fence) -> Result<Arc<Session>, StoreError> {
        self.lock().get(&fence.0).cloned().ok_or(StoreError::Fenced)
    }

    fn take(&self, fence: Fence) -> Option<Arc<Session>> {
        self.lock().remove(&fence.0)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Arc<Session>>> {
        self.by_fence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    async fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        self.connected.query(sql, values).await
    }

    /// Takes entries out of the log, unless `enough` with ids of `from` or more are taken; whether there are more.
    async fn take(&self, fence: i64, from: i64, enough: i64, repetitions: i64) -> Result<bool, StoreError> {
        let rows = self.query(TAKE, &[&fence, &from, &enough, &TAKEN_AT_ONCE, &repetitions]).await?;
        let row = rows.first().ok_or(StoreError::Closed)?;
        let (taken_to, is_more): (Option<i64>, bool) =
            row.try_get(0).and_then(|taken_to| Ok((taken_to, row.try_get(1)?))).map_err(|error| failed(&error))?;
        self.taken_to.fetch_max(taken_to.unwrap_or_default(), Ordering::Relaxed);
        Ok(is_more)
    }
}

/// Changes as the columns of [`SETTLE`].
#[derive(Default)]
struct Settled {
    started: Vec<i64>,
    released: Vec<i64>,
    done: Vec<i64>,
    failed: Vec<i64>,
    failed_attempts: Vec<i32>,
    failed_dues: Vec<i64>,
    failed_errors: Vec<String>,
    died: Vec<i64>,
    died_attempts: Vec<i32>,
    died_errors: Vec<String>,
}

impl Settled {
    /// The greatest id.
    fn last(&self) -> i64 {
        let all = [&self.started, &self.released, &self.done, &self.failed, &self.died];
        all.into_iter().flatten().copied().max().unwrap_or_default()
    }

    fn values<'a>(&'a self, fence: &'a i64, now: &'a i64) -> [&'a (dyn ToSql + Sync); 12] {
        [
            fence,
            now,
            &self.started,
            &self.released,
            &self.done,
            &self.failed,
            &self.failed_attempts,
            &self.failed_dues,
            &self.failed_errors,
            &self.died,
            &self.died_attempts,
            &self.died_errors,
        ]
    }
}

impl From<Vec<Change>> for Settled {
    fn from(changes: Vec<Change>) -> Self {
        let mut settled = Self::default();
        let number = |attempts| i32::try_from(attempts).unwrap_or(i32::MAX);
        // A text of PostgreSQL has no zero bytes.
        let text = |error: String| error.replace('\0', "");
        for change in changes {
            match change {
                Change::Started { id } => settled.started.push(row_id(id)),
                Change::Done { id } => settled.done.push(row_id(id)),
                Change::Failed { id, attempts, due, error } => {
                    settled.failed.push(row_id(id));
                    settled.failed_attempts.push(number(attempts));
                    settled.failed_dues.push(millis(due));
                    settled.failed_errors.push(text(error));
                }
                Change::Dead { id, attempts, error } => {
                    settled.died.push(row_id(id));
                    settled.died_attempts.push(number(attempts));
                    settled.died_errors.push(text(error));
                }
                // A change that this version does not know leaves the entry unfinished.
                Change::Released { id } => settled.released.push(row_id(id)),
                _ => {}
            }
        }
        settled
    }
}
