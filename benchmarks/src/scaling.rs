//! Calls of one endpoint from several threads: whether something that they share holds them up.

use std::{
    error::Error,
    fmt::Write as _,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use benchmarks::{
    case::{at_once, settings},
    ours,
    request::{self, SMALL, Service},
};
use serde::{Deserialize, Serialize};
use tencent_im_callback::Endpoint;

use crate::{
    Options,
    data::Folder,
    machine::Machine,
    process::{cores, stay_on},
    statistics::Spread,
    throughput::{ratio, thousands},
};

/// A run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Data {
    machine: Machine,
    seconds: f64,
    one: Vec<f64>,
    two_shared: Vec<f64>,
    two_apart: Vec<f64>,
}

pub(crate) fn run(options: &Options, folder: &Folder) -> Result<(), Box<dyn Error>> {
    let cores = cores()?;
    if cores.len() < 2 {
        return Err("it takes two cores".into());
    }
    let seconds = options.seconds(2.0);
    let duration = Duration::from_secs_f64(seconds);
    let endpoint = || ours::endpoint(&settings());
    let mut data =
        Data { machine: Machine::this()?, seconds, one: Vec::new(), two_shared: Vec::new(), two_apart: Vec::new() };
    for _ in 0..options.rounds(5) {
        let shared = endpoint()?;
        data.one.push(calls(&cores, std::slice::from_ref(&shared), duration));
        data.two_shared.push(calls(&cores, &[shared.clone(), shared], duration));
        data.two_apart.push(calls(&cores, &[endpoint()?, endpoint()?], duration));
    }
    println!("{}", data.table());
    folder.save("scaling", &data)
}

/// Calls per second, of all threads together, each with one of the endpoints and on a core of its own.
fn calls(cores: &[usize], endpoints: &[Endpoint], duration: Duration) -> f64 {
    let start = Barrier::new(endpoints.len() + 1);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let threads: Vec<_> = endpoints
            .iter()
            .zip(cores)
            .map(|(endpoint, &core)| {
                let (start, over) = (&start, &over);
                scope.spawn(move || {
                    stay_on(&[core]).expect("it is one of those that may be used");
                    let service = Service::new(&settings());
                    // Copied for every call, so that the threads' own work is all there is.
                    let request = service.request(SMALL, request::small(), SystemTime::now());
                    start.wait();
                    let mut calls = 0_u32;
                    let begun = Instant::now();
                    while !over.load(Ordering::Relaxed) {
                        at_once(endpoint.handle(request.clone()));
                        calls += 1;
                    }
                    f64::from(calls) / begun.elapsed().as_secs_f64()
                })
            })
            .collect();
        start.wait();
        thread::sleep(duration);
        over.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().expect("a call does not panic")).sum()
    })
}

impl Data {
    pub(crate) fn table(&self) -> String {
        let mut table = "| threads | calls/s | to one thread |\n| --- | --- | --- |\n".to_owned();
        for (what, figures) in
            [("one", &self.one), ("two, one endpoint", &self.two_shared), ("two, an endpoint each", &self.two_apart)]
        {
            let calls = Spread::of(figures.iter().copied()).map_or(0.0, |spread| spread.median);
            let to_one = ratio(Spread::of_ratios(figures, &self.one));
            let _ = writeln!(table, "| {what} | {} | {to_one} |", thousands(calls));
        }
        table
    }
}
