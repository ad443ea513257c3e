//! The same cases as the program's `micro`, with divan's figures and filters: `cargo bench -p benchmarks`.

use std::cell::RefCell;

use benchmarks::case::{Case, Side, cases};
use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench(args = cases())]
fn ours(bencher: Bencher<'_, '_>, case: &Case) {
    time(bencher, case, Side::Ours);
}

#[divan::bench(args = cases())]
fn hand(bencher: Bencher<'_, '_>, case: &Case) {
    time(bencher, case, Side::Hand);
}

fn time(bencher: Bencher<'_, '_>, case: &Case, side: Side) {
    let prepared = RefCell::new(case.prepare(side));
    bencher.with_inputs(|| prepared.borrow_mut().next()).bench_local_values(|()| prepared.borrow_mut().run());
}
