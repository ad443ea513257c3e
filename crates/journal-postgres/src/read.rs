//! Rows of the database as entries and records.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tencent_im_callback::{Entry, Identity, Key};
use tencent_im_callback_journal::{
    StoreError,
    store::{Filter, Record, State, Stats, Unfinished},
};
use tokio_postgres::{Row, types::FromSql};

use crate::errors::failed;

pub(crate) const ENTRIES: &str = "SELECT app_id, command, query, body, received_at, key, identity, id \
     FROM entry WHERE id = ANY($1)";
pub(crate) const STATS: &str = "SELECT (SELECT count(*) FROM unfinished), (SELECT count(*) FROM dead), \
     (SELECT coalesce(max(id), 0) FROM entry), (SELECT bytes FROM journal), \
     (SELECT received_at FROM entry WHERE id = (SELECT min(id) FROM unfinished))";

/// The conditions of a filter, with the parameters `$1` to `$4`.
const FILTER: &str = "($1::text IS NULL OR e.command LIKE $1) AND ($2::text IS NULL OR e.key = $2) \
     AND ($3::bigint IS NULL OR e.received_at >= $3) AND ($4::bigint IS NULL OR e.received_at < $4)";

/// The entries of a state, as tables with a condition: an entry `e` with its partition's owner `o`, and with `u` where it is
/// taken and not finished, and `d` where it is a dead letter. The unfinished entries are in two parts: each is read by an
/// index from any id on.
const fn of_state(state: Option<State>) -> &'static [&'static str] {
    match state {
        Some(State::Unfinished) => &[
            "taken u JOIN entry e USING (id) JOIN owner o ON o.partition = e.partition LEFT JOIN dead d USING (id) WHERE",
            "entry e JOIN owner o USING (partition) LEFT JOIN taken u USING (id) LEFT JOIN dead d USING (id) \
             WHERE e.id > (SELECT min(taken_to) FROM owner) AND e.id > o.taken_to AND",
        ],
        Some(State::Dead) => &["dead d JOIN entry e USING (id) JOIN owner o USING (partition) \
             LEFT JOIN taken u ON u.id = e.id WHERE"],
        Some(State::Done) => &["entry e JOIN owner o USING (partition) LEFT JOIN taken u USING (id) \
             LEFT JOIN dead d USING (id) WHERE u.id IS NULL AND d.id IS NULL AND e.id <= o.taken_to AND"],
        _ => &["entry e JOIN owner o USING (partition) LEFT JOIN taken u USING (id) LEFT JOIN dead d USING (id) WHERE"],
    }
}

/// The statement that reads records with the ids above `$5`, at most `$6`.
pub(crate) fn records(state: Option<State>) -> String {
    let part = |of_state: &&str| {
        format!(
            "(SELECT e.app_id, e.command, e.query, e.body, e.received_at, e.key, e.identity, e.id, e.partition, \
             CASE WHEN u.id IS NOT NULL OR e.id > o.taken_to THEN 0 WHEN d.id IS NOT NULL THEN 2 ELSE 1 END, \
             coalesce(u.attempts, d.attempts, 0), u.due, coalesce(u.error, d.error), \
             coalesce(u.suspected, d.suspected, 0) \
             FROM {of_state} {FILTER} AND e.id > $5 ORDER BY e.id LIMIT $6)"
        )
    };
    let parts: Vec<_> = of_state(state).iter().map(part).collect();
    format!("SELECT * FROM ({}) all_parts ORDER BY id LIMIT $6", parts.join(" UNION ALL "))
}

/// The statement that counts records.
pub(crate) fn count(state: Option<State>) -> String {
    let part = |of_state: &&str| format!("(SELECT count(*) FROM {of_state} {FILTER})");
    let parts: Vec<_> = of_state(state).iter().map(part).collect();
    format!("SELECT {}", parts.join(" + "))
}

/// The values of [`FILTER`].
pub(crate) fn filter(filter: &Filter) -> (Option<String>, Option<&str>, Option<i64>, Option<i64>) {
    let like =
        |command: &String| command.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('*', "%");
    (
        filter.command.as_ref().map(like),
        filter.key.as_ref().map(Key::as_str),
        filter.since.map(millis),
        filter.until.map(millis),
    )
}

/// Milliseconds since 1970.
pub(crate) fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn time(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// An id as the database has it.
pub(crate) fn row_id(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T, StoreError> {
    row.try_get(column).map_err(|error| failed(&error))
}

/// The id or another number in this column.
pub(crate) fn id(row: &Row, column: usize) -> Result<u64, StoreError> {
    Ok(u64::try_from(get::<i64>(row, column)?).unwrap_or_default())
}

fn number(row: &Row, column: usize) -> Result<u32, StoreError> {
    Ok(u32::try_from(get::<i32>(row, column)?).unwrap_or_default())
}

/// From the columns `id, partition, key, attempts, due, error, suspected`.
pub(crate) fn unfinished(row: &Row) -> Result<Unfinished, StoreError> {
    let mut entry = Unfinished::new(id(row, 0)?, get::<Option<String>>(row, 2)?.map(Key::new));
    entry.partition = number(row, 1)?;
    entry.attempts = number(row, 3)?;
    entry.due = get::<Option<i64>>(row, 4)?.map(time);
    entry.error = get(row, 5)?;
    entry.suspected = number(row, 6)?;
    Ok(entry)
}

/// From the columns of [`ENTRIES`].
pub(crate) fn entry(row: &Row) -> Result<(u64, Entry), StoreError> {
    let (command, query): (String, String) = (get(row, 1)?, get(row, 2)?);
    let body = Bytes::from(get::<Vec<u8>>(row, 3)?);
    let entry = Entry::new(id(row, 0)?, command, query, body, time(get(row, 4)?))
        .with_key(get::<Option<String>>(row, 5)?.map(Key::new))
        .with_identity(get::<Option<String>>(row, 6)?.map(Identity::new));
    Ok((id(row, 7)?, entry))
}

/// From the columns of [`records`].
pub(crate) fn record(row: &Row) -> Result<Record, StoreError> {
    let (id, entry) = entry(row)?;
    let state = match get::<i32>(row, 9)? {
        0 => State::Unfinished,
        1 => State::Done,
        _ => State::Dead,
    };
    let mut record = Record::new(id, entry, state);
    record.partition = number(row, 8)?;
    record.attempts = number(row, 10)?;
    record.due = get::<Option<i64>>(row, 11)?.map(time);
    record.error = get(row, 12)?;
    record.suspected = number(row, 13)?;
    Ok(record)
}

/// From the columns of [`STATS`].
pub(crate) fn stats(row: &Row) -> Result<Stats, StoreError> {
    let mut stats = Stats::new();
    stats.unfinished = id(row, 0)?;
    stats.dead = id(row, 1)?;
    stats.last_id = id(row, 2)?;
    stats.bytes = id(row, 3)?;
    stats.oldest_unfinished = get::<Option<i64>>(row, 4)?.map(time);
    Ok(stats)
}
