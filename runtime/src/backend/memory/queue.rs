//! One queue: what waits, what is delayed, what is held by whom, and what was given up. All of it is a value that
//! moves with the time it is told; it must not know tasks, locks or other queues.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::delayed::{Delayed, Delays};
use super::leases::Leases;
use super::ready::{Ready, Stored};
use super::slab::Slab;
use crate::broker::{DeadLetter, MaxLength, Overflow, QueueDeclaration, Verdict};
use crate::deadline;
use crate::message::{Delivery, Tag};

mod inspect;

/// The state of a queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) declaration: QueueDeclaration,
    limit: MaxLength,
    lease: Duration,
    ready: Ready,
    delayed: Delays,
    held: Slab<Held>,
    leases: Leases,
    seats: Slab<Seat>,
    dead: VecDeque<DeadLetter>,
    sequence: u64,
    expired: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Held {
    stored: Stored,
    seat: u64,
    leased_until: Instant,
}

#[derive(Debug)]
struct Seat {
    prefetch: usize,
    held: usize,
    stopped: bool,
}

/// What a settlement came to.
#[derive(Debug)]
pub(super) enum Outcome {
    Done,
    Late,
    /// To be kept by whoever takes the queue's dead letters.
    Dead(Box<DeadLetter>),
}

/// The two clocks of one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) wall: SystemTime,
}

impl Queue {
    pub(super) fn new(declaration: QueueDeclaration, lease: Duration, most: usize) -> Self {
        let declared = declaration.max_length.unwrap_or(MaxLength {
            messages: most,
            overflow: Overflow::Reject,
        });
        let ready = match declaration.partitions {
            Some(_) => Ready::keyed(),
            None => Ready::plain(declaration.max_priority),
        };
        Self {
            limit: MaxLength {
                messages: declared.messages.min(most),
                ..declared
            },
            declaration,
            lease,
            ready,
            delayed: Delays::default(),
            held: Slab::new(),
            leases: Leases::default(),
            seats: Slab::new(),
            dead: VecDeque::new(),
            sequence: 0,
            expired: 0,
            dropped: 0,
        }
    }

    fn len(&self) -> usize {
        self.ready.len() + self.delayed.len() + self.held.len()
    }

    /// One more message would be taken.
    pub(super) fn has_room(&mut self, now: Now) -> bool {
        if self.len() < self.limit.messages {
            return true;
        }
        self.expire(now);
        self.len() < self.limit.messages
            || (self.limit.overflow == Overflow::DropOldest && self.ready.len() > 0)
    }

    /// Takes a message for which there is room.
    pub(super) fn push(&mut self, mut stored: Stored, due: Option<Instant>, now: Now) {
        if self.len() >= self.limit.messages && self.ready.take_oldest().is_some() {
            self.dropped += 1;
        }
        let ttl = self
            .declaration
            .ttl
            .map(|ttl| deadline::since(now.instant, ttl));
        stored.expires = match (stored.expires, ttl) {
            (Some(own), Some(queue)) => Some(own.min(queue)),
            (own, queue) => own.or(queue),
        };
        if self.declaration.partitions.is_some() {
            let key = self.declaration.partition_key(&stored.message);
            if stored.message.partition_key != key {
                Arc::make_mut(&mut stored.message).partition_key = key;
            }
        }
        match due {
            Some(due) => self.delay(stored, due, false),
            None => self.enter(stored),
        }
    }

    /// Brings the queue to this time: delayed messages come, leases end. Says when it has to be done again.
    pub(super) fn advance(&mut self, now: Now) -> Option<Instant> {
        while let Some(delayed) = self.delayed.pop_due(now.instant) {
            if delayed.holds_lane {
                let message = Arc::clone(&delayed.stored.message);
                self.enter_first(delayed.stored);
                self.ready.release(&message);
            } else {
                self.enter(delayed.stored);
            }
        }
        while let Some(key) = self.leases.pop_ended(now.instant, is_current(&self.held)) {
            self.give_back(key);
        }
        self.next_due()
    }

    fn next_due(&self) -> Option<Instant> {
        let delayed = self.delayed.next_due();
        let lease = self.leases.next_due();
        match (delayed, lease) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Something could be delivered to someone, and more than these many wait.
    pub(super) fn has_more_than(&self, count: usize) -> bool {
        self.ready.has_next() && self.ready.len() > count
    }

    /// Hands up to `limit` messages to a seat; none where the seat is gone. What is drawn, if anything is, picks them.
    pub(super) fn take(
        &mut self,
        (seat, limit): (u64, usize),
        now: Now,
        draw: impl Fn() -> Option<u64>,
        into: &mut Vec<Delivery>,
    ) {
        let Some(free) = self.seats.get(seat).map(|it| it.prefetch - it.held) else {
            return;
        };
        let mut left = limit.min(free);
        while left > 0
            && let Some(mut stored) = match draw() {
                Some(drawn) => self.ready.take_any(drawn),
                None => self.ready.take(),
            }
        {
            if stored.is_expired(now.instant) {
                self.ready.release(&stored.message);
                self.expired += 1;
                continue;
            }
            stored.attempts += 1;
            into.push(self.hold(stored, seat, now));
            left -= 1;
        }
    }

    fn hold(&mut self, stored: Stored, seat: u64, now: Now) -> Delivery {
        let message = Arc::clone(&stored.message);
        let partition = self.declaration.partition(&message);
        let (attempt, first_seen) = (stored.attempts, stored.first_seen);
        let leased_until = deadline::since(now.instant, self.lease);
        let key = self.held.insert(Held {
            stored,
            seat,
            leased_until,
        });
        self.leases.push(leased_until, key);
        if let Some(seat) = self.seats.get_mut(seat) {
            seat.held += 1;
        }
        Delivery {
            partition,
            message,
            tag: Tag {
                epoch: seat,
                number: key,
            },
            attempt,
            first_seen,
        }
    }

    /// Ends an attempt.
    pub(super) fn settle(&mut self, tag: Tag, verdict: Verdict, now: Now) -> Outcome {
        let Some(Held { mut stored, .. }) = self.let_go(tag) else {
            return Outcome::Late;
        };
        match verdict {
            Verdict::Ack => self.ready.release(&stored.message),
            Verdict::Return => {
                stored.attempts -= 1;
                self.put_back(stored);
            }
            Verdict::Retry { after, counted } => {
                stored.attempts -= u32::from(!counted);
                self.delay(stored, deadline::since(now.instant, after), true);
            }
            Verdict::DeadLetter(cause) => {
                self.ready.release(&stored.message);
                return Outcome::Dead(Box::new(DeadLetter {
                    message: stored.message,
                    queue: Arc::clone(&self.declaration.name),
                    cause,
                    attempts: stored.attempts,
                    first_seen: stored.first_seen,
                    died_at: now.wall,
                }));
            }
        }
        Outcome::Done
    }

    fn let_go(&mut self, tag: Tag) -> Option<Held> {
        self.held
            .get(tag.number)
            .filter(|it| it.seat == tag.epoch)?;
        let held = self.held.remove(tag.number)?;
        if let Some(seat) = self.seats.get_mut(held.seat) {
            seat.held -= 1;
        }
        self.leases
            .forget_stale(self.held.len(), is_current(&self.held));
        Some(held)
    }

    /// Starts a lease anew.
    pub(super) fn renew(&mut self, tag: Tag, now: Now) {
        let until = deadline::since(now.instant, self.lease);
        if let Some(held) = self.held.get_mut(tag.number)
            && held.seat == tag.epoch
            && held.leased_until != until
        {
            held.leased_until = until;
            self.leases.push(until, tag.number);
        }
    }

    /// A new consumer.
    pub(super) fn sit(&mut self, prefetch: usize) -> u64 {
        self.seats.insert(Seat {
            prefetch: prefetch.max(1),
            held: 0,
            stopped: false,
        })
    }

    /// The consumer takes no more.
    pub(super) fn stop(&mut self, seat: u64) {
        if let Some(seat) = self.seats.get_mut(seat) {
            seat.stopped = true;
        }
    }

    /// The consumer may take messages; false after it stopped or left.
    pub(super) fn is_seated(&self, seat: u64) -> bool {
        self.seats.get(seat).is_some_and(|it| !it.stopped)
    }

    /// The consumer is at its prefetch.
    pub(super) fn is_sated(&self, seat: u64) -> bool {
        self.seats
            .get(seat)
            .is_some_and(|it| it.held >= it.prefetch)
    }

    /// The consumer is gone, as after a crash: what it held counts as tried and goes to others.
    pub(super) fn leave(&mut self, seat: u64) {
        for key in self.held.keys(|it| it.seat == seat) {
            self.give_back(key);
        }
        self.seats.remove(seat);
        self.leases
            .forget_stale(self.held.len(), is_current(&self.held));
    }

    /// Nobody holds anything any more, as after a lost connection.
    pub(super) fn give_back_all(&mut self) {
        for key in self.held.keys(|_| true) {
            self.give_back(key);
        }
    }

    /// Ends the lease of a delivery early.
    pub(super) fn give_back(&mut self, key: u64) {
        if let Some(held) = self.held.remove(key) {
            if let Some(seat) = self.seats.get_mut(held.seat) {
                seat.held -= 1;
            }
            self.put_back(held.stored);
        }
    }

    fn put_back(&mut self, stored: Stored) {
        let message = Arc::clone(&stored.message);
        self.ready.insert(stored);
        self.ready.release(&message);
    }

    fn enter(&mut self, mut stored: Stored) {
        stored.sequence = self.next_sequence();
        self.ready.insert(stored);
    }

    /// A retry of an ordered queue comes before the rest of its lane; elsewhere it is the last.
    fn enter_first(&mut self, stored: Stored) {
        match self.ready {
            Ready::Plain(_) => self.enter(stored),
            Ready::Keyed(_) => self.ready.insert(stored),
        }
    }

    fn delay(&mut self, stored: Stored, due: Instant, holds_lane: bool) {
        let sequence = self.next_sequence();
        self.delayed.push(Delayed {
            due,
            sequence,
            stored,
            holds_lane,
        });
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn expire(&mut self, now: Now) {
        self.expired += self.ready.expire(now.instant) as u64;
    }
}

/// Whether a lease is the one that a delivery has now.
fn is_current(held: &Slab<Held>) -> impl Fn(Instant, u64) -> bool + '_ {
    |until, key| held.get(key).is_some_and(|it| it.leased_until == until)
}
