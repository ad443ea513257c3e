//! How far a partition is: a log of changes in the stream `NAME-progress`.
//!
//! Each message of the partition's subject has the state of the partition as a whole in a header ([`Summary`]) and changes of
//! its entries in its body ([`Change`]). A message is written only if the subject's last message is the one that the writer
//! knows: that is the fence. From time to time the writer lists all unfinished entries and removes the messages before the
//! list. Changes that are read twice change nothing, so that a list that was not completed does no harm.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::HeaderMap;
use serde::{Deserialize, Serialize};
use tencent_im_callback::Key;
use tencent_im_callback_journal::store::{State, Unfinished};

use crate::message::{Head, time};

/// The header with the [`Summary`].
pub(crate) const SUMMARY: &str = "Im-Callback-Progress";

/// A body has changes of about so many bytes at most.
const PIECE_BYTES: usize = 200_000;

/// The text of an error is cut to so many bytes.
const ERROR_BYTES: usize = 2_000;

/// The state of a partition as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// The worker that has written this.
    pub(crate) worker: String,
    /// The number of its feeding.
    pub(crate) fence: u64,
    /// Whether the worker has given the partition up.
    pub(crate) released: bool,
    /// All entries of the partition before this id are finished.
    pub(crate) floor: u64,
    /// The worker knows all entries of the partition up to this id.
    pub(crate) position: u64,
    /// How many of them are not finished.
    pub(crate) unfinished: u64,
    /// When the oldest of them was received, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) oldest: Option<u64>,
}

impl Summary {
    pub(crate) fn read(headers: Option<&HeaderMap>) -> Option<Self> {
        serde_json::from_str(headers?.get(SUMMARY)?.as_str()).ok()
    }
}

/// A change of an entry, or of what is known of the partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// The method is called.
    Started(u64),
    /// The entry is not in hand any longer.
    Released(u64),
    /// The process has ended while the entry was in hand.
    Suspected(u64),
    /// The entry is done, removed, or a dead letter.
    Finished(u64),
    /// An attempt has failed.
    Failed { id: u64, attempts: u32, due: u64, error: String },
    /// A list of all unfinished entries begins.
    List,
    /// The entry is unfinished, with all that is known of it.
    Listed { id: u64, entry: Open },
    /// All unfinished entries up to this id were listed since the list began.
    Complete(u64),
}

impl Change {
    pub(crate) fn failed(id: u64, attempts: u32, due: u64, error: &str) -> Self {
        Self::Failed { id, attempts, due, error: cut(error).to_owned() }
    }
}

/// The beginning of a text.
pub(crate) fn cut(error: &str) -> &str {
    let end = (0..=error.len().min(ERROR_BYTES)).rev().find(|end| error.is_char_boundary(*end));
    &error[..end.unwrap_or_default()]
}

/// An entry that is not finished.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Open {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    pub(crate) received_at: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) suspected: u32,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) in_hand: bool,
    /// It was finished before: it may have a dead letter.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) retried: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Open {
    pub(crate) fn retried(head: Head) -> Self {
        let key = head.key.map(|key| key.as_str().to_owned());
        Self { key, received_at: head.received_at, retried: true, ..Self::default() }
    }

    pub(crate) fn unfinished(&self, id: u64, partition: u32) -> Unfinished {
        let mut unfinished = Unfinished::new(id, self.key.clone().map(Key::new));
        unfinished.partition = partition;
        unfinished.attempts = self.attempts;
        unfinished.due = self.due.map(time);
        unfinished.error.clone_from(&self.error);
        unfinished.suspected = self.suspected;
        unfinished
    }
}

/// What is known of a partition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// The sequence of the last message of the log.
    pub(crate) last: u64,
    /// The last summary.
    pub(crate) summary: Option<Summary>,
    /// All unfinished entries up to here are in `open`.
    complete_to: u64,
    /// Entries that are not finished. Those above `complete_to` have no key until they are [known](Self::learn).
    pub(crate) open: BTreeMap<u64, Open>,
    /// Entries above `complete_to` that are finished.
    finished: BTreeSet<u64>,
    /// What was listed since a list began.
    listed: Option<BTreeSet<u64>>,
    /// The messages of the log since the last list.
    pub(crate) messages: usize,
}

impl Progress {
    /// Takes a message of the log.
    pub(crate) fn take(&mut self, sequence: u64, summary: Summary, changes: Vec<Change>) {
        self.last = sequence;
        self.summary = Some(summary);
        self.messages += 1;
        for change in changes {
            self.apply(change);
        }
    }

    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::Started(id) => self.change(id, |entry| entry.in_hand = true),
            Change::Released(id) => self.change(id, |entry| entry.in_hand = false),
            Change::Suspected(id) => self.change(id, |entry| {
                entry.in_hand = false;
                entry.suspected += 1;
            }),
            Change::Failed { id, attempts, due, error } => self.change(id, |entry| {
                entry.in_hand = false;
                (entry.attempts, entry.due, entry.error) = (attempts, Some(due), Some(error));
            }),
            Change::Finished(id) => {
                self.open.remove(&id);
                if id > self.complete_to {
                    self.finished.insert(id);
                }
            }
            Change::List => self.listed = Some(BTreeSet::new()),
            Change::Listed { id, entry } => {
                if let Some(listed) = &mut self.listed {
                    listed.insert(id);
                }
                self.finished.remove(&id);
                self.open.insert(id, entry);
            }
            Change::Complete(id) => {
                // The messages before the list may be gone, and with them the end of an entry.
                if let Some(listed) = self.listed.take() {
                    self.open.retain(|open, _| *open > id || listed.contains(open));
                }
                self.complete_to = self.complete_to.max(id);
                self.finished = self.finished.split_off(&(self.complete_to + 1));
                self.messages = 0;
            }
        }
    }

    /// A change of an entry that is finished changes nothing.
    fn change(&mut self, id: u64, change: impl FnOnce(&mut Open)) {
        if id <= self.complete_to {
            if let Some(entry) = self.open.get_mut(&id) {
                change(entry);
            }
        } else if !self.finished.contains(&id) {
            change(self.open.entry(id).or_default());
        }
    }

    /// Learns of an entry from the log of entries. Returns whether it is unfinished.
    pub(crate) fn learn(&mut self, id: u64, head: Head) -> bool {
        if id <= self.complete_to || self.finished.contains(&id) {
            return false;
        }
        let entry = self.open.entry(id).or_default();
        entry.key = head.key.map(|key| key.as_str().to_owned());
        entry.received_at = head.received_at;
        true
    }

    /// Where the log of entries has to be read from.
    pub(crate) const fn complete_to(&self) -> u64 {
        self.complete_to
    }

    pub(crate) fn is_unfinished(&self, id: u64) -> bool {
        if id <= self.complete_to { self.open.contains_key(&id) } else { !self.finished.contains(&id) }
    }

    pub(crate) fn state(&self, id: u64, is_dead: bool) -> State {
        match (self.is_unfinished(id), is_dead) {
            (true, _) => State::Unfinished,
            (false, true) => State::Dead,
            (false, false) => State::Done,
        }
    }

    /// The changes that say all that is known, where all entries up to `position` are.
    pub(crate) fn list(&self, position: u64) -> Vec<Change> {
        let listed = self.open.iter().map(|(id, entry)| Change::Listed { id: *id, entry: entry.clone() });
        let finished = self.finished.range(position.saturating_add(1)..).map(|id| Change::Finished(*id));
        finished.chain([Change::List]).chain(listed).chain([Change::Complete(position)]).collect()
    }
}

/// Changes as the bodies of messages, at least one.
pub(crate) fn pieces(changes: &[Change]) -> Vec<(Vec<u8>, Vec<Change>)> {
    let mut pieces = Vec::new();
    let (mut json, mut piece) = (b"[".to_vec(), Vec::new());
    for change in changes {
        // It has only texts and numbers, which are JSON always.
        let text = serde_json::to_vec(change).unwrap_or_default();
        if !piece.is_empty() && json.len() + text.len() > PIECE_BYTES {
            json.push(b']');
            pieces.push((std::mem::replace(&mut json, b"[".to_vec()), std::mem::take(&mut piece)));
        }
        if !piece.is_empty() {
            json.push(b',');
        }
        json.extend(text);
        piece.push(change.clone());
    }
    json.push(b']');
    pieces.push((json, piece));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(key: &str) -> Head {
        Head { key: Some(Key::new(key)), received_at: 5, ..Head::default() }
    }

    fn read(changes: &[Change]) -> Progress {
        let mut progress = Progress::default();
        for (number, (json, piece)) in pieces(changes).into_iter().enumerate() {
            assert_eq!(serde_json::from_slice::<Vec<Change>>(&json).unwrap(), piece);
            progress.take(number as u64 + 1, Summary::default(), piece);
        }
        progress
    }

    #[test]
    fn a_list_says_what_the_changes_before_it_have_said() {
        let mut changes = vec![
            Change::Started(3),
            Change::Finished(4),
            Change::failed(5, 2, 9, &"\u{e9}".repeat(ERROR_BYTES)),
            Change::Finished(7),
        ];
        let mut progress = read(&changes);
        for id in 3..=6 {
            assert_eq!(progress.learn(id, head("k")), id != 4, "{id}");
        }
        let list = progress.list(6);
        let fresh = read(&list);
        assert_eq!(fresh.open, progress.open);
        assert!(fresh.open[&3].in_hand && fresh.open[&5].attempts == 2);
        let unfinished = |id| fresh.is_unfinished(id);
        assert_eq!((unfinished(4), unfinished(6), unfinished(7), unfinished(8)), (false, true, false, true));
        // Where some messages before the list are gone.
        let mut gone = vec![Change::Started(4), Change::Started(2)];
        gone.extend(progress.list(6));
        assert_eq!(read(&gone).open, progress.open);
        // Both together say the same, also where the list was not completed.
        changes.extend(list);
        for length in 0..=changes.len() {
            let partly = read(&changes[..length]);
            if length >= 4 {
                assert!(!partly.is_unfinished(4) && partly.is_unfinished(5) && !partly.is_unfinished(7), "{length}");
            }
        }
    }

    #[test]
    fn large_changes_are_several_messages() {
        let error = "x".repeat(ERROR_BYTES);
        let changes: Vec<_> = (0..1_000).map(|id| Change::failed(id, 1, 1, &error)).collect();
        let pieces = pieces(&changes);
        assert!(pieces.len() > 5 && pieces.iter().all(|(json, _)| json.len() <= PIECE_BYTES + 10));
        assert_eq!(pieces.into_iter().flat_map(|(_, piece)| piece).collect::<Vec<_>>(), changes);
        assert_eq!(super::pieces(&[]).len(), 1);
    }
}
