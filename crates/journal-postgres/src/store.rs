//! What a journal asks of its store, over PostgreSQL.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use tencent_im_callback::{Entry, Identity, Key};
use tencent_im_callback_journal::{
    Store, StoreError,
    store::{Change, Fence, Filter, Record, Share, Stats, Unfinished},
};
use tokio::time::timeout;
use tokio_postgres::Row;

use crate::{
    Postgres,
    append::Appender,
    link::{Link, Server},
    read::{self, id, millis, row_id},
    session::Sessions,
};

/// What a feeding waits for takes at most this time.
const WORK_TIME: Duration = Duration::from_secs(10);

/// What a person or a program looks up takes at most this time.
const LOOK_TIME: Duration = Duration::from_secs(60);

pub(crate) struct Inner {
    server: Arc<Server>,
    partitions: u32,
    appender: Appender,
    sessions: Sessions,
    /// For what a feeding waits for.
    work: Link,
    /// For what a person or a program looks up, which may take long.
    look: Link,
}

impl Inner {
    pub(crate) fn new(server: Arc<Server>, partitions: u32, repetitions: Duration) -> Self {
        Self {
            appender: Appender::start(Arc::clone(&server), partitions),
            sessions: Sessions::new(Arc::clone(&server), repetitions),
            work: Link::new(Arc::clone(&server), WORK_TIME),
            look: Link::new(Arc::clone(&server), LOOK_TIME),
            server,
            partitions,
        }
    }

    /// The name of the schema, in quotes.
    pub(crate) fn schema(&self) -> &str {
        &self.server.schema
    }
}

fn ids(ids: &[u64]) -> Vec<i64> {
    ids.iter().copied().map(row_id).collect()
}

/// The number in the one row of a result.
fn number(rows: &[Row]) -> Result<u64, StoreError> {
    id(rows.first().ok_or(StoreError::Closed)?, 0)
}

#[async_trait]
impl Store for Postgres {
    fn partitions(&self) -> u32 {
        self.0.partitions
    }

    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        self.0.appender.append(entries).await
    }

    async fn acquire(&self, own: Option<Fence>) -> Result<Option<Fence>, StoreError> {
        self.0.sessions.acquire(own).await.map(Some)
    }

    async fn renew(&self, fence: Fence) -> Result<Share, StoreError> {
        self.0.sessions.renew(fence).await
    }

    async fn give_up(&self, fence: Fence, partition: u32) -> Result<(), StoreError> {
        self.0.sessions.give_up(fence, partition).await
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        self.0.sessions.release(fence).await
    }

    async fn unfinished(&self, fence: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        self.0.sessions.unfinished(fence, from, max).await
    }

    async fn unfinished_of(
        &self,
        fence: Fence,
        key: &Key,
        from: u64,
        max: usize,
    ) -> Result<Vec<Unfinished>, StoreError> {
        self.0.sessions.unfinished_of(fence, key, from, max).await
    }

    async fn entries(&self, wanted: &[u64]) -> Result<Vec<(u64, Entry)>, StoreError> {
        let rows = self.0.work.query(read::ENTRIES, &[&ids(wanted)]).await?;
        rows.iter().map(read::entry).collect()
    }

    async fn settle(&self, fence: Fence, changes: Vec<Change>) -> Result<(), StoreError> {
        self.0.sessions.settle(fence, changes).await
    }

    async fn records(&self, filter: &Filter, after: u64, max: usize) -> Result<Vec<Record>, StoreError> {
        let (command, key, since, until) = read::filter(filter);
        let (after, max) = (row_id(after), row_id(max as u64));
        let records = read::records(filter.state);
        let rows = self.0.look.query(&records, &[&command, &key, &since, &until, &after, &max]).await?;
        rows.iter().map(read::record).collect()
    }

    async fn retry(&self, wanted: &[u64]) -> Result<u64, StoreError> {
        number(&self.0.work.query("SELECT retry($1)", &[&ids(wanted)]).await?)
    }

    async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError> {
        self.0.sessions.take_retried(fence).await
    }

    async fn discard(&self, unwanted: &[u64]) -> Result<u64, StoreError> {
        number(&self.0.work.query("SELECT discard($1)", &[&ids(unwanted)]).await?)
    }

    async fn identities_since(&self, _: SystemTime) -> Result<Vec<Identity>, StoreError> {
        // The workers find repetitions in the database.
        Ok(Vec::new())
    }

    async fn prune(&self, done_before: SystemTime, dead_before: SystemTime) -> Result<u64, StoreError> {
        number(&self.0.work.query("SELECT prune($1, $2)", &[&millis(done_before), &millis(dead_before)]).await?)
    }

    async fn bytes(&self) -> Result<u64, StoreError> {
        number(&self.0.work.query("SELECT bytes FROM journal", &[]).await?)
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        let (command, key, since, until) = read::filter(filter);
        number(&self.0.look.query(&read::count(filter.state), &[&command, &key, &since, &until]).await?)
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        let rows = self.0.look.query(read::STATS, &[]).await?;
        read::stats(rows.first().ok_or(StoreError::Closed)?)
    }

    async fn appended(&self, time: Duration) {
        // Without the notification of the server the caller looks after this time.
        _ = timeout(time, self.0.server.appended.notified()).await;
    }
}
