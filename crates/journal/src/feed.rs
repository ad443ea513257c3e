//! Calls the methods for the entries of a journal.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tencent_im_callback::{Attempt, DeliveryError, Endpoint, Entry, Key};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::{
    error::{Permanent, RetryAfter},
    metered,
    schedule::{After, Item, KEY_WINDOW, Schedule},
    settings::{OnDead, Settings},
    store::{Change, Fence, Filter, State, Store, StoreError, Unfinished},
};

/// A feeding process shows this often that it still feeds.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How long to wait for appended entries at a time. Appends of other processes are seen after this time.
const PATIENCE: Duration = Duration::from_millis(200);

/// How often old entries are removed, and the numbers of the metrics are read.
const HOUSEKEEPING: Duration = Duration::from_secs(10);

/// An unfinished entry of this age is worth a line in the log, as often as that.
const OLD: Duration = Duration::from_secs(300);

/// The pause after a failure of the store.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// So many entries are read at once.
const PAGE: usize = 1_000;

/// So many dead letters are read at once, with their bodies.
const HOLD_PAGE: usize = 100;

/// An entry in hand at so many ends of the process is delivered while no other is.
const SUSPECT_ALONE: u32 = 3;

/// An entry in hand at so many ends of the process is a dead letter.
const SUSPECT_DEAD: u32 = 5;

/// The calls of methods for the entries of a journal: see [`Journal::feed`](crate::Journal::feed).
///
/// When this is dropped, the calls go on until the runtime ends.
#[must_use = "the feed is ended by `stop`"]
pub struct Feed {
    /// When the calls have to end, if they have to.
    stop_by: watch::Sender<Option<Instant>>,
    task: JoinHandle<()>,
}

impl Feed {
    pub(crate) fn start(store: Arc<dyn Store>, settings: Settings, endpoint: Endpoint) -> Self {
        let (stop_by, stopped) = watch::channel(None);
        let feeder = Feeder { store, settings, endpoint, stopped };
        Self { stop_by, task: tokio::spawn(feeder.run()) }
    }

    /// Calls no more methods, and waits for at most `time` for those that run.
    ///
    /// A method that has not ended by then is dropped where it waits, and is called again after the next start. So is
    /// everything that was not begun.
    pub async fn stop(self, time: Duration) {
        self.stop_by.send_replace(Some(Instant::now() + time));
        // A panic of the task is logged by tokio's hook; what it has not done is done after the next start.
        _ = self.task.await;
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

struct Feeder {
    store: Arc<dyn Store>,
    settings: Settings,
    endpoint: Endpoint,
    stopped: watch::Receiver<Option<Instant>>,
}

/// Why the feeding ended.
enum End {
    Stopped,
    Failed(StoreError),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Feeder {
    /// Feeds whenever this process is the one that may.
    async fn run(mut self) {
        let mut waits = false;
        let mut own = None;
        while !self.is_stopped() {
            match self.store.acquire(own).await {
                Ok(Some(fence)) => {
                    waits = false;
                    own = Some(fence);
                    metered::owner(true);
                    let end = Feeding::new(&self, fence).run().await;
                    metered::owner(false);
                    match end {
                        End::Stopped => {
                            if let Err(error) = self.store.release(fence).await {
                                tracing::warn!(%error, "the journal was not released for other processes");
                            }
                        }
                        End::Failed(StoreError::Fenced) => {
                            tracing::warn!("another process has taken over the journal; this one waits");
                        }
                        End::Failed(error) => {
                            tracing::error!(%error, "the journal cannot be read or written; it is tried again");
                            self.pause(STORE_PAUSE).await;
                        }
                    }
                }
                Ok(None) => {
                    if !waits {
                        tracing::warn!("the journal is read by another process; this one waits");
                        waits = true;
                    }
                    self.pause(HEARTBEAT).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the journal cannot be read or written; it is tried again");
                    self.pause(STORE_PAUSE).await;
                }
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.borrow().is_some()
    }

    async fn pause(&mut self, time: Duration) {
        tokio::select! {
            () = sleep(time) => {}
            _ = self.stopped.changed() => {}
        }
    }
}

/// A call of a method has ended.
struct Ended {
    item: Item,
    command: String,
    result: Result<(), DeliveryError>,
}

/// The feeding with one fence.
struct Feeding<'a> {
    feeder: &'a Feeder,
    fence: Fence,
    /// The partitions that this process feeds from.
    partitions: BTreeSet<u32>,
    /// Those of them that it gives up: nothing of them begins any more.
    leaving: BTreeSet<u32>,
    schedule: Schedule,
    running: JoinSet<Ended>,
    /// The entries whose methods run, and their partitions.
    in_hand: BTreeMap<u64, u32>,
    /// To be written with the next group.
    changes: Vec<Change>,
    /// The entries from here on are not in memory.
    next_id: u64,
    /// Whether there was nothing behind `next_id` at the last look.
    is_at_end: bool,
    /// Keys with more entries than were in memory, and the ids from which these are to be read.
    overflows: Vec<(Key, u64)>,
    /// A suspect that waits until no other method runs.
    alone: Option<Item>,
    /// A suspect runs alone.
    is_alone: bool,
    /// When the log last had a line about an old entry.
    warned_at: Option<Instant>,
}

impl<'a> Feeding<'a> {
    fn new(feeder: &'a Feeder, fence: Fence) -> Self {
        Self {
            feeder,
            fence,
            partitions: BTreeSet::new(),
            leaving: BTreeSet::new(),
            schedule: Schedule::default(),
            running: JoinSet::new(),
            in_hand: BTreeMap::new(),
            changes: Vec::new(),
            next_id: 0,
            is_at_end: false,
            overflows: Vec::new(),
            alone: None,
            is_alone: false,
            warned_at: None,
        }
    }

    async fn run(mut self) -> End {
        let end = match self.renew().await {
            Ok(()) => self.deliver().await,
            Err(error) => error.into(),
        };
        // Dropped, and begun again by the process that feeds then.
        self.running.abort_all();
        while self.running.join_next().await.is_some() {}
        end
    }

    /// Shows that this process feeds, and takes what is its share of the partitions.
    async fn renew(&mut self) -> Result<(), StoreError> {
        let share = self.feeder.store.renew(self.fence).await?;
        let partitions: BTreeSet<_> = share.partitions.into_iter().collect();
        let gained: BTreeSet<_> = partitions.difference(&self.partitions).copied().collect();
        for partition in share.surplus {
            if self.leaving.insert(partition) {
                // A suspect that waits was not begun.
                if let Some(item) = self.alone.take_if(|item| item.partition == partition) {
                    self.schedule.finished(item, After::Finished);
                }
                self.schedule.leave(partition);
            }
        }
        if partitions != self.partitions {
            metered::partitions(partitions.len());
            tracing::info!(partitions = partitions.len(), "this process feeds from so many partitions of the journal");
        }
        self.partitions = partitions;
        if share.again || !gained.is_empty() {
            // What is in memory already is read again, and left out.
            (self.next_id, self.is_at_end) = (0, false);
        }
        if !gained.is_empty() {
            self.hold_keys(&gained).await?;
        }
        Ok(())
    }

    /// Gives up the partitions that it is leaving and of which no method runs any more.
    async fn leave(&mut self) -> Result<(), StoreError> {
        let left = self.leaving.iter().copied().filter(|left| self.in_hand.values().all(|partition| partition != left));
        for partition in left.collect::<Vec<_>>() {
            // Of what has ended meanwhile.
            self.settle().await?;
            self.schedule.leave(partition);
            self.feeder.store.give_up(self.fence, partition).await?;
            self.partitions.remove(&partition);
            self.leaving.remove(&partition);
            metered::partitions(self.partitions.len());
        }
        Ok(())
    }

    /// Holds the keys of these partitions that have dead letters from an earlier feeding.
    async fn hold_keys(&mut self, partitions: &BTreeSet<u32>) -> Result<(), StoreError> {
        if self.feeder.settings.on_dead != OnDead::HoldKey {
            return Ok(());
        }
        let filter = Filter { state: Some(State::Dead), ..Filter::default() };
        let mut after = 0;
        loop {
            let page = self.feeder.store.records(&filter, after, HOLD_PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for record in page.into_iter().filter(|record| partitions.contains(&record.partition)) {
                if let Some(key) = record.entry.key {
                    self.schedule.hold(key, record.partition);
                }
            }
        }
    }

    async fn deliver(&mut self) -> End {
        let (mut renewed_at, mut kept_house_at) = (Instant::now(), None::<Instant>);
        let mut stopped = self.feeder.stopped.clone();
        loop {
            let stop_by = *stopped.borrow_and_update();
            if let Some(stop_by) = stop_by
                && (self.running.is_empty() || Instant::now() >= stop_by)
            {
                return self.stop().await;
            }
            if let Err(error) = self.step(stop_by.is_some()).await {
                return error.into();
            }
            if renewed_at.elapsed() >= HEARTBEAT {
                renewed_at = Instant::now();
                if let Err(error) = self.renew().await {
                    return error.into();
                }
                if let Err(error) = self.load_retried().await {
                    return error.into();
                }
            }
            if kept_house_at.is_none_or(|at| at.elapsed() >= HOUSEKEEPING) {
                kept_house_at = Some(Instant::now());
                if let Err(error) = self.keep_house().await {
                    return error.into();
                }
            }
            let heartbeat = HEARTBEAT.saturating_sub(renewed_at.elapsed());
            // Without room what is due waits for the end of a method.
            let next_due = self.schedule.next_due().filter(|_| self.has_room());
            let wake_at = if stop_by.is_some() { stop_by } else { next_due };
            let wait = wake_at.map_or(heartbeat, |at| at.saturating_duration_since(Instant::now()).min(heartbeat));
            let may_load = self.is_at_end && self.schedule.loaded() < self.feeder.settings.window;
            tokio::select! {
                Some(ended) = self.running.join_next() => {
                    self.ended(ended);
                    // All that have ended go into one group.
                    while let Some(ended) = self.running.try_join_next() {
                        self.ended(ended);
                    }
                }
                () = self.feeder.store.appended(PATIENCE), if may_load && stop_by.is_none() => self.is_at_end = false,
                () = sleep(wait) => {}
                _ = stopped.changed(), if stop_by.is_none() => {}
            }
        }
    }

    /// Writes what has changed, reads entries, and begins as many as can be begun.
    async fn step(&mut self, is_stopping: bool) -> Result<(), StoreError> {
        // Before it reads, so that it does not read what has just ended.
        self.settle().await?;
        self.leave().await?;
        if is_stopping {
            return Ok(());
        }
        self.load().await?;
        let items = self.next_items();
        if items.is_empty() {
            return self.settle().await;
        }
        // What is begun is written before it begins: an entry that ends the process has to be known afterwards.
        self.changes.extend(items.iter().map(|item| Change::Started { id: item.id }));
        let ids: Vec<_> = items.iter().map(|item| item.id).collect();
        let store = &self.feeder.store;
        let changes = std::mem::take(&mut self.changes);
        let ((), entries) = tokio::try_join!(store.settle(self.fence, changes), store.entries(&ids))?;
        let mut entries: BTreeMap<_, _> = entries.into_iter().collect();
        for item in items {
            match entries.remove(&item.id) {
                Some(entry) => self.begin(item, entry),
                None => self.removed(item),
            }
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), StoreError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        self.feeder.store.settle(self.fence, std::mem::take(&mut self.changes)).await
    }

    async fn load(&mut self) -> Result<(), StoreError> {
        for (key, from) in std::mem::take(&mut self.overflows) {
            // One more than there is room for, so that the schedule knows whether there are more.
            let page = self.feeder.store.unfinished_of(self.fence, &key, from, KEY_WINDOW + 1).await?;
            self.take_known(page);
        }
        while !self.is_at_end && self.schedule.loaded() < self.feeder.settings.window {
            let page = self.feeder.store.unfinished(self.fence, self.next_id, PAGE).await?;
            self.is_at_end = page.len() < PAGE;
            for entry in page {
                self.next_id = entry.id + 1;
                self.take(entry);
            }
        }
        Ok(())
    }

    /// Takes entries that were read before. Those behind `next_id` are read later.
    fn take_known(&mut self, entries: Vec<Unfinished>) {
        for entry in entries {
            if entry.id < self.next_id {
                self.take(entry);
            }
        }
    }

    fn take(&mut self, entry: Unfinished) {
        if self.leaving.contains(&entry.partition) {
            return;
        }
        if entry.suspected >= SUSPECT_DEAD {
            let error = format!("the process has ended {} times while the entry was in hand", entry.suspected);
            tracing::error!(id = entry.id, error, "a callback is a dead letter");
            self.changes.push(Change::Dead { id: entry.id, attempts: entry.attempts, error });
            if self.feeder.settings.on_dead == OnDead::HoldKey
                && let Some(key) = entry.key
            {
                self.schedule.hold(key, entry.partition);
            }
            return;
        }
        // A clock that was set back must not hold an entry up for longer than the longest pause.
        let longest = *self.feeder.settings.backoff.end();
        let left = entry.due.and_then(|due| due.duration_since(SystemTime::now()).ok());
        let due = left.map(|left| Instant::now() + left.min(longest));
        self.schedule.load(entry, due);
    }

    /// Whether another method may be called now.
    fn has_room(&self) -> bool {
        self.running.len() < self.feeder.settings.at_once && !self.is_alone && self.alone.is_none()
    }

    fn next_items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        if self.is_alone {
            return items;
        }
        let now = Instant::now();
        while self.running.len() + items.len() < self.feeder.settings.at_once {
            let Some(item) = self.alone.take().or_else(|| self.schedule.next(now)) else { break };
            if item.suspected < SUSPECT_ALONE {
                items.push(item);
            } else if self.running.is_empty() && items.is_empty() {
                self.is_alone = true;
                items.push(item);
                break;
            } else {
                self.alone = Some(item);
                break;
            }
        }
        items
    }

    fn begin(&mut self, item: Item, entry: Entry) {
        let endpoint = self.feeder.endpoint.clone();
        let time = self.feeder.settings.attempt_time;
        self.in_hand.insert(item.id, item.partition);
        metered::in_hand(self.in_hand.len());
        self.running.spawn(async move {
            let attempt = Attempt::new(item.id, item.attempts + 1, entry.received_at);
            let attempt = attempt.with_last_error(item.error.clone());
            let command = entry.command.clone();
            let result = endpoint.deliver(entry, attempt, time).await;
            Ended { item, command, result }
        });
    }

    /// The entry of an item was removed before its method was called.
    fn removed(&mut self, item: Item) {
        self.is_alone = false;
        self.overflows.extend(self.schedule.finished(item, After::Finished));
    }

    fn ended(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        // The task does nothing of its own that could panic, and is aborted only at the end.
        let Ok(Ended { item, command, result }) = ended else { return };
        self.in_hand.remove(&item.id);
        metered::in_hand(self.in_hand.len());
        self.is_alone = false;
        metered::attempt(&command, result.as_ref().err());
        let after = match result {
            Ok(()) => {
                self.changes.push(Change::Done { id: item.id });
                After::Finished
            }
            Err(error) => self.failed(&item, &command, &error),
        };
        self.overflows.extend(self.schedule.finished(item, after));
    }

    fn failed(&mut self, item: &Item, command: &str, error: &DeliveryError) -> After {
        let settings = &self.feeder.settings;
        let attempts = item.attempts + 1;
        let text = error_text(error);
        let (may_succeed, wanted) = match error {
            DeliveryError::Undecodable | DeliveryError::Malformed => (false, None),
            DeliveryError::Failed(error) => {
                (!error.is::<Permanent>(), error.downcast_ref::<RetryAfter>().map(RetryAfter::time))
            }
            _ => (true, None),
        };
        let again = (may_succeed && attempts < settings.attempts)
            .then(|| wanted.unwrap_or_else(|| pause(&settings.backoff, attempts)));
        let Some(again) = again else {
            tracing::error!(id = item.id, command, attempts, error = text, "a callback is a dead letter");
            metered::dead(command);
            self.changes.push(Change::Dead { id: item.id, attempts, error: text });
            return if settings.on_dead == OnDead::HoldKey { After::Held } else { After::Finished };
        };
        tracing::warn!(id = item.id, command, attempts, error = text, ?again, "a kept callback has failed");
        let due = SystemTime::now() + again;
        self.changes.push(Change::Failed { id: item.id, attempts, due, error: text.clone() });
        After::Again { at: Instant::now() + again, error: text }
    }

    /// Loads entries that were finished and are to be delivered again, and lets keys go on whose dead letter is gone.
    async fn load_retried(&mut self) -> Result<(), StoreError> {
        let retried = self.feeder.store.take_retried(self.fence).await?;
        self.take_known(retried);
        for key in self.schedule.held() {
            let filter = Filter { state: Some(State::Dead), key: Some(key.clone()), ..Filter::default() };
            if self.feeder.store.records(&filter, 0, 1).await?.is_empty() {
                self.overflows.extend(self.schedule.let_go(&key));
            }
        }
        Ok(())
    }

    async fn keep_house(&mut self) -> Result<(), StoreError> {
        let settings = &self.feeder.settings;
        let now = SystemTime::now();
        let before = |time| now.checked_sub(time).unwrap_or(SystemTime::UNIX_EPOCH);
        // By one process of those that feed.
        if self.partitions.contains(&0) {
            // In pieces of the store's choice, until nothing is left.
            while self.feeder.store.prune(before(settings.keep), before(settings.keep_dead)).await? > 0 {}
            // Near the limit what is done goes earlier, the oldest first.
            while self.feeder.store.bytes().await? > settings.limit_bytes / 10 * 9
                && self.feeder.store.prune(now, before(settings.keep_dead)).await? > 0
            {}
        }
        let stats = self.feeder.store.stats().await?;
        metered::stats(&stats, self.schedule.keys());
        let age = stats.oldest_unfinished.and_then(|oldest| now.duration_since(oldest).ok()).unwrap_or_default();
        if age > OLD && self.warned_at.is_none_or(|at| at.elapsed() > OLD) {
            self.warned_at = Some(Instant::now());
            tracing::warn!(?age, unfinished = stats.unfinished, "the oldest kept callback is not finished yet");
        }
        Ok(())
    }

    /// Writes what has ended, and that what has not is no longer in hand.
    async fn stop(&mut self) -> End {
        self.running.abort_all();
        while let Some(ended) = self.running.join_next().await {
            self.ended(ended);
        }
        let in_hand = std::mem::take(&mut self.in_hand);
        self.changes.extend(in_hand.into_keys().map(|id| Change::Released { id }));
        let changes = std::mem::take(&mut self.changes);
        match self.feeder.store.settle(self.fence, changes).await {
            Ok(()) => End::Stopped,
            Err(error) => error.into(),
        }
    }
}

/// The pause before the next attempt: doubled with each, and up to a half taken off at random.
fn pause(backoff: &std::ops::RangeInclusive<Duration>, attempts: u32) -> Duration {
    let doubled = backoff.start().saturating_mul(1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(*backoff.end()).mul_f64(1.0 - fastrand::f64() / 2.0)
}

/// The text of an error, which is the method's own if the method has returned it. Its `Display` may panic.
fn error_text(error: &DeliveryError) -> String {
    let text = catch_unwind(AssertUnwindSafe(|| match error {
        DeliveryError::Failed(error) => error.to_string(),
        error => error.to_string(),
    }));
    text.unwrap_or_else(|_| "an error whose text cannot be written: that panics".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_at_most_a_half_is_taken_off() {
        let backoff = Duration::from_secs(1)..=Duration::from_secs(600);
        for (attempts, longest) in [(1, 1), (2, 2), (5, 16), (10, 512), (11, 600), (40, 600), (u32::MAX, 600)] {
            let longest = Duration::from_secs(longest);
            for _ in 0..100 {
                let pause = pause(&backoff, attempts);
                assert!(longest / 2 <= pause && pause <= longest, "{attempts}: {pause:?}");
            }
        }
    }
}
