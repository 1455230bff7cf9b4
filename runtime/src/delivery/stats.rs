//! What a consumer counts. Knows numbers only.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happened to the messages of one consumer since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryStats {
    /// Handlers that succeeded.
    pub succeeded: u64,
    /// Attempts that failed, the next three included.
    pub failed: u64,
    /// Attempts that failed by a panic.
    pub panicked: u64,
    /// Attempts that failed because the timeout was over.
    pub timed_out: u64,
    /// Messages that could not be decoded.
    pub undecodable: u64,
    /// Messages given up.
    pub dead_lettered: u64,
    /// Messages sent back to be tried again.
    pub retried: u64,
    /// Messages that had been handled, and were acknowledged without the handler.
    pub deduplicated: u64,
    /// Messages handed back before they were started.
    pub returned: u64,
    /// Settlements that came too late: the message had gone to someone else.
    pub late: u64,
}

/// What a drain came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DrainReport {
    /// Messages that were not started and went back with no attempt counted.
    pub returned: usize,
    /// Handlers that ran when the drain began and finished within the deadline.
    pub finished: usize,
    /// Handlers that did not; their messages went back with an attempt counted.
    pub unfinished: usize,
    /// Settlements that the broker did not take; it delivers these messages again.
    pub unsettled: usize,
}

impl AddAssign for DrainReport {
    fn add_assign(&mut self, other: Self) {
        self.returned += other.returned;
        self.finished += other.finished;
        self.unfinished += other.unfinished;
        self.unsettled += other.unsettled;
    }
}

#[derive(Debug, Default)]
pub(super) struct Stats {
    pub(super) succeeded: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) panicked: AtomicU64,
    pub(super) timed_out: AtomicU64,
    pub(super) undecodable: AtomicU64,
    pub(super) dead_lettered: AtomicU64,
    pub(super) retried: AtomicU64,
    pub(super) deduplicated: AtomicU64,
    pub(super) returned: AtomicU64,
    pub(super) late: AtomicU64,
    /// It fetches no more.
    closed: AtomicBool,
}

/// Counts one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Counts several.
pub(super) fn count_many(counter: &AtomicU64, n: usize) {
    counter.fetch_add(n as u64, Ordering::Relaxed);
}

impl Stats {
    pub(super) fn snapshot(&self) -> DeliveryStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DeliveryStats {
            succeeded: get(&self.succeeded),
            failed: get(&self.failed),
            panicked: get(&self.panicked),
            timed_out: get(&self.timed_out),
            undecodable: get(&self.undecodable),
            dead_lettered: get(&self.dead_lettered),
            retried: get(&self.retried),
            deduplicated: get(&self.deduplicated),
            returned: get(&self.returned),
            late: get(&self.late),
        }
    }

    pub(super) fn has_intake(&self) -> bool {
        !self.closed.load(Ordering::Acquire)
    }

    pub(super) fn end_intake(&self) {
        self.closed.store(true, Ordering::Release);
    }
}
