//! Ownership of partitions, and the changes of their entries.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
    time::Duration,
};

use async_nats::HeaderMap;
use futures_util::future::{join_all, try_join_all};
use tencent_im_callback_journal::{
    StoreError,
    store::{Fence, Share},
};

use crate::{
    index::Partition,
    link::fault,
    nats::Inner,
    progress::{Change, Progress, Summary},
    reader::{Reader, Start, all, sequence},
};

/// How often it is written how far a partition is known in which nothing changes.
const QUIET: Duration = Duration::from_secs(60);

/// The feeding of this process.
pub(crate) struct Feeding {
    pub(crate) fence: u64,
    /// The fences from here on are of this process without an end in between.
    since: u64,
    pub(crate) partitions: BTreeMap<u32, Partition>,
    /// What reads the log of entries.
    pub(crate) reader: Option<Reader>,
    /// Entries before this id were given, since all were read from the first.
    pub(crate) given: u64,
    /// An id that was appended and that the reader has not found.
    pub(crate) sought: u64,
}

impl Feeding {
    pub(crate) fn partition_of(&self, id: u64) -> Option<u32> {
        self.partitions.values().find(|one| one.progress.open.contains_key(&id)).map(|one| one.number)
    }
}

/// The feeding with this fence.
pub(crate) fn fed(feeding: &mut Option<Feeding>, fence: Fence) -> Result<&mut Feeding, StoreError> {
    feeding.as_mut().filter(|feeding| feeding.fence == fence.0).ok_or(StoreError::Fenced)
}

/// After an error it is not known what was written. The feeding has to begin anew, with what the server has.
pub(crate) fn end_after<T>(result: &Result<T, StoreError>, feeding: &mut Option<Feeding>) {
    if result.is_err() {
        *feeding = None;
    }
}

impl Inner {
    pub(crate) async fn acquire(&self, own: Option<Fence>) -> Result<Option<Fence>, StoreError> {
        let mut feeding = self.feeding.lock().await;
        *feeding = None;
        let others = self.live_workers().await?.iter().filter(|worker| **worker != self.worker).count();
        if others >= self.streams.partitions as usize {
            return Ok(None);
        }
        self.listen().await?;
        self.beat().await?;
        let payload = bytes::Bytes::from(self.worker.clone());
        let fence = self.link.publish(self.names.key("fence"), HeaderMap::new(), payload).await?.sequence;
        let mut lineage = self.lineage.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match (own, *lineage) {
            (Some(Fence(own)), Some((since, last))) if own == last => since,
            _ => fence,
        };
        *lineage = Some((since, fence));
        self.missing().clear();
        *feeding = Some(Feeding { fence, since, partitions: BTreeMap::new(), reader: None, given: 0, sought: 0 });
        Ok(Some(Fence(fence)))
    }

    /// Listens to what other processes tell of their appends.
    async fn listen(&self) -> Result<(), StoreError> {
        let mut told = self.told.lock().await;
        if told.is_none() {
            let subscriber = self.link.0.client().subscribe(self.names.appended()).await;
            *told = Some(subscriber.map_err(|error| fault("the NATS server cannot be listened to", &error))?);
        }
        Ok(())
    }

    pub(crate) async fn renew(&self, fence: Fence) -> Result<Share, StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let result = self.renew_feeding(feeding).await;
        end_after(&result, &mut guard);
        result
    }

    async fn renew_feeding(&self, feeding: &mut Feeding) -> Result<Share, StoreError> {
        self.beat().await?;
        let mut live = self.live_workers().await?;
        live.insert(self.worker.clone());
        let summaries = self.summaries().await?;
        for (number, partition) in &feeding.partitions {
            if let Some((last, summary)) = summaries.get(number)
                && *last > partition.progress.last
            {
                let is_own = summary.worker == self.worker && summary.fence == feeding.fence;
                return Err(if is_own {
                    StoreError::failed("a change of the journal was written late; it is read again")
                } else {
                    StoreError::Fenced
                });
            }
        }
        let share = self.streams.partitions.div_ceil(u32::try_from(live.len()).unwrap_or(u32::MAX)) as usize;
        self.claim_free(feeding, share, &live, &summaries).await?;
        self.finish_missing(feeding).await?;
        let quiet = feeding.partitions.values_mut().filter(|partition| {
            let known = partition.progress.summary.as_ref().map(|summary| summary.position);
            partition.written_at.elapsed() > QUIET && known != Some(partition.position())
        });
        for partition in quiet {
            self.write(feeding.fence, partition, Vec::new(), false).await?;
        }
        let mut again = false;
        for partition in feeding.partitions.values_mut() {
            again |= partition.give_withheld();
        }
        let partitions: Vec<_> = feeding.partitions.keys().copied().collect();
        let surplus = partitions.iter().copied().skip(share).collect();
        Ok(Share { partitions, surplus, again })
    }

    /// The last summary of each partition that has one, with its sequence.
    pub(crate) async fn summaries(&self) -> Result<BTreeMap<u32, (u64, Summary)>, StoreError> {
        let mut summaries = BTreeMap::new();
        for message in all(&self.streams.progress, self.names.all_progress(), Start::Last, true).await? {
            let sequence = sequence(&message)?;
            let Some(partition) = self.names.progress_in(&message.subject) else { continue };
            let summary = Summary::read(message.headers.as_ref()).unwrap_or_else(|| {
                tracing::warn!(sequence, "a message in the stream of progress is none; it is left out");
                Summary { released: true, ..Summary::default() }
            });
            summaries.insert(partition, (sequence, summary));
        }
        Ok(summaries)
    }

    /// Takes partitions that nobody feeds from, up to a fair share, and all of an earlier feeding of this process: the others
    /// do not take them, since the process lives. What is too many then is given up.
    async fn claim_free(
        &self,
        feeding: &mut Feeding,
        share: usize,
        live: &BTreeSet<String>,
        summaries: &BTreeMap<u32, (u64, Summary)>,
    ) -> Result<(), StoreError> {
        let count = self.streams.partitions;
        // Not all begin with the same one.
        let first = fastrand::u32(..count);
        let (mut own, mut free) = (Vec::new(), Vec::new());
        for number in (0..count).map(|number| (first + number) % count) {
            if feeding.partitions.contains_key(&number) {
                continue;
            }
            match summaries.get(&number) {
                Some((last, summary)) if !summary.released && summary.worker == self.worker => {
                    own.push((number, *last));
                }
                Some((_, summary)) if !summary.released && live.contains(&summary.worker) => {}
                summary => free.push((number, summary.map_or(0, |(last, _)| *last))),
            }
        }
        free.truncate(share.saturating_sub(feeding.partitions.len() + own.len()));
        let (fence, since) = (feeding.fence, feeding.since);
        let claims = own.into_iter().chain(free).map(|(number, last)| self.claim(fence, since, number, last));
        let mut gained = false;
        for partition in try_join_all(claims.collect::<Vec<_>>()).await?.into_iter().flatten() {
            gained = true;
            feeding.partitions.insert(partition.number, partition);
        }
        if gained && let Some(reader) = feeding.reader.take() {
            reader.end().await;
        }
        Ok(())
    }

    /// Takes a partition; `None` when another process was faster.
    async fn claim(&self, fence: u64, since: u64, number: u32, last: u64) -> Result<Option<Partition>, StoreError> {
        let mut progress = Progress::default();
        self.read_progress(number, &mut progress).await?;
        if progress.last != last {
            return Ok(None);
        }
        let is_own = |summary: &Summary| summary.worker == self.worker && summary.fence >= since;
        let is_own = progress.summary.as_ref().is_some_and(is_own);
        let in_hand = progress.open.iter().filter(|(_, entry)| entry.in_hand);
        let changes = in_hand.map(|(id, _)| if is_own { Change::Released(*id) } else { Change::Suspected(*id) });
        let changes = changes.collect();
        let mut partition = Partition::new(number, progress);
        match self.write(fence, &mut partition, changes, false).await {
            Ok(()) => Ok(Some(partition)),
            Err(StoreError::Fenced) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads what the log of changes has behind what is known.
    pub(crate) async fn read_progress(&self, partition: u32, progress: &mut Progress) -> Result<(), StoreError> {
        let from = Start::Sequence(progress.last + 1);
        for message in all(&self.streams.progress, self.names.progress_of(partition), from, false).await? {
            let sequence = sequence(&message)?;
            let changes = serde_json::from_slice::<Vec<Change>>(&message.payload);
            if let (Some(summary), Ok(changes)) = (Summary::read(message.headers.as_ref()), changes) {
                progress.take(sequence, summary, changes);
            } else {
                progress.last = sequence;
                tracing::warn!(sequence, "a message in the stream of progress is none; it is left out");
            }
        }
        Ok(())
    }

    pub(crate) async fn give_up(&self, fence: Fence, number: u32) -> Result<(), StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let result = match feeding.partitions.remove(&number) {
            Some(partition) => self.leave(feeding.fence, partition).await,
            None => Ok(()),
        };
        end_after(&result, &mut guard);
        result
    }

    /// Gives a partition up, in a state that is read quickly.
    async fn leave(&self, fence: u64, mut partition: Partition) -> Result<(), StoreError> {
        if partition.progress.messages > 10 {
            self.list(fence, &mut partition).await?;
        }
        self.write(fence, &mut partition, Vec::new(), true).await
    }

    pub(crate) async fn release(&self, fence: Fence) -> Result<(), StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let finished = self.finish_missing(feeding).await;
        let Some(feeding) = guard.take() else { return Err(StoreError::Fenced) };
        let left = feeding.partitions.into_values().map(|partition| self.leave(feeding.fence, partition));
        let left = join_all(left.collect::<Vec<_>>()).await.into_iter().collect::<Result<(), _>>();
        if let Some(reader) = feeding.reader {
            reader.end().await;
        }
        self.remove_worker(&self.worker).await?;
        finished.and(left)
    }
}
