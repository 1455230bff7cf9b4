//! The workers of one consumer: which of them rest, which will look for work by themselves, and whom to call for what waits.
//! Knows neither deliveries nor tasks.
//!
//! To call a worker costs some microseconds, more than many a handler takes. So what is quickly done is left to the workers
//! that come anyway, and what takes longer gets all that there are. A worker whose handler waits does not come: others do.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// Less work than this is not worth a call.
const WORTH_A_CALL: Duration = Duration::from_micros(50);

/// All workers, by number.
#[derive(Debug, Default)]
pub(super) struct Crew {
    places: Vec<Place>,
    /// The last one to come is the first to be called, so that few do what few can.
    resting: Vec<usize>,
    /// How many will look for work without a call.
    coming: usize,
}

#[derive(Debug, Default)]
struct Place {
    call: Arc<Notify>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// It is new, called, or in a handler that has not waited yet.
    #[default]
    Coming,
    /// Its handler waits.
    Away,
    /// It waits to be called.
    Resting,
}

impl Crew {
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// By what a worker is called.
    pub(super) fn call_of(&self, worker: usize) -> Arc<Notify> {
        Arc::clone(&self.places[worker].call)
    }

    /// Calls as many as so many runs are worth that take so long each, and says how many are missing.
    pub(super) fn call(&mut self, runs: usize, each: Duration) -> usize {
        let mut missing = if each >= WORTH_A_CALL {
            runs
        } else {
            worth(runs, each).saturating_sub(self.coming)
        };
        while missing > 0 && self.call_one() {
            missing -= 1;
        }
        missing
    }

    /// Calls one; false where none rests.
    pub(super) fn call_one(&mut self) -> bool {
        let Some(worker) = self.resting.pop() else {
            return false;
        };
        self.enter(worker, State::Coming);
        self.places[worker].call.notify_one();
        true
    }

    /// Some come, and others of `most` could.
    pub(super) fn has_more(&self, most: usize) -> bool {
        self.coming > 0 && (!self.resting.is_empty() || self.places.len() < most)
    }

    /// Takes on so many, as long as there are `most` at most.
    pub(super) fn grow(&mut self, count: usize, most: usize) -> Range<usize> {
        let first = self.places.len();
        let count = count.min(most.saturating_sub(first));
        self.places.resize_with(first + count, Place::default);
        self.coming += count;
        first..first + count
    }

    /// The worker looks for work, called or not, or its handler has ended.
    pub(super) fn come(&mut self, worker: usize) {
        if self.places[worker].state == State::Resting {
            self.resting.retain(|it| *it != worker);
        }
        self.enter(worker, State::Coming);
    }

    /// The handler of the worker waits.
    pub(super) fn go(&mut self, worker: usize) {
        self.enter(worker, State::Away);
    }

    /// The worker waits to be called.
    pub(super) fn rest(&mut self, worker: usize) {
        self.enter(worker, State::Resting);
        self.resting.push(worker);
    }

    fn enter(&mut self, worker: usize, state: State) {
        let before = std::mem::replace(&mut self.places[worker].state, state);
        self.coming -= usize::from(before == State::Coming);
        self.coming += usize::from(state == State::Coming);
    }
}

/// How many workers have enough to do.
fn worth(runs: usize, each: Duration) -> usize {
    let work = each.as_nanos().saturating_mul(runs as u128);
    let calls = work.div_ceil(WORTH_A_CALL.as_nanos()).max(1);
    usize::try_from(calls).unwrap_or(runs).min(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_micros(1);
    const SLOW: Duration = Duration::from_millis(1);

    /// So many workers that rest.
    fn crew(count: usize) -> Crew {
        let mut crew = Crew::default();
        for worker in crew.grow(count, count) {
            crew.rest(worker);
        }
        crew
    }

    #[test]
    fn quick_work_calls_few_and_slow_work_all() {
        for (runs, each, called, missing) in [
            (0, QUICK, 0, 0),
            (1, QUICK, 1, 0),
            (50, QUICK, 1, 0),
            (51, QUICK, 2, 0),
            (3, SLOW, 3, 0),
            (9, SLOW, 8, 1),
        ] {
            let mut crew = crew(8);
            assert_eq!(crew.call(runs, each), missing, "{runs} of {each:?}");
            assert_eq!(8 - crew.resting.len(), called, "{runs} of {each:?}");
        }
    }

    #[test]
    fn who_comes_anyway_is_enough_for_quick_work_until_it_waits() {
        let mut crew = crew(8);
        crew.come(3);
        assert_eq!(crew.call(20, QUICK), 0);
        assert_eq!(crew.resting.len(), 7);
        crew.go(3);
        assert_eq!(crew.call(20, QUICK), 0);
        assert_eq!(crew.resting.len(), 6);
        assert_eq!(crew.call(20, QUICK), 0);
        assert_eq!(crew.resting.len(), 6);
        crew.call(20, SLOW);
        assert_eq!(crew.resting.len(), 0);
    }

    #[test]
    fn it_grows_to_its_limit() {
        let mut crew = crew(2);
        assert_eq!(crew.grow(3, 4), 2..4);
        assert_eq!(crew.grow(3, 4), 4..4);
    }
}
