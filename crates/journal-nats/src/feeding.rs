//! Ownership of partitions, and the changes of their entries.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::PoisonError,
    time::{Duration, Instant},
};

use async_nats::HeaderMap;
use futures_util::future::{join_all, try_join_all};
use tencent_im_callback_journal::{
    StoreError,
    store::{self, Fence, Share, Unfinished},
};

use crate::{
    index::Partition,
    link::{Reader, Start, all, fault, sequence},
    message::{Head, millis},
    nats::Inner,
    progress::{Change, Open, Progress, SUMMARY, Summary, pieces},
};

/// All unfinished entries are listed after so many messages of changes.
const LIST_EVERY: usize = 500;

/// So many entries that were retried are taken at once.
const RETRIED: usize = 1_000;

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
    fn partition_of(&self, id: u64) -> Option<u32> {
        self.partitions.values().find(|one| one.progress.open.contains_key(&id)).map(|one| one.number)
    }
}

/// The feeding with this fence.
pub(crate) fn fed(feeding: &mut Option<Feeding>, fence: Fence) -> Result<&mut Feeding, StoreError> {
    feeding.as_mut().filter(|feeding| feeding.fence == fence.0).ok_or(StoreError::Fenced)
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
        self.ended_by(&result, &mut guard);
        result
    }

    /// After an error it is not known what was written. The feeding has to begin anew, with what the server has.
    fn ended_by<T>(&self, result: &Result<T, StoreError>, feeding: &mut Option<Feeding>) {
        if result.is_err() {
            *feeding = None;
        }
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
            match (self.names.progress_in(&message.subject), Summary::read(message.headers.as_ref())) {
                (Some(partition), Some(summary)) => _ = summaries.insert(partition, (sequence, summary)),
                _ => tracing::warn!(sequence, "a message in the stream of progress is none; it is left out"),
            }
        }
        Ok(summaries)
    }

    /// Takes partitions that nobody feeds from, up to a fair share.
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
        let numbers = (0..count).map(|number| (first + number) % count);
        let free = numbers.filter(|number| !feeding.partitions.contains_key(number)).filter(|number| {
            let summary = summaries.get(number).map(|(_, summary)| summary);
            summary.is_none_or(|last| last.released || last.worker == self.worker || !live.contains(&last.worker))
        });
        let wanted = share.saturating_sub(feeding.partitions.len());
        let (fence, since) = (feeding.fence, feeding.since);
        let claims = free.take(wanted).map(|number| {
            let last = summaries.get(&number).map_or(0, |(last, _)| *last);
            self.claim(fence, since, number, last)
        });
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
            match (Summary::read(message.headers.as_ref()), changes) {
                (Some(summary), Ok(changes)) => progress.take(sequence, summary, changes),
                _ => {
                    progress.last = sequence;
                    tracing::warn!(sequence, "a message in the stream of progress is none; it is left out");
                }
            }
        }
        Ok(())
    }

    /// Writes changes of a partition, at least one message.
    async fn write(
        &self,
        fence: u64,
        partition: &mut Partition,
        changes: Vec<Change>,
        released: bool,
    ) -> Result<(), StoreError> {
        for (json, piece) in pieces(&changes) {
            for change in piece {
                partition.apply(change);
            }
            self.write_piece(fence, partition, json, released).await?;
        }
        if partition.progress.messages > LIST_EVERY + partition.progress.open.len() / 100 {
            self.list(fence, partition).await?;
        }
        Ok(())
    }

    /// Writes one message of changes, unless the log has another last message than is known.
    async fn write_piece(
        &self,
        fence: u64,
        partition: &mut Partition,
        json: Vec<u8>,
        released: bool,
    ) -> Result<(), StoreError> {
        let summary = partition.summary(&self.worker, fence, released);
        let mut headers = HeaderMap::new();
        headers.insert(SUMMARY, serde_json::to_string(&summary).unwrap_or_default());
        headers.insert(async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, partition.progress.last.to_string());
        let subject = self.names.progress_of(partition.number);
        let ack = self.link.publish(subject, headers, json.into()).await?;
        partition.progress.last = ack.sequence;
        partition.progress.summary = Some(summary);
        partition.progress.messages += 1;
        partition.written_at = Instant::now();
        Ok(())
    }

    /// Lists all that is unfinished, and removes the messages before the list.
    async fn list(&self, fence: u64, partition: &mut Partition) -> Result<(), StoreError> {
        let position = partition.position();
        let mut first = None;
        for (json, _) in pieces(&partition.progress.list(position)) {
            self.write_piece(fence, partition, json, false).await?;
            first.get_or_insert(partition.progress.last);
        }
        // In memory they are already.
        partition.progress.apply(Change::Complete(position));
        let subject = self.names.progress_of(partition.number);
        self.link.purge(&self.streams.progress, &subject, first).await.map(drop)
    }

    pub(crate) async fn give_up(&self, fence: Fence, number: u32) -> Result<(), StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let result = match feeding.partitions.remove(&number) {
            Some(partition) => self.leave(feeding.fence, partition).await,
            None => Ok(()),
        };
        self.ended_by(&result, &mut guard);
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

    pub(crate) async fn settle(&self, fence: Fence, changes: Vec<store::Change>) -> Result<(), StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let changes = self.own(feeding, changes).await?;
        let result = self.settle_in(feeding, changes).await;
        self.ended_by(&result, &mut guard);
        result
    }

    /// The changes of entries that are not finished, with their partitions. An error for an entry of another process.
    async fn own(
        &self,
        feeding: &Feeding,
        changes: Vec<store::Change>,
    ) -> Result<Vec<(u32, store::Change)>, StoreError> {
        let mut own = Vec::with_capacity(changes.len());
        for change in changes {
            let id = id_of(&change)?;
            if let Some(number) = feeding.partition_of(id) {
                own.push((number, change));
                continue;
            }
            // It is finished, was not read yet, or is of another partition.
            let Some((number, _)) = self.head(id).await? else { continue };
            let partition = feeding.partitions.get(&number).ok_or(StoreError::Fenced)?;
            if partition.progress.is_unfinished(id) {
                own.push((number, change));
            }
        }
        Ok(own)
    }

    async fn settle_in(&self, feeding: &mut Feeding, changes: Vec<(u32, store::Change)>) -> Result<(), StoreError> {
        let mut by_partition: BTreeMap<u32, Vec<Change>> = BTreeMap::new();
        let (mut dead, mut retried) = (Vec::new(), Vec::new());
        for (number, change) in changes {
            let changes = by_partition.entry(number).or_default();
            changes.push(match change {
                store::Change::Started { id } => Change::Started(id),
                store::Change::Released { id } => Change::Released(id),
                store::Change::Done { id } => {
                    let open = feeding.partitions.get(&number).and_then(|one| one.progress.open.get(&id));
                    retried.extend(open.is_some_and(|open| open.retried).then_some(id));
                    Change::Finished(id)
                }
                store::Change::Failed { id, attempts, due, error } => Change::failed(id, attempts, millis(due), &error),
                store::Change::Dead { id, attempts, error } => {
                    dead.push((number, id, attempts, error));
                    Change::Finished(id)
                }
                // `id_of` has refused it.
                _ => continue,
            });
        }
        for id in std::mem::take(&mut *self.missing()) {
            if let Some(number) = feeding.partition_of(id) {
                by_partition.entry(number).or_default().push(Change::Finished(id));
            }
        }
        // Before it is finished: an entry may be both for a moment, and is unfinished then, but never neither.
        for (number, id, attempts, error) in dead {
            self.bury(number, id, attempts, &error).await?;
        }
        let fence = feeding.fence;
        let touched = feeding.partitions.iter_mut().filter_map(|(number, partition)| {
            let changes = by_partition.remove(number)?;
            Some(self.write(fence, partition, changes, false))
        });
        try_join_all(touched.collect::<Vec<_>>()).await?;
        for id in retried {
            self.unbury(id).await?;
        }
        Ok(())
    }

    /// Finishes entries that are not in the stream any longer.
    async fn finish_missing(&self, feeding: &mut Feeding) -> Result<(), StoreError> {
        if self.missing().is_empty() { Ok(()) } else { self.settle_in(feeding, Vec::new()).await }
    }

    pub(crate) async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let result = self.take_keys(feeding).await;
        self.ended_by(&result, &mut guard);
        result?;
        let feeding = fed(&mut guard, fence)?;
        let retried = feeding.partitions.values_mut().flat_map(Partition::take_retried);
        let mut retried: Vec<_> = retried.collect();
        retried.sort_by_key(|entry| entry.id);
        Ok(retried)
    }

    /// Makes the entries unfinished whose keys say so.
    async fn take_keys(&self, feeding: &mut Feeding) -> Result<(), StoreError> {
        let mut taken = Vec::new();
        for (number, id) in self.retry_keys().await? {
            if taken.len() >= RETRIED || !feeding.partitions.contains_key(&number) {
                continue;
            }
            taken.push((number, id));
        }
        let heads = try_join_all(taken.iter().map(|(_, id)| self.head(*id))).await?;
        let mut by_partition: BTreeMap<u32, Vec<Change>> = BTreeMap::new();
        for ((number, id), head) in taken.iter().zip(heads) {
            let Some(partition) = feeding.partitions.get_mut(number) else { continue };
            if let Some((_, head)) = head
                && !partition.progress.open.contains_key(id)
            {
                partition.retried.insert(*id);
                let entry = Open::retried(head);
                by_partition.entry(*number).or_default().push(Change::Listed { id: *id, entry });
            }
        }
        for (number, changes) in by_partition {
            if let Some(partition) = feeding.partitions.get_mut(&number) {
                self.write(feeding.fence, partition, changes, false).await?;
            }
        }
        for (number, id) in taken {
            let key = self.names.key(format_args!("retry.{number}.{id}"));
            self.link.purge(&self.streams.bucket, &key, None).await?;
        }
        Ok(())
    }

    /// What a message of the log, or a dead letter, says of an entry; `None` if there is neither.
    pub(crate) async fn head(&self, id: u64) -> Result<Option<(u32, Head)>, StoreError> {
        if let Some(message) = self.message(id).await? {
            let partition = self.names.partition_of(&message.subject);
            return Ok(partition.map(|partition| (partition, Head::new(Some(&message.headers)))));
        }
        self.with_dead(|dead| dead.by_id.get(&id).map(|letter| (letter.partition, letter.head.clone()))).await
    }
}

/// The entry of a change. A change of a later version of the journal is refused.
fn id_of(change: &store::Change) -> Result<u64, StoreError> {
    match change {
        store::Change::Started { id }
        | store::Change::Done { id }
        | store::Change::Failed { id, .. }
        | store::Change::Dead { id, .. }
        | store::Change::Released { id } => Ok(*id),
        change => Err(StoreError::failed(format!("this store does not know the change {change:?}"))),
    }
}
