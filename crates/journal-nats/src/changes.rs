//! The changes of entries, and how they are written.

use std::{collections::BTreeMap, time::Instant};

use async_nats::{HeaderMap, header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE};
use futures_util::future::try_join_all;
use tencent_im_callback_journal::{
    StoreError,
    store::{self, Fence, Unfinished},
};

use crate::{
    feeding::{Feeding, end_after, fed},
    index::Partition,
    message::{Head, millis},
    nats::Inner,
    progress::{Change, Open, SUMMARY, pieces},
};

/// All unfinished entries are listed after so many messages of changes.
const LIST_EVERY: usize = 500;

/// So many entries that were retried are taken at once.
const RETRIED: usize = 1_000;

impl Inner {
    /// Writes changes of a partition, at least one message.
    pub(crate) async fn write(
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
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, partition.progress.last.to_string());
        let subject = self.names.progress_of(partition.number);
        let ack = self.link.publish(subject, headers, json.into()).await?;
        partition.progress.last = ack.sequence;
        partition.progress.summary = Some(summary);
        partition.progress.messages += 1;
        partition.written_at = Instant::now();
        Ok(())
    }

    /// Lists all that is unfinished, and removes the messages before the list.
    pub(crate) async fn list(&self, fence: u64, partition: &mut Partition) -> Result<(), StoreError> {
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

    pub(crate) async fn settle(&self, fence: Fence, changes: Vec<store::Change>) -> Result<(), StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let changes = self.own(feeding, changes).await?;
        let result = self.settle_in(feeding, changes).await;
        end_after(&result, &mut guard);
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
    pub(crate) async fn finish_missing(&self, feeding: &mut Feeding) -> Result<(), StoreError> {
        if self.missing().is_empty() { Ok(()) } else { self.settle_in(feeding, Vec::new()).await }
    }

    pub(crate) async fn take_retried(&self, fence: Fence) -> Result<Vec<Unfinished>, StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        let result = self.take_keys(feeding).await;
        end_after(&result, &mut guard);
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
