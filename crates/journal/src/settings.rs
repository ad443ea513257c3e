//! The settings of a journal.

use std::{collections::HashSet, ops::RangeInclusive, path::PathBuf, sync::Arc, time::Duration};

use tencent_im_callback::{Entry, Key};

use crate::{Journal, Store, sqlite::Sqlite, store::StoreError};

/// What becomes of a key when one of its entries is a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnDead {
    /// The entries behind it are delivered.
    #[default]
    GoOn,
    /// The entries behind it wait until the dead letter is retried or removed: by `im-callback journal retry` or `drop`.
    /// An entry whose body cannot be read is a dead letter too.
    HoldKey,
}

type KeyBy = Arc<dyn Fn(&Entry) -> Option<Key> + Send + Sync>;

/// The settings of a journal, with their defaults.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) attempts: u32,
    pub(crate) backoff: RangeInclusive<Duration>,
    pub(crate) attempt_time: Duration,
    pub(crate) at_once: usize,
    pub(crate) window: usize,
    pub(crate) repetitions: Duration,
    pub(crate) keep: Duration,
    pub(crate) keep_dead: Duration,
    pub(crate) limit_bytes: u64,
    pub(crate) on_dead: OnDead,
    pub(crate) except: HashSet<String>,
    pub(crate) key_by: Option<KeyBy>,
}

impl Default for Settings {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            attempts: 12,
            backoff: Duration::from_secs(1)..=Duration::from_secs(600),
            attempt_time: Duration::from_secs(30),
            at_once: 64,
            window: 10_000,
            repetitions: Duration::from_secs(600),
            keep: 7 * DAY,
            keep_dead: 30 * DAY,
            limit_bytes: 20 << 30,
            on_dead: OnDead::GoOn,
            except: HashSet::new(),
            key_by: None,
        }
    }
}

/// The settings of a [`Journal`], before it is opened.
///
/// ```no_run
/// use std::time::Duration;
///
/// use tencent_im_callback_journal::{Journal, OnDead};
///
/// # async fn open() -> Result<(), tencent_im_callback_journal::StoreError> {
/// let journal = Journal::builder()
///     .attempts(20)
///     .backoff(Duration::from_millis(200)..=Duration::from_secs(60))
///     .on_dead(OnDead::HoldKey)
///     .except(["State.StateChange"])
///     .open("callbacks.journal")
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
#[must_use = "a journal is opened by `open`"]
pub struct JournalBuilder(Settings);

impl JournalBuilder {
    /// How often a method is called for an entry before the entry is a dead letter: 12 times by default.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts.max(1);
        self
    }

    /// The pause before the second attempt, and the longest pause: 1 second to 10 minutes by default.
    ///
    /// The pause doubles with each attempt. Up to a half is taken off at random, so that many entries that failed together
    /// are not attempted together.
    pub fn backoff(mut self, pauses: RangeInclusive<Duration>) -> Self {
        self.0.backoff = pauses;
        self
    }

    /// The time of an attempt: 30 seconds by default. Then the method is dropped where it waits, which is a failure.
    pub fn attempt_time(mut self, time: Duration) -> Self {
        self.0.attempt_time = time;
        self
    }

    /// How many methods run at once: 64 by default.
    pub fn at_once(mut self, methods: usize) -> Self {
        self.0.at_once = methods.max(1);
        self
    }

    /// How many unfinished entries are in memory, without their bodies: 10,000 by default.
    pub fn window(mut self, entries: usize) -> Self {
        self.0.window = entries.max(1);
        self
    }

    /// For how long the identity of an entry is remembered, so that a repetition of it is dropped: 10 minutes by default.
    pub fn repetitions(mut self, time: Duration) -> Self {
        self.0.repetitions = time;
        self
    }

    /// For how long an entry is kept after its method has succeeded: 7 days by default.
    pub fn keep(mut self, time: Duration) -> Self {
        self.0.keep = time;
        self
    }

    /// For how long a dead letter is kept: 30 days by default.
    pub fn keep_dead(mut self, time: Duration) -> Self {
        self.0.keep_dead = time;
        self
    }

    /// The largest size of the journal in bytes: 20 GiB by default.
    ///
    /// From nine tenths of it on entries that are done are removed early, the oldest first. A journal that has this size all
    /// the same keeps nothing more, and callbacks are answered with status 500: unfinished entries and dead letters are not
    /// removed for others.
    pub fn limit_bytes(mut self, bytes: u64) -> Self {
        self.0.limit_bytes = bytes;
        self
    }

    /// What becomes of a key when one of its entries is a dead letter: [`OnDead::GoOn`] by default.
    pub fn on_dead(mut self, on_dead: OnDead) -> Self {
        self.0.on_dead = on_dead;
        self
    }

    /// The commands that are not kept: their methods are called for the request, as without a journal.
    pub fn except<C: Into<String>>(mut self, commands: impl IntoIterator<Item = C>) -> Self {
        self.0.except.extend(commands.into_iter().map(Into::into));
        self
    }

    /// Chooses the key of an entry, in place of [`Event::key`](tencent_im_callback::Event::key).
    pub fn key_by(mut self, key: impl Fn(&Entry) -> Option<Key> + Send + Sync + 'static) -> Self {
        self.0.key_by = Some(Arc::new(key));
        self
    }

    /// Opens the journal in this folder, which is made if there is none: see [`Journal::open`].
    pub async fn open(self, folder: impl Into<PathBuf>) -> Result<Journal, StoreError> {
        let store = Sqlite::open(folder.into()).await?;
        self.over(store).await
    }

    /// Opens the journal over a store of another kind.
    pub async fn over(self, store: impl Store) -> Result<Journal, StoreError> {
        Journal::start(Arc::new(store), self.0).await
    }
}

impl std::fmt::Debug for JournalBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JournalBuilder").field("attempts", &self.0.attempts).finish_non_exhaustive()
    }
}
