//! A receiver on axum that keeps tables of groups and their members in PostgreSQL: each callback changes them exactly once.
//!
//! ```sh
//! read -rs CALLBACK_TOKEN && export CALLBACK_TOKEN
//! SDK_APP_ID=1400000001 DATABASE=postgres://chat@localhost/chat cargo run --release --example group-tables
//! ```
//!
//! The journal is in the same database. A method changes the tables and finishes its entry in one transaction, so an entry
//! that is delivered twice, after a `kill -9` or a broken connection, changes the tables once. Any number of these programs
//! can run at the same time: each receives, and the groups are shared out among them. `STALL_MS` makes a method wait before
//! its commit, to see that.

use std::{
    env,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::Router;
use examples::{Settings, connections, drain, log, stop_signal};
use hyper_util::service::TowerToHyperService;
use tencent_im_callback::{CallbackHandler, Context, Endpoint, Member, async_trait, group};
use tencent_im_callback_journal::Journal;
use tencent_im_callback_journal_postgres::{
    Postgres,
    tokio_postgres::{self, Client, NoTls, Transaction},
};
use tokio::time::sleep;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS chat_group (id text PRIMARY KEY, name text, owner text, changes bigint NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS chat_member (group_id text, account text, joined bigint NOT NULL, PRIMARY KEY (group_id, account));
";

/// Keeps the tables.
struct Groups {
    store: Postgres,
    database: String,
    stall: Duration,
    /// The connections that no method uses now. A pool such as `deadpool-postgres` does more.
    idle: Mutex<Vec<Client>>,
}

impl Groups {
    async fn connect(&self) -> Result<Client, tokio_postgres::Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(client) = idle.filter(|client| !client.is_closed()) {
            return Ok(client);
        }
        let (client, connection) = tokio_postgres::connect(&self.database, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Does `work` in the transaction that finishes the entry, unless an earlier attempt has done it.
    async fn once(
        &self,
        ctx: &Context,
        group_id: &str,
        work: impl AsyncFnOnce(&Transaction<'_>) -> Result<(), tokio_postgres::Error>,
    ) -> tencent_im_callback::Result<()> {
        let attempt = ctx.attempt().ok_or("the journal calls this method")?;
        let mut client = self.connect().await?;
        let transaction = client.transaction().await?;
        if self.store.finish_in(&transaction, attempt).await? {
            // Something that is wrong when it is done twice.
            let count = "INSERT INTO chat_group (id, changes) VALUES ($1, 1) \
                         ON CONFLICT (id) DO UPDATE SET changes = chat_group.changes + 1";
            transaction.execute(count, &[&group_id]).await?;
            work(&transaction).await?;
            sleep(self.stall).await;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
        Ok(())
    }
}

async fn join(transaction: &Transaction<'_>, group_id: &str, members: &[Member]) -> Result<(), tokio_postgres::Error> {
    let accounts: Vec<_> = members.iter().map(|member| member.member_account.as_str()).collect();
    let join = "INSERT INTO chat_member SELECT $1, unnest($2::text[]), 1 \
                ON CONFLICT (group_id, account) DO UPDATE SET joined = chat_member.joined + 1";
    transaction.execute(join, &[&group_id, &accounts]).await.map(drop)
}

#[async_trait]
impl CallbackHandler for Groups {
    async fn group_after_create_group(
        &self,
        ctx: &Context,
        event: group::AfterCreateGroup,
    ) -> tencent_im_callback::Result<()> {
        self.once(ctx, &event.group_id, async |transaction| {
            let create = "UPDATE chat_group SET name = $2, owner = $3 WHERE id = $1";
            transaction.execute(create, &[&event.group_id, &event.name, &event.owner_account]).await?;
            join(transaction, &event.group_id, event.member_list.as_deref().unwrap_or_default()).await
        })
        .await
    }

    async fn group_after_new_member_join(
        &self,
        ctx: &Context,
        event: group::AfterNewMemberJoin,
    ) -> tencent_im_callback::Result<()> {
        self.once(ctx, &event.group_id, async |transaction| {
            join(transaction, &event.group_id, &event.new_member_list).await
        })
        .await
    }

    async fn group_after_member_exit(
        &self,
        ctx: &Context,
        event: group::AfterMemberExit,
    ) -> tencent_im_callback::Result<()> {
        self.once(ctx, &event.group_id, async |transaction| {
            let accounts: Vec<_> = event.exit_member_list.iter().map(|member| member.member_account.as_str()).collect();
            let exit = "DELETE FROM chat_member WHERE group_id = $1 AND account = ANY($2)";
            transaction.execute(exit, &[&event.group_id, &accounts]).await.map(drop)
        })
        .await
    }

    async fn group_after_group_destroyed(
        &self,
        ctx: &Context,
        event: group::AfterGroupDestroyed,
    ) -> tencent_im_callback::Result<()> {
        self.once(ctx, &event.group_id, async |transaction| {
            transaction.execute("DELETE FROM chat_member WHERE group_id = $1", &[&event.group_id]).await?;
            transaction.execute("DELETE FROM chat_group WHERE id = $1", &[&event.group_id]).await.map(drop)
        })
        .await
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let _log = log("info");
    let settings = Settings::from_env()?;
    let database = env::var("DATABASE").context("DATABASE is not set: the address of PostgreSQL")?;
    let stall =
        env::var("STALL_MS").ok().and_then(|millis| millis.parse().ok()).map_or(Duration::ZERO, Duration::from_millis);

    let store = Postgres::connect(&database).await.context("cannot open the journal")?;
    let journal = Journal::builder().backoff(Duration::from_millis(100)..=Duration::from_secs(60));
    let journal = journal.over(store.clone()).await?;
    let groups = Groups { store, database, stall, idle: Mutex::default() };
    groups.connect().await?.batch_execute(TABLES).await.context("cannot make the tables")?;
    let endpoint = Endpoint::builder(groups).app(settings.app_id, settings.tokens).journal(&journal).build()?;
    let feed = journal.feed(&endpoint);

    let listener =
        connections::listen(&settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))?;
    tracing::info!("listening on http://{}/callback", listener.local_addr()?);
    let router = Router::new().route("/callback", tencent_im_callback_axum::route(endpoint.clone()));
    connections::serve(listener, TowerToHyperService::new(router), stop_signal()?).await?;
    drain(&endpoint).await;
    feed.stop(Duration::from_secs(20)).await;
    Ok(())
}
