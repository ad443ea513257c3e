//! Times within a process, ours and by hand in turn, so that what disturbs one disturbs both.

use std::{
    error::Error,
    fmt::Write as _,
    time::{Duration, Instant},
};

use benchmarks::case::{Prepared, Side, cases};
use serde::{Deserialize, Serialize};

use crate::{
    Options,
    data::Folder,
    machine::Machine,
    process::{cores, stay_on},
    statistics::Spread,
    throughput::ratio,
};

/// A run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Data {
    machine: Machine,
    cases: Vec<Timed>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Timed {
    what: String,
    ours_ns: Spread,
    hand_ns: Spread,
    ratio: Spread,
}

pub(crate) fn run(options: &Options, folder: &Folder) -> Result<(), Box<dyn Error>> {
    let all = cores()?;
    stay_on(&all[all.len() - 1..])?;
    let mut timed = Vec::new();
    for case in cases().filter(|case| options.is_wanted(case.name)) {
        let (mut our, mut by_hand) = (case.prepare(Side::Ours), case.prepare(Side::Hand));
        let rounds = options.rounds(400);
        let mut ours = Vec::with_capacity(rounds);
        let mut hand = Vec::with_capacity(rounds);
        // The first time is for getting warm.
        for round in 0..=rounds {
            let (this, that) = (time(&mut our, case.times), time(&mut by_hand, case.times));
            if round > 0 {
                ours.push(this);
                hand.push(that);
            }
        }
        let (Some(ratio), Some(ours_ns), Some(hand_ns)) =
            (middle_half(ours.iter().zip(&hand).map(|(this, that)| this / that)), middle_half(ours), middle_half(hand))
        else {
            continue;
        };
        timed.push(Timed { what: case.what.to_owned(), ours_ns, hand_ns, ratio });
    }
    let data = Data { machine: Machine::this()?, cases: timed };
    println!("{}", data.table());
    folder.save("micro", &data)
}

/// Nanoseconds for one of so many.
fn time(prepared: &mut Prepared, times: u32) -> f64 {
    let mut all = Duration::ZERO;
    for _ in 0..times {
        prepared.next();
        let start = Instant::now();
        prepared.run();
        // What the clock itself takes is in it; it makes a ratio a little less than it is.
        all += start.elapsed();
    }
    all.as_secs_f64() * 1e9 / f64::from(times)
}

/// The spread without the quarter at either end: there are many rounds, and a few are always disturbed.
fn middle_half(figures: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    let quarter = figures.len() / 4;
    Spread::of(figures[quarter..figures.len() - quarter].iter().copied())
}

impl Data {
    pub(crate) fn table(&self) -> String {
        let mut table = "| what | ours | hand | ours to hand |\n| --- | --- | --- | --- |\n".to_owned();
        for Timed { what, ours_ns, hand_ns, ratio: to_hand } in &self.cases {
            let (ours, hand) = (time_text(ours_ns.median), time_text(hand_ns.median));
            let _ = writeln!(table, "| {what} | {ours} | {hand} | {} |", ratio(Some(*to_hand)));
        }
        table
    }
}

fn time_text(nanoseconds: f64) -> String {
    if nanoseconds < 10_000.0 { format!("{nanoseconds:.0} ns") } else { format!("{:.1} µs", nanoseconds / 1_000.0) }
}
