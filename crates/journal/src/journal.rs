//! The journal: what an endpoint appends to, and what feeds the methods.

use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use async_trait::async_trait;
use tencent_im_callback::{Endpoint, Entry, Result};

use crate::{
    feed::Feed,
    metered,
    repetitions::Repetitions,
    settings::{JournalBuilder, Settings},
    store::{Store, StoreError},
};

/// Keeps *after* callbacks until their methods have succeeded.
///
/// It is cheap to clone, and all clones are one journal. Give it to
/// [`EndpointBuilder::journal`](tencent_im_callback::EndpointBuilder::journal), and call the methods by [`feed`](Self::feed).
/// The first page of this package has a whole program.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    settings: Settings,
    repetitions: Mutex<Repetitions>,
    bytes: AtomicU64,
    /// When the size was asked for.
    measured_at: Mutex<Option<Instant>>,
}

impl Journal {
    /// The settings of a journal, to be changed before it is opened.
    pub fn builder() -> JournalBuilder {
        JournalBuilder::default()
    }

    /// Opens the journal in this folder, with the usual settings. The folder is made if there is none.
    ///
    /// It is for its owner only, because it contains messages of users. The disk has to outlive the program: the disk of a
    /// serverless platform usually does not. Call it within a tokio runtime.
    ///
    /// Fails if the folder cannot be written, and with [`StoreError::NewerVersion`] for a journal that a newer version wrote.
    pub async fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::builder().open(folder).await
    }

    /// A journal over this store, with the usual settings.
    pub async fn over(store: impl Store) -> Result<Self, StoreError> {
        Self::builder().over(store).await
    }

    pub(crate) async fn start(store: Arc<dyn Store>, settings: Settings) -> Result<Self, StoreError> {
        let mut repetitions = Repetitions::new(settings.repetitions);
        let since = SystemTime::now().checked_sub(settings.repetitions).unwrap_or(SystemTime::UNIX_EPOCH);
        let now = Instant::now();
        for identity in store.identities_since(since).await? {
            repetitions.insert(identity, now);
        }
        Ok(Self(Arc::new(Inner {
            store,
            settings,
            repetitions: Mutex::new(repetitions),
            bytes: AtomicU64::new(0),
            measured_at: Mutex::new(None),
        })))
    }

    /// Calls the methods of `endpoint` for the entries of this journal, in a task, until [`Feed::stop`] is called.
    ///
    /// One process feeds from a journal at a time. Another one waits, and takes over when the first has ended.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use = "the feed is ended by `stop`"]
    pub fn feed(&self, endpoint: &Endpoint) -> Feed {
        Feed::start(Arc::clone(&self.0.store), self.0.settings.clone(), endpoint.clone())
    }

    /// The store, to look at entries, and to retry or remove dead letters.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// Fails when the journal has reached its limit.
    async fn check_size(&self) -> Result<(), StoreError> {
        const EVERY: Duration = Duration::from_secs(1);
        let is_due = {
            let mut measured_at = self.0.measured_at.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = measured_at.is_none_or(|at| at.elapsed() >= EVERY);
            if is_due {
                *measured_at = Some(Instant::now());
            }
            is_due
        };
        if is_due {
            self.0.bytes.store(self.0.store.bytes().await?, Ordering::Relaxed);
        }
        let bytes = self.0.bytes.load(Ordering::Relaxed);
        if bytes >= self.0.settings.limit_bytes { Err(StoreError::Full { bytes }) } else { Ok(()) }
    }

    fn is_repetition(&self, entry: &Entry) -> bool {
        let mut repetitions = self.0.repetitions.lock().unwrap_or_else(PoisonError::into_inner);
        entry.identity.as_ref().is_some_and(|identity| repetitions.contains(identity, Instant::now()))
    }

    async fn keep(&self, mut entry: Entry) -> Result<(), StoreError> {
        if self.is_repetition(&entry) {
            metered::repetition();
            tracing::debug!(command = entry.command, "a repetition of a callback that is kept already was dropped");
            return Ok(());
        }
        self.check_size().await?;
        if let Some(key_by) = &self.0.settings.key_by {
            entry.key = key_by(&entry);
        }
        let (identity, command) = (entry.identity.clone(), entry.command.clone());
        let started_at = Instant::now();
        self.0.store.append(vec![entry]).await?;
        metered::appended(&command, started_at.elapsed());
        // Not before it is durable: a repetition of an entry that was not kept must be kept.
        if let Some(identity) = identity {
            let mut repetitions = self.0.repetitions.lock().unwrap_or_else(PoisonError::into_inner);
            repetitions.insert(identity, Instant::now());
        }
        Ok(())
    }
}

#[async_trait]
impl tencent_im_callback::Journal for Journal {
    fn keeps(&self, command: &str) -> bool {
        !self.0.settings.except.contains(command)
    }

    async fn append(&self, entry: Entry) -> Result<()> {
        Ok(self.keep(entry).await?)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}
