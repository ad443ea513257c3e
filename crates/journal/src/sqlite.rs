//! The store over `SQLite`: one file, durable at each append.
//!
//! All writing is done by one thread, which puts everything that waits into one transaction. Reading has a connection of its
//! own, and so have checkpoints, so that neither holds up an append.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags, Transaction};
use tencent_im_callback::{Entry, Identity, Key};
use tokio::{sync::Notify, task::spawn_blocking, time::timeout};

use crate::store::{Change, Fence, Filter, Record, Share, Stats, Store, StoreError, Unfinished};

mod checkpoint;
mod owner;
mod read;
mod schema;
mod write;

use self::{
    owner::{Owner, renew},
    write::{Writer, if_owner},
};

/// The name of the database within the folder.
const FILE: &str = "journal.sqlite3";

/// Older versions can lose commits when two connections write.
const OLDEST_SQLITE: i32 = 3_051_003;

/// For how long a connection waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);

/// A [`Store`] in a folder of a disk.
///
/// The folder is readable by its owner only, because the bodies of callbacks contain messages of users. Several processes
/// can have it open: all append, one feeds.
#[derive(Clone)]
pub struct Sqlite(Arc<Inner>);

struct Inner {
    writer: Writer,
    reader: Mutex<Connection>,
    path: PathBuf,
    appended: Arc<Notify>,
}

impl Sqlite {
    /// Opens the journal in this folder, which is made if there is none.
    ///
    /// Fails if the folder cannot be written, and with [`StoreError::NewerVersion`] for a journal of a newer version. Call it
    /// within a tokio runtime.
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        blocking(move || Self::open_blocking(&folder)).await
    }

    /// [`open`](Self::open), which fails if there is no journal in this folder.
    pub async fn open_existing(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        let file = folder.join(FILE);
        match fs::metadata(&file) {
            Ok(_) => Self::open(folder).await,
            Err(error) => Err(StoreError::failed(format!("{}: {error}", file.display()))),
        }
    }

    fn open_blocking(folder: &Path) -> Result<Self, StoreError> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            let found = rusqlite::version();
            return Err(StoreError::failed(format!("SQLite {found} can lose commits; 3.51.3 or newer is needed")));
        }
        make_private(folder).map_err(|error| StoreError::failed(format!("{}: {error}", folder.display())))?;
        let path = folder.join(FILE);
        let mut writing = connect(&path)?;
        schema::prepare(&mut writing)?;
        let reader = connect(&path)?;
        let appended = Arc::new(Notify::new());
        let writer = Writer::start(writing, Owner::new(folder))?;
        checkpoint::start(path.clone(), Arc::downgrade(&appended))?;
        Ok(Self(Arc::new(Inner { writer, reader: Mutex::new(reader), path, appended })))
    }

    /// Sets the heartbeat of the feeding process.
    async fn beat(&self, fence: Fence, now: i64) -> Result<(), StoreError> {
        self.0.writer.write(move |transaction, _| renew(transaction, fence, now).map(if_owner)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.0);
        blocking(move || {
            let connection = inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
            read(&connection).map_err(StoreError::failed)
        })
        .await
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.0.path).finish_non_exhaustive()
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(work).await.unwrap_or(Err(StoreError::Closed))
}

/// Makes the folder and the file, for their owner only.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(folder)?;
    options.open(folder.join(FILE)).map(drop)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connect = || {
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    };
    connect().map_err(|error: rusqlite::Error| StoreError::failed(format!("{}: {error}", path.display())))
}

/// Milliseconds since 1970.
fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// Ids are those of rows, which are never negative and never reach 2^63.
fn row(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

fn id(row: i64) -> u64 {
    u64::try_from(row).unwrap_or_default()
}

#[async_trait]
impl Store for Sqlite {
    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        let ids = self.0.writer.write(move |transaction, _| write::append(transaction, &entries).map(Ok)).await?;
        // Kept until the feed looks, if it is busy.
        self.0.appended.notify_one();
        Ok(ids)
    }

    async fn acquire(&self, own: Option<Fence>) -> Result<Option<Fence>, StoreError> {
        let now = millis(SystemTime::now());
        self.0.writer.write(move |transaction, owner| owner.acquire(transaction, own, now).map(Ok)).await
    }

    async fn renew(&self, fence: Fence) -> Result<Share, StoreError> {
        self.beat(fence, millis(SystemTime::now())).await?;
        Ok(Share { partitions: vec![0], ..Share::default() })
    }

    async fn give_up(&self, fence: Fence, _: u32) -> Result<(), StoreError> {
        // There is one partition.
        self.release(fence).await
    }

    async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        self.beat(fence, 0).await
    }

    async fn unfinished(&self, _: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        self.read(move |connection| read::unfinished(connection, None, from, max)).await
    }

    async fn unfinished_of(&self, _: Fence, key: &Key, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        let key = key.clone();
        self.read(move |connection| read::unfinished(connection, Some(&key), from, max)).await
    }

    async fn entries(&self, ids: &[u64]) -> Result<Vec<(u64, Entry)>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |connection| read::entries(connection, &ids)).await
    }

    async fn settle(&self, fence: Fence, changes: Vec<Change>) -> Result<(), StoreError> {
        let now = millis(SystemTime::now());
        let settle = move |transaction: &Transaction<'_>, _: &mut Owner| {
            write::settle(transaction, fence, &changes, now).map(if_owner)
        };
        self.0.writer.write(settle).await
    }

    async fn records(&self, filter: &Filter, after: u64, max: usize) -> Result<Vec<Record>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| read::records(connection, &filter, after, max)).await
    }

    async fn retry(&self, ids: &[u64]) -> Result<u64, StoreError> {
        let ids = ids.to_vec();
        self.0.writer.write(move |transaction, _| write::retry(transaction, &ids).map(Ok)).await
    }

    async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError> {
        let take = move |transaction: &Transaction<'_>, _: &mut Owner| {
            Ok(write::take_retried(transaction, fence)?.ok_or(StoreError::Fenced))
        };
        self.0.writer.write(take).await
    }

    async fn discard(&self, ids: &[u64]) -> Result<u64, StoreError> {
        let ids = ids.to_vec();
        self.0.writer.write(move |transaction, _| write::discard(transaction, &ids).map(Ok)).await
    }

    async fn identities_since(&self, since: SystemTime) -> Result<Vec<Identity>, StoreError> {
        self.read(move |connection| read::identities_since(connection, millis(since))).await
    }

    async fn prune(&self, done_before: SystemTime, dead_before: SystemTime) -> Result<u64, StoreError> {
        let (done, dead) = (millis(done_before), millis(dead_before));
        self.0.writer.write(move |transaction, _| write::prune(transaction, done, dead).map(Ok)).await
    }

    async fn bytes(&self) -> Result<u64, StoreError> {
        self.read(read::bytes).await
    }

    async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| read::count(connection, &filter)).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        self.read(read::stats).await
    }

    async fn appended(&self, time: Duration) {
        // Another process is not heard: it is looked for at the end of the time.
        _ = timeout(time, self.0.appended.notified()).await;
    }
}
