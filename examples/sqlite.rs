//! The messages of groups in a database of `SQLite`, each once, however often the service sends it.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 DATABASE=messages.sqlite3 cargo run --release --example sqlite
//! sqlite3 messages.sqlite3 'SELECT * FROM messages'
//! ```
//!
//! The callback URL is `http://127.0.0.1:8080/callback`. The identity of a callback and its row are written in one
//! transaction, so that a callback which is sent again changes nothing, also after a crash between the two. An error is
//! answered 500, and the service counts the callback as failed; [`journal.rs`](journal.rs) loses none.

use std::{
    env,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use axum::Router;
use examples::{Settings, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use rusqlite::{Connection, params};
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Identity, async_trait, group};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS seen (identity TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS messages (
        group_id TEXT NOT NULL, seq INTEGER NOT NULL, sender TEXT NOT NULL, body TEXT NOT NULL,
        recalled INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (group_id, seq)
    );";

#[derive(Clone)]
struct Database(Arc<Mutex<Connection>>);

impl Database {
    fn open(path: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Makes a change unless it was made before for this callback.
    async fn once(
        &self,
        identity: Option<Identity>,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<()> + Send + 'static,
    ) -> tencent_im_callback::Result<()> {
        let database = self.clone();
        // SQLite blocks its thread.
        let changed = tokio::task::spawn_blocking(move || {
            // A transaction that a panic has ended is rolled back.
            let mut connection = database.0.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction()?;
            if let Some(identity) = identity
                && transaction.execute("INSERT OR IGNORE INTO seen VALUES (?1)", [identity.as_str()])? == 0
            {
                return Ok(());
            }
            change(&transaction)?;
            transaction.commit()
        });
        Ok(changed.await??)
    }
}

#[async_trait]
impl CallbackHandler for Database {
    async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> tencent_im_callback::Result<()> {
        let body = serde_json::to_string(&event.msg_body)?;
        // With the application in it, unlike `event.identity()`: two applications may have groups of one name.
        self.once(ctx.identity(&event), move |transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO messages (group_id, seq, sender, body) VALUES (?1, ?2, ?3, ?4)",
                params![event.group_id, event.msg_seq, event.from_account, body],
            )?;
            Ok(())
        })
        .await
    }

    async fn group_after_recall_msg(
        &self,
        ctx: &Context,
        event: group::AfterRecallMsg,
    ) -> tencent_im_callback::Result<()> {
        self.once(ctx.identity(&event), move |transaction| {
            for message in &event.msg_seq_list {
                transaction.execute(
                    "UPDATE messages SET recalled = 1 WHERE group_id = ?1 AND seq = ?2",
                    params![event.group_id, message.msg_seq],
                )?;
            }
            Ok(())
        })
        .await
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let database = Database::open(&env::var("DATABASE").unwrap_or_else(|_| "messages.sqlite3".to_owned()))?;
    let endpoint = Endpoint::builder(database).app(settings.app_id, settings.tokens).build()?;
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    let listener = connections::listen(&settings.listen)?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    connections::serve(listener, TowerToHyperService::new(router), stop_signal()?).await?;
    drain(&endpoint).await;
    Ok(())
}
