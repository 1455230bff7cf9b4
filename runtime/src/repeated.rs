//! What the log is told of what goes wrong again and again: the first time at once, then one line at most every ten
//! seconds, with the number. Knows neither lines nor what went wrong.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::deadline;

/// How long after a line of the log the next one comes at the earliest.
pub(crate) const PAUSE: Duration = Duration::from_secs(10);

/// How often something went wrong that the log was not told of.
#[derive(Debug, Default)]
pub(crate) struct Repeated(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    untold: u64,
    quiet_until: Option<Instant>,
}

impl Repeated {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It went wrong once more: of how many times the log is to be told, where it is time to.
    pub(crate) fn note(&self) -> Option<u64> {
        let mut state = self.state();
        state.untold += 1;
        state.due()
    }

    /// Of how many times the log is still to be told, where it is time to.
    pub(crate) fn due(&self) -> Option<u64> {
        self.state().due()
    }

    /// The same, where nothing comes any more.
    pub(crate) fn rest(&self) -> Option<u64> {
        self.state().take()
    }

    /// The log has not been told all.
    pub(crate) fn is_behind(&self) -> bool {
        self.state().untold > 0
    }
}

impl State {
    fn due(&mut self) -> Option<u64> {
        if self.untold == 0 {
            return None;
        }
        let now = Instant::now();
        if self.quiet_until.is_some_and(|it| it > now) {
            return None;
        }
        self.quiet_until = Some(deadline::since(now, PAUSE));
        self.take()
    }

    fn take(&mut self) -> Option<u64> {
        let untold = std::mem::take(&mut self.untold);
        (untold > 0).then_some(untold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_is_told_and_then_the_number_of_each_ten_seconds() {
        let repeated = Repeated::default();
        let told: Vec<_> = (0..100).map(|_| repeated.note()).collect();
        assert_eq!((told[0], told[99]), (Some(1), None));
        assert_eq!(repeated.due(), None);
        tokio::time::sleep(PAUSE).await;
        assert_eq!(repeated.due(), Some(99));
        assert_eq!((repeated.due(), repeated.is_behind()), (None, false));
        assert_eq!(repeated.note(), None);
        assert_eq!((repeated.rest(), repeated.rest()), (Some(1), None));
    }
}
