//! Finds the callback of a command word with about one comparison. Each request needs it twice.

use super::Callback;
use crate::CALLBACKS;

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

pub(super) fn find(word: &str) -> Option<&'static Callback> {
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
