//! Instructions and allocations: counts, which do not depend on the machine's mood, and their bounds.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    hint::black_box,
    process::{Command, ExitCode},
};

use benchmarks::case::{Case, Prepared, Side, cases};
use serde::{Deserialize, Serialize};

use crate::{
    Options, callgrind,
    data::{Folder, scratch},
    process,
    throughput::thousands,
};

/// The word by which this program runs itself under valgrind.
pub(crate) const CHILD: &str = "counted";

/// The smallest callback without its HTTP. Its signature is 4,200 instructions, because callgrind has no SHA-256
/// instructions of the processor.
const MOST_INSTRUCTIONS: [(&str, f64); 1] = [("small", 13_500.0)];
const MOST_ALLOCATIONS: f64 = 5.0;
/// What an entry of a long list may cost to one of a shorter list.
const LINEARITY: f64 = 1.25;
/// What reading a body into an event may take to what a plain derived struct takes.
const PARSE: f64 = 1.1;

/// A run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Data {
    cases: Vec<Counted>,
    /// Where the instructions of the smallest callback go: ours and by hand.
    parts: Option<BTreeMap<String, (f64, f64)>>,
}

/// Instructions by what they are spent on.
type Parts = BTreeMap<&'static str, f64>;

#[derive(Debug, Serialize, Deserialize)]
struct Counted {
    name: String,
    what: String,
    ours: Counts,
    hand: Counts,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Counts {
    /// `None` where valgrind is missing.
    instructions: Option<f64>,
    allocations: f64,
    bytes: f64,
}

/// Runs a case so often. [`measured`] has the measurement.
pub(crate) fn child(words: &[&str]) -> Result<(), Box<dyn Error>> {
    let [name, side, count] = words else { return Err("a case, a side and a count".into()) };
    let case = Case::named(name).ok_or("no such case")?;
    let side = Side::BOTH.into_iter().find(|known| known.as_str() == *side).ok_or("no such side")?;
    let mut prepared = case.prepare(side);
    for _ in 0..count.parse()? {
        prepared.next();
        measured(&mut prepared);
    }
    Ok(())
}

/// Counting is switched on when this is entered and off when it is left, so it has to be there by name,
/// and must not end with a jump.
#[inline(never)]
fn measured(prepared: &mut Prepared) -> u8 {
    prepared.run();
    black_box(0)
}

pub(crate) fn run(options: &Options, folder: &Folder) -> Result<ExitCode, Box<dyn Error>> {
    if cfg!(debug_assertions) {
        return Err("counts are of optimised code: run it with --release".into());
    }
    let valgrind = callgrind::is_there();
    if let Err(reason) = &valgrind {
        println!("instructions are skipped: {reason}\n");
    }
    let program = process::build("bench-allocations", "")?;
    let allocations: BTreeMap<String, (f64, f64)> =
        serde_json::from_str(&process::output(Command::new(program).arg("cases"))?)?;
    let mut data = Data { cases: Vec::new(), parts: None };
    for case in cases().filter(|case| options.is_wanted(case.name)) {
        let counts = |side: Side| -> Result<(Counts, Parts), Box<dyn Error>> {
            let (allocations, bytes) = allocations[&format!("{case} {}", side.as_str())];
            let (instructions, parts) = if valgrind.is_ok() {
                instructions(case, side).map(|(all, parts)| (Some(all), parts))?
            } else {
                Default::default()
            };
            Ok((Counts { instructions, allocations, bytes }, parts))
        };
        let (ours, parts) = counts(Side::Ours)?;
        let (hand, parts_by_hand) = counts(Side::Hand)?;
        data.cases.push(Counted { name: case.name.to_owned(), what: case.what.to_owned(), ours, hand });
        if case.name == "small" && !parts.is_empty() {
            let of = |parts: &BTreeMap<_, f64>, part| parts.get(part).copied().unwrap_or(0.0);
            let all = parts.keys().chain(parts_by_hand.keys());
            data.parts =
                Some(all.map(|&part| (part.to_owned(), (of(&parts, part), of(&parts_by_hand, part)))).collect());
        }
    }
    println!("{}", data.table());
    match data.parts_table() {
        Some(table) => println!("{table}"),
        None if valgrind.is_ok() => {
            println!(
                "For what the instructions are spent on, run it with `--profile profiling` in place of `--release`."
            );
        }
        None => {}
    }
    let broken = data.broken_bounds();
    for bound in &broken {
        println!("BROKEN: {bound}");
    }
    if options.only.is_none() {
        folder.save("counts", &data)?;
    }
    Ok(if options.check && !broken.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Instructions of one, all in all and by part.
fn instructions(case: &Case, side: Side) -> Result<(f64, Parts), Box<dyn Error>> {
    let program = env::current_exe()?;
    let times = case.times;
    fs::create_dir_all(scratch(""))?;
    let profile = |count: u32| {
        let file = scratch(&format!("{}-{}-{count}.callgrind", case.name, side.as_str()));
        callgrind::profile(&program, &[CHILD, case.name, side.as_str(), &count.to_string()], "*counts*measured*", &file)
    };
    // Twice as many less as many: what is done once is in neither.
    let (more, fewer) = (profile(2 * times)?, profile(times)?);
    let each = |more: u64, fewer: u64| {
        #[expect(clippy::cast_precision_loss, reason = "it is some millions")]
        let difference = more as f64 - fewer as f64;
        difference / f64::from(times)
    };
    let parts =
        more.parts.iter().map(|(part, count)| (*part, each(*count, fewer.parts.get(part).copied().unwrap_or(0))));
    Ok((each(more.total, fewer.total), parts.collect()))
}

impl Data {
    pub(crate) fn table(&self) -> String {
        let mut table =
            "| what | instructions: ours | hand | ratio | allocations: ours | hand | bytes: ours | hand |\n\
                         | --- | --- | --- | --- | --- | --- | --- | --- |\n"
                .to_owned();
        for Counted { what, ours, hand, .. } in &self.cases {
            let text = |count: Option<f64>| count.map_or_else(String::new, thousands);
            let _ = writeln!(
                table,
                "| {what} | {} | {} | {} | {} | {} | {} | {} |",
                text(ours.instructions),
                text(hand.instructions),
                ours.to(*hand).map_or_else(String::new, |ratio| format!("{ratio:.2}")),
                thousands(ours.allocations),
                thousands(hand.allocations),
                thousands(ours.bytes),
                thousands(hand.bytes),
            );
        }
        table
    }

    pub(crate) fn parts_table(&self) -> Option<String> {
        let mut parts: Vec<_> = self.parts.as_ref()?.iter().collect();
        parts.sort_by(|(_, these), (_, those)| those.0.total_cmp(&these.0));
        let mut table = "| instructions of the smallest callback | ours | hand |\n| --- | --- | --- |\n".to_owned();
        for (part, (ours, hand)) in parts {
            let _ = writeln!(table, "| {part} | {} | {} |", thousands(*ours), thousands(*hand));
        }
        Some(table)
    }

    fn counts(&self, name: &str) -> Option<Counts> {
        self.cases.iter().find(|case| case.name == name).map(|case| case.ours)
    }

    fn broken_bounds(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut hold = |what: &str, found: Option<f64>, most: f64| {
            if let Some(found) = found.filter(|&found| found > most) {
                broken.push(format!("{what}: {found:.2}, at most {most}"));
            }
        };
        for (name, most) in MOST_INSTRUCTIONS {
            let counts = self.counts(name);
            hold(&format!("{name}, instructions"), counts.and_then(|counts| counts.instructions), most);
            hold(&format!("{name}, allocations"), counts.map(|counts| counts.allocations), MOST_ALLOCATIONS);
        }
        for parse in self.cases.iter().filter(|case| case.name.starts_with("parse-")) {
            hold(&format!("{}, instructions to a plain struct's", parse.name), parse.ours.to(parse.hand), PARSE);
        }
        if let (Some(few), Some(many)) = (self.counts("members-600"), self.counts("members-6000")) {
            let instructions = many.instructions.zip(few.instructions).map(|(many, few)| many / few / 10.0);
            hold("instructions per member, 6,000 to 600", instructions, LINEARITY);
            hold("allocations per member, 6,000 to 600", Some(many.allocations / few.allocations / 10.0), LINEARITY);
        }
        broken
    }
}

impl Counts {
    fn to(self, other: Self) -> Option<f64> {
        Some(self.instructions? / other.instructions?)
    }
}
