//! How often a callback asks for memory: a count, which is the same on every machine.

use allocation_counter::measure;
use benchmarks::case::{Case, Side};

/// Allocations of one of ours, which is not the first.
fn allocations(name: &str) -> u64 {
    let case = Case::named(name).expect("there is such a case");
    let mut prepared = case.prepare(Side::Ours);
    prepared.next();
    measure(|| prepared.run()).count_total
}

#[test]
fn the_smallest_callback_takes_five_allocations_at_most() {
    let allocations = allocations("small");
    assert!(allocations <= 5, "{allocations}");
}

#[test]
fn a_forged_callback_takes_none() {
    let allocations = allocations("forged");
    assert_eq!(allocations, 0);
}

#[test]
fn a_member_of_a_long_list_takes_no_more_than_one_of_a_short_list() {
    let (few, many) = (allocations("members-600"), allocations("members-6000"));
    assert!(many * 4 <= few * 10 * 5, "{few} for 600, {many} for 6,000");
    // Its id, which is kept as text, and now and then more room for the list.
    assert!(many <= 6_000 + 50, "{many}");
}

#[test]
fn a_push_event_takes_no_more_than_its_texts() {
    // Not all versions know pushes, and the test is of interest as soon as one does.
    if Case::named("pushes").is_some() {
        let allocations = allocations("pushes");
        assert!(allocations <= 100 * 8, "{allocations}");
    }
}
