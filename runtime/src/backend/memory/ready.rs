//! Messages of one queue that could be delivered now, in the order in which they are: by priority, or one at a time
//! per key where the queue is ordered. Knows no consumers and no time but that of expiry.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use tokio::time::Instant;

use crate::message::Message;

/// A message as a queue keeps it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) message: Arc<Message>,
    /// Attempts that count so far, the running one included.
    pub(super) attempts: u32,
    pub(super) first_seen: SystemTime,
    pub(super) expires: Option<Instant>,
    /// Place in the queue; kept when the message is handed back.
    pub(super) sequence: u64,
}

impl Stored {
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }
}

/// The waiting messages.
#[derive(Debug)]
pub(super) enum Ready {
    /// One line per priority, the last one first.
    Plain(Vec<VecDeque<Stored>>),
    /// One lane per key.
    Keyed(Lanes),
}

/// Lanes of an ordered queue. A lane with a message on its way gives no other. Keys of one partition have lanes of their
/// own: within one process nothing is gained by holding up one key for another.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    by_key: HashMap<Bytes, Lane>,
    /// Keys of lanes that may give a message, in turn.
    turns: VecDeque<Bytes>,
    waiting: usize,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Stored>,
    busy: bool,
}

impl Ready {
    pub(super) fn plain(max_priority: u8) -> Self {
        Self::Plain(vec![VecDeque::new(); usize::from(max_priority) + 1])
    }

    pub(super) fn keyed() -> Self {
        Self::Keyed(Lanes::default())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Plain(levels) => levels.iter().map(VecDeque::len).sum(),
            Self::Keyed(lanes) => lanes.waiting,
        }
    }

    /// Something could be taken.
    pub(super) fn has_next(&self) -> bool {
        match self {
            Self::Plain(levels) => levels.iter().any(|it| !it.is_empty()),
            Self::Keyed(lanes) => !lanes.turns.is_empty(),
        }
    }

    /// Puts a message in its place: at the end for a new sequence, where it was for an old one.
    pub(super) fn insert(&mut self, stored: Stored) {
        match self {
            Self::Plain(levels) => {
                let level = usize::from(stored.message.priority).min(levels.len() - 1);
                insert_in_order(&mut levels[level], stored);
            }
            Self::Keyed(lanes) => lanes.insert(stored),
        }
    }

    /// The next message; its lane is busy until [`release`](Self::release).
    pub(super) fn take(&mut self) -> Option<Stored> {
        match self {
            Self::Plain(levels) => levels.iter_mut().rev().find_map(VecDeque::pop_front),
            Self::Keyed(lanes) => lanes.take(),
        }
    }

    /// A message of the highest priority that there is, whichever is drawn; the next one where order is kept.
    pub(super) fn take_any(&mut self, drawn: u64) -> Option<Stored> {
        let Self::Plain(levels) = self else {
            return self.take();
        };
        let level = levels.iter_mut().rev().find(|it| !it.is_empty())?;
        let place = drawn % level.len() as u64;
        level.remove(usize::try_from(place).ok()?)
    }

    /// The message of this key is done; the lane goes on.
    pub(super) fn release(&mut self, message: &Message) {
        if let Self::Keyed(lanes) = self {
            lanes.release(&key_of(message));
        }
    }

    /// Takes out the message that came first.
    pub(super) fn take_oldest(&mut self) -> Option<Stored> {
        match self {
            Self::Plain(levels) => levels
                .iter_mut()
                .filter(|level| !level.is_empty())
                .min_by_key(|level| level.front().map(|it| it.sequence))?
                .pop_front(),
            Self::Keyed(_) => None,
        }
    }

    /// Drops what is expired and says how many.
    pub(super) fn expire(&mut self, now: Instant) -> usize {
        match self {
            Self::Plain(levels) => levels
                .iter_mut()
                .map(|level| retain_unexpired(level, now))
                .sum(),
            Self::Keyed(lanes) => lanes.expire(now),
        }
    }
}

impl Lanes {
    fn insert(&mut self, stored: Stored) {
        let key = key_of(&stored.message);
        let lane = self.by_key.entry(key.clone()).or_default();
        insert_in_order(&mut lane.waiting, stored);
        self.waiting += 1;
        if !lane.busy && lane.waiting.len() == 1 {
            self.turns.push_back(key);
        }
    }

    fn take(&mut self) -> Option<Stored> {
        let key = self.turns.pop_front()?;
        let lane = self.by_key.get_mut(&key)?;
        lane.busy = true;
        self.waiting -= 1;
        lane.waiting.pop_front()
    }

    fn release(&mut self, key: &Bytes) {
        let Some(lane) = self.by_key.get_mut(key) else {
            return;
        };
        lane.busy = false;
        if lane.waiting.is_empty() {
            self.by_key.remove(key);
        } else {
            self.turns.push_back(key.clone());
        }
    }

    fn expire(&mut self, now: Instant) -> usize {
        let mut expired = 0;
        self.by_key.retain(|_, lane| {
            expired += retain_unexpired(&mut lane.waiting, now);
            lane.busy || !lane.waiting.is_empty()
        });
        self.waiting -= expired;
        let by_key = &self.by_key;
        self.turns.retain(|key| by_key.contains_key(key));
        expired
    }
}

/// Messages without a key are in order among themselves.
fn key_of(message: &Message) -> Bytes {
    message.partition_key.clone().unwrap_or_default()
}

fn insert_in_order(line: &mut VecDeque<Stored>, stored: Stored) {
    if line.back().is_none_or(|it| it.sequence < stored.sequence) {
        line.push_back(stored);
    } else {
        let place = line.partition_point(|it| it.sequence < stored.sequence);
        line.insert(place, stored);
    }
}

fn retain_unexpired(line: &mut VecDeque<Stored>, now: Instant) -> usize {
    let before = line.len();
    line.retain(|it| !it.is_expired(now));
    before - line.len()
}
