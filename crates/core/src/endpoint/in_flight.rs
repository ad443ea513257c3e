//! How many callbacks are in flight, counted so that threads do not get into each other's way.
//!
//! A thread counts in a lane, and a lane may hold its share of the limit. Only a lane that is full looks
//! at the others, and takes over half of what one of them has to spare. So the limit is kept to the one,
//! and the usual way writes to nothing that another core writes to as well.

use std::{
    num::NonZero,
    pin::pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use tokio::sync::Notify;

use crate::observe;

/// The callbacks in flight of one endpoint.
pub(crate) struct InFlight {
    lanes: Box<[Lane]>,
    /// Held while something goes from one lane to another, so that nobody finds it in neither.
    moving: Mutex<()>,
    /// How many wait for the last callback to end.
    waiting: AtomicUsize,
    idle: Notify,
}

/// With less than this for a lane, threads would be taking over from each other all the time.
const LEAST_SHARE: usize = 32;

impl InFlight {
    pub(crate) fn new(limit: usize) -> Self {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let lanes = threads.min(limit / LEAST_SHARE).max(1).next_power_of_two();
        let share = |lane| limit / lanes + usize::from(lane < limit % lanes);
        Self {
            lanes: (0..lanes).map(|lane| Lane::new(share(lane))).collect(),
            moving: Mutex::new(()),
            waiting: AtomicUsize::new(0),
            idle: Notify::new(),
        }
    }

    /// How many lanes there are, which is a power of two.
    pub(crate) fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// One more in a lane, if the limit allows it.
    #[must_use]
    pub(crate) fn enter(&self, lane: usize) -> bool {
        let enters = self.lanes[lane].take() || self.take_over(lane);
        if enters {
            observe::entered();
        }
        enters
    }

    /// One less in the lane that it entered by.
    pub(crate) fn leave(&self, lane: usize) {
        observe::left();
        let was_last = self.lanes[lane].give_back();
        // In this order, and whoever waits does it in the other: one of the two sees what the other has done.
        if was_last && self.waiting.load(Ordering::SeqCst) > 0 {
            self.idle.notify_waiters();
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.lanes.iter().map(Lane::taken).sum()
    }

    /// Waits until there are none.
    pub(crate) async fn ended(&self) {
        let _waiting = Waiting::in_line(&self.waiting);
        loop {
            let mut idle = pin!(self.idle.notified());
            // Registered before they are counted, so that the last one to leave is not missed.
            idle.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            idle.await;
        }
    }

    #[cold]
    fn take_over(&self, lane: usize) -> bool {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let own = &self.lanes[lane];
        // Another thread with this lane may have been here meanwhile.
        if own.take() {
            return true;
        }
        self.lanes.iter().any(|other| {
            let spare = other.lend();
            own.add(spare);
            spare > 0 && own.take()
        })
    }
}

/// Somebody who waits for the last callback to end, until dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn in_line(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::SeqCst);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How many a lane may hold, in the upper half, and how many it does.
///
/// It is alone on its cache lines, which processors fetch in pairs.
#[repr(align(128))]
struct Lane(AtomicU64);

const SHARE: u64 = 1 << 32;

fn share(lane: u64) -> u64 {
    lane / SHARE
}

fn taken(lane: u64) -> u64 {
    lane % SHARE
}

impl Lane {
    /// More than fits is more than there is memory for.
    fn new(share: usize) -> Self {
        Self(AtomicU64::new(u64::from(u32::try_from(share).unwrap_or(u32::MAX)) * SHARE))
    }

    fn take(&self) -> bool {
        self.change(|lane| (taken(lane) < share(lane)).then_some(lane + 1)).is_some()
    }

    /// Tells whether it was the last.
    fn give_back(&self) -> bool {
        taken(self.0.fetch_sub(1, Ordering::SeqCst)) == 1
    }

    fn taken(&self) -> usize {
        // Less than the lane's share, which was a `usize`.
        usize::try_from(taken(self.0.load(Ordering::SeqCst))).unwrap_or(usize::MAX)
    }

    /// Gives away half of what is not taken, and tells how much that is.
    fn lend(&self) -> u64 {
        let half = |lane| (share(lane) - taken(lane)).div_ceil(2);
        self.change(|lane| Some(lane - half(lane) * SHARE)).map_or(0, half)
    }

    fn add(&self, share: u64) {
        self.0.fetch_add(share * SHARE, Ordering::SeqCst);
    }

    /// What it was before, if it was changed.
    fn change(&self, change: impl Fn(u64) -> Option<u64>) -> Option<u64> {
        self.0.fetch_update(Ordering::SeqCst, Ordering::Relaxed, change).ok()
    }
}
