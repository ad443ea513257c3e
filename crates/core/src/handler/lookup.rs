//! Finds the callback of a command word with about one comparison. Each request needs it twice.

use crate::{CALLBACKS, Callback};

impl Callback {
    /// The callback with this command word, spelled exactly so; `None` for a word that this version does not know.
    ///
    /// Four callbacks are also found by an alias, which some page of the vendor has:
    ///
    /// | word | callback |
    /// | --- | --- |
    /// | `Live.CallbackAfterCloudRecordingChanged` | `Follow.CallbackAfterCloudRecordingChanged` |
    /// | `Live.CallbackMemberStateChanged` | `Live.CallbackAfterMemberStateChanged` |
    /// | `Room.CallbackUpdateRoomInfo` | `Room.CallbackAfterUpdateRoomInfo` |
    /// | `ChatBot.OnAssignAgent` | `ChatBot.OnAssignHuman` |
    #[must_use]
    pub fn find(command: &str) -> Option<&'static Self> {
        Self::named(command).or_else(|| Self::by_alias(command).map(|(_, callback)| callback))
    }

    /// The callback with exactly this command word.
    pub(crate) fn named(command: &str) -> Option<&'static Self> {
        find(command)
    }

    /// The callback that has this alias, and the alias.
    pub(crate) fn by_alias(command: &str) -> Option<(&'static str, &'static Self)> {
        let (word, own) = ALIASES.iter().find(|(word, _)| *word == command)?;
        Some((word, Self::named(own)?))
    }
}

/// A power of two, and large enough that two words seldom have the same slot.
const SLOTS: usize = (CALLBACKS.len() * 4).next_power_of_two();

/// The index of each callback in [`CALLBACKS`], in the slot of its word or in the next free slot.
static PLACES: [Option<u16>; SLOTS] = {
    assert!(CALLBACKS.len() < u16::MAX as usize);
    let mut places = [None; SLOTS];
    let mut index = 0;
    while index < CALLBACKS.len() {
        let mut slot = slot_of(CALLBACKS[index].command);
        while places[slot].is_some() {
            slot = (slot + 1) % SLOTS;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the assertion above")]
        let place = index as u16;
        places[slot] = Some(place);
        index += 1;
    }
    places
};

/// The last letters of a word and its length distinguish nearly all words.
const fn slot_of(word: &str) -> usize {
    let tail = match word.as_bytes().last_chunk() {
        Some(tail) => u64::from_le_bytes(*tail),
        None => 0,
    };
    let mixed = (tail ^ word.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    #[expect(clippy::cast_possible_truncation, reason = "only as many bits are left as there are slots")]
    let slot = (mixed >> (u64::BITS - SLOTS.ilog2())) as usize;
    slot
}

fn find(word: &str) -> Option<&'static Callback> {
    let mut slot = slot_of(word);
    while let Some(place) = PLACES[slot] {
        let callback = &CALLBACKS[usize::from(place)];
        if callback.command == word {
            return Some(callback);
        }
        slot = (slot + 1) % SLOTS;
    }
    None
}

/// Aliases of command words, each with the command that is meant.
static ALIASES: [(&str, &str); 4] = [
    // Recording has nothing to do with following: 647/78428 looks copied from the page of another callback.
    ("Live.CallbackAfterCloudRecordingChanged", "Follow.CallbackAfterCloudRecordingChanged"),
    // In the parameters of 647/64424, whose body has the whole word.
    ("Live.CallbackMemberStateChanged", "Live.CallbackAfterMemberStateChanged"),
    // In two lists of the vendor; the page of the callback has the other.
    ("Room.CallbackUpdateRoomInfo", "Room.CallbackAfterUpdateRoomInfo"),
    // In another edition of the page, 1047/63270.
    ("ChatBot.OnAssignAgent", "ChatBot.OnAssignHuman"),
];
