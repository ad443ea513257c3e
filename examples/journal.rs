//! A receiver on axum that loses nothing: it copies the messages of groups into a database, through a journal.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 JOURNAL=callbacks.journal DATABASE=messages.sqlite3 cargo run --release --example journal
//! ```
//!
//! Each callback is on the disk before it is answered. Its method is called until it succeeds, and after a `kill -9` it is
//! called again when the program runs again. The message and the number of its entry are written in one transaction, so a
//! method that is called twice writes once. `FAIL_PERCENT` makes so many of the calls fail, to see that.

use std::{
    env,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::Router;
use examples::{Settings, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use rusqlite::{Connection, params};
use tencent_im_callback::{CallbackHandler, Context, Endpoint, async_trait, group};
use tencent_im_callback_journal::{Journal, Permanent};

/// Copies messages into a database.
struct Messages {
    database: Mutex<Connection>,
    fail_percent: u64,
}

const TABLES: &str = "
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS done (entry INTEGER PRIMARY KEY, times INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    entry INTEGER UNIQUE, group_id TEXT NOT NULL, msg_seq INTEGER NOT NULL, sender TEXT NOT NULL
);
";

impl Messages {
    fn open(path: &str, fail_percent: u64) -> Result<Self> {
        let database = Connection::open(path).with_context(|| format!("cannot open {path}"))?;
        database.execute_batch(TABLES)?;
        Ok(Self { database: Mutex::new(database), fail_percent })
    }

    /// Writes a message, unless an earlier attempt has written it.
    fn write(&self, entry: u64, event: &group::AfterSendMsg) -> rusqlite::Result<()> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = database.transaction()?;
        let count = "INSERT INTO done VALUES (?1, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times";
        let times: u32 = transaction.query_row(count, [entry], |row| row.get(0))?;
        if times == 1 {
            let values = params![entry, event.group_id, event.msg_seq, event.from_account];
            transaction.execute("INSERT INTO message VALUES (?1, ?2, ?3, ?4)", values)?;
        }
        transaction.commit()
    }
}

#[async_trait]
impl CallbackHandler for Messages {
    async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> tencent_im_callback::Result<()> {
        let attempt = ctx.attempt().ok_or("the journal calls this method")?;
        if attempt.number == 1 && (attempt.id * 7_919) % 100 < self.fail_percent {
            return Err("the first attempt fails, to try the journal".into());
        }
        if event.group_id.is_empty() {
            return Err(Permanent::new("a message of no group").into());
        }
        // A write takes less than a millisecond; work that takes longer belongs into `spawn_blocking`.
        self.write(attempt.id, &event)?;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let folder = env::var("JOURNAL").unwrap_or_else(|_| "callbacks.journal".to_owned());
    let database = env::var("DATABASE").unwrap_or_else(|_| "messages.sqlite3".to_owned());
    let fail_percent = env::var("FAIL_PERCENT").ok().and_then(|percent| percent.parse().ok()).unwrap_or_default();

    let journal = Journal::builder().backoff(Duration::from_millis(100)..=Duration::from_secs(60));
    let journal = journal.open(&folder).await.with_context(|| format!("cannot open the journal in {folder}"))?;
    let messages = Messages::open(&database, fail_percent)?;
    let endpoint = Endpoint::builder(messages).app(settings.app_id, settings.tokens).journal(&journal).build()?;
    let feed = journal.feed(&endpoint);

    let listener =
        connections::listen(&settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    connections::serve(listener, TowerToHyperService::new(router), stop_signal()?).await?;
    drain(&endpoint).await;
    // What is not done by then is done after the next start.
    feed.stop(Duration::from_secs(20)).await;
    Ok(())
}
