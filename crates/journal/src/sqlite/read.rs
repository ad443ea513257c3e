//! What is read from the database.

use bytes::Bytes;
use rusqlite::{
    Connection, OptionalExtension, Row, params, params_from_iter,
    types::{Type, Value},
};
use tencent_im_callback::{Entry, Identity, Key};

use super::{
    id, millis, row,
    schema::{DEAD, DONE, UNFINISHED},
    time,
};
use crate::store::{Filter, Record, State, Stats, Unfinished};

pub(super) fn unfinished(
    connection: &Connection,
    key: Option<&Key>,
    from: u64,
    max: usize,
) -> rusqlite::Result<Vec<Unfinished>> {
    let condition = if key.is_some() { "key = ?3" } else { "?3 IS NULL" };
    let mut select = connection.prepare_cached(&format!(
        "SELECT id, key, attempts, due, error, suspected FROM entry \
         WHERE state = 0 AND id >= ?1 AND {condition} ORDER BY id LIMIT ?2"
    ))?;
    let rows = select.query_map(params![row(from), row(max as u64), key.map(Key::as_str)], unfinished_of)?;
    rows.collect()
}

/// From the columns `id, key, attempts, due, error, suspected`.
pub(super) fn unfinished_of(row: &Row<'_>) -> rusqlite::Result<Unfinished> {
    let mut entry = Unfinished::new(id(row.get(0)?), row.get::<_, Option<String>>(1)?.map(Key::new));
    entry.attempts = row.get(2)?;
    entry.due = row.get::<_, Option<i64>>(3)?.map(time);
    entry.error = row.get(4)?;
    entry.suspected = row.get(5)?;
    Ok(entry)
}

const ENTRY: &str = "app_id, command, query, body, received_at, key, identity";

fn entry_of(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let (app_id, command, query): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (body, received_at): (Vec<u8>, i64) = (row.get(3)?, row.get(4)?);
    let (key, identity): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    Ok(Entry::new(id(app_id), command, query, Bytes::from(body), time(received_at))
        .with_key(key.map(Key::new))
        .with_identity(identity.map(Identity::new)))
}

pub(super) fn entries(connection: &Connection, ids: &[u64]) -> rusqlite::Result<Vec<(u64, Entry)>> {
    let mut select = connection.prepare_cached(&format!("SELECT {ENTRY} FROM entry WHERE id = ?"))?;
    let entries = ids.iter().filter_map(|id| match select.query_row([row(*id)], entry_of).optional() {
        Ok(entry) => Some(Ok((*id, entry?))),
        Err(error) => Some(Err(error)),
    });
    entries.collect()
}

pub(super) fn records(
    connection: &Connection,
    filter: &Filter,
    after: u64,
    max: usize,
) -> rusqlite::Result<Vec<Record>> {
    let (conditions, mut values) = condition(filter);
    values.extend([Value::from(row(after)), Value::from(row(max as u64))]);
    let mut select = connection.prepare_cached(&format!(
        "SELECT {ENTRY}, id, state, attempts, due, error, suspected FROM entry \
         WHERE {conditions} AND id > ? ORDER BY id LIMIT ?"
    ))?;
    let rows = select.query_map(params_from_iter(values), |row| {
        let state = match row.get(8)? {
            UNFINISHED => State::Unfinished,
            DONE => State::Done,
            DEAD => State::Dead,
            other => {
                return Err(rusqlite::Error::FromSqlConversionFailure(
                    8,
                    Type::Integer,
                    format!("state {other}").into(),
                ));
            }
        };
        let mut record = Record::new(id(row.get(7)?), entry_of(row)?, state);
        record.attempts = row.get(9)?;
        record.due = row.get::<_, Option<i64>>(10)?.map(time);
        record.error = row.get(11)?;
        record.suspected = row.get(12)?;
        Ok(record)
    })?;
    rows.collect()
}

pub(super) fn count(connection: &Connection, filter: &Filter) -> rusqlite::Result<u64> {
    let (conditions, values) = condition(filter);
    let mut select = connection.prepare_cached(&format!("SELECT count(*) FROM entry WHERE {conditions}"))?;
    select.query_row(params_from_iter(values), |row| row.get(0)).map(id)
}

/// The condition of a filter, and the values of its parameters.
fn condition(filter: &Filter) -> (String, Vec<Value>) {
    let Filter { state, command, key, since, until } = filter;
    let mut conditions = vec![match state {
        None => "TRUE",
        Some(State::Unfinished) => "state = 0",
        Some(State::Done) => "state = 1",
        Some(State::Dead) => "state = 2",
    }];
    let mut values = Vec::new();
    let mut with = |condition, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(value);
        }
    };
    // Besides `*` these have a meaning for GLOB; a command has none of them.
    with("command GLOB ?", command.as_ref().map(|command| command.replace(['?', '['], "").into()));
    with("key = ?", key.as_ref().map(|key| key.as_str().to_owned().into()));
    with("received_at >= ?", since.map(|since| millis(since).into()));
    with("received_at < ?", until.map(|until| millis(until).into()));
    (conditions.join(" AND "), values)
}

/// The newest entries, as far back as this time. Entries are nearly in the order of their times.
pub(super) fn identities_since(connection: &Connection, since: i64) -> rusqlite::Result<Vec<Identity>> {
    let mut select =
        connection.prepare_cached("SELECT received_at, identity FROM entry ORDER BY id DESC LIMIT 1000000")?;
    let mut rows = select.query([])?;
    let mut identities = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? < since {
            break;
        }
        identities.extend(row.get::<_, Option<String>>(1)?.map(Identity::new));
    }
    Ok(identities)
}

pub(super) fn bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let pragma =
        |name: &str| -> rusqlite::Result<i64> { connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)) };
    Ok(id((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?))
}

pub(super) fn stats(connection: &Connection) -> rusqlite::Result<Stats> {
    let count = |state: i64| -> rusqlite::Result<u64> {
        let mut select = connection.prepare_cached(&format!("SELECT count(*) FROM entry WHERE state = {state}"))?;
        select.query_row([], |row| row.get(0)).map(id)
    };
    let mut oldest = connection.prepare_cached("SELECT received_at FROM entry WHERE state = 0 ORDER BY id LIMIT 1")?;
    let mut stats = Stats::new();
    stats.unfinished = count(UNFINISHED)?;
    stats.dead = count(DEAD)?;
    stats.oldest_unfinished = oldest.query_row([], |row| row.get(0)).optional()?.map(time);
    let last = "SELECT seq FROM sqlite_sequence WHERE name = 'entry'";
    stats.last_id = connection.query_row(last, [], |row| row.get(0)).optional()?.map(id).unwrap_or_default();
    stats.bytes = bytes(connection)?;
    Ok(stats)
}
