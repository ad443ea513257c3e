//! The properties of every way in, for a fixed number of inputs made from the samples and of arbitrary ones;
//! `fuzz` looks for hours at the same.

use properties::seeds;
use proptest::{
    collection::vec,
    prelude::*,
    sample::Index,
    test_runner::{RngSeed, TestRunner},
};

/// How an input is changed at a place.
#[derive(Debug, Clone)]
enum Change {
    Byte(u8),
    Word(String),
    Cut(u8),
    /// A piece of it, moved here from elsewhere.
    Copy(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let words: Vec<_> = seeds::words().into_iter().collect();
    prop_oneof![
        any::<u8>().prop_map(Change::Byte),
        proptest::sample::select(words).prop_map(Change::Word),
        any::<u8>().prop_map(Change::Cut),
        (any::<Index>(), any::<u8>()).prop_map(|(from, length)| Change::Copy(from, length)),
    ]
}

fn changed(mut input: Vec<u8>, changes: Vec<(Index, Change)>) -> Vec<u8> {
    for (place, change) in changes {
        let at = place.index(input.len() + 1);
        let end = |from: usize, length: u8| (from + usize::from(length)).min(input.len());
        match change {
            Change::Byte(byte) if at < input.len() => input[at] = byte,
            Change::Byte(byte) => input.push(byte),
            Change::Word(word) => drop(input.splice(at..at, word.into_bytes())),
            Change::Cut(length) => drop(input.drain(at..end(at, length))),
            Change::Copy(from, length) => {
                let from = from.index(input.len() + 1);
                let piece = input[from..end(from, length)].to_vec();
                input.splice(at..at, piece);
            }
        }
    }
    input
}

/// Checks a property for every seed as it is, for seeds with some changes, and for bytes of any kind.
fn holds(property: fn(&[u8]), seeds: Vec<Vec<u8>>, cases: u32) {
    for seed in &seeds {
        property(seed);
    }
    let from_seeds = (proptest::sample::select(seeds), vec((any::<Index>(), change()), 1..6));
    let inputs = prop_oneof![
        9 => from_seeds.prop_map(|(seed, changes)| changed(seed, changes)),
        1 => vec(any::<u8>(), 0..256),
    ];
    // A failing input is printed, and belongs into a test of its own.
    let mut config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        // The same inputs each time, so that a failure is about the change that was made.
        config.rng_seed = RngSeed::Fixed(0);
    }
    let outcome = TestRunner::new(config).run(&inputs, |input| {
        property(&input);
        Ok(())
    });
    outcome.unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
fn a_query_leads_to_what_the_contract_says() {
    holds(properties::query, seeds::query(), 4_000);
}

#[test]
fn every_event_decodes_the_same_way_everywhere_and_writes_itself() {
    holds(properties::decode, seeds::decode(), 4_000);
}

#[test]
fn elements_go_out_as_they_came() {
    holds(properties::elements, seeds::elements(), 4_000);
}

#[test]
fn whatever_comes_is_answered_as_the_contract_says() {
    holds(properties::handle, seeds::handle(), 4_000);
}
