//! The identities of the last entries, to drop repetitions.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use tencent_im_callback::Identity;

/// A set of identities, each of which is forgotten after a time.
pub(crate) struct Repetitions {
    time: Duration,
    known: HashSet<Identity>,
    by_age: VecDeque<(Instant, Identity)>,
}

/// More are not remembered, however young they are: about 100 MB.
const LIMIT: usize = 1_000_000;

impl Repetitions {
    pub(crate) fn new(time: Duration) -> Self {
        Self { time, known: HashSet::new(), by_age: VecDeque::new() }
    }

    pub(crate) fn contains(&mut self, identity: &Identity, now: Instant) -> bool {
        self.forget(now);
        self.known.contains(identity)
    }

    pub(crate) fn insert(&mut self, identity: Identity, now: Instant) {
        if self.known.insert(identity.clone()) {
            self.by_age.push_back((now, identity));
        }
        self.forget(now);
    }

    fn forget(&mut self, now: Instant) {
        while let Some((since, identity)) = self.by_age.front() {
            if now.duration_since(*since) < self.time && self.by_age.len() <= LIMIT {
                return;
            }
            self.known.remove(identity);
            self.by_age.pop_front();
        }
    }
}
