//! Ends of leases in the order in which they were given, which is the order in which they end. Entries of deliveries that were
//! settled or renewed are stale and go by the way, so that the line is as long as what is held.

use std::collections::VecDeque;

use tokio::time::Instant;

/// The line of leases of a queue: when each ends, and the key of its delivery.
#[derive(Debug, Default)]
pub(super) struct Leases(VecDeque<(Instant, u64)>);

impl Leases {
    pub(super) fn push(&mut self, until: Instant, key: u64) {
        self.0.push_back((until, key));
    }

    /// The next delivery whose lease has ended.
    pub(super) fn pop_ended(
        &mut self,
        now: Instant,
        is_current: impl Fn(Instant, u64) -> bool,
    ) -> Option<u64> {
        while let Some(&(until, key)) = self.0.front() {
            let current = is_current(until, key);
            if current && until > now {
                return None;
            }
            self.0.pop_front();
            if current {
                return Some(key);
            }
        }
        None
    }

    /// When the next lease ends, or ended that is stale.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.0.front().map(|(until, _)| *until)
    }

    /// Drops stale entries at a constant price per message, where `held` deliveries have a lease.
    pub(super) fn forget_stale(&mut self, held: usize, is_current: impl Fn(Instant, u64) -> bool) {
        while self
            .0
            .front()
            .is_some_and(|(until, key)| !is_current(*until, *key))
        {
            self.0.pop_front();
        }
        if self.0.len() > 2 * held + 64 {
            self.0.retain(|(until, key)| is_current(*until, *key));
        }
    }
}
