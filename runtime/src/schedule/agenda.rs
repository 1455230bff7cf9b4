//! The due times of all schedules of one agent, the earliest first: two heaps and one timer, since instants and times of
//! day have no order among each other. Cron follows the clock here: it is asked again after each wait, and often enough
//! to see that it was set. Knows no runs.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, Sleep, sleep};

use super::due::{Due, SET_BACK, Taken, When};
use crate::clock::{Clock, Settings};
use crate::deadline;

/// Due times; equal ones in order of declaration.
type Heap<T> = BinaryHeap<Reverse<(T, usize)>>;

/// The due times of several schedules.
#[derive(Debug)]
pub(super) struct Agenda {
    clock: Clock,
    settings: Settings,
    dues: Vec<Due>,
    intervals: Heap<Instant>,
    crons: Heap<DateTime<Utc>>,
    /// What the clock showed when it was looked at last.
    seen: DateTime<Utc>,
    alarm: Pin<Box<Sleep>>,
    /// The alarm is that of the earliest due time.
    is_set: bool,
}

impl Agenda {
    pub(super) fn new(dues: Vec<Due>, clock: Clock) -> Self {
        let mut agenda = Self {
            settings: clock.settings(),
            seen: clock.now(),
            clock,
            dues,
            intervals: Heap::new(),
            crons: Heap::new(),
            alarm: Box::pin(sleep(Duration::ZERO)),
            is_set: false,
        };
        for line in 0..agenda.dues.len() {
            agenda.enter(line);
        }
        agenda
    }

    /// Ready when something is due. Cancel safe.
    pub(super) async fn wait(&mut self) {
        loop {
            if !self.is_set {
                self.follow_the_clock();
                let left = self.left();
                if left.is_zero() {
                    return;
                }
                self.alarm.as_mut().reset(deadline::after(left));
                self.is_set = true;
            }
            tokio::select! {
                biased;
                () = self.settings.changed() => {}
                () = &mut self.alarm => {}
            }
            self.is_set = false;
        }
    }

    /// Takes one of what is due by now: which schedule, and what to make of it.
    pub(super) fn take(&mut self) -> Option<(usize, Taken)> {
        let line = self.due_by_now()?;
        self.is_set = false;
        let taken = self.dues[line].take(&self.clock);
        self.enter(line);
        Some((line, taken))
    }

    /// Removes the first one that is due from its heap.
    fn due_by_now(&mut self) -> Option<usize> {
        if let Some(next) = self.intervals.peek_mut()
            && next.0.0 <= Instant::now()
        {
            return Some(PeekMut::pop(next).0.1);
        }
        let next = self.crons.peek_mut()?;
        (next.0.0 <= self.clock.now()).then(|| PeekMut::pop(next).0.1)
    }

    fn enter(&mut self, line: usize) {
        match self.dues[line].next() {
            When::At(instant) => self.intervals.push(Reverse((instant, line))),
            When::Shown(time) => self.crons.push(Reverse((time, line))),
            When::Never => {}
        }
    }

    /// How long nothing is due, as far as the clock can be trusted.
    fn left(&self) -> Duration {
        let interval = self.intervals.peek().map_or(Duration::MAX, |next| {
            next.0.0.saturating_duration_since(Instant::now())
        });
        let cron = self.crons.peek().map_or(Duration::MAX, |next| {
            self.clock.until(next.0.0).min(self.clock.trusted())
        });
        interval.min(cron)
    }

    /// Where it was set back far, it was wrong before, and what is due follows from what it shows now.
    fn follow_the_clock(&mut self) {
        let now = self.clock.now();
        if now < self.seen - SET_BACK {
            tracing::warn!(was = %self.seen, %now, "the clock was set back: cron follows it");
            self.crons.clear();
            for line in 0..self.dues.len() {
                if matches!(self.dues[line], Due::Cron { .. }) {
                    self.dues[line].follow(now);
                    self.enter(line);
                }
            }
        }
        self.seen = now;
    }
}
