//! A journal on a server to be measured, beside what the server does without a journal. It starts the server by itself.
//!
//! - `bench-engine append <postgres|nats> <waiting> <seconds> <rounds>` prints, a line for each round, how many entries a second
//!   the journal appends for so many tasks that wait, and how many the server takes by itself in groups of so many.
//! - `bench-engine deliver <postgres|nats> <workers> <entries> <milliseconds>` prints how many methods a second are called by
//!   so many workers, of 16 methods at a time each, which take so long.

use std::{
    env,
    error::Error,
    future::IntoFuture as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use async_trait::async_trait;
use benchmarks::request;
use engines::{nats, postgres};
use futures_util::future::try_join_all;
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Entry, Identity, Key, group};
use tencent_im_callback_journal::{Journal, Store};
use tencent_im_callback_journal_nats::Nats;
use tencent_im_callback_journal_postgres::{
    Postgres,
    tokio_postgres::{Client, NoTls, connect},
};
use tokio::{task::JoinSet, time::sleep};

type BenchResult<T = ()> = Result<T, Box<dyn Error>>;

const APP_ID: u64 = 1_400_000_001;

/// So many methods of a worker run at the same time.
const AT_ONCE: usize = 16;

/// A server, and the ways to write to it.
enum Engine {
    Postgres(postgres::Server),
    Nats(nats::Server),
}

impl Engine {
    fn start(name: &str) -> BenchResult<Self> {
        match name {
            "postgres" => Ok(Self::Postgres(postgres::Server::start().ok_or("PostgreSQL is not installed")?)),
            "nats" => Ok(Self::Nats(nats::Server::start().ok_or("nats-server is not installed")?)),
            _ => Err(format!("no engine {name}").into()),
        }
    }

    async fn store(&self) -> BenchResult<Arc<dyn Store>> {
        match self {
            Self::Postgres(server) => Ok(Arc::new(Postgres::connect(&server.url()).await?)),
            Self::Nats(server) => Ok(Arc::new(Nats::connect(nats_url(server)).await?)),
        }
    }

    async fn journal(&self, at_once: usize) -> BenchResult<Journal> {
        let builder = Journal::builder().at_once(at_once);
        match self {
            Self::Postgres(server) => Ok(builder.over(Postgres::connect(&server.url()).await?).await?),
            Self::Nats(server) => Ok(builder.over(Nats::connect(nats_url(server)).await?).await?),
        }
    }

    /// What the server takes by itself, in groups of so many.
    async fn bare(&self, group: usize, time: Duration) -> BenchResult<f64> {
        match self {
            Self::Postgres(server) => bare_postgres(&server.url(), group, time).await,
            Self::Nats(server) => bare_nats(&server.url(), group, time).await,
        }
    }
}

/// A journal that syncs where the server knows how to.
fn nats_url(server: &nats::Server) -> String {
    let durability = if server.syncs() { "sync=always" } else { "loss=accepted" };
    format!("{}/bench?{durability}", server.url())
}

#[tokio::main]
async fn main() -> BenchResult {
    let words: Vec<_> = env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["append", engine, waiting, seconds, rounds] => {
            let engine = Engine::start(engine)?;
            let (waiting, time) = (waiting.parse()?, Duration::from_secs_f64(seconds.parse()?));
            for _ in 0..rounds.parse()? {
                let ours = append(&engine, waiting, time).await?;
                let bare = engine.bare(waiting, time).await?;
                println!("{ours:.0} {bare:.0}");
            }
            Ok(())
        }
        ["deliver", engine, workers, entries, millis] => {
            let engine = Engine::start(engine)?;
            let time = Duration::from_millis(millis.parse()?);
            println!("{:.0}", deliver(&engine, workers.parse()?, entries.parse()?, time).await?);
            Ok(())
        }
        _ => Err("usage: bench-engine append|deliver ..".into()),
    }
}

/// Every entry has an identity of its own.
fn entry() -> Entry {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let query = format!("SdkAppid={APP_ID}&CallbackCommand=Group.CallbackAfterSendMsg");
    Entry::new(APP_ID, "Group.CallbackAfterSendMsg", query, request::sent_message(), SystemTime::now())
        .with_key(Some(Key::new(format!("{APP_ID}|group|@TGS#{}", number % 1_000))))
        .with_identity(Some(Identity::new(format!("{APP_ID}|group|@TGS#2J4SZEAEL|{number}"))))
}

#[expect(clippy::cast_precision_loss, reason = "there are not that many")]
async fn append(engine: &Engine, waiting: usize, time: Duration) -> BenchResult<f64> {
    let store = engine.store().await?;
    store.append(vec![entry()]).await?;
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..waiting {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut count = 0_u64;
            while begin.elapsed() < time {
                store.append(vec![entry()]).await?;
                count += 1;
            }
            Ok::<_, tencent_im_callback_journal::StoreError>(count)
        });
    }
    let mut count = 0;
    while let Some(task) = tasks.join_next().await {
        count += task??;
    }
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}

/// Plain inserts of as many rows of an entry, each in a transaction of its own, into a table with a primary key.
#[expect(clippy::cast_precision_loss, reason = "there are not that many")]
async fn bare_postgres(url: &str, group: usize, time: Duration) -> BenchResult<f64> {
    let client = plain(url).await?;
    let table = "CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, partition integer NOT NULL, \
                 app_id bigint NOT NULL, command text NOT NULL, query text NOT NULL, body bytea NOT NULL, \
                 received_at bigint NOT NULL, key text, identity text)";
    client.batch_execute(table).await?;
    let insert = "INSERT INTO bare (partition, app_id, command, query, body, received_at, key, identity) \
                  SELECT 0, 1400000001, * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::text[], $6::text[])";
    let insert = client.prepare(insert).await?;
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < time {
        let entries: Vec<_> = (0..group).map(|_| entry()).collect();
        let column = |text: fn(&Entry) -> &str| entries.iter().map(text).collect::<Vec<_>>();
        let bodies: Vec<_> = entries.iter().map(|entry| &entry.body[..]).collect();
        let keys = column(|entry| entry.key.as_ref().map_or("", AsRef::as_ref));
        let identities = column(|entry| entry.identity.as_ref().map_or("", AsRef::as_ref));
        let (commands, queries) = (column(|entry| &entry.command), column(|entry| &entry.query));
        let received_ats = vec![0_i64; group];
        client.execute(&insert, &[&commands, &queries, &bodies, &received_ats, &keys, &identities]).await?;
        count += group;
    }
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}

/// Publishes as many messages of an entry's size, and waits for all their acknowledgements.
#[expect(clippy::cast_precision_loss, reason = "there are not that many")]
async fn bare_nats(url: &str, group: usize, time: Duration) -> BenchResult<f64> {
    let context = async_nats::jetstream::new(async_nats::connect(url).await?);
    let stream = async_nats::jetstream::stream::Config {
        name: "bare".to_owned(),
        subjects: vec!["bare.>".to_owned()],
        ..Default::default()
    };
    context.get_or_create_stream(stream).await?;
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < time {
        let mut acks = Vec::with_capacity(group);
        for _ in 0..group {
            let entry = entry();
            let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
            let (key, identity) = (entry.key.as_ref().map(AsRef::as_ref), entry.identity.as_ref().map(AsRef::as_ref));
            let mut headers = async_nats::HeaderMap::new();
            headers.insert("Nats-Msg-Id", text(identity));
            headers.insert("Key", text(key));
            let payload = [entry.query.as_bytes(), &entry.body].concat();
            let subject = "bare.entry.0.Group.CallbackAfterSendMsg";
            acks.push(context.publish_with_headers(subject, headers, payload.into()).await?.into_future());
        }
        try_join_all(acks).await?;
        count += group;
    }
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}

async fn plain(url: &str) -> BenchResult<Client> {
    let (client, connection) = connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Takes its time, and counts.
#[derive(Clone)]
struct App {
    time: Duration,
    calls: Arc<AtomicU64>,
}

#[async_trait]
impl CallbackHandler for App {
    async fn group_after_send_msg(&self, _: &Context, _: group::AfterSendMsg) -> tencent_im_callback::Result<()> {
        if !self.time.is_zero() {
            sleep(self.time).await;
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "there are not that many")]
async fn deliver(engine: &Engine, workers: usize, entries: u64, time: Duration) -> BenchResult<f64> {
    let store = engine.store().await?;
    let mut left = entries;
    while left > 0 {
        let group = left.min(1_000);
        store.append((0..group).map(|_| entry()).collect()).await?;
        left -= group;
    }
    let app = App { time, calls: Arc::default() };
    let mut feeds = Vec::new();
    for _ in 0..workers {
        let journal = engine.journal(AT_ONCE).await?;
        let endpoint = Endpoint::builder(app.clone()).unverified_app(APP_ID).journal(&journal).build()?;
        feeds.push(journal.feed(&endpoint));
    }
    // The workers share the partitions out among themselves first.
    sleep(Duration::from_secs(3)).await;
    let (begin, before) = (Instant::now(), app.calls.load(Ordering::Relaxed));
    while app.calls.load(Ordering::Relaxed) < entries * 9 / 10 {
        sleep(Duration::from_millis(10)).await;
    }
    let rate = (app.calls.load(Ordering::Relaxed) - before) as f64 / begin.elapsed().as_secs_f64();
    for feed in feeds {
        feed.stop(Duration::from_secs(10)).await;
    }
    Ok(rate)
}
