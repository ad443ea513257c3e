//! What a waiting callback takes.

use std::{collections::BTreeMap, env, error::Error, fmt::Write as _, process::Command};

use benchmarks::waiting::{self, Waiter};
use serde::{Deserialize, Serialize};

use crate::{data::Folder, process};

/// The word by which this program runs itself, so that every measurement has a fresh process.
pub(crate) const CHILD: &str = "waiting";

const COUNT: u32 = 10_000;

/// A run: bytes for each callback.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Data {
    count: u32,
    waiters: Vec<Held>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Held {
    waiter: String,
    resident: f64,
    allocated: f64,
    allocations: f64,
}

/// Prints how much more memory the process has in RAM when so many wait.
pub(crate) fn child(words: &[&str]) -> Result<(), Box<dyn Error>> {
    let [name] = words else { return Err("one who waits".into()) };
    let waiter = Waiter::ALL.into_iter().find(|waiter| waiter.as_str() == *name).ok_or("no such waiter")?;
    let this = std::process::id();
    waiting::hold(waiter, COUNT, |start| {
        let before = process::resident(this);
        start();
        let after = process::resident(this);
        match (before, after) {
            (Ok(before), Ok(after)) => println!("{}", after.saturating_sub(before)),
            (Err(error), _) | (_, Err(error)) => eprintln!("{error}"),
        }
    });
    Ok(())
}

pub(crate) fn run(folder: &Folder) -> Result<(), Box<dyn Error>> {
    let program = process::build("bench-allocations", "")?;
    let count = COUNT.to_string();
    let left: BTreeMap<String, (f64, f64)> =
        serde_json::from_str(&process::output(Command::new(program).args(["waiting", &count]))?)?;
    let mut waiters = Vec::new();
    for waiter in Waiter::ALL {
        let kib: u32 =
            process::output(Command::new(env::current_exe()?).args([CHILD, waiter.as_str()]))?.trim().parse()?;
        let (allocations, allocated) = left[waiter.as_str()];
        let (allocations, allocated) = (allocations / f64::from(COUNT), allocated / f64::from(COUNT));
        let resident = f64::from(kib) * 1024.0 / f64::from(COUNT);
        waiters.push(Held { waiter: waiter.as_str().to_owned(), resident, allocated, allocations });
    }
    let data = Data { count: COUNT, waiters };
    println!("{}", data.table());
    folder.save("memory", &data)
}

impl Data {
    pub(crate) fn table(&self) -> String {
        let mut table = "| each of 10,000 that wait | resident | allocated | in pieces |\n\
                         | --- | --- | --- | --- |\n"
            .to_owned();
        for Held { waiter, resident, allocated, allocations } in &self.waiters {
            let waiter = match waiter.as_str() {
                "floor" => "a task that holds the request",
                "hand" => "by hand, without a deadline",
                _ => "ours",
            };
            let _ = writeln!(table, "| {waiter} | {resident:.0} B | {allocated:.0} B | {allocations:.1} |");
        }
        table
    }
}
