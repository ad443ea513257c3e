//! Makes the tables, and checks that the server keeps what it commits.

use std::time::Duration;

use tencent_im_callback_journal::StoreError;
use tokio_postgres::{Client, error::SqlState};

use crate::{append::OVERHEAD, errors::failed, link::Server};

/// The version of the tables that this program makes.
const VERSION: i32 = 1;

const TABLES: &str = include_str!("tables.sql");

/// Tables are made within this time.
const TIME: Duration = Duration::from_secs(30);

/// Returns the number of the journal's partitions.
pub(crate) async fn prepare(
    server: &Server,
    partitions: u32,
    is_existing: bool,
    accepts_loss: bool,
) -> Result<u32, StoreError> {
    let client = server.open(TIME).await?;
    let row = client.query_one("SHOW fsync", &[]).await.map_err(|error| failed(&error))?;
    let fsync: String = row.try_get(0).map_err(|error| failed(&error))?;
    if fsync == "off" && !accepts_loss {
        return Err(StoreError::failed(
            "PostgreSQL has `fsync = off`: it loses what it has committed when its machine fails. \
             Set `fsync = on` in postgresql.conf, or accept the loss by `PostgresBuilder::accept_loss`",
        ));
    }
    if let Some(partitions) = known(&client).await? {
        return Ok(partitions);
    }
    if is_existing {
        return Err(StoreError::failed(format!("the database has no journal in the schema {}", server.schema)));
    }
    make(server, &client, partitions).await.map_err(|error| failed(&error))?;
    known(&client).await?.ok_or(StoreError::Closed)
}

/// The number of the partitions of the journal that is there.
async fn known(client: &Client) -> Result<Option<u32>, StoreError> {
    let row = match client.query_one("SELECT version, partitions FROM journal", &[]).await {
        Ok(row) => row,
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    let (version, partitions): (i32, i32) =
        row.try_get(0).and_then(|version| Ok((version, row.try_get(1)?))).map_err(|error| failed(&error))?;
    if version > VERSION {
        return Err(StoreError::NewerVersion {
            found: u64::try_from(version).unwrap_or_default(),
            known: u64::try_from(VERSION).unwrap_or_default(),
        });
    }
    Ok(Some(u32::try_from(partitions).unwrap_or(1)))
}

async fn make(server: &Server, client: &Client, partitions: u32) -> Result<(), tokio_postgres::Error> {
    let (schema, class) = (&server.schema, server.class);
    let tables = TABLES
        .replace("{schema}", schema)
        .replace("{class}", &class.to_string())
        .replace("{overhead}", &OVERHEAD.to_string())
        .replace("{channel}", &server.channel());
    // Two programs may start at the same time: the second finds the tables of the first.
    let all = format!(
        "BEGIN; SELECT pg_advisory_xact_lock({class}, 2147483645); \
         DO $make$ BEGIN IF to_regclass('{schema_text}.journal') IS NULL THEN EXECUTE $tables$ {tables} $tables$; \
         INSERT INTO {schema}.journal (version, partitions) VALUES ({VERSION}, {partitions}); \
         INSERT INTO {schema}.owner (partition) SELECT generate_series(0, {partitions} - 1); END IF; END $make$; COMMIT",
        schema_text = schema.replace('\'', "''"),
    );
    client.batch_execute(&all).await
}
