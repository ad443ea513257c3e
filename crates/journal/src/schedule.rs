//! Which entry is delivered next: in order for each key, all keys at once, with pauses after failures.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    time::Instant,
};

use tencent_im_callback::Key;

use crate::store::Unfinished;

/// So many entries of one key are in memory. The entries behind them are read when these are finished.
pub(crate) const KEY_WINDOW: usize = 1_000;

/// The unfinished entries in memory.
#[derive(Default)]
pub(crate) struct Schedule {
    keys: HashMap<Key, KeyQueue>,
    /// Keys whose first entry can be delivered now.
    ready: VecDeque<Key>,
    /// Entries without a key that can be delivered now.
    free: VecDeque<Item>,
    /// What waits for a time. The number tells those of one time apart.
    timers: BTreeMap<(Instant, u64), Waiting>,
    next_timer: u64,
    /// The ids of all entries in memory, those that run included.
    loaded: HashSet<u64>,
}

enum Waiting {
    Key(Key),
    Free(Item),
}

#[derive(Default)]
struct KeyQueue {
    partition: u32,
    /// In order. The first may be running.
    entries: VecDeque<Item>,
    is_running: bool,
    /// It is in `ready`, waits for a time, or is held.
    is_scheduled: bool,
    /// A dead letter holds the entries behind it.
    is_held: bool,
    /// The first entry that is not in memory.
    overflow: Option<u64>,
}

/// An entry that is to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) partition: u32,
    pub(crate) key: Option<Key>,
    pub(crate) attempts: u32,
    pub(crate) error: Option<String>,
    pub(crate) suspected: u32,
}

/// What became of an item.
pub(crate) enum After {
    /// It is finished.
    Finished,
    /// It is finished, and the entries behind it wait until it is retried or removed.
    Held,
    /// It is delivered again at this time.
    Again { at: Instant, error: String },
}

impl Schedule {
    pub(crate) fn loaded(&self) -> usize {
        self.loaded.len()
    }

    /// The keys whose entries are held, running or waiting.
    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Takes an entry into memory, unless it is there or its key has many there already. `due` is the time before which the
    /// entry is not delivered.
    pub(crate) fn load(&mut self, entry: Unfinished, due: Option<Instant>) {
        let Unfinished { id, partition, key, attempts, error, suspected, .. } = entry;
        if self.loaded.contains(&id) {
            return;
        }
        let item = Item { id, partition, key: key.clone(), attempts, error, suspected };
        let Some(key) = key else {
            self.loaded.insert(id);
            match due {
                None => self.free.push_back(item),
                Some(due) => self.wait(due, Waiting::Free(item)),
            }
            return;
        };
        let queue = self.keys.entry(key.clone()).or_default();
        queue.partition = partition;
        if queue.entries.len() >= KEY_WINDOW || queue.overflow.is_some_and(|overflow| id >= overflow) {
            queue.overflow = Some(queue.overflow.map_or(id, |overflow| overflow.min(id)));
            return;
        }
        // At the end, but for a dead letter that is retried. What runs stays the first.
        let place = queue.entries.partition_point(|other| other.id < id).max(usize::from(queue.is_running));
        queue.entries.insert(place, item);
        self.loaded.insert(id);
        self.schedule(&key, due);
    }

    /// Sees to it that the first entry of a key is delivered.
    fn schedule(&mut self, key: &Key, due: Option<Instant>) {
        let Some(queue) = self.keys.get_mut(key) else { return };
        if queue.is_running || queue.is_scheduled || queue.is_held || queue.entries.is_empty() {
            return;
        }
        queue.is_scheduled = true;
        match due {
            None => self.ready.push_back(key.clone()),
            Some(due) => self.wait(due, Waiting::Key(key.clone())),
        }
    }

    fn wait(&mut self, due: Instant, what: Waiting) {
        self.next_timer += 1;
        self.timers.insert((due, self.next_timer), what);
    }

    /// The next entry to deliver now.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Item> {
        while let Some(first) = self.timers.first_entry() {
            if first.key().0 > now {
                break;
            }
            match first.remove() {
                Waiting::Key(key) => self.ready.push_back(key),
                Waiting::Free(item) => self.free.push_back(item),
            }
        }
        if let Some(key) = self.ready.pop_front() {
            let queue = self.keys.get_mut(&key)?;
            queue.is_scheduled = false;
            queue.is_running = true;
            return queue.entries.front().cloned();
        }
        self.free.pop_front()
    }

    /// Forgets the entries of a partition, but for those that run.
    pub(crate) fn leave(&mut self, partition: u32) {
        let loaded = &mut self.loaded;
        let mut forget = |item: &Item| {
            if item.partition == partition {
                loaded.remove(&item.id);
            }
            item.partition != partition
        };
        self.free.retain(&mut forget);
        self.timers.retain(|_, waiting| match waiting {
            Waiting::Free(item) => forget(item),
            Waiting::Key(key) => self.keys.get(key).is_some_and(|queue| queue.partition != partition),
        });
        self.ready.retain(|key| self.keys.get(key).is_some_and(|queue| queue.partition != partition));
        self.keys.retain(|_, queue| {
            if queue.partition != partition {
                return true;
            }
            for item in queue.entries.drain(usize::from(queue.is_running)..) {
                loaded.remove(&item.id);
            }
            queue.overflow = None;
            queue.is_held = false;
            queue.is_scheduled = false;
            queue.is_running
        });
    }

    /// When the next waiting entry is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.timers.first_key_value().map(|((due, _), _)| *due)
    }

    /// An item has been delivered. Returns the place from which more entries of its key have to be read.
    pub(crate) fn finished(&mut self, mut item: Item, after: After) -> Option<(Key, u64)> {
        let Some(key) = item.key.clone() else {
            match after {
                After::Finished | After::Held => _ = self.loaded.remove(&item.id),
                After::Again { at, error } => {
                    item.attempts += 1;
                    item.error = Some(error);
                    self.wait(at, Waiting::Free(item));
                }
            }
            return None;
        };
        let queue = self.keys.get_mut(&key)?;
        queue.is_running = false;
        match after {
            After::Again { at, error } => {
                if let Some(first) = queue.entries.front_mut() {
                    first.attempts += 1;
                    first.error = Some(error);
                }
                self.schedule(&key, Some(at));
                return None;
            }
            After::Finished => {}
            After::Held => queue.is_held = true,
        }
        queue.entries.pop_front();
        self.loaded.remove(&item.id);
        if queue.entries.is_empty() && !queue.is_held {
            let overflow = queue.overflow.take();
            self.keys.remove(&key);
            return overflow.map(|from| (key, from));
        }
        self.schedule(&key, None);
        None
    }

    /// A key of this partition has a dead letter: the entries behind it wait.
    pub(crate) fn hold(&mut self, key: Key, partition: u32) {
        let queue = self.keys.entry(key).or_default();
        queue.partition = partition;
        queue.is_held = true;
    }

    /// A dead letter of a held key was retried or removed: the entries behind it go on.
    pub(crate) fn let_go(&mut self, key: &Key) -> Option<(Key, u64)> {
        let queue = self.keys.get_mut(key)?;
        queue.is_held = false;
        if queue.entries.is_empty() {
            let overflow = queue.overflow.take();
            self.keys.remove(key);
            return overflow.map(|from| (key.clone(), from));
        }
        self.schedule(key, None);
        None
    }

    /// The keys that are held.
    pub(crate) fn held(&self) -> Vec<Key> {
        self.keys.iter().filter(|(_, queue)| queue.is_held).map(|(key, _)| key.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn entry(id: u64, key: &str) -> Unfinished {
        Unfinished::new(id, (!key.is_empty()).then(|| Key::new(key)))
    }

    fn ids(schedule: &mut Schedule, now: Instant) -> Vec<u64> {
        std::iter::from_fn(|| schedule.next(now)).map(|item| item.id).collect()
    }

    #[test]
    fn one_entry_of_each_key_runs_at_a_time_in_order() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        for (id, key) in [(1, "a"), (2, "a"), (3, "b"), (4, ""), (5, "a"), (6, "")] {
            schedule.load(entry(id, key), None);
        }
        let first = schedule.next(now).unwrap();
        assert_eq!(first.id, 1);
        assert_eq!(ids(&mut schedule, now), [3, 4, 6]);
        schedule.finished(first, After::Finished);
        let second = schedule.next(now).unwrap();
        assert_eq!((second.id, schedule.next(now)), (2, None));
        schedule.finished(second, After::Finished);
        assert_eq!(ids(&mut schedule, now), [5]);
    }

    #[test]
    fn a_failed_entry_holds_up_its_key_alone() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        for (id, key) in [(1, "a"), (2, "a"), (3, "b")] {
            schedule.load(entry(id, key), None);
        }
        let first = schedule.next(now).unwrap();
        let later = now + Duration::from_secs(5);
        schedule.finished(first, After::Again { at: later, error: "no".into() });
        assert_eq!(ids(&mut schedule, now), [3]);
        assert_eq!(schedule.next_due(), Some(later));
        let again = schedule.next(later).unwrap();
        assert_eq!((again.id, again.attempts, again.error.as_deref()), (1, 1, Some("no")));
        schedule.finished(again, After::Finished);
        assert_eq!(ids(&mut schedule, later), [2]);
    }

    #[test]
    fn a_held_key_goes_on_when_it_is_let_go() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        for (id, key) in [(1, "a"), (2, "a")] {
            schedule.load(entry(id, key), None);
        }
        let first = schedule.next(now).unwrap();
        schedule.finished(first, After::Held);
        assert_eq!((ids(&mut schedule, now), schedule.held()), (vec![], vec![Key::new("a")]));
        schedule.let_go(&Key::new("a"));
        assert_eq!(ids(&mut schedule, now), [2]);
    }

    #[test]
    fn a_key_with_many_entries_leaves_room_for_others() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        for id in 1..=KEY_WINDOW as u64 + 5 {
            schedule.load(entry(id, "a"), None);
        }
        schedule.load(entry(5_000, "b"), None);
        assert_eq!(schedule.loaded(), KEY_WINDOW + 1);
        let mut more = None;
        while more.is_none() {
            let item = schedule.next(now).unwrap();
            more = schedule.finished(item, After::Finished);
        }
        assert_eq!(more, Some((Key::new("a"), KEY_WINDOW as u64 + 1)));
    }

    #[test]
    fn a_partition_that_is_left_is_forgotten_but_for_what_runs() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        let later = now + Duration::from_secs(5);
        for (id, key, partition, due) in [
            (1, "a", 0, None),
            (2, "a", 0, None),
            (3, "b", 1, None),
            (4, "", 0, None),
            (5, "", 1, Some(later)),
            (6, "c", 0, Some(later)),
            (7, "", 0, Some(later)),
        ] {
            schedule.load(Unfinished { partition, ..entry(id, key) }, due);
        }
        schedule.hold(Key::new("d"), 0);
        let running = schedule.next(now).unwrap();
        assert_eq!(running.id, 1);
        schedule.leave(0);
        assert_eq!((schedule.loaded(), schedule.held()), (3, vec![]));
        assert_eq!(ids(&mut schedule, later), [3, 5]);
        schedule.finished(running, After::Again { at: now, error: "no".into() });
        // It is attempted by the process that feeds from the partition then.
        schedule.leave(0);
        assert_eq!(schedule.next(later), None);
        // And by this one, when the partition is its own again.
        schedule.load(entry(1, "a"), None);
        assert_eq!(ids(&mut schedule, later), [1]);
    }

    #[test]
    fn a_retried_entry_is_delivered_before_those_behind_it() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        for id in [2, 3, 4] {
            schedule.load(entry(id, "a"), None);
        }
        let running = schedule.next(now).unwrap();
        schedule.load(entry(1, "a"), None);
        schedule.load(entry(1, "a"), None);
        let mut order = vec![running.id];
        let mut running = Some(running);
        while let Some(item) = running {
            schedule.finished(item, After::Finished);
            running = schedule.next(now);
            order.extend(running.as_ref().map(|item| item.id));
        }
        assert_eq!(order, [2, 1, 3, 4]);
    }

    #[test]
    fn entries_without_a_key_are_delivered_in_order_and_once() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        for id in [1, 2, 2, 3] {
            schedule.load(entry(id, ""), None);
        }
        assert_eq!(ids(&mut schedule, now), [1, 2, 3]);
    }
}
