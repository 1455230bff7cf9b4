//! What a subscription loses, counted and said: one line of the log at most every ten seconds, and none for nothing. Knows
//! no subscription.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::bus::Losses;
use crate::deadline;
use crate::repeated::PAUSE;

/// What one subscription has lost, and how much of it the log has told.
#[derive(Debug)]
pub(super) struct LossReport {
    receiver: Arc<str>,
    subjects: Box<str>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seen: Losses,
    told: Losses,
    quiet_until: Option<Instant>,
}

impl LossReport {
    /// Of this receiver, which listens to these subjects.
    pub(super) fn new(receiver: Arc<str>, subjects: Box<str>) -> Self {
        Self {
            receiver,
            subjects,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was lost since the subscription began, and tells the log of what is new where it is time to.
    pub(super) fn note(&self, lost: Losses) {
        let mut state = self.state();
        // Two who look at once may come in any order.
        state.seen = Losses {
            overflowed: state.seen.overflowed.max(lost.overflowed),
            late: state.seen.late.max(lost.late),
            gaps: state.seen.gaps.max(lost.gaps),
        };
        if !state.is_behind() {
            return;
        }
        if state.quiet_until.is_some_and(|it| it > Instant::now()) {
            return;
        }
        self.tell(&mut state);
    }

    /// Tells the log what it was not told yet: nothing comes any more.
    pub(super) fn finish(&self) {
        let mut state = self.state();
        if state.is_behind() {
            self.tell(&mut state);
        }
    }

    /// What was lost so far.
    pub(super) fn seen(&self) -> Losses {
        self.state().seen
    }

    /// The log has not been told all.
    pub(super) fn is_behind(&self) -> bool {
        self.state().is_behind()
    }

    fn tell(&self, state: &mut State) {
        let (receiver, signals) = (&*self.receiver, &*self.subjects);
        let overflowed = state.seen.overflowed - state.told.overflowed;
        let gaps = state.seen.gaps - state.told.gaps;
        if overflowed > 0 {
            tracing::warn!(
                receiver,
                signals,
                overflowed,
                "messages found the buffer full"
            );
        }
        if gaps > 0 {
            let text = "the connection was away; what was published meanwhile is lost";
            tracing::warn!(receiver, signals, gaps, "{text}");
        }
        state.told = state.seen;
        state.quiet_until = Some(deadline::after(PAUSE));
    }
}

impl State {
    /// Calls that were too late are told to their callers, not to the log.
    fn is_behind(&self) -> bool {
        (self.seen.overflowed, self.seen.gaps) != (self.told.overflowed, self.told.gaps)
    }
}
