//! What a journal asks of its store: a log of entries, and how far each of them is.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use tencent_im_callback::{Entry, Identity, Key};

/// A durable log of entries with a record of progress.
///
/// It is no queue: it has no leases and delivers nothing by itself. The order for each key, the attempts and the pauses
/// between them are the journal's. Ids grow in the order of the appends, and are never used again.
///
/// A store has one partition or more, with numbers from 0 on, and each entry is in one of them: the entries of one key are
/// all in one, which [`partition`] chooses. One process feeds from a partition at a time.
///
/// [`Sqlite`](crate::Sqlite) is one. [`suite::check`](crate::suite::check) tests any.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// How many partitions there are.
    fn partitions(&self) -> u32 {
        1
    }

    /// Appends entries, in their order, and returns their ids. When it returns `Ok` the entries are durable.
    ///
    /// A store that several processes append to may find an entry with the identity of an earlier entry, which another
    /// process has appended. It keeps the earlier entry alone, and returns either id. It may find the repetition later, but
    /// [`unfinished`](Self::unfinished) never gives it.
    async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError>;

    /// Begins to feed. `None` while another process feeds from all that there is, and has renewed its fence lately.
    ///
    /// `own` is the last fence of this process, which ends with this call. The partitions come with
    /// [`renew`](Self::renew).
    async fn acquire(&self, own: Option<Fence>) -> Result<Option<Fence>, StoreError>;

    /// Goes on feeding, and returns what this process feeds from now on: at most its fair share of the partitions, as far as
    /// they are free. It is called at once after [`acquire`](Self::acquire), and each second then.
    /// [`StoreError::Fenced`] when another process has taken over a partition of this one.
    ///
    /// Entries that were in hand when the feeding from a partition ended without a change of them are suspected once more:
    /// the process has ended in one of their methods. They are not where the fence of that feeding is an earlier one of this
    /// process: then only the store had failed.
    async fn renew(&self, fence: Fence) -> Result<Share, StoreError>;

    /// Ends the feeding from one partition, so that another process can begin at once.
    async fn give_up(&self, fence: Fence, partition: u32) -> Result<(), StoreError>;

    /// Ends the feeding, so that another process can begin at once.
    async fn release(&self, fence: Fence) -> Result<(), StoreError>;

    /// The unfinished entries of the partitions of this fence with an id of `from` or more, at most `max` of them, by id.
    async fn unfinished(&self, fence: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError>;

    /// [`unfinished`](Self::unfinished) of one key.
    async fn unfinished_of(
        &self,
        fence: Fence,
        key: &Key,
        from: u64,
        max: usize,
    ) -> Result<Vec<Unfinished>, StoreError>;

    /// The entries with these ids, each with its id, in any order. Entries that were removed are left out.
    async fn entries(&self, ids: &[u64]) -> Result<Vec<(u64, Entry)>, StoreError>;

    /// Writes down changes of entries; [`StoreError::Fenced`], and no change, when another process has taken over.
    ///
    /// It may become durable later: what is lost of it is done again. A change of an entry that is done changes nothing.
    async fn settle(&self, fence: Fence, changes: Vec<Change>) -> Result<(), StoreError>;

    /// The entries that `filter` selects, with ids above `after`, at most `max` of them, by id.
    async fn records(&self, filter: &Filter, after: u64, max: usize) -> Result<Vec<Record>, StoreError>;

    /// Makes finished entries unfinished again, with no attempts, and returns how many there were.
    async fn retry(&self, ids: &[u64]) -> Result<u64, StoreError>;

    /// The entries of the partitions of this fence that [`retry`](Self::retry) has made unfinished since the last call or
    /// since the feeding began; [`StoreError::Fenced`] when another process has taken over.
    async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError>;

    /// Removes entries, whatever their state is, and returns how many there were.
    async fn discard(&self, ids: &[u64]) -> Result<u64, StoreError>;

    /// The identities of the entries since this time. There are none where the store itself finds repetitions.
    async fn identities_since(&self, since: SystemTime) -> Result<Vec<Identity>, StoreError>;

    /// Removes entries that were done, and dead letters that died, before these times, in pieces of the store's choice.
    /// Returns how many; 0 when there are no more.
    async fn prune(&self, done_before: SystemTime, dead_before: SystemTime) -> Result<u64, StoreError>;

    /// The size of the store in bytes. It is asked for once a second.
    async fn bytes(&self) -> Result<u64, StoreError>;

    /// How many entries `filter` selects.
    async fn count(&self, filter: &Filter) -> Result<u64, StoreError>;

    /// Numbers for metrics and the command line. They are read every ten seconds.
    async fn stats(&self) -> Result<Stats, StoreError>;

    /// Returns when entries may have been appended, and after `time` at the latest.
    async fn appended(&self, time: Duration);
}

/// The partition of a key, in a store with so many partitions. It is the same in every version of this crate.
///
/// It is the 64-bit FNV-1a hash of the key's text, modulo the number of partitions.
///
/// # Panics
/// If there are no partitions.
#[must_use]
pub fn partition(key: &Key, partitions: u32) -> u32 {
    let hash = key
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let partition = hash % u64::from(partitions);
    u32::try_from(partition).unwrap_or_default()
}

/// What a process feeds from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Share {
    /// The partitions.
    pub partitions: Vec<u32>,
    /// Those of them that this process has to give up, because others have fewer.
    pub surplus: Vec<u32>,
    /// Whether there are unfinished entries now with lower ids than some that were given before: all are to be read again.
    pub again: bool,
}

/// The right to feed: the number of the feeding, which grows with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence(pub u64);

/// An entry that is not finished, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// Its id.
    pub id: u64,
    /// The partition that it is in.
    pub partition: u32,
    /// Its key.
    pub key: Option<Key>,
    /// How many attempts have failed.
    pub attempts: u32,
    /// Not to be attempted before; `None` for at once.
    pub due: Option<SystemTime>,
    /// The error of the last attempt.
    pub error: Option<String>,
    /// How often the process has ended while the entry was in hand.
    pub suspected: u32,
}

impl Unfinished {
    /// An entry in partition 0 that was not attempted yet.
    #[must_use]
    pub const fn new(id: u64, key: Option<Key>) -> Self {
        Self { id, partition: 0, key, attempts: 0, due: None, error: None, suspected: 0 }
    }
}

/// A change of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Its method is about to be called: it is in hand.
    Started {
        /// The entry.
        id: u64,
    },
    /// Its method has succeeded.
    Done {
        /// The entry.
        id: u64,
    },
    /// Its method has failed, and is to be called again.
    Failed {
        /// The entry.
        id: u64,
        /// How many attempts have failed.
        attempts: u32,
        /// Not to be attempted before.
        due: SystemTime,
        /// The text of the error.
        error: String,
    },
    /// It is a dead letter: its method is not called again.
    Dead {
        /// The entry.
        id: u64,
        /// How many attempts have failed.
        attempts: u32,
        /// The text of the last error.
        error: String,
    },
    /// It is not in hand any longer, and its attempt does not count.
    Released {
        /// The entry.
        id: u64,
    },
}

/// How far an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Its method has not succeeded yet.
    Unfinished,
    /// Its method has succeeded.
    Done,
    /// Its method is not called again.
    Dead,
}

impl State {
    /// The word for it: `unfinished`, `done` or `dead`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An entry with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its id.
    pub id: u64,
    /// The partition that it is in.
    pub partition: u32,
    /// The entry.
    pub entry: Entry,
    /// How far it is.
    pub state: State,
    /// How many attempts have failed.
    pub attempts: u32,
    /// Not to be attempted before; `None` for at once.
    pub due: Option<SystemTime>,
    /// The error of the last attempt.
    pub error: Option<String>,
    /// How often the process has ended while the entry was in hand.
    pub suspected: u32,
}

impl Record {
    /// The record of an entry in partition 0 that was not attempted yet.
    #[must_use]
    pub const fn new(id: u64, entry: Entry, state: State) -> Self {
        Self { id, partition: 0, entry, state, attempts: 0, due: None, error: None, suspected: 0 }
    }
}

/// Which entries to select: those that have all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// With this state.
    pub state: Option<State>,
    /// With this command, in which `*` is any text: `Group.*`.
    pub command: Option<String>,
    /// With this key.
    pub key: Option<Key>,
    /// Received at this time or later.
    pub since: Option<SystemTime>,
    /// Received before this time.
    pub until: Option<SystemTime>,
}

/// Numbers of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The entries that are not finished.
    pub unfinished: u64,
    /// When the oldest of them was received.
    pub oldest_unfinished: Option<SystemTime>,
    /// The dead letters.
    pub dead: u64,
    /// The id of the last entry; 0 if there was none.
    pub last_id: u64,
    /// The size of the store in bytes.
    pub bytes: u64,
}

impl Stats {
    /// Numbers of an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Why a store has not done what it was asked for.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process feeds from the store.
    #[error("another process feeds from the journal")]
    Fenced,
    /// The store has reached its limit.
    #[error("the journal is full: it has {bytes} bytes")]
    Full {
        /// Its size in bytes.
        bytes: u64,
    },
    /// Writing has failed in a way after which it is unknown what the disk has. The program has to open the journal again.
    #[error("the journal cannot be trusted until it is opened again: {reason}")]
    Untrusted {
        /// What has failed.
        reason: String,
    },
    /// The store is closed.
    #[error("the journal is closed")]
    Closed,
    /// The file was written by a newer version.
    #[error("the journal has version {found}, and this program knows versions up to {known}")]
    NewerVersion {
        /// The version of the file.
        found: u64,
        /// The newest version that this program knows.
        known: u64,
    },
    /// Any other fault, with its text.
    #[error("{reason}")]
    Failed {
        /// What has failed.
        reason: String,
    },
}

impl StoreError {
    /// A fault with this text.
    pub fn failed(reason: impl fmt::Display) -> Self {
        Self::Failed { reason: reason.to_string() }
    }
}
