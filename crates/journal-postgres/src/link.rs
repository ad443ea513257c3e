//! A connection that is opened when it is needed, and again when it was lost.

use std::{
    collections::HashMap,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tencent_im_callback::Key;
use tencent_im_callback_journal::{StoreError, store::partition};
use tokio::{sync::Notify, time::timeout};
use tokio_postgres::{AsyncMessage, Client, Config, Row, Statement, types::ToSql};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::errors::failed;

/// For how long a connection is opened.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// What every connection needs to know.
pub(crate) struct Server {
    config: Config,
    tls: MakeRustlsConnect,
    /// The name of the schema, in quotes.
    pub(crate) schema: String,
    /// The class of the journal's advisory locks.
    pub(crate) class: i32,
    /// Notified when entries may have been appended.
    pub(crate) appended: Arc<Notify>,
}

impl Server {
    pub(crate) fn new(mut config: Config, tls: MakeRustlsConnect, schema: &str) -> Self {
        config.application_name("tencent-im-callback-journal");
        // A hash of the name. It is not negative, since the server shows it as a number without a sign.
        let class = i32::try_from(partition(&Key::new(schema), i32::MAX.unsigned_abs())).unwrap_or_default();
        Self { config, tls, schema: quoted(schema), class, appended: Arc::new(Notify::new()) }
    }

    /// The channel of the notifications, in quotes.
    pub(crate) fn channel(&self) -> String {
        format!("im_callback_{}", self.class)
    }

    /// Opens a connection whose statements take at most this time.
    pub(crate) async fn open(&self, time: Duration) -> Result<Client, StoreError> {
        let opened = timeout(time.min(CONNECT_TIME), self.open_without_limit(time)).await;
        opened.unwrap_or_else(|_| Err(StoreError::failed("PostgreSQL: the connection was not opened in time")))
    }

    async fn open_without_limit(&self, time: Duration) -> Result<Client, StoreError> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, mut connection) = connected.map_err(|error| failed(&error))?;
        let appended = Arc::clone(&self.appended);
        // Ends when the client is dropped.
        tokio::spawn(async move {
            let messages = poll_fn(|cx| connection.poll_message(cx));
            let mut messages = pin!(messages);
            loop {
                match messages.as_mut().await {
                    Some(Ok(AsyncMessage::Notification(_))) => appended.notify_one(),
                    Some(Ok(_)) => {}
                    // Who waits for an answer has the error too.
                    Some(Err(_)) | None => return,
                }
            }
        });
        // The planner must read by an index, in its order: what it knows of a table that grows fast is old. It need not plan a
        // statement again each time: that takes longer than an append of one entry. A server that does not hear from this
        // process ends the connection after about ten seconds, and its locks.
        let settings = format!(
            "SET search_path TO {}; \
             SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off; SET max_parallel_workers_per_gather = 0; \
             SET plan_cache_mode = force_generic_plan; \
             SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
             SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; \
             SET tcp_user_timeout = 10000; \
             SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') IN ('off', 'local')",
            self.schema,
            time.as_millis(),
            time.as_millis(),
        );
        client.batch_execute(&settings).await.map_err(|error| failed(&error))?;
        Ok(client)
    }
}

/// A name as SQL has it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A connection with its prepared statements.
pub(crate) struct Connected {
    pub(crate) client: Client,
    time: Duration,
    statements: Mutex<HashMap<String, Statement>>,
}

impl Connected {
    pub(crate) fn new(client: Client, time: Duration) -> Self {
        Self { client, time, statements: Mutex::default() }
    }

    /// The rows of a statement. After an error of the connection or of the time this connection is not to be used again.
    pub(crate) async fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let query = async {
            let statement = self.prepared(sql).await?;
            self.client.query(&statement, values).await
        };
        match timeout(self.time, query).await {
            Ok(Ok(rows)) => Ok(rows),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(StoreError::failed("PostgreSQL: the server did not answer in time")),
        }
    }

    async fn prepared(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        let known = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// A connection for one kind of work.
pub(crate) struct Link {
    server: Arc<Server>,
    time: Duration,
    connected: tokio::sync::Mutex<Option<Arc<Connected>>>,
}

impl Link {
    /// The statements of the connection take at most this time.
    pub(crate) fn new(server: Arc<Server>, time: Duration) -> Self {
        Self { server, time, connected: tokio::sync::Mutex::new(None) }
    }

    async fn connected(&self) -> Result<Arc<Connected>, StoreError> {
        let mut slot = self.connected.lock().await;
        if let Some(connected) = slot.as_ref().filter(|connected| !connected.client.is_closed()) {
            return Ok(Arc::clone(connected));
        }
        let connected = Arc::new(Connected::new(self.server.open(self.time).await?, self.time));
        *slot = Some(Arc::clone(&connected));
        Ok(connected)
    }

    /// The rows of a statement.
    pub(crate) async fn query(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, StoreError> {
        let connected = self.connected().await?;
        let result = connected.query(sql, values).await;
        if result.is_err() {
            // A new connection takes the place of one that may hang.
            let mut slot = self.connected.lock().await;
            slot.take_if(|other| Arc::ptr_eq(other, &connected));
        }
        result
    }
}
