//! The command line.

use std::time::Duration;

use lexopt::{
    Parser,
    prelude::{Long, Short, Value, ValueExt as _},
};

use crate::engine::Kind;

pub(crate) const HELP: &str = "\
Starts a server with a journal, three receivers and one to three workers as processes of their own, and
sends signed callbacks over HTTP to the receivers. Prints what was kept and delivered, and checks that
nothing is lost and that the callbacks of each group are delivered in order. Everything is on this machine,
and ends with this program.

Usage: cargo run --release --bin journal-cluster [-- OPTIONS]

Options:
      --store KIND       the server to start: postgres, the default, or nats
      --journal ADDRESS  use the empty journal at this address, such as postgres://user@host/database
                         or nats://host?sync=always
      --seconds N        the time of each phase: 10 by default
      --rate N           so many callbacks each second: 600 by default
      --crashes N        kill a receiver, a worker and the server under load, N times each
  -h, --help             show this and exit

The exit status is 1 if a callback is lost or out of order. RUST_LOG=info shows the log of all processes.
";

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Help,
    Demonstration,
    /// Kills each kind of process so many times.
    Crashes(u32),
    /// Receives, as a process that the driver has started.
    Receiver,
    /// Calls methods, as a process that the driver has started.
    Worker,
}

/// The command line, read.
#[derive(Debug, Clone)]
pub(crate) struct Args {
    pub(crate) task: Task,
    pub(crate) store: Kind,
    /// The address of a journal that exists.
    pub(crate) journal: Option<String>,
    /// The time of a phase.
    pub(crate) phase: Duration,
    /// So many callbacks each second.
    pub(crate) rate: u32,
}

impl Args {
    pub(crate) fn parse(mut parser: Parser) -> Result<Self, lexopt::Error> {
        let mut args = Self {
            task: Task::Demonstration,
            store: Kind::Postgres,
            journal: None,
            phase: Duration::from_secs(10),
            rate: 600,
        };
        while let Some(argument) = parser.next()? {
            match argument {
                Long("store") => args.store = parser.value()?.parse()?,
                Long("journal") => args.journal = Some(parser.value()?.string()?),
                Long("seconds") => args.phase = Duration::from_secs(parser.value()?.parse::<u32>()?.max(1).into()),
                Long("rate") => args.rate = parser.value()?.parse::<u32>()?.max(1),
                Long("crashes") => args.task = Task::Crashes(parser.value()?.parse()?),
                Long("help") | Short('h') => args.task = Task::Help,
                Value(role) if role == "receiver" => args.task = Task::Receiver,
                Value(role) if role == "worker" => args.task = Task::Worker,
                Long(_) | Short(_) | Value(_) => return Err(argument.unexpected()),
            }
        }
        if matches!(args.task, Task::Crashes(_)) && args.journal.is_some() {
            return Err("--crashes kills the server, and so needs one of its own: leave --journal out".into());
        }
        Ok(args)
    }

    /// The time after which the task has failed.
    pub(crate) fn limit(&self) -> Duration {
        const SPARE: Duration = Duration::from_secs(300);
        match self.task {
            Task::Help | Task::Demonstration => 4 * self.phase + SPARE,
            Task::Crashes(kills) => kills * Duration::from_secs(60) + SPARE,
            // They end with the driver.
            Task::Receiver | Task::Worker => Duration::MAX,
        }
    }
}
