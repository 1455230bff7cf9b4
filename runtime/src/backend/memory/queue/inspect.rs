//! What can be seen of a queue from outside, and its dead letters. Knows no consumers.

use std::collections::VecDeque;

use super::{Now, Queue, Stored};
use crate::broker::{DeadLetter, QueueCounts};

impl Queue {
    /// Keeps a dead letter; the oldest goes where there are too many.
    pub(in super::super) fn bury(&mut self, letter: DeadLetter, most: usize) {
        if self.dead.len() >= most {
            self.dead.pop_front();
            self.dropped += 1;
        }
        self.dead.push_back(letter);
    }

    pub(in super::super) fn dead(&self) -> &VecDeque<DeadLetter> {
        &self.dead
    }

    /// Puts the oldest dead letters back as new messages.
    pub(in super::super) fn redrive(&mut self, limit: usize, now: Now) -> usize {
        let mut count = 0;
        while count < limit
            && self.has_room(now)
            && let Some(letter) = self.dead.pop_front()
        {
            let stored = Stored {
                message: letter.message,
                attempts: 0,
                first_seen: letter.first_seen,
                expires: None,
                sequence: 0,
            };
            self.push(stored, None, now);
            count += 1;
        }
        count
    }

    pub(in super::super) fn counts(&mut self, now: Now) -> QueueCounts {
        self.advance(now);
        self.expire(now);
        QueueCounts {
            ready: self.ready.len(),
            delayed: self.delayed.len(),
            in_flight: self.held.len(),
            dead: self.dead.len(),
            consumers: self.seats.len(),
            expired: self.expired,
            dropped: self.dropped,
        }
    }
}
