//! Reading: entries, records and numbers.

use std::{
    collections::BTreeMap,
    sync::atomic::Ordering,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_nats::jetstream::{
    ErrorCode,
    message::StreamMessage,
    stream::{DirectGetErrorKind, RawMessageErrorKind, Stream},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tencent_im_callback::{Entry, Identity};
use tencent_im_callback_journal::{
    StoreError,
    store::{Fence, Filter, Record, State, Stats, Unfinished, partition},
};
use tokio::time::{sleep, timeout};

use crate::{
    feeding::{Feeding, fed},
    link::{API_TIME, PAGE, Reader, Start, fault, late, sequence},
    message::{Head, decode, millis, time},
    nats::{Inner, info},
    progress::{Open, Progress},
};

/// So many requests for messages are under way at once.
const AT_ONCE: usize = 64;

/// So many pages of the log are read before entries are given.
const PAGES: usize = 20;

/// So many identities are read at most, the newest ones.
const IDENTITIES: u64 = 200_000;

/// How often, and with which pause, a message is looked for that this process has just appended.
const LOOKS: usize = 20;
const LOOK_PAUSE: Duration = Duration::from_millis(1);

/// What is known of an entry besides its text.
#[derive(Debug, Clone)]
struct Found {
    id: u64,
    partition: u32,
    state: State,
    open: Option<Open>,
    attempts: u32,
}

impl Inner {
    pub(crate) async fn unfinished(&self, fence: Fence, from: u64, max: usize) -> Result<Vec<Unfinished>, StoreError> {
        let mut guard = self.feeding.lock().await;
        let feeding = fed(&mut guard, fence)?;
        feeding.given = feeding.given.min(from);
        self.read_log(feeding).await?;
        let ids = feeding.partitions.values().flat_map(|one| one.ids(from).take(max).map(|id| (id, one.number)));
        let mut ids: Vec<_> = ids.collect();
        ids.sort_unstable();
        ids.truncate(max);
        if let Some((last, _)) = ids.last() {
            feeding.given = feeding.given.max(last + 1);
        }
        let entries = ids.into_iter().filter_map(|(id, number)| feeding.partitions.get(&number)?.unfinished(id));
        Ok(entries.collect())
    }

    /// Reads the log of entries to its end, or many pages of it.
    async fn read_log(&self, feeding: &mut Feeding) -> Result<(), StoreError> {
        let mut wants_more = false;
        for partition in feeding.partitions.values_mut() {
            wants_more |= partition.wants_more();
        }
        if wants_more && let Some(reader) = feeding.reader.take() {
            reader.end().await;
        }
        if feeding.partitions.is_empty() {
            return Ok(());
        }
        let is_new = feeding.reader.is_none();
        match self.read_pages(feeding).await {
            Ok(()) => Ok(()),
            Err(error) => {
                feeding.reader = None;
                // The server may have started again, and has forgotten the reader.
                if is_new { Err(error) } else { self.read_pages(feeding).await }
            }
        }
    }

    async fn read_pages(&self, feeding: &mut Feeding) -> Result<(), StoreError> {
        let appended = self.last_appended.load(Ordering::Relaxed);
        let given = feeding.given;
        let (mut pages, mut looks) = (0, 0);
        while pages < PAGES {
            if feeding.reader.is_none() {
                let from = feeding.partitions.values().map(crate::index::Partition::position).min().unwrap_or_default();
                let from = Start::Sequence(from + 1);
                let reader = Reader::new(&self.streams.entries, self.names.all_entries(), from, true).await?;
                feeding.reader = Some(reader);
            }
            let Some(reader) = &mut feeding.reader else { continue };
            let page = reader.next(PAGE).await?;
            let length = page.len();
            let mut last = 0;
            for message in page {
                last = sequence(&message)?;
                let partition = self.names.partition_of(&message.subject);
                if partition.is_none_or(|partition| partition >= self.streams.partitions) {
                    tracing::warn!(sequence = last, "a message in the stream of entries is none; it is left out");
                }
                if let Some(partition) = partition.and_then(|partition| feeding.partitions.get_mut(&partition)) {
                    partition.read(last, Head::new(message.headers.as_ref()), given);
                }
            }
            for partition in feeding.partitions.values_mut() {
                partition.read_to(last);
            }
            pages += 1;
            if length == PAGE {
                continue;
            }
            // The server tells its readers of a message after it has acknowledged the message.
            let known = feeding.partitions.values().map(crate::index::Partition::position).max().unwrap_or_default();
            if known >= appended || feeding.sought >= appended {
                break;
            }
            if looks == LOOKS {
                // It may have been removed meanwhile.
                feeding.sought = appended;
                break;
            }
            looks += 1;
            sleep(LOOK_PAUSE).await;
        }
        Ok(())
    }

    pub(crate) async fn entries(&self, ids: &[u64]) -> Result<Vec<(u64, Entry)>, StoreError> {
        let found = stream::iter(ids.to_vec()).map(|id| async move { Ok::<_, StoreError>((id, self.entry(id).await?)) });
        let found: Vec<_> = found.buffer_unordered(AT_ONCE).try_collect().await?;
        let mut entries = Vec::with_capacity(found.len());
        for (id, entry) in found {
            match entry {
                Some((entry, _)) => entries.push((id, entry)),
                None => _ = self.missing().insert(id),
            }
        }
        Ok(entries)
    }

    /// An entry, and the error of its dead letter. `None` if it was removed, or is the message of another program.
    async fn entry(&self, id: u64) -> Result<Option<(Entry, Option<String>)>, StoreError> {
        let payload = match self.message(id).await? {
            Some(message) => message.payload,
            None => match self.dead_letter(id).await? {
                Some(message) => message.payload,
                None => return Ok(None),
            },
        };
        match decode(&payload) {
            Ok(entry) => Ok(Some(entry)),
            Err(fault) => {
                tracing::warn!(sequence = id, fault, "a message in the stream of entries is none; it is left out");
                Ok(None)
            }
        }
    }

    /// The message of an entry.
    pub(crate) async fn message(&self, id: u64) -> Result<Option<StreamMessage>, StoreError> {
        get(&self.streams.entries, id).await
    }

    async fn dead_letter(&self, id: u64) -> Result<Option<StreamMessage>, StoreError> {
        match self.with_dead(|dead| dead.by_id.get(&id).map(|letter| letter.sequence)).await? {
            Some(sequence) => get(&self.streams.dead, sequence).await,
            None => Ok(None),
        }
    }

    /// Reads the progress of partitions that this process does not feed from, as far as it has changed.
    async fn look(&self) -> Result<(), StoreError> {
        let summaries = self.summaries().await?;
        let mut views = self.views.lock().await;
        for (number, (last, _)) in summaries {
            let view = views.entry(number).or_default();
            if view.last != last {
                self.read_progress(number, view).await?;
            }
        }
        Ok(())
    }

    /// What is known of entries, of which some have dead letters. The last [look](Self::look) counts.
    async fn found(&self, entries: &[(u64, u32)]) -> Result<Vec<Found>, StoreError> {
        let nothing = Progress::default();
        let dead = self.with_dead(|dead| {
            let attempts = |(id, _): &(u64, u32)| Some(dead.by_id.get(id)?.head.attempts);
            entries.iter().map(attempts).collect::<Vec<_>>()
        });
        let dead = dead.await?;
        let feeding = self.feeding.lock().await;
        let views = self.views.lock().await;
        let found = entries.iter().zip(dead).map(|((id, number), dead)| {
            let own = feeding.as_ref().and_then(|feeding| feeding.partitions.get(number)).map(|one| &one.progress);
            let progress = own.or_else(|| views.get(number)).unwrap_or(&nothing);
            let open = progress.open.get(id).cloned();
            let attempts = open.as_ref().map(|open| open.attempts).or(dead).unwrap_or_default();
            Found { id: *id, partition: *number, state: progress.state(*id, dead.is_some()), open, attempts }
        });
        Ok(found.collect())
    }

    /// Entries that `filter` selects, with ids above `after`, by id, at most `max` of them.
    async fn select(&self, filter: &Filter, after: u64, max: usize) -> Result<Vec<Found>, StoreError> {
        self.look().await?;
        let mut selected: BTreeMap<u64, Found> = BTreeMap::new();
        let mut end = u64::MAX;
        if filter.state != Some(State::Dead) {
            let subject = match &filter.key {
                Some(key) => self.names.entries_of(partition(key, self.streams.partitions)),
                None => self.names.all_entries(),
            };
            let from = Start::Sequence(after.saturating_add(1));
            let mut reader = Reader::new(&self.streams.entries, subject, from, true).await?;
            'pages: loop {
                let page = reader.next_known(PAGE).await?;
                if page.is_empty() {
                    break;
                }
                let mut matching = Vec::new();
                for message in &page {
                    if let Some(number) = self.names.partition_of(&message.subject)
                        && matches(filter, &Head::new(message.headers.as_ref()))
                    {
                        matching.push((sequence(message)?, number));
                    }
                }
                for found in self.found(&matching).await? {
                    if filter.state.is_none_or(|state| state == found.state) {
                        end = found.id;
                        selected.insert(found.id, found);
                        if selected.len() >= max {
                            break 'pages;
                        }
                    }
                }
            }
            reader.end().await;
            if selected.len() < max {
                end = u64::MAX;
            }
        }
        // Dead letters outlive their entries.
        let select = |dead: &crate::dead::DeadLetters| {
            let above = dead.by_id.range(after.saturating_add(1)..);
            let matching = above.filter(|(id, letter)| **id <= end && matches(filter, &letter.head));
            matching.map(|(id, letter)| (*id, letter.partition)).collect::<Vec<_>>()
        };
        let matching = self.with_dead(select).await?;
        for page in matching.chunks(PAGE) {
            for found in self.found(page).await? {
                if filter.state.is_none_or(|state| state == found.state) {
                    selected.insert(found.id, found);
                }
            }
            if filter.state == Some(State::Dead) && selected.len() >= max {
                break;
            }
        }
        Ok(selected.into_values().take(max).collect())
    }

    pub(crate) async fn records(&self, filter: &Filter, after: u64, max: usize) -> Result<Vec<Record>, StoreError> {
        let selected = self.select(filter, after, max).await?;
        let read = stream::iter(selected).map(|found| async move {
            let error = match found.state {
                State::Dead => self.dead_letter(found.id).await?.and_then(|letter| decode(&letter.payload).ok()?.1),
                _ => None,
            };
            Ok::<_, StoreError>(self.entry(found.id).await?.map(|(entry, _)| (found, entry, error)))
        });
        let read: Vec<_> = read.buffered(AT_ONCE).try_collect().await?;
        let records = read.into_iter().flatten().map(|(found, entry, error)| {
            let mut record = Record::new(found.id, entry, found.state);
            record.partition = found.partition;
            record.attempts = found.attempts;
            record.error = error;
            if let Some(open) = found.open {
                record.due = open.due.map(time);
                record.error = open.error;
                record.suspected = open.suspected;
            }
            record
        });
        Ok(records.collect())
    }

    pub(crate) async fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        let (mut count, mut after) = (0, 0);
        loop {
            let page = self.select(filter, after, 100 * PAGE).await?;
            count += page.len() as u64;
            match page.last() {
                Some(last) if page.len() == 100 * PAGE => after = last.id,
                _ => return Ok(count),
            }
        }
    }

    /// Which of these entries are finished, with their partitions.
    pub(crate) async fn finished(&self, ids: &[u64]) -> Result<Vec<(u64, u32)>, StoreError> {
        self.look().await?;
        let heads = stream::iter(ids.to_vec()).map(|id| async move { Ok::<_, StoreError>((id, self.head(id).await?)) });
        let heads: Vec<_> = heads.buffered(AT_ONCE).try_collect().await?;
        let known: Vec<_> = heads.into_iter().filter_map(|(id, head)| Some((id, head?.0))).collect();
        let found = self.found(&known).await?.into_iter();
        Ok(found.filter(|found| found.state != State::Unfinished).map(|found| (found.id, found.partition)).collect())
    }

    pub(crate) async fn identities_since(&self, since: SystemTime) -> Result<Vec<Identity>, StoreError> {
        let last = info(&self.streams.entries).await?.state.last_sequence;
        let start = self.first_since(since).await?.max(last.saturating_sub(IDENTITIES));
        let from = Start::Sequence(start);
        let mut reader = Reader::new(&self.streams.entries, self.names.all_entries(), from, true).await?;
        let mut identities = Vec::new();
        loop {
            let page = reader.next_known(PAGE).await?;
            if page.is_empty() {
                reader.end().await;
                return Ok(identities);
            }
            identities.extend(page.iter().filter_map(|message| Head::new(message.headers.as_ref()).identity));
        }
    }

    /// The id of the first entry that was appended at this time or later.
    pub(crate) async fn first_since(&self, since: SystemTime) -> Result<u64, StoreError> {
        let Ok(time) = since.duration_since(UNIX_EPOCH) else { return Ok(1) };
        if time.is_zero() {
            return Ok(1);
        }
        let nanos = i128::try_from(time.as_nanos().min(1 << 62)).unwrap_or(i128::MAX);
        let reader = Reader::new(&self.streams.entries, self.names.all_entries(), Start::Time(nanos), true).await?;
        let first = reader.start();
        reader.end().await;
        Ok(first)
    }

    pub(crate) async fn stats(&self) -> Result<Stats, StoreError> {
        let mut stats = Stats::new();
        stats.bytes = self.measure().await?;
        stats.last_id = info(&self.streams.entries).await?.state.last_sequence;
        let mut summaries: BTreeMap<_, _> = BTreeMap::new();
        for (number, (_, summary)) in self.summaries().await? {
            summaries.insert(number, summary);
        }
        let dead = self.with_dead(|dead| dead.by_id.iter().map(|(id, letter)| (*id, letter.partition)).collect::<Vec<_>>());
        let dead = dead.await?;
        stats.dead = dead.len() as u64;
        if let Some(feeding) = &*self.feeding.lock().await {
            for (number, partition) in &feeding.partitions {
                summaries.insert(*number, partition.summary(&self.worker, feeding.fence, false));
            }
            // A dead letter that was retried is none.
            let is_open = |(id, number): &&(u64, u32)| {
                feeding.partitions.get(number).is_some_and(|partition| partition.progress.is_unfinished(*id))
            };
            stats.dead -= dead.iter().filter(is_open).count() as u64;
        }
        for number in 0..self.streams.partitions {
            let summary = summaries.remove(&number).unwrap_or_default();
            stats.unfinished += summary.unfinished;
            let mut oldest = summary.oldest;
            if summary.position < stats.last_id {
                let from = Start::Sequence(summary.position + 1);
                let mut reader = Reader::new(&self.streams.entries, self.names.entries_of(number), from, true).await?;
                stats.unfinished += reader.left();
                if oldest.is_none()
                    && let Some(first) = reader.next_known(1).await?.first()
                {
                    oldest = Some(Head::new(first.headers.as_ref()).received_at);
                }
                reader.end().await;
            }
            stats.oldest_unfinished = match (stats.oldest_unfinished, oldest.map(time)) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        Ok(stats)
    }
}

/// A message of a stream.
async fn get(stream: &Stream<()>, sequence: u64) -> Result<Option<StreamMessage>, StoreError> {
    match timeout(API_TIME, stream.direct_get(sequence)).await.map_err(|_| late())? {
        Ok(message) => return Ok(Some(message)),
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => {}
        Err(error) => return Err(fault("a message cannot be read", &error)),
    }
    // A replica may not have it yet; the leader has.
    match timeout(API_TIME, stream.get_raw_message(sequence)).await.map_err(|_| late())? {
        Ok(message) => Ok(Some(message)),
        Err(error) => match error.kind() {
            RawMessageErrorKind::NoMessageFound => Ok(None),
            RawMessageErrorKind::JetStream(error) if error.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(None),
            _ => Err(fault("a message cannot be read", &error)),
        },
    }
}

/// Whether a message has all that the filter asks for, but for its state.
fn matches(filter: &Filter, head: &Head) -> bool {
    let Filter { command, key, since, until, .. } = filter;
    command.as_ref().is_none_or(|command| is_like(&head.command, command))
        && key.as_ref().is_none_or(|key| head.key.as_ref() == Some(key))
        && since.is_none_or(|since| head.received_at >= millis(since))
        && until.is_none_or(|until| head.received_at < millis(until))
}

/// Whether a text is like a pattern in which `*` is any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, is_one) in [
            ("Group.*", true),
            ("Group.*1", true),
            ("*", true),
            ("Group.Command1", true),
            ("*C*a*1", true),
            ("Group.*2", false),
            ("Group", false),
            ("Other.*", false),
            ("Group.Command1*1", false),
        ] {
            assert_eq!(is_like("Group.Command1", pattern), is_one, "{pattern}");
        }
    }
}
