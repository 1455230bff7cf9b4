//! What can go wrong with a broker, on demand: a test says what is to happen, and to how many. Knows no queue; where a fault
//! takes place asks for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::dice::Dice;
use crate::error::{Error, ErrorKind};

/// The fault switch of a memory, shared by all connections to it. Nothing happens until it is told to.
#[derive(Debug, Default)]
pub struct Faults {
    /// Something was planned once; until then no lock is taken.
    armed: AtomicBool,
    plan: Mutex<Plan>,
}

#[derive(Debug, Default)]
struct Plan {
    refused: usize,
    unconfirmed: usize,
    twice: usize,
    slow: Duration,
    shuffle: Option<Dice>,
    away_until: Option<Instant>,
}

/// What happens to one message that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SendFault {
    None,
    /// It does not arrive, and its sender knows.
    Refused,
    /// It arrives, and its sender does not know.
    Unconfirmed,
}

impl Faults {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.armed.store(true, Ordering::Relaxed);
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn armed(&self) -> Option<MutexGuard<'_, Plan>> {
        self.armed.load(Ordering::Relaxed).then(|| self.plan())
    }

    /// The next sends fail with [`ErrorKind::Unavailable`]; nothing arrives.
    pub fn refuse_sends(&self, count: usize) {
        self.plan().refused = count;
    }

    /// The next sends, after those that are refused, arrive and fail with [`ErrorKind::Timeout`]: the confirmation is lost.
    pub fn lose_confirmations(&self, count: usize) {
        self.plan().unconfirmed = count;
    }

    /// The leases of the next deliveries end as soon as they are given: another consumer gets the message again, with an
    /// attempt more, and the first settlement comes too late.
    pub fn deliver_twice(&self, count: usize) {
        self.plan().twice = count;
    }

    /// Sending and fetching take this long, until it is set back to zero.
    pub fn be_slow(&self, delay: Duration) {
        self.plan().slow = delay;
    }

    /// Messages of queues without order come in a random order of this seed from now on.
    pub fn shuffle(&self, seed: u64) {
        self.plan().shuffle = Some(Dice::new(seed));
    }

    pub(super) fn go_away(&self, until: Instant) {
        self.plan().away_until = Some(until);
    }

    /// When the connection is back; none while it is there.
    pub(super) fn away_until(&self, now: Instant) -> Option<Instant> {
        self.armed()?.away_until.filter(|until| *until > now)
    }

    pub(super) fn delay(&self) -> Duration {
        self.armed().map_or(Duration::ZERO, |plan| plan.slow)
    }

    pub(super) fn of_send(&self, now: Instant) -> SendFault {
        let Some(mut plan) = self.armed() else {
            return SendFault::None;
        };
        if plan.away_until.is_some_and(|until| until > now) {
            return SendFault::Refused;
        }
        if take_one(&mut plan.refused) {
            return SendFault::Refused;
        }
        if take_one(&mut plan.unconfirmed) {
            return SendFault::Unconfirmed;
        }
        SendFault::None
    }

    /// Of these many deliveries, how many lose their lease.
    pub(super) fn of_deliveries(&self, count: usize) -> usize {
        let Some(mut plan) = self.armed() else {
            return 0;
        };
        let lost = plan.twice.min(count);
        plan.twice -= lost;
        lost
    }

    /// 31 bits for the choice of the next message, where messages are shuffled.
    pub(super) fn draw(&self) -> Option<u64> {
        Some(self.armed()?.shuffle.as_mut()?.roll())
    }
}

impl SendFault {
    /// What the sender is told.
    pub(super) fn result(self, done: Result<(), Error>) -> Result<(), Error> {
        match self {
            Self::None => done,
            Self::Refused => Err(away()),
            Self::Unconfirmed => Err(Error::new(ErrorKind::Timeout, "no confirmation came")),
        }
    }
}

/// The connection is lost.
pub(super) fn away() -> Error {
    Error::new(ErrorKind::Unavailable, "the connection is lost")
}

pub(super) fn take_one(count: &mut usize) -> bool {
    let some = *count > 0;
    *count -= usize::from(some);
    some
}
