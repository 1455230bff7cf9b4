//! Messages that wait for their time, earliest first; logarithmic in their number. Knows nothing else of the queue.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use tokio::time::Instant;

use super::ready::Stored;

/// All delayed messages of a queue.
#[derive(Debug, Default)]
pub(super) struct Delays(BinaryHeap<Reverse<Delayed>>);

/// A message and its time. Of two that are due together the one that was delayed first comes first.
#[derive(Debug)]
pub(super) struct Delayed {
    pub(super) due: Instant,
    pub(super) sequence: u64,
    pub(super) stored: Stored,
    /// It was delivered before and keeps its lane busy.
    pub(super) holds_lane: bool,
}

impl Delays {
    pub(super) fn push(&mut self, delayed: Delayed) {
        self.0.push(Reverse(delayed));
    }

    pub(super) fn pop_due(&mut self, now: Instant) -> Option<Delayed> {
        if self.next_due()? > now {
            return None;
        }
        self.0.pop().map(|Reverse(delayed)| delayed)
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse(delayed)| delayed.due)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Delayed {
    fn order(&self) -> (Instant, u64) {
        (self.due, self.sequence)
    }
}

impl PartialEq for Delayed {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Delayed {}

impl PartialOrd for Delayed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Delayed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}
