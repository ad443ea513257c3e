//! A server with a journal under load, beside one without and beside what the disk can do; then deliveries and reopening.

use std::{
    error::Error,
    fmt::Write as _,
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use benchmarks::{request, settings::Settings};
use serde::{Deserialize, Serialize};

use crate::{
    Options,
    data::{Folder, scratch},
    driver::Load,
    machine::Machine,
    process::{self, output},
    statistics::{Spread, percentile},
    throughput::{Server, thousands},
};

const COMMAND: &str = "Group.CallbackAfterSendMsg";
const KINDS: [&str; 3] = ["plain", "kept", "delivered"];
const CONNECTIONS: [usize; 3] = [1, 32, 256];

/// What an entry of a callback of 300 bytes takes on the disk, about.
const ENTRY_BYTES: usize = 600;

/// A run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Data {
    machine: Machine,
    rounds: usize,
    seconds: f64,
    loads: Vec<Measured>,
    delivered_per_second: Vec<f64>,
    reopened: Reopened,
}

/// What was measured with so many connections.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    connections: usize,
    /// In the order of [`KINDS`].
    servers: [Vec<Round>; 3],
    disk: Vec<Disk>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Round {
    answered_per_second: f64,
    p50_us: f64,
    p99_us: f64,
}

/// Writes of as many entries as there are connections, each followed by `fdatasync`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Disk {
    entries_per_second: f64,
    p50_us: f64,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Reopened {
    entries: u64,
    unfinished: u64,
    opened_us: u64,
    first_us: u64,
    resident_kib: u64,
    bytes: u64,
}

pub(crate) fn run(options: &Options, folder: &Folder) -> Result<(), Box<dyn Error>> {
    let program = process::build("bench-journal", "journal")?;
    let (rounds, seconds) = (options.rounds(5), options.seconds(3.0));
    let duration = Duration::from_secs_f64(seconds);
    let settings = Settings::default();
    let mut loads = Vec::new();
    for connections in CONNECTIONS {
        let mut measured = Measured { connections, servers: Default::default(), disk: Vec::new() };
        for round in 1..=rounds {
            measured.disk.push(disk(connections, duration / 3)?);
            for (kind, rounds_of_kind) in KINDS.iter().zip(&mut measured.servers) {
                let scratch = Scratch::new()?;
                let server = Server::start(&program, &["serve", kind, scratch.path()?], &settings)?;
                let body = request::sent_message();
                let mut load = Load::connect(server.address(), connections, &settings, COMMAND, &body)?;
                load.saturate(duration / 4)?;
                let result = measure(&mut load, duration)?;
                eprintln!(
                    "round {round} of {rounds}, {connections} connections, {kind}: {:.0} answered/s, p50 {:.0} us, p99 {:.0} us",
                    result.answered_per_second, result.p50_us, result.p99_us,
                );
                rounds_of_kind.push(result);
            }
        }
        loads.push(measured);
    }
    let (delivered, entries, unfinished) =
        if options.quick { (1_000, 10_000, 1_000) } else { (50_000, 1_000_000, 100_000) };
    let mut delivered_per_second = Vec::new();
    for _ in 0..rounds {
        let scratch = Scratch::new()?;
        let mut command = Command::new(&program);
        let printed = output(command.args(["deliver", &delivered.to_string(), scratch.path()?]))?;
        delivered_per_second.push(printed.trim().parse()?);
    }
    let scratch = Scratch::new()?;
    let mut command = Command::new(&program);
    let counts = [entries, unfinished].map(|count: u64| count.to_string());
    let printed = output(command.arg("reopen").args(counts).arg(scratch.path()?))?;
    let figures: Vec<u64> = printed.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [opened_us, first_us, resident_kib, bytes] = figures[..] else { return Err(printed.into()) };
    let reopened = Reopened { entries, unfinished, opened_us, first_us, resident_kib, bytes };
    let data = Data { machine: Machine::this()?, rounds, seconds, loads, delivered_per_second, reopened };
    println!("{}", data.table());
    folder.save("journal", &data)
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Box<dyn Error>> {
        let folder = scratch(&format!("journal-{}", std::process::id()));
        remove(&folder)?;
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    fn path(&self) -> Result<&str, Box<dyn Error>> {
        self.0.to_str().ok_or_else(|| "the path of the folder is no text".into())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}

fn remove(folder: &Path) -> std::io::Result<()> {
    if folder.exists() { fs::remove_dir_all(folder) } else { Ok(()) }
}

fn measure(load: &mut Load, duration: Duration) -> Result<Round, Box<dyn Error>> {
    let mut latencies = Vec::new();
    let (answered, elapsed) = load.saturate_with(duration, |sent| latencies.push(micros(sent.elapsed())))?;
    latencies.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a run takes minutes")]
    let answered = answered as f64;
    Ok(Round {
        answered_per_second: answered / elapsed.as_secs_f64(),
        p50_us: f64::from(percentile(&latencies, 50)),
        p99_us: f64::from(percentile(&latencies, 99)),
    })
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// What the disk can do with groups of so many entries.
fn disk(entries: usize, duration: Duration) -> Result<Disk, Box<dyn Error>> {
    let scratch = Scratch::new()?;
    let mut file = File::create(scratch.0.join("bare"))?;
    let group = vec![b'x'; entries * ENTRY_BYTES];
    let mut times = Vec::new();
    let begin = Instant::now();
    while begin.elapsed() < duration {
        let before = Instant::now();
        file.write_all(&group)?;
        file.sync_data()?;
        times.push(micros(before.elapsed()));
    }
    #[expect(clippy::cast_precision_loss, reason = "a run takes minutes")]
    let written = (times.len() * entries) as f64;
    let elapsed = begin.elapsed();
    times.sort_unstable();
    Ok(Disk { entries_per_second: written / elapsed.as_secs_f64(), p50_us: f64::from(percentile(&times, 50)) })
}

impl Data {
    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    pub(crate) fn table(&self) -> String {
        let mut table = "| connections | server | answered/s | of the disk's bare limit | p50 | p99 |\n\
                         | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
        let median = |figures: Vec<f64>| Spread::of(figures).map_or(0.0, |spread| spread.median);
        let millis = |micros: f64| format!("{:.2} ms", micros / 1e3);
        for Measured { connections, servers, disk } in &self.loads {
            let bare: Vec<_> = disk.iter().map(|disk| disk.entries_per_second).collect();
            let sync = median(disk.iter().map(|disk| disk.p50_us).collect());
            let _ = writeln!(
                table,
                "| {connections} | write and `fdatasync` of {connections} | {} | | {} | |",
                thousands(median(bare.clone())),
                millis(sync),
            );
            let names = ["no journal", "journal, no methods called", "journal"];
            for (name, rounds) in names.iter().zip(servers) {
                let rates: Vec<_> = rounds.iter().map(|round| round.answered_per_second).collect();
                let share = match Spread::of_ratios(&rates, &bare) {
                    Some(Spread { median, least, most }) if *name != "no journal" => {
                        format!("{median:.2} ({least:.2} to {most:.2})")
                    }
                    _ => String::new(),
                };
                let _ = writeln!(
                    table,
                    "| {connections} | {name} | {} | {share} | {} | {} |",
                    thousands(median(rates)),
                    millis(median(rounds.iter().map(|round| round.p50_us).collect())),
                    millis(median(rounds.iter().map(|round| round.p99_us).collect())),
                );
            }
        }
        let Reopened { entries, unfinished, opened_us, first_us, resident_kib, bytes } = self.reopened;
        let _ = writeln!(
            table,
            "\n{} rounds of {} s. A backlog is delivered at {} callbacks a second. A journal with the {} callbacks \
             of a day, of which {} are unfinished, takes {} MiB on the disk, is open after {:.1} ms, and its first method is \
             called after {:.0} ms, with {} MiB more in memory.",
            self.rounds,
            self.seconds,
            thousands(median(self.delivered_per_second.clone())),
            thousands(entries as f64),
            thousands(unfinished as f64),
            bytes >> 20,
            opened_us as f64 / 1e3,
            first_us as f64 / 1e3,
            resident_kib >> 10,
        );
        table
    }
}
