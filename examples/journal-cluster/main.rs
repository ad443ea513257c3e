//! A journal with several processes: three receivers keep callbacks, and one to three workers call the methods for them.
//!
//! ```sh
//! cargo run --release --bin journal-cluster
//! cargo run --release --bin journal-cluster -- --crashes 10
//! ```
//!
//! The program starts a server of its own with the journal, the receivers and the workers, all on this machine, and sends
//! signed callbacks over HTTP. It ends by itself. The first line runs the program with one worker, with two and with three,
//! kills one of them, and prints what was kept and delivered meanwhile. The second line kills receivers, workers and the
//! server under load. Both check that every callback that was answered with status 200 is delivered, and that the callbacks
//! of each group are delivered in order.

mod args;
#[path = "../demo/client.rs"]
mod client;
mod crashes;
mod deliveries;
mod demonstration;
mod engine;
mod load;
mod processes;
mod roles;

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use examples::{log, stop_signal};
use tokio::time::timeout;

use crate::args::{Args, Task};

/// The application of the callbacks.
const APP_ID: u64 = 1_400_000_001;

/// The token of the application.
const TOKEN: &str = "the token of the cluster";

/// So many groups have callbacks.
const GROUPS: usize = 100;

fn main() -> ExitCode {
    let result = Args::parse(lexopt::Parser::from_env()).map_err(Into::into).and_then(|args| run(&args));
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Standard error may be closed.
            _ = writeln!(io::stderr(), "journal-cluster: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the task, and returns whether it has found everything as it should be.
#[tokio::main]
async fn run(args: &Args) -> Result<bool> {
    // Refused callbacks and lost connections are expected here, so their warnings are not shown.
    let _log = log("off");
    let stop = stop_signal()?;
    let limit = args.limit();
    let task = async {
        match args.task {
            Task::Help => say(args::HELP).map(|()| true),
            Task::Receiver => roles::receiver().await.map(|()| true),
            Task::Worker => roles::worker().await.map(|()| true),
            Task::Demonstration => demonstration::run(args).await,
            Task::Crashes(kills) => crashes::run(args, kills).await,
        }
    };
    tokio::select! {
        result = timeout(limit, task) => result.with_context(|| format!("not done after {limit:?}"))?,
        () = stop => bail!("stopped"),
    }
}

/// A variable that the driver sets for the processes that it starts.
fn variable(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set"))
}

/// Writes to standard output at once. A reader that has closed it is not an error.
fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// How long to wait for a process that starts, or for callbacks that are to be answered again.
const PATIENCE: Duration = Duration::from_secs(60);
