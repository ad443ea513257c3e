//! The entries of the partitions that this process feeds from, in memory.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use tencent_im_callback_journal::store::Unfinished;

use crate::{
    message::Head,
    progress::{Change, Progress, Summary},
};

/// So many unfinished entries of a partition are in memory at most.
const MOST: usize = 20_000;

/// A partition that had no room is read on when it has no more than so many.
const ROOM: usize = MOST / 2;

/// A partition that this process feeds from.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) number: u32,
    pub(crate) progress: Progress,
    /// All entries up to here are in `progress`.
    position: u64,
    by_key: HashMap<String, BTreeSet<u64>>,
    /// There was no room for the next entry.
    is_full: bool,
    /// Entries from here on are not given, because entries before them were read late.
    withheld: Option<u64>,
    /// Entries that were retried and not given yet.
    pub(crate) retried: BTreeSet<u64>,
    /// When the log of changes had the last message of this process.
    pub(crate) written_at: Instant,
}

impl Partition {
    pub(crate) fn new(number: u32, progress: Progress) -> Self {
        let mut partition = Self {
            number,
            position: progress.complete_to(),
            progress: Progress::default(),
            by_key: HashMap::new(),
            is_full: false,
            withheld: None,
            retried: BTreeSet::new(),
            written_at: Instant::now(),
        };
        for (id, entry) in &progress.open {
            // Those above are known when they are read.
            if *id <= progress.complete_to()
                && let Some(key) = &entry.key
            {
                partition.by_key.entry(key.clone()).or_default().insert(*id);
            }
        }
        partition.progress = progress;
        partition
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match &change {
            Change::Finished(id) => {
                self.retried.remove(id);
                if let Some(key) = self.progress.open.get(id).and_then(|entry| entry.key.as_ref())
                    && let Some(ids) = self.by_key.get_mut(key)
                {
                    ids.remove(id);
                    if ids.is_empty() {
                        self.by_key.remove(key);
                    }
                }
            }
            Change::Listed { id, entry } => {
                if let Some(key) = &entry.key {
                    self.by_key.entry(key.clone()).or_default().insert(*id);
                }
            }
            _ => {}
        }
        self.progress.apply(change);
    }

    /// Takes an entry of the log, in its order. `given` is the id from which on entries were not given yet.
    pub(crate) fn read(&mut self, id: u64, head: Head, given: u64) {
        if id <= self.position || self.is_full {
            return;
        }
        if self.progress.open.len() >= MOST {
            self.is_full = true;
            return;
        }
        self.position = id;
        let key = head.key.as_ref().map(|key| key.as_str().to_owned());
        if self.progress.learn(id, head) {
            if let Some(key) = key {
                self.by_key.entry(key).or_default().insert(id);
            }
            if id < given && self.withheld.is_none() {
                self.withheld = Some(id);
            }
        }
    }

    /// The log was read up to here.
    pub(crate) fn read_to(&mut self, position: u64) {
        if !self.is_full {
            self.position = self.position.max(position);
        }
    }

    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// Whether the log has to be read again from the position of this partition.
    pub(crate) fn wants_more(&mut self) -> bool {
        let wants = self.is_full && self.progress.open.len() <= ROOM;
        if wants {
            self.is_full = false;
        }
        wants
    }

    /// Gives all entries from now on. Returns whether there were some that were not given.
    pub(crate) fn give_withheld(&mut self) -> bool {
        self.withheld.take().is_some()
    }

    /// The ids of unfinished entries from an id on, in their order.
    pub(crate) fn ids(&self, from: u64) -> impl Iterator<Item = u64> {
        let end = self.withheld.unwrap_or(u64::MAX).min(self.position.saturating_add(1));
        let open = (from < end).then(|| self.progress.open.range(from..end));
        open.into_iter().flatten().map(|(id, _)| *id)
    }

    pub(crate) fn unfinished(&self, id: u64) -> Option<Unfinished> {
        Some(self.progress.open.get(&id)?.unfinished(id, self.number))
    }

    pub(crate) fn unfinished_of(&self, key: &str, from: u64, max: usize) -> Vec<Unfinished> {
        let ids = self.by_key.get(key).map(|ids| ids.range(from..)).into_iter().flatten();
        let known = ids.filter(|id| **id <= self.position).take(max);
        known.filter_map(|id| self.unfinished(*id)).collect()
    }

    /// The retried entries that were not given yet.
    pub(crate) fn take_retried(&mut self) -> Vec<Unfinished> {
        let retried = std::mem::take(&mut self.retried);
        retried.into_iter().filter_map(|id| self.unfinished(id)).collect()
    }

    pub(crate) fn summary(&self, worker: &str, fence: u64, released: bool) -> Summary {
        let open = &self.progress.open;
        // Entries above the position are not known; there are few.
        let unfinished = open.len() - open.range(self.position.saturating_add(1)..).count();
        let oldest = open.range(..=self.position).next().map(|(_, entry)| entry.received_at).filter(|at| *at > 0);
        let unfinished = unfinished as u64;
        let floor = self.progress.open.first_key_value().map_or(self.position + 1, |(id, _)| *id);
        // Entries between the position and the first open one are not known.
        let floor = floor.min(self.position + 1);
        Summary { worker: worker.to_owned(), fence, released, floor, position: self.position, unfinished, oldest }
    }
}

#[cfg(test)]
mod tests {
    use tencent_im_callback::Key;

    use super::*;

    fn head(key: &str) -> Head {
        Head { key: Some(Key::new(key)), ..Head::default() }
    }

    fn ids(partition: &Partition, from: u64) -> Vec<u64> {
        partition.ids(from).collect()
    }

    #[test]
    fn a_partition_without_room_is_read_on_later_and_in_order() {
        let mut partition = Partition::new(0, Progress::default());
        let most = MOST as u64;
        for id in 1..=most + 5 {
            partition.read(id, head("k"), 0);
        }
        partition.read_to(most + 100);
        assert_eq!((partition.position(), partition.wants_more()), (most, false));
        for id in 1..=most / 2 {
            partition.apply(Change::Finished(id));
        }
        assert!(partition.wants_more());
        // Another partition's entries were given up to here meanwhile.
        let given = most + 100;
        for id in most + 1..=given + 5 {
            partition.read(id, head("k"), given);
        }
        assert_eq!(ids(&partition, most), [most], "what was read late is not given");
        assert!(partition.give_withheld() && !partition.give_withheld());
        assert_eq!(ids(&partition, most).len(), 106);
        assert_eq!(partition.unfinished_of("k", 0, 3).len(), 3);
        assert_eq!(partition.unfinished_of("x", 0, 3), []);
    }

    #[test]
    fn the_summary_has_the_floor_below_everything_unfinished() {
        let mut progress = Progress::default();
        progress.apply(Change::Complete(4));
        progress.apply(Change::Started(9));
        let mut partition = Partition::new(0, progress);
        let summary = |partition: &Partition| {
            let summary = partition.summary("w", 1, false);
            (summary.floor, summary.position, summary.unfinished)
        };
        assert_eq!(summary(&partition), (5, 4, 0), "what is above the position is not known");
        for id in [6, 9] {
            partition.read(id, head("k"), 0);
        }
        assert_eq!(summary(&partition), (6, 9, 2));
        partition.apply(Change::Finished(6));
        partition.apply(Change::Finished(9));
        assert_eq!(summary(&partition), (10, 9, 0));
    }
}
