//! What waits for one subscription: signals and answers in a mailbox of its own, calls in the line of their subject. Knows
//! neither who publishes nor how waiting ends.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::faults::{BusFaults, Choice};
use crate::bus::{Form, Interest, Losses, Reach, Received};
use crate::error::{Error, ErrorKind};

/// What one subscription has not taken yet.
#[derive(Debug)]
pub(in super::super) struct Mailbox {
    pub(super) interest: Interest,
    pub(super) buffer: usize,
    letters: Mutex<Letters>,
    pub(super) arrived: Notify,
    /// Waits for a call; set and cleared with the lines locked.
    pub(super) idle: AtomicBool,
    pub(super) open: AtomicBool,
}

#[derive(Debug, Default)]
pub(super) struct Letters {
    waiting: VecDeque<Received>,
    pub(super) lost: Losses,
    away_until: Option<Instant>,
}

/// What became of a message at one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    Taken,
    /// The buffer was full.
    Lost,
    /// The connection was away.
    Missed,
}

impl Mailbox {
    pub(super) fn new(interest: Interest, buffer: usize) -> Self {
        Self {
            interest,
            buffer: buffer.max(1),
            letters: Mutex::default(),
            arrived: Notify::new(),
            idle: AtomicBool::new(false),
            open: AtomicBool::new(true),
        }
    }

    pub(super) fn letters(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a signal or an answer, or counts it as lost.
    pub(super) fn put(&self, received: &Received, faults: &BusFaults) -> Put {
        let mut letters = self.letters();
        if letters.away_until().is_some() {
            faults.count_missed();
            return Put::Missed;
        }
        let put = letters.push(received, self.buffer);
        if matches!(received.form, Form::Signal { .. }) && faults.repeats() {
            letters.push(received, self.buffer);
        }
        drop(letters);
        self.arrived.notify_one();
        put
    }

    /// The connection is lost until then.
    pub(super) fn lose(&self, until: Instant) {
        let mut letters = self.letters();
        letters.away_until = Some(until);
        letters.lost.gaps += 1;
        drop(letters);
        self.arrived.notify_one();
    }
}

impl Letters {
    /// When the connection is back; none while it is there.
    pub(super) fn away_until(&mut self) -> Option<Instant> {
        self.away_until = self.away_until.filter(|until| *until > Instant::now());
        self.away_until
    }

    fn push(&mut self, received: &Received, buffer: usize) -> Put {
        if self.waiting.len() >= buffer {
            self.lost.overflowed += 1;
            return Put::Lost;
        }
        self.waiting.push_back(received.clone());
        Put::Taken
    }

    pub(super) fn take(&mut self, limit: usize, into: &mut Vec<Received>, faults: &BusFaults) {
        let count = limit.min(self.waiting.len());
        into.reserve(count);
        for _ in 0..count {
            let next = match faults.choose(self.waiting.len()) {
                None => self.waiting.pop_front(),
                Some(choice) => {
                    let place = place(choice, &self.waiting, |it| it);
                    self.waiting.remove(place)
                }
            };
            into.extend(next);
        }
    }
}

/// Calls of one subject that nobody has drawn yet.
#[derive(Debug, Default)]
pub(super) struct CallLine {
    waiting: VecDeque<(Instant, Received)>,
    pub(super) members: VecDeque<Arc<Mailbox>>,
}

impl CallLine {
    /// Adds a call and wakes a receiver that waits, in turn.
    pub(super) fn put(&mut self, deadline: Instant, call: Received) -> Result<Reach, Error> {
        let buffer: usize = self.members.iter().map(|it| it.buffer).sum();
        if self.waiting.len() >= buffer {
            let now = Instant::now();
            self.waiting.retain(|(deadline, _)| *deadline > now);
        }
        if self.waiting.len() >= buffer {
            let message = "as many calls wait as their receivers have room for";
            return Err(Error::new(ErrorKind::Full, message));
        }
        self.waiting.push_back((deadline, call));
        self.wake_one();
        Ok(Reach::Subscriptions(1))
    }

    pub(super) fn wake_one(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let idle = |it: &Arc<Mailbox>| it.idle.swap(false, Ordering::AcqRel);
        if let Some(place) = self.members.iter().position(idle) {
            self.members[place].arrived.notify_one();
            self.members.rotate_left(place + 1);
        }
    }

    /// The next call and its deadline.
    pub(super) fn draw(&mut self, faults: &BusFaults) -> Option<(Instant, Received)> {
        if self.waiting.is_empty() {
            return None;
        }
        match faults.choose(self.waiting.len()) {
            None => self.waiting.pop_front(),
            Some(choice) => {
                let place = place(choice, &self.waiting, |(_, call)| call);
                self.waiting.remove(place)
            }
        }
    }
}

/// Where the chosen one stands.
fn place<T>(choice: Choice, waiting: &VecDeque<T>, received: impl Fn(&T) -> &Received) -> usize {
    match choice {
        Choice::This(place) => place,
        Choice::FirstLike(place) => {
            let chosen = received(&waiting[place]);
            let like = |it: &T| is_ordered(received(it), chosen);
            waiting.iter().position(like).unwrap_or(place)
        }
    }
}

/// Whether two messages are of one publisher and one subject, or answer one question.
fn is_ordered(one: &Received, other: &Received) -> bool {
    let same_subject = match (&one.form, &other.form) {
        (Form::Signal { subject: one, .. }, Form::Signal { subject: other, .. })
        | (Form::Call { subject: one, .. }, Form::Call { subject: other, .. }) => one == other,
        (Form::Answer { number: one, .. }, Form::Answer { number: other, .. }) => one == other,
        _ => false,
    };
    same_subject && one.sender == other.sender
}
