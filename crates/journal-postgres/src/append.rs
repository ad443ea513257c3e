//! Appends: all that waits goes into one call of the database.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tencent_im_callback::{Entry, Key};
use tencent_im_callback_journal::{StoreError, store::partition};
use tokio::sync::{mpsc, oneshot};

use crate::{
    link::{Link, Server},
    read::{id, millis},
};

/// An append fails after this time. The endpoint answers after 1.7 seconds, the service waits for two.
pub const APPEND_TIME: Duration = Duration::from_millis(1_500);

/// So many calls wait at most.
const WAITING: usize = 4_096;

/// So many entries go into one call of the database.
const GROUP: usize = 1_024;

/// So many bytes of bodies go into one call of the database, and at least one entry.
const GROUP_BYTES: usize = 8 << 20;

/// About so many bytes of an entry are in rows and indexes beside its texts.
pub(crate) const OVERHEAD: usize = 400;

const APPEND: &str = "SELECT append($1, $2, $3, $4, $5, $6, $7, $8, $9)";

struct Call {
    entries: Vec<Entry>,
    answer: oneshot::Sender<Result<Vec<u64>, StoreError>>,
}

/// The sending end of the task that appends.
pub(crate) struct Appender(mpsc::Sender<Call>);

impl Appender {
    /// Starts the task. It ends when the appender is dropped.
    pub(crate) fn start(server: Arc<Server>, partitions: u32) -> Self {
        let (sender, mut calls) = mpsc::channel::<Call>(WAITING);
        let link = Link::new(server, APPEND_TIME);
        tokio::spawn(async move {
            let mut next = None;
            loop {
                let Some(first) = (match next.take() {
                    Some(call) => Some(call),
                    None => calls.recv().await,
                }) else {
                    return;
                };
                // Tasks that were answered with the group before append again now, and come into this one.
                let mut waiting = None;
                while waiting.is_none_or(|waiting| waiting < calls.len()) && calls.len() < GROUP {
                    waiting = Some(calls.len());
                    tokio::task::yield_now().await;
                }
                let mut group = vec![first];
                let (mut number, mut bytes) = size(&group[0]);
                while let Ok(call) = calls.try_recv() {
                    let (more, more_bytes) = size(&call);
                    if number + more > GROUP || bytes + more_bytes > GROUP_BYTES {
                        next = Some(call);
                        break;
                    }
                    (number, bytes) = (number + more, bytes + more_bytes);
                    group.push(call);
                }
                // Who has gone was answered with status 500: what has not begun need not be kept.
                group.retain(|call| !call.answer.is_closed());
                append(&link, partitions, group).await;
            }
        });
        Self(sender)
    }

    pub(crate) async fn append(&self, entries: Vec<Entry>) -> Result<Vec<u64>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let call = Call { entries, answer };
        let late = || StoreError::failed("PostgreSQL: an append was not answered in time");
        let append = async {
            self.0.send(call).await.map_err(|_| StoreError::Closed)?;
            answered.await.unwrap_or(Err(StoreError::Closed))
        };
        tokio::time::timeout(APPEND_TIME, append).await.unwrap_or_else(|_| Err(late()))
    }
}

fn size(call: &Call) -> (usize, usize) {
    (call.entries.len(), call.entries.iter().map(|entry| entry.body.len()).sum())
}

async fn append(link: &Link, partitions: u32, group: Vec<Call>) {
    // The identity of an entry may come twice in one group. The place of the first is the place of both.
    let mut first_places = HashMap::new();
    let mut places = Vec::new();
    let mut rows = Rows::default();
    for entry in group.iter().flat_map(|call| &call.entries) {
        let place = rows.app_ids.len();
        let first = entry.identity.as_ref().map(|identity| *first_places.entry(identity.clone()).or_insert(place));
        match first {
            Some(first) if first != place => places.push(first),
            _ => {
                rows.push(entry, partitions);
                places.push(place);
            }
        }
    }
    let result = if rows.app_ids.is_empty() { Ok(0) } else { rows.append(link).await };
    let mut places = places.into_iter();
    for Call { entries, answer } in group {
        let places = places.by_ref().take(entries.len());
        let ids = match &result {
            Ok(before) => Ok(places.map(|place| before + 1 + place as u64).collect()),
            Err(error) => {
                places.for_each(drop);
                Err(error.clone())
            }
        };
        // The task that waits may have ended.
        _ = answer.send(ids);
    }
}

/// The columns of the entries of a group.
#[derive(Default)]
struct Rows<'a> {
    partitions: Vec<i32>,
    app_ids: Vec<i64>,
    commands: Vec<&'a str>,
    queries: Vec<&'a str>,
    bodies: Vec<&'a [u8]>,
    received_ats: Vec<i64>,
    keys: Vec<Option<&'a str>>,
    identities: Vec<Option<&'a str>>,
    bytes: i64,
}

impl<'a> Rows<'a> {
    fn push(&mut self, entry: &'a Entry, partitions: u32) {
        let number = match (&entry.key, &entry.identity) {
            (Some(key), _) => partition(key, partitions),
            // Repetitions are found where they are in one partition.
            (None, Some(identity)) => partition(&Key::new(identity.as_ref()), partitions),
            (None, None) => fastrand::u32(..partitions),
        };
        self.partitions.push(i32::try_from(number).unwrap_or_default());
        self.app_ids.push(i64::try_from(entry.app_id).unwrap_or(i64::MAX));
        self.commands.push(&entry.command);
        self.queries.push(&entry.query);
        self.bodies.push(&entry.body);
        self.received_ats.push(millis(entry.received_at));
        self.keys.push(entry.key.as_ref().map(AsRef::as_ref));
        self.identities.push(entry.identity.as_ref().map(AsRef::as_ref));
        self.bytes += i64::try_from(entry.body.len() + entry.query.len() + OVERHEAD).unwrap_or_default();
    }

    /// Returns the id before the first.
    async fn append(&self, link: &Link) -> Result<u64, StoreError> {
        let Self { partitions, app_ids, commands, queries, bodies, received_ats, keys, identities, bytes } = self;
        let rows = link
            .query(APPEND, &[partitions, app_ids, commands, queries, bodies, received_ats, keys, identities, bytes])
            .await?;
        id(rows.first().ok_or(StoreError::Closed)?, 0)
    }
}
