//! What a line that listens counts, and what its end came to. Knows numbers only.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use microagent_contract::RawAnswer;

use crate::bus::Losses;
use crate::failure::{FailureKind, Outcome};

/// What a line counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListenStats {
    /// Handlers that succeeded.
    pub succeeded: u64,
    /// Handlers that failed, the next two included.
    pub failed: u64,
    /// Handlers that panicked.
    pub panicked: u64,
    /// Handlers that took too long.
    pub timed_out: u64,
    /// Signals that found the buffer full, and so were lost.
    pub overflowed: u64,
    /// Calls whose caller had stopped waiting before they were begun.
    pub late: u64,
    /// Times that the connection was away; the signals of that time are lost.
    pub gaps: u64,
    /// Answers that did not leave.
    pub unanswered: u64,
}

/// What the end of a line came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListenReport {
    /// Handlers that ran when the end began and finished within the deadline.
    pub finished: usize,
    /// Handlers that did not; whoever waits for their answer is told that they failed where that is possible.
    pub unfinished: usize,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    succeeded: AtomicU64,
    failed: AtomicU64,
    panicked: AtomicU64,
    timed_out: AtomicU64,
    unanswered: AtomicU64,
    running: AtomicUsize,
}

/// A handler that runs.
pub(super) struct Running<'a>(&'a Counters);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counters {
    /// Counts a handler as running until the guard is dropped.
    pub(super) fn enter(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self)
    }

    /// Handlers that run.
    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    pub(super) fn record(&self, outcome: &Outcome<Option<RawAnswer>>) {
        let count = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let Err(failure) = outcome else {
            return count(&self.succeeded);
        };
        count(&self.failed);
        match failure.kind() {
            FailureKind::Panicked => count(&self.panicked),
            FailureKind::TimedOut => count(&self.timed_out),
            _ => {}
        }
    }

    /// An answer did not leave.
    pub(super) fn unanswered(&self) {
        self.unanswered.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts, beside what the subscription lost.
    pub(super) fn snapshot(&self, lost: Losses) -> ListenStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ListenStats {
            succeeded: get(&self.succeeded),
            failed: get(&self.failed),
            panicked: get(&self.panicked),
            timed_out: get(&self.timed_out),
            overflowed: lost.overflowed,
            late: lost.late,
            gaps: lost.gaps,
            unanswered: get(&self.unanswered),
        }
    }
}
