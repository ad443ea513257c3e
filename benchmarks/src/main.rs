//! Runs the benchmarks: `cargo run --release -p benchmarks -- <command>`.
//!
//! What each command measures, and how to read it, is in `docs/performance.md`.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
};

use lexopt::{
    Arg::{Long, Short, Value},
    ValueExt,
};

mod build_cost;
mod callgrind;
mod counts;
mod data;
mod driver;
mod journal;
mod machine;
mod memory;
mod micro;
mod plot;
mod process;
mod repair;
mod report;
mod scaling;
mod statistics;
mod throughput;

const USAGE: &str = "\
usage: cargo run --release -p benchmarks -- <command> [options]

  throughput   requests per second, CPU time, memory and latencies of nine servers, interleaved
  scaling      calls of one endpoint from one thread and from two
  micro        times of the endpoint and its parts beside what is written by hand
  counts       instructions (valgrind) and allocations of the same; `--check` holds them to their bounds
  repair       what bodies cost that have to be repaired, of every event; `--check` holds them to their bound
  memory       what a waiting callback takes, with 10,000 of them
  journal      callbacks that are kept before they are answered, beside the bare limit of the disk
  build-cost   times of a clean build and of a rebuild, and numbers of dependencies
  plot         draws docs/performance.svg from the data of `throughput`
  report       writes the tables of docs/performance.md from all data there is

options:
  --rounds <n>       how often everything is measured, in turn
  --seconds <s>      how long each measurement takes
  --threads <n>      of each server, for `throughput`
  --only <word>      only the servers of this framework, the crate, or the case of this name
  --quick            short, to see that everything runs
  --check            exit with 1 if a bound is not kept
  --data <folder>    where the data is kept; target/benchmarks by default";

/// What the command line says beside the command.
#[derive(Debug, Default)]
struct Options {
    rounds: Option<usize>,
    seconds: Option<f64>,
    threads: Option<usize>,
    only: Option<String>,
    quick: bool,
    check: bool,
    data: Option<PathBuf>,
}

impl Options {
    fn rounds(&self, default: usize) -> usize {
        self.rounds.unwrap_or(if self.quick { 1 } else { default })
    }

    fn seconds(&self, default: f64) -> f64 {
        self.seconds.unwrap_or(if self.quick { 0.3 } else { default })
    }

    fn is_wanted(&self, word: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == word)
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    if let Some(log) = env::var_os(build_cost::LINKER) {
        return build_cost::link(Path::new(&log));
    }
    let mut words = Vec::new();
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("rounds") => options.rounds = Some(parser.value()?.parse()?),
            Long("seconds") => options.seconds = Some(parser.value()?.parse()?),
            Long("threads") => options.threads = Some(parser.value()?.parse()?),
            Long("only") => options.only = Some(parser.value()?.string()?),
            Long("quick") => options.quick = true,
            Long("check") => options.check = true,
            Long("data") => options.data = Some(parser.value()?.into()),
            Long("help") | Short('h') => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            Value(word) => words.push(word.string()?),
            Long(_) | Short(_) => return Err(argument.unexpected().into()),
        }
    }
    let data = data::Folder::new(options.data.clone());
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["throughput"] => throughput::run(&options, &data)?,
        ["scaling"] => scaling::run(&options, &data)?,
        ["micro"] => micro::run(&options, &data)?,
        ["counts"] => return counts::run(&options, &data),
        ["repair"] => return repair::run(&options),
        ["memory"] => memory::run(&data)?,
        ["journal"] => journal::run(&options, &data)?,
        ["build-cost"] => build_cost::run(&options, &data)?,
        ["plot"] => plot::run(&data)?,
        ["report"] => report::run(&data)?,
        // What the commands above start for themselves.
        [counts::CHILD, rest @ ..] => counts::child(rest)?,
        [repair::CHILD] => repair::child()?,
        [memory::CHILD, rest @ ..] => memory::child(rest)?,
        _ => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
