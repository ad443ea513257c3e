//! Removing entries and dead letters.

use std::{collections::BTreeMap, time::SystemTime};

use tencent_im_callback_journal::StoreError;

use crate::{
    message::millis,
    nats::{Inner, info},
    reader::{PAGE, Reader, Start, sequence},
};

/// The entries of so many ids are removed at once.
const PIECE: u64 = 50_000;

/// So many messages are removed one by one at most.
const ONE_BY_ONE: usize = 1_000;

impl Inner {
    /// Writes the keys by which entries become unfinished again, and returns for how many.
    pub(crate) async fn retry(&self, ids: &[u64]) -> Result<u64, StoreError> {
        let waiting = self.retry_keys().await?;
        let mut count = 0;
        for (id, partition) in self.finished(ids).await? {
            if waiting.contains(&(partition, id)) {
                continue;
            }
            let key = self.names.key(format_args!("retry.{partition}.{id}"));
            self.link.publish(key, async_nats::HeaderMap::new(), bytes::Bytes::from_static(b"{}")).await?;
            count += 1;
        }
        Ok(count)
    }

    /// The partitions and ids of entries that are to become unfinished again.
    pub(crate) async fn retry_keys(&self) -> Result<std::collections::BTreeSet<(u32, u64)>, StoreError> {
        use futures_util::TryStreamExt as _;
        let prefix = self.names.key("retry.");
        let fault = |error| crate::link::fault("the bucket of the journal cannot be read", &error);
        let read = async {
            let mut subjects = self.streams.bucket.info_with_subjects(format!("{prefix}>")).await.map_err(fault)?;
            let mut keys = std::collections::BTreeSet::new();
            while let Some((subject, _)) = subjects.try_next().await.map_err(fault)? {
                let key = subject.strip_prefix(&prefix).and_then(|key| key.split_once('.'));
                let key = key.and_then(|(partition, id)| Some((partition.parse().ok()?, id.parse().ok()?)));
                keys.extend(key);
            }
            Ok(keys)
        };
        tokio::time::timeout(crate::link::API_TIME, read).await.map_err(|_| crate::link::late())?
    }

    pub(crate) async fn discard(&self, ids: &[u64]) -> Result<u64, StoreError> {
        let mut count = 0;
        for id in ids {
            let is_dead = self.unbury(*id).await?;
            let was_there = self.delete(&self.streams.entries, *id).await?;
            count += u64::from(is_dead || was_there);
        }
        // If this process feeds from their partitions, they are finished with the next change.
        self.missing().extend(ids);
        Ok(count)
    }

    pub(crate) async fn prune(&self, done_before: SystemTime, dead_before: SystemTime) -> Result<u64, StoreError> {
        let before = self.first_since(done_before).await?;
        let mut floors: BTreeMap<u32, u64> = BTreeMap::new();
        for (number, (_, summary)) in self.summaries().await? {
            floors.insert(number, summary.floor);
        }
        if let Some(feeding) = &*self.feeding.lock().await {
            for (number, partition) in &feeding.partitions {
                floors.insert(*number, partition.summary(&self.worker, feeding.fence, false).floor);
            }
        }
        let first = info(&self.streams.entries).await?.state.first_sequence;
        let mut count = 0;
        let mut end = first;
        let highest = floors.values().copied().max().unwrap_or_default().min(before);
        while count == 0 && end < highest {
            end = end.saturating_add(PIECE).min(highest);
            for (number, floor) in &floors {
                let subject = self.names.entries_of(*number);
                if *floor > first {
                    count += self.link.purge(&self.streams.entries, &subject, Some(end.min(*floor))).await?;
                }
            }
        }
        if count == 0 {
            for (number, floor) in &floors {
                // An unfinished entry holds up what is behind it.
                if *floor < before {
                    count += self.prune_above(*number, *floor, before).await?;
                }
            }
        }
        Ok(count + self.prune_dead(dead_before).await?)
    }

    /// Removes finished entries behind an unfinished one, one by one.
    async fn prune_above(&self, number: u32, floor: u64, before: u64) -> Result<u64, StoreError> {
        let from = Start::Sequence(floor);
        let mut reader = Reader::new(&self.streams.entries, self.names.entries_of(number), from, true).await?;
        let mut finished = Vec::new();
        'pages: loop {
            let page = reader.next_known(PAGE).await?;
            if page.is_empty() {
                break;
            }
            let ids = page.iter().map(sequence).collect::<Result<Vec<_>, _>>()?;
            for (id, _) in self.finished(&ids).await? {
                if id >= before || finished.len() >= ONE_BY_ONE {
                    break 'pages;
                }
                finished.push(id);
            }
            if ids.last().is_some_and(|last| *last >= before) {
                break;
            }
        }
        reader.end().await;
        let mut count = 0;
        for id in finished {
            count += u64::from(self.delete(&self.streams.entries, id).await?);
        }
        Ok(count)
    }

    async fn prune_dead(&self, before: SystemTime) -> Result<u64, StoreError> {
        let before = millis(before);
        let old = self.with_dead(|dead| {
            let old = dead.by_id.iter().filter(|(_, letter)| letter.head.died_at < before);
            old.take(ONE_BY_ONE).map(|(id, letter)| (*id, letter.sequence)).collect::<BTreeMap<_, _>>()
        });
        let old = old.await?;
        if old.is_empty() {
            return Ok(0);
        }
        let ids: Vec<_> = old.keys().copied().collect();
        let mut count = 0;
        for (id, _) in self.finished(&ids).await? {
            if let Some(sequence) = old.get(&id) {
                count += u64::from(self.delete(&self.streams.dead, *sequence).await?);
            }
        }
        Ok(count)
    }
}
