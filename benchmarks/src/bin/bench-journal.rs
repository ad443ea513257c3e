//! A server with a journal to be measured, and what a journal costs without HTTP:
//!
//! - `bench-journal serve <plain|kept|delivered> <folder>` serves like `bench-hyper ours`: without a journal, with one whose
//!   methods are not called, and with one whose methods are called.
//! - `bench-journal deliver <entries> <folder>` prints how many methods are called in a second.
//! - `bench-journal reopen <entries> <unfinished> <folder>` prints how long a journal takes to open, and its memory.

use std::{
    env,
    error::Error,
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use benchmarks::{request, server::ready, settings::Settings};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Entry, Identity, Key, Result, async_trait, group};
use tencent_im_callback_journal::{Journal, JournalBuilder, store::Change};
use tokio::{
    net::TcpListener,
    sync::Notify,
    time::{sleep, timeout},
};

/// So many are appended at once where nothing is measured.
const GROUP: usize = 1_000;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type BenchResult = std::result::Result<(), Box<dyn Error>>;

/// Counts the calls of its method.
#[derive(Clone, Default)]
struct App(Arc<Calls>);

#[derive(Default)]
struct Calls {
    count: AtomicU64,
    first: Notify,
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&self, _: &Context, event: group::AfterSendMsg) -> Result<()> {
        std::hint::black_box(&event);
        self.0.count.fetch_add(1, Ordering::Relaxed);
        self.0.first.notify_one();
        Ok(())
    }
}

fn main() -> BenchResult {
    let settings = Settings::from_env()?;
    let words: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    // As `#[tokio::main]` makes it.
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        match words.as_slice() {
            ["serve", kind @ ("plain" | "kept" | "delivered"), folder] => serve(kind, folder, &settings).await,
            ["deliver", entries, folder] => deliver(entries.parse()?, folder, &settings).await,
            ["reopen", entries, unfinished, folder] => {
                reopen(entries.parse()?, unfinished.parse()?, folder, &settings).await
            }
            _ => Err("usage: bench-journal serve|deliver|reopen ..".into()),
        }
    })
}

/// The driver sends one callback over and over, which must not be taken for repetitions. Its keys are many, as in practice.
fn builder() -> JournalBuilder {
    let number = AtomicU64::new(0);
    let key_by = move |_: &Entry| Some(Key::new((number.fetch_add(1, Ordering::Relaxed) % 1_000).to_string()));
    Journal::builder().repetitions(Duration::ZERO).key_by(key_by)
}

fn endpoint(app: App, settings: &Settings, journal: Option<&Journal>) -> Result<Endpoint, Box<dyn Error>> {
    let builder = Endpoint::builder(app).app(settings.app_id, [settings.token.as_str()]).freshness(settings.max_age);
    Ok(match journal {
        Some(journal) => builder.journal(journal).build()?,
        None => builder.build()?,
    })
}

async fn serve(kind: &str, folder: &str, settings: &Settings) -> BenchResult {
    let journal = if kind == "plain" { None } else { Some(builder().open(folder).await?) };
    let endpoint = endpoint(App::default(), settings, journal.as_ref())?;
    let _feed = journal.as_ref().filter(|_| kind == "delivered").map(|journal| journal.feed(&endpoint));
    let service = tencent_im_callback_hyper::service(endpoint);
    let listener = TcpListener::bind(("127.0.0.1", settings.port)).await?;
    ready(listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let connection =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(connection);
    }
}

/// An entry that was received so long ago.
fn entry(number: u64, age: Duration, settings: &Settings) -> Entry {
    let query = format!("SdkAppid={}&CallbackCommand=Group.CallbackAfterSendMsg", settings.app_id);
    Entry::new(settings.app_id, "Group.CallbackAfterSendMsg", query, request::sent_message(), SystemTime::now() - age)
        .with_key(Some(Key::new((number % 1_000).to_string())))
        .with_identity(Some(Identity::new(format!("{}|group|@TGS#2J4SZEAEL|{number}", settings.app_id))))
}

/// Fills a journal with the entries of a day, of which the first ones are done.
#[expect(clippy::cast_precision_loss, reason = "there are not that many")]
async fn fill(journal: &Journal, entries: u64, done: u64, settings: &Settings) -> BenchResult {
    let fence = journal.store().acquire(None).await?.ok_or("another process feeds")?;
    journal.store().renew(fence).await?;
    let mut numbers = 0..entries;
    while !numbers.is_empty() {
        let age = |number| DAY.mul_f64((entries - number) as f64 / entries as f64);
        let group = numbers.by_ref().take(GROUP).map(|number| entry(number, age(number), settings)).collect();
        let ids = journal.store().append(group).await?;
        let changes = ids.into_iter().filter(|id| *id <= done).map(|id| Change::Done { id }).collect();
        journal.store().settle(fence, changes).await?;
    }
    journal.store().release(fence).await?;
    Ok(())
}

async fn deliver(entries: u64, folder: &str, settings: &Settings) -> BenchResult {
    let journal = builder().open(folder).await?;
    fill(&journal, entries, 0, settings).await?;
    let app = App::default();
    let endpoint = endpoint(app.clone(), settings, Some(&journal))?;
    let begin = Instant::now();
    let feed = journal.feed(&endpoint);
    while app.0.count.load(Ordering::Relaxed) < entries {
        sleep(Duration::from_millis(1)).await;
    }
    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    let entries = entries as f64;
    println!("{:.0}", entries / begin.elapsed().as_secs_f64());
    feed.stop(Duration::from_secs(10)).await;
    Ok(())
}

async fn reopen(entries: u64, unfinished: u64, folder: &str, settings: &Settings) -> BenchResult {
    let journal = Journal::open(folder).await?;
    fill(&journal, entries, entries - unfinished, settings).await?;
    let bytes = journal.store().bytes().await?;
    drop(journal);
    let before = resident()?;
    let begin = Instant::now();
    let journal = Journal::open(folder).await?;
    let opened = begin.elapsed();
    let app = App::default();
    let endpoint = endpoint(app.clone(), settings, Some(&journal))?;
    let feed = journal.feed(&endpoint);
    timeout(Duration::from_secs(60), app.0.first.notified()).await?;
    let first = begin.elapsed();
    println!("{} {} {} {bytes}", opened.as_micros(), first.as_micros(), resident()?.saturating_sub(before));
    feed.stop(Duration::from_secs(10)).await;
    Ok(())
}

/// In KiB.
fn resident() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
