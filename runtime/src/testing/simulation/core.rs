//! What all parts of a life share: the memory, what goes wrong beside it, the trace and the books. Knows no agents.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::books::Books;
use super::trace::Trace;
use crate::backend::memory::Memory;
use crate::clock::Clock;
use crate::random::random;

/// A number below `sides`, drawn from the seed.
pub(super) fn roll(sides: u64) -> u64 {
    random() % sides.max(1)
}

/// The ground of one life.
pub(super) struct Core {
    pub(super) memory: Memory,
    pub(super) clock: Clock,
    pub(super) trace: Trace,
    books: Mutex<Books>,
    weather: Mutex<Weather>,
    /// How often what happened, by what it is called.
    counts: Mutex<BTreeMap<&'static str, u64>>,
}

/// What goes wrong beside the faults of the memory.
#[derive(Default)]
struct Weather {
    /// Answers come at once, and no other connection is left half open.
    calm: bool,
    /// The next settlements that the broker does not hear.
    unsettled: u64,
    /// Halves of connections whose process is gone and which the broker still takes for alive.
    half_open: Vec<Box<dyn Any + Send>>,
}

impl Core {
    pub(super) fn new(memory: Memory, clock: Clock, trace: Trace) -> Self {
        Self {
            memory,
            clock,
            trace,
            books: Mutex::default(),
            weather: Mutex::default(),
            counts: Mutex::default(),
        }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn weather(&self) -> MutexGuard<'_, Weather> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of them happened.
    pub(super) fn count(&self, what: &'static str) {
        self.count_many(what, 1);
    }

    /// Several of them happened.
    pub(super) fn count_many(&self, what: &'static str, count: u64) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(what).or_default() += count;
    }

    pub(super) fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }

    pub(super) fn note(&self, what: fmt::Arguments<'_>) {
        self.trace.note(what);
    }

    /// From now on nothing goes wrong by itself, or it may again.
    pub(super) fn set_calm(&self, calm: bool) {
        let mut weather = self.weather();
        weather.calm = calm;
        if calm {
            weather.unsettled = 0;
        }
    }

    pub(super) fn is_calm(&self) -> bool {
        self.weather().calm
    }

    /// The next settlements fail.
    pub(super) fn lose_settlements(&self, count: u64) {
        self.weather().unsettled = count;
    }

    /// Whether this settlement fails.
    pub(super) fn loses_settlement(&self) -> bool {
        let mut weather = self.weather();
        let loses = weather.unsettled > 0;
        weather.unsettled -= u64::from(loses);
        loses
    }

    /// The broker does not learn yet that the other end is gone; or it does, as the dice say.
    pub(super) fn bury_half_open(&self, end: impl Any + Send) {
        if !self.is_calm() && roll(3) == 0 {
            self.count("half-open connections");
            self.weather().half_open.push(Box::new(end));
        }
    }

    /// The way to the broker or back takes its time, as the dice say.
    pub(super) async fn travel(&self) {
        if self.is_calm() {
            return;
        }
        match roll(8) {
            0 => tokio::time::sleep(Duration::from_millis(1 + roll(20))).await,
            1..4 => tokio::task::yield_now().await,
            _ => {}
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}
