//! Holds a rate of callbacks against an adapter for minutes, with faults mixed in, and checks what must
//! hold: each accepted callback reaches its method exactly once, memory stays flat, answers stay quick.
//!
//! ```sh
//! cargo run --release -p tests --bin soak -- --minutes 10 --rate 3000 --adapter axum
//! ```
//!
//! Without `--adapter` it is one adapter after the other. `docs/reliability.md` has figures.

use std::{
    env,
    error::Error,
    fs,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use tencent_im_callback::{
    CallbackHandler, Context, Decision, Endpoint, GroupCode, OnDisconnect, Result as HandlerResult, async_trait, group,
};
use tencent_im_callback_testkit::{
    FixedClock,
    conformance::{Adapter, Connection},
    request::{APP_ID, TOKEN},
    sample,
};
use tests::{PATIENCE, servers};
use tokio::{task::JoinSet, time::timeout};

/// So many connections share the rate. A late answer holds its own up for the deadline.
const CONNECTIONS: usize = 128;

/// The default deadline, and what is longer.
const DEADLINE: Duration = Duration::from_millis(1_700);
const LATE: Duration = Duration::from_millis(1_900);

/// What p99 of good callbacks may be, in terms of p50; and what it may be in any case, because a p50 of
/// a fraction of a millisecond makes any multiple of it small.
const P99_MULTIPLE: u64 = 20;
const P99_ALWAYS: Duration = Duration::from_millis(50);

/// How much more memory there may be at the end than after a tenth of the time, in KiB. The whole is so
/// little that a part of it would say nothing; three bytes lost with each callback of ten minutes are more.
const GROWTH: u32 = 4 * 1024;

/// What becomes of a callback, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Good,
    Failing,
    Panicking,
    Late,
    HangUp,
    Forged,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Good, Self::Failing, Self::Panicking, Self::Late, Self::HangUp, Self::Forged];

    /// In a thousand: ten forged, ten failing, five panicking, two disconnecting, one late, the rest good.
    const fn of(number: usize) -> Self {
        // Spread out, so that faults are not in a row.
        match number.wrapping_mul(7_919) % 1_000 {
            0..10 => Self::Forged,
            10..20 => Self::Failing,
            20..25 => Self::Panicking,
            25..27 => Self::HangUp,
            27 => Self::Late,
            _ => Self::Good,
        }
    }

    const fn status(self) -> u16 {
        match self {
            Self::Good | Self::HangUp => 200,
            Self::Failing | Self::Panicking | Self::Late => 500,
            Self::Forged => 401,
        }
    }
}

/// How often each callback was begun (by ones) and came to its end (by sixteens).
struct Ledger(Box<[AtomicU8]>);

impl Ledger {
    const ENDED: u8 = 16;

    fn new(callbacks: usize) -> Arc<Self> {
        Arc::new(Self((0..callbacks).map(|_| AtomicU8::new(0)).collect()))
    }

    fn has_begun(&self, number: usize) -> bool {
        self.0[number].load(Ordering::Acquire) != 0
    }
}

struct App(Arc<Ledger>);

struct Stay<'a>(&'a AtomicU8);

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(Ledger::ENDED, Ordering::AcqRel);
    }
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_before_create_topic(
        &self,
        ctx: &Context,
        _event: group::BeforeCreateTopic,
    ) -> HandlerResult<Decision<GroupCode>> {
        let number: usize = ctx.parameter("number").ok_or("a callback without a number")?.parse()?;
        let entry = &self.0.0[number];
        entry.fetch_add(1, Ordering::AcqRel);
        let _stay = Stay(entry);
        match Kind::of(number) {
            Kind::Good => tokio::task::yield_now().await,
            Kind::Failing => return Err("on purpose".into()),
            Kind::Panicking => std::panic::panic_any("on purpose"),
            Kind::Late => tokio::time::sleep(LATE).await,
            Kind::HangUp => tokio::time::sleep(Duration::from_millis(50)).await,
            Kind::Forged => return Err("a forged callback reached its method".into()),
        }
        Ok(Decision::Allow)
    }
}

/// Counts of latencies, each bucket 20 microseconds wide.
struct Latencies(Box<[AtomicU32]>);

impl Latencies {
    const WIDTH: u128 = 20;

    fn new() -> Self {
        Self((0..100_000).map(|_| AtomicU32::new(0)).collect())
    }

    fn note(&self, latency: Duration) {
        let bucket = usize::try_from(latency.as_micros() / Self::WIDTH).unwrap_or(usize::MAX);
        self.0[bucket.min(self.0.len() - 1)].fetch_add(1, Ordering::Relaxed);
    }

    /// The latency that so many in ten thousand are not above.
    fn quantile(&self, in_ten_thousand: u64) -> Duration {
        let total: u64 = self.0.iter().map(|count| u64::from(count.load(Ordering::Relaxed))).sum();
        let mut left = (total * in_ten_thousand).div_ceil(10_000);
        for (bucket, count) in (1_u64..).zip(&self.0) {
            left = left.saturating_sub(count.load(Ordering::Relaxed).into());
            if left == 0 {
                return Duration::from_micros(bucket * 20);
            }
        }
        Duration::ZERO
    }
}

/// What all connections of a run share.
struct Run {
    address: std::net::SocketAddr,
    /// The bytes of each kind's request, around the number.
    requests: Vec<(Vec<u8>, Vec<u8>)>,
    ledger: Arc<Ledger>,
    latencies: Latencies,
    next: AtomicUsize,
    rate: f64,
    begin: Instant,
    wrong: AtomicU64,
    behind: AtomicU64,
}

impl Run {
    /// Sends one callback after the other, each at its time.
    async fn connection(self: Arc<Self>) -> std::io::Result<()> {
        let mut connection = Connection::open(self.address).await?;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.ledger.0.len() {
                return Ok(());
            }
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
            let due = self.begin + Duration::from_secs_f64(number as f64 / self.rate);
            if due.elapsed() > Duration::from_secs(1) {
                self.behind.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep_until(due.into()).await;
            let kind = Kind::of(number);
            let (front, back) = &self.requests[kind as usize];
            let sent = Instant::now();
            connection.send(&[front, number.to_string().as_bytes(), back].concat()).await?;
            if kind == Kind::HangUp {
                self.until_begun(number).await;
                connection.reset()?;
                connection = Connection::open(self.address).await?;
                continue;
            }
            let answer = connection.answer().await?;
            if kind == Kind::Good {
                self.latencies.note(sent.elapsed());
            }
            if answer.status() != kind.status() || connection.closes() {
                self.wrong.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    async fn until_begun(&self, number: usize) {
        let wait = async {
            while !self.ledger.has_begun(number) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        // Not begun in time is found when all are counted.
        let _ = timeout(PATIENCE, wait).await;
    }
}

/// The memory of this process in KiB, where the system tells.
fn memory() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn requests(now: SystemTime) -> Vec<(Vec<u8>, Vec<u8>)> {
    let of = |kind| {
        let request = sample::<group::BeforeCreateTopic>().request().at(now).with("number", "PLACE");
        let bytes = if kind == Kind::Forged { request.forged() } else { request }.to_wire("localhost");
        let at = bytes.windows(5).position(|window| window == b"PLACE").expect("it was put there");
        (bytes[..at].to_vec(), bytes[at + 5..].to_vec())
    };
    Kind::ALL.map(of).into()
}

/// Runs one adapter. Gives back what was not as it must be.
async fn soak(adapter: &Adapter, length: Duration, rate: u32) -> Result<Vec<String>, Box<dyn Error>> {
    let callbacks = usize::try_from(length.as_secs() * u64::from(rate))?;
    let ledger = Ledger::new(callbacks);
    let clock = FixedClock::new();
    let endpoint = Endpoint::builder(App(Arc::clone(&ledger)))
        .app(APP_ID, [TOKEN])
        .clock(clock.reader())
        .deadline(DEADLINE)
        .on_disconnect(OnDisconnect::Finish)
        .build()?;
    let server = adapter.start(endpoint.clone()).await;
    let run = Arc::new(Run {
        address: server.address(),
        requests: requests(clock.now()),
        ledger: Arc::clone(&ledger),
        latencies: Latencies::new(),
        next: AtomicUsize::new(0),
        rate: rate.into(),
        begin: Instant::now(),
        wrong: AtomicU64::new(0),
        behind: AtomicU64::new(0),
    });
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        connections.spawn(Arc::clone(&run).connection());
    }
    tokio::time::sleep(length / 10).await;
    let early = memory();
    let mut failures = Vec::new();
    while let Some(ended) = connections.join_next().await {
        if let Err(error) = ended? {
            failures.push(format!("a connection broke: {error}"));
        }
    }
    let elapsed = run.begin.elapsed();
    timeout(PATIENCE, endpoint.drain()).await?;
    let late = memory();
    server.stop().await;

    let mut lost = 0;
    for (number, entry) in ledger.0.iter().enumerate() {
        let expected = if Kind::of(number) == Kind::Forged { 0 } else { 1 + Ledger::ENDED };
        lost += usize::from(entry.load(Ordering::Acquire) != expected);
    }
    let (p50, p99) = (run.latencies.quantile(5_000), run.latencies.quantile(9_900));
    let (p999, max) = (run.latencies.quantile(9_990), run.latencies.quantile(10_000));
    let (wrong, behind) = (run.wrong.load(Ordering::Relaxed), run.behind.load(Ordering::Relaxed));
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let held = callbacks as f64 / elapsed.as_secs_f64();
    println!(
        "{}: {callbacks} callbacks in {elapsed:.1?}, {held:.0} a second, {behind} sent over a second late; \
         p50 {p50:?}, p99 {p99:?}, p99.9 {p999:?}, max {max:?}; memory {early:?} KiB at 10 %, {late:?} KiB at the end; \
         {lost} not handled exactly once, {wrong} wrong answers",
        adapter.name()
    );
    let mut must = |is_so: bool, what: &str| {
        if !is_so {
            failures.push(what.to_owned());
        }
    };
    must(lost == 0, "callbacks were lost or handled twice");
    must(wrong == 0, "answers were wrong");
    must(p99 <= P99_ALWAYS.max(p50 * u32::try_from(P99_MULTIPLE)?), "p99 is too far from p50");
    if let (Some(early), Some(late)) = (early, late) {
        must(late <= early + GROWTH, "memory grows");
    }
    Ok(failures)
}

fn option<T: std::str::FromStr<Err: Error + 'static>>(name: &str, default: T) -> Result<T, Box<dyn Error>> {
    let arguments: Vec<_> = env::args().collect();
    let Some(at) = arguments.iter().position(|argument| argument == name) else { return Ok(default) };
    let value = arguments.get(at + 1).ok_or_else(|| format!("{name} needs a value"))?;
    value.parse().map_err(|error| format!("{name} {value}: {error}").into())
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let minutes: f64 = option("--minutes", 10.0)?;
    let rate: u32 = option("--rate", 3_000)?;
    let name: String = option("--adapter", String::new())?;
    std::panic::set_hook(Box::new(|panic| {
        if panic.payload().downcast_ref() != Some(&"on purpose") {
            eprintln!("{panic}");
        }
    }));
    let mut is_well = true;
    for adapter in servers::all().into_iter().filter(|adapter| name.is_empty() || adapter.name() == name) {
        for failure in soak(&adapter, Duration::from_secs_f64(minutes * 60.0), rate).await? {
            is_well = false;
            println!("{}: FAILED: {failure}", adapter.name());
        }
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
