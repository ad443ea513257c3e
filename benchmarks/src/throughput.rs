//! Nine servers under load, in turn: three frameworks, each with a floor, the endpoint by hand, and ours.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Write as _,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use benchmarks::{
    request::{self, SMALL, Service},
    settings::Settings,
};
use serde::{Deserialize, Serialize};

use crate::{
    Options,
    data::Folder,
    driver::{Load, ask},
    machine::Machine,
    process::{self, busy_time, cores, cpu_time, resident, stay_on},
    statistics::{Spread, percentile},
};

const FRAMEWORKS: [&str; 3] = ["hyper", "axum", "actix-web"];
const KINDS: [&str; 3] = ["floor", "hand", "ours"];
const CONNECTIONS: usize = 32;

/// A run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Data {
    pub(crate) machine: Machine,
    pub(crate) threads: usize,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    /// Whether the driver had a core that no server was on.
    pub(crate) apart: bool,
    pub(crate) servers: Vec<Measured>,
}

/// What was measured of one server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) framework: String,
    pub(crate) kind: String,
    pub(crate) full: Vec<Full>,
    pub(crate) paced: Vec<Paced>,
}

/// A round at full speed. Busy times are in cores.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Full {
    pub(crate) requests_per_second: f64,
    pub(crate) cpu_us_per_request: f64,
    pub(crate) resident_kib: u64,
    pub(crate) server_busy: f64,
    pub(crate) driver_busy: f64,
    pub(crate) others_busy: f64,
}

/// A round at a set pace.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Paced {
    pub(crate) requests_per_second: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) cpu_us_per_request: f64,
    pub(crate) others_busy: f64,
}

/// The name of the data of servers with so many threads.
pub(crate) fn name(threads: usize) -> String {
    if threads == 1 { "throughput".to_owned() } else { format!("throughput-{threads}") }
}

/// Measures, tells and keeps.
pub(crate) fn run(options: &Options, folder: &Folder) -> Result<(), Box<dyn Error>> {
    let frameworks = || FRAMEWORKS.into_iter().filter(|framework| options.is_wanted(framework));
    let programs = frameworks().map(|framework| {
        let program = process::build(&format!("bench-{framework}"), framework)?;
        Ok((framework, program))
    });
    let programs: BTreeMap<_, _> = programs.collect::<Result<_, Box<dyn Error>>>()?;
    let settings = Settings { threads: options.threads.unwrap_or(1), ..Settings::default() };
    let rounds = options.rounds(5);
    let seconds = options.seconds(5.0);
    let (duration, warm_up) = (Duration::from_secs_f64(seconds), Duration::from_secs_f64(seconds / 4.0));

    let all = cores()?;
    // The first core has most of the interrupts, so the servers get the others, as far as there are any.
    let servers_cores = &all[all.len().saturating_sub(settings.threads)..];
    let driver_core = &all[..1];
    let apart = !servers_cores.contains(&driver_core[0]);
    let start = |framework: &str, kind: &str| -> Result<Server, Box<dyn Error>> {
        stay_on(servers_cores)?;
        let server = Server::start(&programs[framework], &[kind], &settings);
        stay_on(driver_core)?;
        server
    };

    let mut servers: Vec<Measured> = Vec::new();
    for framework in frameworks() {
        for kind in KINDS {
            let server = start(framework, kind)?;
            check(&server, kind, &settings).map_err(|error| format!("{framework} {kind}: {error}"))?;
            servers.push(Measured {
                framework: framework.to_owned(),
                kind: kind.to_owned(),
                full: Vec::new(),
                paced: Vec::new(),
            });
        }
    }
    for round in 1..=rounds {
        for measured in &mut servers {
            let server = start(&measured.framework, &measured.kind)?;
            let mut load = server.load(&settings)?;
            load.saturate(warm_up)?;
            let full = server.full(&mut load, duration)?;
            eprintln!(
                "round {round} of {rounds}, {} {}: {:.0} requests/s; busy: server {:.2}, driver {:.2}, others {:.2}",
                measured.framework,
                measured.kind,
                full.requests_per_second,
                full.server_busy,
                full.driver_busy,
                full.others_busy,
            );
            measured.full.push(full);
        }
    }
    for round in 1..=rounds {
        for index in 0..servers.len() {
            let (framework, kind) = (servers[index].framework.clone(), servers[index].kind.clone());
            // The same for all servers of a framework, so that their latencies can be compared.
            let rate = rate(&servers, &framework);
            let server = start(&framework, &kind)?;
            let mut load = server.load(&settings)?;
            load.pace(rate, warm_up)?;
            let paced = server.paced(&mut load, rate, duration)?;
            eprintln!(
                "round {round} of {rounds}, {framework} {kind} at {rate:.0} requests/s: \
                 p50 {:.1} us, p99 {:.1} us; others busy {:.2}",
                paced.p50_us, paced.p99_us, paced.others_busy,
            );
            servers[index].paced.push(paced);
        }
    }
    let machine = Machine::this()?;
    let data = Data { machine, threads: settings.threads, rounds, seconds, apart, servers };
    println!("{}\n{}\n{}", data.table(), data.paced_table(), data.conditions());
    folder.save(&name(settings.threads), &data)
}

/// A fifth of what the endpoint by hand can do on this framework.
fn rate(servers: &[Measured], framework: &str) -> f64 {
    let hand = servers.iter().find(|server| server.framework == framework && server.kind == "hand");
    let rounds = hand.into_iter().flat_map(|hand| &hand.full);
    Spread::of(rounds.map(|full| full.requests_per_second)).map_or(1_000.0, |spread| spread.median / 5.0)
}

pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    pub(crate) fn start(program: &Path, arguments: &[&str], settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let mut process =
            Command::new(program).args(arguments).envs(settings.to_env()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let output = process.stdout.as_mut().ok_or("the output is piped")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ").ok_or("the server did not start")?;
        Ok(Self { address: address.parse()?, process })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    fn load(&self, settings: &Settings) -> Result<Load, Box<dyn Error>> {
        Ok(Load::connect(self.address, CONNECTIONS, settings, SMALL, &request::small())?)
    }

    fn full(&self, load: &mut Load, duration: Duration) -> Result<Full, Box<dyn Error>> {
        let before = Clocks::read(self)?;
        let (answered, elapsed) = load.saturate(duration)?;
        let spent = Clocks::read(self)?.since(&before);
        #[expect(clippy::cast_precision_loss, reason = "a run takes minutes")]
        let answered = answered as f64;
        Ok(Full {
            requests_per_second: answered / elapsed.as_secs_f64(),
            cpu_us_per_request: spent.server.as_secs_f64() * 1e6 / answered,
            resident_kib: resident(self.process.id())?,
            server_busy: spent.server_busy(),
            driver_busy: spent.driver_busy(),
            others_busy: spent.others_busy(),
        })
    }

    fn paced(&self, load: &mut Load, rate: f64, duration: Duration) -> Result<Paced, Box<dyn Error>> {
        let before = Clocks::read(self)?;
        let mut latencies = load.pace(rate, duration)?;
        let spent = Clocks::read(self)?.since(&before);
        if latencies.is_empty() {
            return Err("nothing was answered".into());
        }
        latencies.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "a run takes minutes")]
        let answered = latencies.len() as f64;
        Ok(Paced {
            requests_per_second: rate,
            p50_us: f64::from(percentile(&latencies, 50)) / 1e3,
            p99_us: f64::from(percentile(&latencies, 99)) / 1e3,
            cpu_us_per_request: spent.server.as_secs_f64() * 1e6 / answered,
            others_busy: spent.others_busy(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is reported where it is noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The CPU time of all that takes part, and the time of day.
struct Clocks {
    at: Instant,
    server: Duration,
    driver: Duration,
    all: Duration,
}

impl Clocks {
    fn read(server: &Server) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            at: Instant::now(),
            server: cpu_time(server.process.id())?,
            driver: cpu_time(std::process::id())?,
            all: busy_time()?,
        })
    }

    fn since(&self, before: &Self) -> Spent {
        Spent {
            elapsed: self.at - before.at,
            server: self.server.saturating_sub(before.server),
            driver: self.driver.saturating_sub(before.driver),
            all: self.all.saturating_sub(before.all),
        }
    }
}

struct Spent {
    elapsed: Duration,
    server: Duration,
    driver: Duration,
    all: Duration,
}

impl Spent {
    fn server_busy(&self) -> f64 {
        self.server.div_duration_f64(self.elapsed)
    }

    fn driver_busy(&self) -> f64 {
        self.driver.div_duration_f64(self.elapsed)
    }

    fn others_busy(&self) -> f64 {
        self.all.saturating_sub(self.server + self.driver).div_duration_f64(self.elapsed)
    }
}

/// That a server does what it is measured for.
fn check(server: &Server, kind: &str, settings: &Settings) -> Result<(), Box<dyn Error>> {
    let service = Service::new(settings);
    let forger = Service::new(&Settings { token: "another token".to_owned(), ..settings.clone() });
    let stranger = Service::new(&Settings { app_id: settings.app_id + 1, ..settings.clone() });
    let now = SystemTime::now();
    let long_ago = now - settings.max_age - Duration::from_secs(10);
    let (small, refused) = (request::small(), request::small_refused());
    // The failure policy of the endpoint answers; by hand it is a bad request.
    let undecodable = if kind == "ours" { 500 } else { 400 };
    let cases = [
        ("a good callback", service.wire(SMALL, &small, now), 200, r#""ErrorCode":0"#),
        ("a topic that is refused", service.wire(SMALL, &refused, now), 200, r#""ErrorCode":10123"#),
        ("a forged signature", forger.wire(SMALL, &small, now), 401, ""),
        ("an old signature", service.wire(SMALL, &small, long_ago), 401, ""),
        ("another application", stranger.wire(SMALL, &small, now), 403, ""),
        ("a body that is no JSON", service.wire(SMALL, b"{", now), undecodable, ""),
    ];
    // The floor looks at nothing.
    let looked_at = if kind == "floor" { 1 } else { cases.len() };
    for (what, wire, status, part) in &cases[..looked_at] {
        let (found, body) = ask(server.address, wire)?;
        if found != *status || !body.contains(part) {
            return Err(format!("{what} is answered {found} {body}").into());
        }
    }
    Ok(())
}

impl Data {
    pub(crate) fn server(&self, framework: &str, kind: &str) -> Option<&Measured> {
        self.servers.iter().find(|server| server.framework == framework && server.kind == kind)
    }

    /// Requests per second to those of another server.
    pub(crate) fn ratio(&self, server: &Measured, framework: &str, kind: &str) -> Option<Spread> {
        let those = self.server(framework, kind)?;
        Spread::of_ratios(&server.rates(), &those.rates())
    }

    /// What the servers can do.
    pub(crate) fn table(&self) -> String {
        let mut table = "| server | requests/s | to the hyper floor | to hand | CPU per request | resident |\n\
                         | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
        for server in &self.servers {
            let of = |figure: fn(&Full) -> f64| Spread::of(server.full.iter().map(figure));
            let to_hand = (server.kind == "ours").then(|| self.ratio(server, &server.framework, "hand"));
            let _ = writeln!(
                table,
                "| {} {} | {} | {} | {} | {} | {} |",
                server.framework,
                server.kind,
                of(|full| full.requests_per_second).map_or_else(String::new, |spread| thousands(spread.median)),
                ratio(self.ratio(server, "hyper", "floor")),
                ratio(to_hand.flatten()),
                of(|full| full.cpu_us_per_request)
                    .map_or_else(String::new, |spread| format!("{:.2} µs", spread.median)),
                of(|full| kib(full.resident_kib)).map_or_else(String::new, |spread| format!("{:.1} MiB", spread.most)),
            );
        }
        table
    }

    /// How fast they are when they have time.
    pub(crate) fn paced_table(&self) -> String {
        let mut table = "| server | requests/s | p50 | p99, median | p99, quietest round | of it to hand |\n\
                         | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
        let spread = |server: &Measured, figure: fn(&Paced) -> f64| {
            Spread::of(server.paced.iter().map(figure)).unwrap_or(Spread { median: 0.0, least: 0.0, most: 0.0 })
        };
        for server in &self.servers {
            let p99 = spread(server, |paced| paced.p99_us);
            let hand = self.server(&server.framework, "hand").filter(|_| server.kind == "ours");
            let to_hand = hand.map(|hand| p99.least / spread(hand, |paced| paced.p99_us).least);
            let _ = writeln!(
                table,
                "| {} {} | {} | {:.1} µs | {:.1} µs | {:.1} µs | {} |",
                server.framework,
                server.kind,
                thousands(spread(server, |paced| paced.requests_per_second).median),
                spread(server, |paced| paced.p50_us).median,
                p99.median,
                p99.least,
                to_hand.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            );
        }
        table
    }

    /// What a second thread changes; `one` is the run with a single one.
    pub(crate) fn threads_table(&self, one: &Self) -> String {
        let mut table = "| server | CPU per request: 1 thread | 2 threads | requests/s: 1 thread | 2 threads |\n\
                         | --- | --- | --- | --- | --- |\n"
            .to_owned();
        for two in &self.servers {
            let Some(one) = one.server(&two.framework, &two.kind) else { continue };
            let of = |server: &Measured, figure: fn(&Full) -> f64| {
                Spread::of(server.full.iter().map(figure)).map_or(0.0, |spread| spread.median)
            };
            let (cpu, rate) = (
                (|full: &Full| full.cpu_us_per_request) as fn(&Full) -> f64,
                (|full: &Full| full.requests_per_second) as fn(&Full) -> f64,
            );
            let _ = writeln!(
                table,
                "| {} {} | {:.2} µs | {:.2} µs | {} | {} |",
                two.framework,
                two.kind,
                of(one, cpu),
                of(two, cpu),
                thousands(of(one, rate)),
                thousands(of(two, rate)),
            );
        }
        format!("{table}\n{}\n", self.conditions())
    }

    /// How far the figures can be trusted.
    pub(crate) fn conditions(&self) -> String {
        let full = || self.servers.iter().flat_map(|server| &server.full);
        let spread =
            |figure: fn(&Full) -> f64| Spread::of(full().map(figure)).map_or((0.0, 0.0), |s| (s.median, s.most));
        let (server, driver, others) =
            (spread(|full| full.server_busy), spread(|full| full.driver_busy), spread(|full| full.others_busy));
        let mut text = format!(
            "{} rounds of {} s each, {} connections, {} thread{} a server. Busy cores, median: server {:.2}, \
             driver {:.2} (at most {:.2}), anything else {:.2} (at most {:.2}).",
            self.rounds,
            self.seconds,
            CONNECTIONS,
            self.threads,
            if self.threads == 1 { "" } else { "s" },
            server.0,
            driver.0,
            driver.1,
            others.0,
            others.1,
        );
        if !self.apart {
            text += " **Server and driver shared a core: only the CPU time per request says something.**";
        }
        if driver.1 > 0.97 && self.apart {
            text += " **The driver was at its limit at least once: faster servers look slower than they are.**";
        }
        if others.1 > 0.1 {
            text += " **The machine was not quiet: only the ratios say something, and those not much.**";
        }
        text
    }
}

impl Measured {
    pub(crate) fn rates(&self) -> Vec<f64> {
        self.full.iter().map(|full| full.requests_per_second).collect()
    }
}

/// A ratio, and in which range the rounds had it.
pub(crate) fn ratio(spread: Option<Spread>) -> String {
    match spread {
        Some(Spread { median, least, most }) if least < most => format!("{median:.2} ({least:.2} to {most:.2})"),
        Some(Spread { median, .. }) => format!("{median:.2}"),
        None => String::new(),
    }
}

/// A figure with its thousands divided by commas.
pub(crate) fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "no server takes petabytes")]
fn kib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_divided_by_commas() {
        assert_eq!(thousands(999.4), "999");
        assert_eq!(thousands(1_000.0), "1,000");
        assert_eq!(thousands(1_234_567.0), "1,234,567");
    }
}
