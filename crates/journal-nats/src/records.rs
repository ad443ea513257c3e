//! Entries with their states, and the numbers of the journal.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tencent_im_callback_journal::{
    StoreError,
    store::{Filter, Record, State, Stats, partition},
};

use crate::{
    dead::DeadLetters,
    message::{Head, decode, millis, time},
    nats::{Inner, info},
    progress::{Open, Progress},
    read::AT_ONCE,
    reader::{PAGE, Reader, Start, sequence},
};

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
        let number = filter.key.as_ref().map(|key| partition(key, self.streams.partitions));
        let is_own = match (number, &*self.feeding.lock().await) {
            (Some(number), Some(feeding)) => feeding.partitions.contains_key(&number),
            _ => false,
        };
        // What this process feeds from it knows.
        if !is_own {
            self.look().await?;
        }
        let mut selected: BTreeMap<u64, Found> = BTreeMap::new();
        let mut end = u64::MAX;
        if filter.state != Some(State::Dead) {
            let subject = number.map_or_else(|| self.names.all_entries(), |number| self.names.entries_of(number));
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
        let select = |dead: &DeadLetters| {
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

    pub(crate) async fn stats(&self) -> Result<Stats, StoreError> {
        let mut stats = Stats::new();
        stats.bytes = self.measure().await?;
        stats.last_id = info(&self.streams.entries).await?.state.last_sequence;
        let mut summaries: BTreeMap<_, _> = BTreeMap::new();
        for (number, (_, summary)) in self.summaries().await? {
            summaries.insert(number, summary);
        }
        let dead =
            self.with_dead(|dead| dead.by_id.iter().map(|(id, letter)| (*id, letter.partition)).collect::<Vec<_>>());
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
