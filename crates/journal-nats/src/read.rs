//! Reading the log of entries.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_nats::jetstream::{
    ErrorCode,
    message::StreamMessage,
    stream::{DirectGetErrorKind, RawMessageErrorKind, Stream},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tencent_im_callback::{Entry, Identity};
use tencent_im_callback_journal::{
    StoreError,
    store::{Fence, Unfinished},
};
use tokio::time::{sleep, timeout};

use crate::{
    feeding::{Feeding, fed},
    index::Partition,
    link::{API_TIME, fault, late},
    message::{Head, decode},
    nats::{Inner, info},
    reader::{PAGE, Reader, Start, sequence},
};

/// So many requests for messages are under way at once.
pub(crate) const AT_ONCE: usize = 64;

/// So many pages of the log are read before entries are given.
const PAGES: usize = 20;

/// So many identities are read at most, the newest ones.
const IDENTITIES: u64 = 200_000;

/// How often, and with which pause, a message is looked for that this process has just appended.
const LOOKS: usize = 20;
const LOOK_PAUSE: Duration = Duration::from_millis(1);

impl Inner {
    pub(crate) async fn unfinished(&self, fence: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        feeding.given = feeding.given.min(from);
        self.read_log(feeding).await?;
        let ids = feeding.partitions.values().flat_map(|one| one.ids(from).take(max).map(|id| (id, one.number)));
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids.truncate(max);
        if let Some((last, _)) = ids.last() {
            feeding.given = feeding.given.max(last + 1);
        }
        let entries = ids.into_iter().filter_map(|(id, number)| feeding.partitions.get(&number)?.unfinished(id));
        Ok(entries.collect())
    }

    /// Reads the log of entries to its end, or many pages of it.
    async fn read_log(&self, feeding: &mut Feeding) -> Result<(), StoreError> {
        let mut wants_more = false;
        for partition in feeding.partitions.values_mut() {
            wants_more |= partition.wants_more();
        }
        if wants_more && let Some(reader) = feeding.reader.take() {
            reader.end().await;
        }
        if feeding.partitions.is_empty() {
            return Ok(());
        }
        let is_new = feeding.reader.is_none();
        match self.read_pages(feeding).await {
            Ok(()) => Ok(()),
            Err(error) => {
                feeding.reader = None;
                // The server may have started again, and has forgotten the reader.
                if is_new { Err(error) } else { self.read_pages(feeding).await }
            }
        }
    }

    async fn read_pages(&self, feeding: &mut Feeding) -> Result<(), StoreError> {
        let appended = self.last_appended.load(Ordering::Relaxed);
        let given = feeding.given;
        let (mut pages, mut looks) = (0, 0);
        while pages < PAGES {
            if feeding.reader.is_none() {
                let from = feeding.partitions.values().map(Partition::position).min().unwrap_or_default();
                let from = Start::Sequence(from + 1);
                let reader = Reader::new(&self.streams.entries, self.names.all_entries(), from, true).await?;
                feeding.reader = Some(reader);
            }
            let Some(reader) = &mut feeding.reader else { continue };
            let page = reader.next(PAGE).await?;
            let length = page.len();
            let mut last = 0;
            for message in page {
                last = sequence(&message)?;
                let partition = self.names.partition_of(&message.subject);
                if partition.is_none_or(|partition| partition >= self.streams.partitions) {
                    tracing::warn!(sequence = last, "a message in the stream of entries is none; it is left out");
                }
                if let Some(partition) = partition.and_then(|partition| feeding.partitions.get_mut(&partition)) {
                    partition.read(last, Head::new(message.headers.as_ref()), given);
                }
            }
            for partition in feeding.partitions.values_mut() {
                partition.read_to(last);
            }
            pages += 1;
            if length == PAGE {
                continue;
            }
            // The server tells its readers of a message after it has acknowledged the message.
            let known = feeding.partitions.values().map(Partition::position).max().unwrap_or_default();
            if known >= appended || feeding.sought >= appended {
                break;
            }
            if looks == LOOKS {
                // It may have been removed meanwhile.
                feeding.sought = appended;
                break;
            }
            looks += 1;
            sleep(LOOK_PAUSE).await;
        }
        Ok(())
    }

    pub(crate) async fn entries(&self, ids: &[u64]) -> Result<Vec<(u64, Entry)>, StoreError> {
        let found =
            stream::iter(ids.to_vec()).map(|id| async move { Ok::<_, StoreError>((id, self.entry(id).await?)) });
        let found: Vec<_> = found.buffer_unordered(AT_ONCE).try_collect().await?;
        let mut entries = Vec::with_capacity(found.len());
        for (id, entry) in found {
            match entry {
                Some((entry, _)) => entries.push((id, entry)),
                None => _ = self.missing().insert(id),
            }
        }
        Ok(entries)
    }

    /// An entry, and the error of its dead letter. `None` if it was removed, or is the message of another program.
    pub(crate) async fn entry(&self, id: u64) -> Result<Option<(Entry, Option<String>)>, StoreError> {
        let payload = match self.message(id).await? {
            Some(message) => message.payload,
            None => match self.dead_letter(id).await? {
                Some(message) => message.payload,
                None => return Ok(None),
            },
        };
        match decode(&payload) {
            Ok(entry) => Ok(Some(entry)),
            Err(fault) => {
                tracing::warn!(sequence = id, fault, "a message in the stream of entries is none; it is left out");
                Ok(None)
            }
        }
    }

    /// The message of an entry.
    pub(crate) async fn message(&self, id: u64) -> Result<Option<StreamMessage>, StoreError> {
        get(&self.streams.entries, id).await
    }

    pub(crate) async fn dead_letter(&self, id: u64) -> Result<Option<StreamMessage>, StoreError> {
        match self.with_dead(|dead| dead.by_id.get(&id).map(|letter| letter.sequence)).await? {
            Some(sequence) => get(&self.streams.dead, sequence).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn identities_since(&self, since: SystemTime) -> Result<Vec<Identity>, StoreError> {
        let last = info(&self.streams.entries).await?.state.last_sequence;
        let start = self.first_since(since).await?.max(last.saturating_sub(IDENTITIES));
        let from = Start::Sequence(start);
        let mut reader = Reader::new(&self.streams.entries, self.names.all_entries(), from, true).await?;
        let mut identities = Vec::new();
        loop {
            let page = reader.next_known(PAGE).await?;
            if page.is_empty() {
                reader.end().await;
                return Ok(identities);
            }
            identities.extend(page.iter().filter_map(|message| Head::new(message.headers.as_ref()).identity));
        }
    }

    /// The id of the first entry that was appended at this time or later.
    pub(crate) async fn first_since(&self, since: SystemTime) -> Result<u64, StoreError> {
        let Ok(time) = since.duration_since(UNIX_EPOCH) else { return Ok(1) };
        if time.is_zero() {
            return Ok(1);
        }
        let nanos = i128::try_from(time.as_nanos().min(1 << 62)).unwrap_or(i128::MAX);
        let reader = Reader::new(&self.streams.entries, self.names.all_entries(), Start::Time(nanos), true).await?;
        let first = reader.start();
        reader.end().await;
        Ok(first)
    }
}

/// A message of a stream.
async fn get(stream: &Stream<()>, sequence: u64) -> Result<Option<StreamMessage>, StoreError> {
    match timeout(API_TIME, stream.direct_get(sequence)).await.map_err(|_| late())? {
        Ok(message) => return Ok(Some(message)),
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => {}
        Err(error) => return Err(fault("a message cannot be read", &error)),
    }
    // A replica may not have it yet; the leader has.
    match timeout(API_TIME, stream.get_raw_message(sequence)).await.map_err(|_| late())? {
        Ok(message) => Ok(Some(message)),
        Err(error) => match error.kind() {
            RawMessageErrorKind::NoMessageFound => Ok(None),
            RawMessageErrorKind::JetStream(error) if error.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(None),
            _ => Err(fault("a message cannot be read", &error)),
        },
    }
}
