//! The callbacks of the page, bounded by number and by bytes.

use std::{collections::VecDeque, sync::Arc};

use super::entry::{Entry, Origin};
use tencent_im_callback_testkit::recording::differences;

/// How many entries there are at most, and how long their bodies are at most, all together.
const ENTRIES: usize = 5000;
const BYTES: usize = 64 * 1024 * 1024;
/// How many entries can be pinned.
const PINS: usize = 100;
/// How long a note can be, in bytes.
const NOTE: usize = 2000;

#[derive(Default)]
pub(super) struct Ring {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    last_id: u64,
    revision: u64,
    /// How many entries had to make room.
    evicted: u64,
    last_evicted: u64,
}

impl Ring {
    /// Adds an entry in place of the oldest ones, and returns its number.
    pub(super) fn add(&mut self, mut entry: Entry) -> u64 {
        self.last_id += 1;
        self.revision += 1;
        entry.id = self.last_id;
        entry.revision = self.revision;
        if let Origin::Replay(original) = entry.origin {
            entry.changed = self.get(original).and_then(|original| Some(changes(&original, &entry)?.len()));
        }
        self.bytes += entry.bytes();
        self.entries.push_back(Arc::new(entry));
        while self.entries.len() > ENTRIES || self.bytes > BYTES {
            // Pinned entries are the last to go.
            let place = self.entries.iter().position(|entry| !entry.is_pinned).unwrap_or(0);
            let Some(oldest) = self.entries.remove(place) else { break };
            self.bytes -= oldest.bytes();
            self.evicted += 1;
            self.last_evicted = self.last_evicted.max(oldest.id);
        }
        self.last_id
    }

    pub(super) fn get(&self, id: u64) -> Option<Arc<Entry>> {
        let place = self.entries.partition_point(|entry| entry.id < id);
        self.entries.get(place).filter(|entry| entry.id == id).cloned()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }

    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) const fn last_id(&self) -> u64 {
        self.last_id
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// How many entries after this number are gone.
    pub(super) fn missed(&self, after: u64) -> u64 {
        let left = self.entries.iter().filter(|entry| entry.id > after && entry.id <= self.last_evicted).count();
        self.last_evicted.saturating_sub(after).saturating_sub(left as u64)
    }

    /// Pins an entry, or sets its note. The error is for the user.
    pub(super) fn mark(&mut self, id: u64, pinned: Option<bool>, note: Option<String>) -> Result<(), String> {
        if pinned == Some(true) && self.entries.iter().filter(|entry| entry.is_pinned).count() >= PINS {
            return Err(format!("{PINS} callbacks are pinned already"));
        }
        if note.as_ref().is_some_and(|note| note.len() > NOTE) {
            return Err(format!("a note has {NOTE} bytes at most"));
        }
        let place = self.entries.partition_point(|entry| entry.id < id);
        let entry = self.entries.get_mut(place).filter(|entry| entry.id == id).ok_or_else(|| gone(id))?;
        self.revision += 1;
        let (before, entry) = (entry.bytes(), Arc::make_mut(entry));
        entry.is_pinned = pinned.unwrap_or(entry.is_pinned);
        entry.note = note.unwrap_or_else(|| std::mem::take(&mut entry.note));
        entry.revision = self.revision;
        self.bytes = self.bytes - before + entry.bytes();
        Ok(())
    }

    /// Removes all entries that are not pinned.
    pub(super) fn clear(&mut self) {
        self.entries.retain(|entry| entry.is_pinned);
        self.bytes = self.entries.iter().map(|entry| entry.bytes()).sum();
    }
}

pub(super) fn gone(id: u64) -> String {
    format!("there is no callback {id}, or it had to make room for newer ones")
}

/// What is different in the answer of `after`; `None` where one of them has no answer.
pub(super) fn changes(
    before: &Entry,
    after: &Entry,
) -> Option<Vec<tencent_im_callback_testkit::recording::Difference>> {
    let answer = |entry: &Entry| entry.recorded.answer().filter(|_| entry.error.is_none()).cloned();
    let (before, after) = (answer(before)?, answer(after)?);
    let mut found = differences(&before.body, &after.body);
    if before.status != after.status {
        found.insert(0, tencent_im_callback_testkit::recording::Difference::status(before.status, after.status));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use tencent_im_callback_testkit::recording::Recorded;

    use super::*;

    fn entry(length: usize) -> Entry {
        Entry::of_recording(Recorded::new(SystemTime::now(), "CallbackCommand=State.StateChange", vec![b' '; length]))
    }

    #[test]
    fn the_oldest_make_room_by_number_and_are_counted_but_not_the_pinned() {
        let mut ring = Ring::default();
        let pinned = ring.add(entry(1));
        ring.mark(pinned, Some(true), Some("why".into())).unwrap();
        for _ in 0..ENTRIES + 9 {
            ring.add(entry(1));
        }
        assert_eq!((ring.entries.len(), ring.evicted()), (ENTRIES, 10));
        assert_eq!(ring.get(pinned).unwrap().note, "why");
        assert!(ring.get(2).is_none() && ring.get(11).is_none() && ring.get(12).is_some());
        assert_eq!((ring.missed(0), ring.missed(5), ring.missed(11)), (10, 6, 0));
        assert_eq!(ring.bytes, ring.entries.iter().map(|entry| entry.bytes()).sum::<usize>());
        ring.clear();
        assert_eq!(ring.entries.len(), 1);
    }

    #[test]
    fn long_bodies_are_cut_and_make_room_by_bytes() {
        let mut ring = Ring::default();
        for _ in 0..80 {
            ring.add(entry(2 * 1024 * 1024));
        }
        assert!(ring.bytes <= BYTES && ring.entries.len() >= 30, "{} in {}", ring.entries.len(), ring.bytes);
        assert!(ring.iter().all(|entry| entry.is_cut()));
    }

    #[test]
    fn pins_and_notes_are_bounded() {
        let mut ring = Ring::default();
        for _ in 0..=PINS {
            ring.add(entry(1));
        }
        for id in 1..=PINS as u64 {
            ring.mark(id, Some(true), None).unwrap();
        }
        assert!(ring.mark(PINS as u64 + 1, Some(true), None).is_err());
        assert!(ring.mark(1, None, Some("x".repeat(NOTE + 1))).is_err());
        assert!(ring.mark(9999, None, None).is_err());
    }
}
