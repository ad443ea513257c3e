//! Which processes feed: each has a key in the bucket, which it writes every second.

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};

use tencent_im_callback_journal::StoreError;

use crate::{
    nats::Inner,
    reader::{Start, all, sequence},
};

/// A worker whose key was not written for so long has ended. The time is the observer's. It is longer than a request takes
/// whose answer is lost ([`API_TIME`](crate::link::API_TIME)).
const GONE_AFTER: Duration = Duration::from_secs(6);

/// An observer that has not looked for so long may have been cut off from the server with all others. It begins anew.
const BLIND_AFTER: Duration = Duration::from_secs(3);

/// The key of a worker that has ended is removed after this time.
const REMOVED_AFTER: Duration = Duration::from_secs(60);

/// The workers as this process has seen them.
#[derive(Debug, Default)]
pub(crate) struct Workers {
    /// The revision of each key, and since when it is seen.
    seen: HashMap<String, (u64, Instant)>,
    observed_at: Option<Instant>,
}

impl Workers {
    /// Takes the keys with their revisions. Returns the workers that live, and those whose keys can be removed.
    fn observe(&mut self, keys: HashMap<String, u64>, now: Instant) -> (BTreeSet<String>, Vec<String>) {
        let is_blind = self.observed_at.is_none_or(|at| now.duration_since(at) > BLIND_AFTER);
        self.observed_at = Some(now);
        if is_blind {
            self.seen.clear();
        }
        self.seen.retain(|worker, _| keys.contains_key(worker));
        for (worker, revision) in keys {
            let seen = self.seen.entry(worker).or_insert((revision, now));
            if seen.0 != revision {
                *seen = (revision, now);
            }
        }
        let silent = |at: &Instant| now.duration_since(*at);
        let live = self.seen.iter().filter(|(_, (_, at))| silent(at) < GONE_AFTER).map(|(worker, _)| worker.clone());
        let ended =
            self.seen.iter().filter(|(_, (_, at))| silent(at) > REMOVED_AFTER).map(|(worker, _)| worker.clone());
        (live.collect(), ended.collect())
    }
}

impl Inner {
    /// Shows that this process lives.
    pub(crate) async fn beat(&self) -> Result<(), StoreError> {
        let subject = self.names.key(format_args!("worker.{}", self.worker));
        self.link.publish(subject, async_nats::HeaderMap::new(), bytes::Bytes::from_static(b"{}")).await?;
        Ok(())
    }

    /// The workers that live.
    pub(crate) async fn live_workers(&self) -> Result<BTreeSet<String>, StoreError> {
        let prefix = self.names.key("worker.");
        let mut keys = HashMap::new();
        for message in all(&self.streams.bucket, format!("{prefix}*"), Start::Last, true).await? {
            if let Some(worker) = message.subject.strip_prefix(&prefix) {
                keys.insert(worker.to_owned(), sequence(&message)?);
            }
        }
        let (live, ended) = self.workers().observe(keys, Instant::now());
        for worker in ended {
            self.remove_worker(&worker).await?;
        }
        Ok(live)
    }

    pub(crate) async fn remove_worker(&self, worker: &str) -> Result<(), StoreError> {
        let subject = self.names.key(format_args!("worker.{worker}"));
        self.link.purge(&self.streams.bucket, &subject, None).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_writes_nothing_is_gone_after_six_seconds_of_the_observers_clock() {
        let begin = Instant::now();
        let mut workers = Workers::default();
        let mut observe = |keys: &[(&str, u64)], seconds| {
            let keys = keys.iter().map(|(worker, revision)| ((*worker).to_owned(), *revision)).collect();
            let (live, ended) = workers.observe(keys, begin + Duration::from_secs(seconds));
            (live.into_iter().collect::<Vec<_>>().join(" "), ended.join(" "))
        };
        let both = |live: &str, ended: &str| (live.to_owned(), ended.to_owned());
        assert_eq!(observe(&[("a", 1), ("b", 2)], 0), both("a b", ""));
        assert_eq!(observe(&[("a", 1), ("b", 3)], 3), both("a b", ""));
        assert_eq!(observe(&[("a", 1), ("b", 4)], 5), both("a b", ""));
        for second in 6..=60 {
            assert_eq!(observe(&[("a", 1), ("b", second)], second), both("b", ""));
        }
        assert_eq!(observe(&[("a", 1), ("b", 5)], 61), both("b", "a"));
        assert_eq!(observe(&[("a", 9)], 62), both("a", ""));
        // Nobody was heard meanwhile, perhaps because the server was away.
        assert_eq!(observe(&[("a", 9)], 66), both("a", ""));
        assert_eq!(observe(&[("a", 9)], 69), both("a", ""));
        assert_eq!(observe(&[("a", 9)], 72), both("", ""));
    }
}
