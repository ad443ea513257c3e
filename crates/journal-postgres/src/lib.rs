//! A journal for `tencent-im-callback` in PostgreSQL: any number of receivers append, and any number of workers call the
//! methods, in order for each key.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use tencent_im_callback::{CallbackHandler, Endpoint};
//! use tencent_im_callback_journal::Journal;
//! use tencent_im_callback_journal_postgres::Postgres;
//!
//! # struct App;
//! # impl CallbackHandler for App {}
//! # async fn serve(_: &Endpoint) {}
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Postgres::connect("postgres://chat@db.internal/chat?sslmode=verify-full").await?;
//! let journal = Journal::builder().over(store).await?;
//! let endpoint = Endpoint::builder(App).app(1_400_000_001, "the token").journal(&journal).build()?;
//! let feed = journal.feed(&endpoint); // Leave it out in a process that only receives.
//!
//! serve(&endpoint).await;
//!
//! endpoint.drain().await;
//! feed.stop(Duration::from_secs(20)).await;
//! # Ok(()) }
//! ```
//!
//! What holds beside what [every journal](tencent_im_callback_journal) promises:
//!
//! - A callback that was answered OK is committed: synced by the server, and by its synchronous standbys if it has any. The
//!   store refuses a server with `fsync = off`, and sets `synchronous_commit` where the server's default is `off`.
//! - While the server is away or slow an append fails after [1.5 seconds](APPEND_TIME), so the service gets its answer, with
//!   status 500, in time. *Before* callbacks go on. The store connects again by itself.
//! - Entries are in partitions by their keys, [16](PostgresBuilder::partitions) by default. The workers share the partitions out
//!   among themselves. When a worker ends, however it ends, the others take its partitions over within a second or two, and
//!   after ten seconds when it hangs or its network is cut.
//! - The method is not called for a repetition of a callback, whichever receiver it comes to, for
//!   [10 minutes](PostgresBuilder::repetitions). A receiver appends the repetition, and a worker removes it.
//! - A method can do its work **exactly once**, in the transaction that finishes its entry: [`Postgres::finish_in`].
//!
//! # Tables
//!
//! The store makes its tables in a schema of its own, [`im_callback`](PostgresBuilder::schema) by default, at the first connection.
//! The role needs `CREATE` on the database for that, and later only what it owns. The tables are `entry`, what was
//! received; `taken`, what workers have read and not finished; and `dead`, the dead letters. The view `unfinished` has all
//! that is left to do: what is taken, and what no worker has read yet. An entry that is neither there nor a dead letter is
//! done. Entries that are done are removed [7 days](tencent_im_callback_journal::JournalBuilder::keep) after they were
//! received.
//!
//! # Connections
//!
//! A receiver has one connection, a worker three, and each is opened when it is needed. A worker's right to a partition is an
//! advisory lock of its connection. A pooler in front of the server has to keep sessions: `pool_mode = session` in `PgBouncer`.
//!
//! In the address, beside what [`tokio_postgres::Config`] reads: `sslmode=verify-full` and `verify-ca`, `sslrootcert=FILE`,
//! and `schema=NAME`. With TLS the certificate of the server is always checked. `sslmode=prefer`, the default, connects
//! without TLS where the server offers none.

mod address;
mod append;
mod builder;
mod errors;
mod link;
mod read;
mod session;
mod store;
mod tables;

use std::{fmt, sync::Arc};

use tencent_im_callback::Attempt;
use tencent_im_callback_journal::StoreError;
pub use tokio_postgres;
use tokio_postgres::Transaction;

pub use crate::{append::APPEND_TIME, builder::PostgresBuilder};
use crate::{errors::failed, store::Inner};

/// A [`Store`](tencent_im_callback_journal::Store) in PostgreSQL, of version 13 or newer.
///
/// A clone is another handle of the same connections.
#[derive(Clone)]
pub struct Postgres(Arc<Inner>);

impl Postgres {
    /// Connects to the server at this address, such as `postgres://user:password@host/database`, and makes the tables if there
    /// are none. Call it within a tokio runtime.
    ///
    /// Fails if the server cannot be reached, may lose what it has committed, or has a journal of a newer version
    /// ([`StoreError::NewerVersion`]).
    pub async fn connect(address: &str) -> Result<Self, StoreError> {
        Self::builder(address).connect().await
    }

    /// [`connect`](Self::connect), which fails if there is no journal.
    pub async fn connect_existing(address: &str) -> Result<Self, StoreError> {
        Self::builder(address).existing().connect().await
    }

    /// The settings of a store at this address.
    pub fn builder(address: &str) -> PostgresBuilder {
        PostgresBuilder::new(address)
    }

    /// Finishes the entry of an attempt within a transaction of the method: the method does its work in the same transaction,
    /// and so does it exactly once.
    ///
    /// `false` means that the work of this entry is done already: return `Ok(())` without doing it again. When the
    /// transaction is rolled back the entry is not finished, and its method is called again as after any error.
    ///
    /// ```no_run
    /// # use std::{collections::BTreeMap, sync::Arc};
    /// # use tokio::sync::Mutex;
    /// use tencent_im_callback::{CallbackHandler, Context, Result, async_trait, group};
    /// use tencent_im_callback_journal_postgres::{Postgres, tokio_postgres::Client};
    ///
    /// struct App {
    ///     store: Postgres,
    ///     client: Mutex<Client>, // Or a pool.
    /// }
    ///
    /// #[async_trait]
    /// impl CallbackHandler for App {
    ///     async fn group_after_send_msg(&self, ctx: &Context, event: group::AfterSendMsg) -> Result<()> {
    ///         let mut client = self.client.lock().await;
    ///         let transaction = client.transaction().await?;
    ///         if let Some(attempt) = ctx.attempt()
    ///             && !self.store.finish_in(&transaction, attempt).await?
    ///         {
    ///             return Ok(());
    ///         }
    ///         let count = "UPDATE groups SET messages = messages + 1 WHERE id = $1";
    ///         transaction.execute(count, &[&event.group_id]).await?;
    ///         Ok(transaction.commit().await?)
    ///     }
    /// }
    /// ```
    ///
    /// The transaction has to be one of the database that has the journal. With another client than `tokio-postgres` call
    /// the function by hand, first in the transaction, with [`Attempt::id`]: `SELECT im_callback.finish($1)`.
    pub async fn finish_in(&self, transaction: &Transaction<'_>, attempt: &Attempt) -> Result<bool, StoreError> {
        let id = i64::try_from(attempt.id).unwrap_or(i64::MAX);
        let call = format!("SELECT {}.finish($1)", self.0.schema());
        let row = transaction.query_one(&call, &[&id]).await.map_err(|error| failed(&error))?;
        row.try_get(0).map_err(|error| failed(&error))
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("schema", &self.0.schema()).finish_non_exhaustive()
    }
}
