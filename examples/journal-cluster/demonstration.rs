//! From one worker to three under load, and back to two when one is killed.

use std::time::{Duration, Instant};

use anyhow::Result;
use tencent_im_callback_journal::Journal;
use tokio::time::sleep;

use crate::{
    args::Args,
    deliveries::{Deliveries, unfinished},
    engine::{self, Engine},
    load::Load,
    processes::{Processes, RECEIVERS},
    say,
};

/// Prints a table and the sums, and returns whether nothing is lost or out of order.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let engine = Engine::start(args)?;
    let journal = engine::open_empty(&engine.url()).await?;
    let folder = tempfile::tempdir()?;
    let lines = folder.path().join("lines");
    let mut deliveries = Deliveries::create(&lines)?;
    let mut processes = Processes::start(engine.url(), lines).await?;
    say(&format!(
        "{RECEIVERS} receivers, {} callbacks each second, {} seconds a phase\n\n{}",
        args.rate,
        args.phase.as_secs(),
        heading()
    ))?;

    let mut load = Load::start(processes.addresses(), args.rate);
    for name in ["one worker", "two workers", "three workers"] {
        processes.start_worker()?;
        let phase = Phase::begin(name, &processes, &load, &deliveries);
        sleep(args.phase).await;
        phase.end(&load, &mut deliveries, &journal).await?;
        processes.check()?;
    }
    processes.kill_worker();
    let phase = Phase::begin("one is killed", &processes, &load, &deliveries);
    sleep(args.phase).await;
    phase.end(&load, &mut deliveries, &journal).await?;

    load.stop().await?;
    let phase = Phase::begin("no load", &processes, &load, &deliveries);
    deliveries.finish(&journal).await?;
    phase.end(&load, &mut deliveries, &journal).await?;
    processes.check()?;

    let sums = deliveries.sums(&load.kept());
    say(&format!("\n{sums}"))?;
    Ok(sums.are_right())
}

/// A row of the table that is being measured.
struct Phase {
    name: &'static str,
    workers: usize,
    kept: u64,
    delivered: u64,
    began_at: Instant,
}

impl Phase {
    fn begin(name: &'static str, processes: &Processes, load: &Load, deliveries: &Deliveries) -> Self {
        let (kept, delivered) = (load.sum(), deliveries.sum());
        Self { name, workers: processes.workers(), kept, delivered, began_at: Instant::now() }
    }

    /// Prints the row.
    async fn end(self, load: &Load, deliveries: &mut Deliveries, journal: &Journal) -> Result<()> {
        deliveries.read()?;
        let time = self.began_at.elapsed();
        let (kept, delivered) = (load.sum() - self.kept, deliveries.sum() - self.delivered);
        let unfinished = unfinished(journal).await?;
        let (kept, delivered) = (per_second(kept, time), per_second(delivered, time));
        say(&format!("{:15}  {:>7}  {kept:>6}  {delivered:>11}  {unfinished:>10}\n", self.name, self.workers))
    }
}

fn heading() -> String {
    format!("{:15}  {:>7}  {:>6}  {:>11}  {:>10}\n", "phase", "workers", "kept/s", "delivered/s", "unfinished")
}

fn per_second(number: u64, time: Duration) -> u128 {
    u128::from(number) * 1_000 / time.as_millis().max(1)
}
