//! When things are due, and the runs that follow. [`cron`] knows times and rules only; `due` says what comes next, of
//! an interval or a cron expression; `agenda` waits for the next of all schedules of an agent; `runner` runs what is to
//! be run; `book` counts.
//!
//! - **Intervals** count on the monotonic clock from their first run and stay on that grid, however long runs take. Jitter
//!   delays each run anew and does not add up. While a machine sleeps they stand still.
//! - **Cron** follows the time of day in its zone; [`cron`] has the rules for days on which clocks are changed. The clock
//!   of the machine is looked at every 5 s at least, so that nobody has to say that it was set or that the machine slept.
//!   No run is early by it.
//! - **Set forward**, the due times it passes over are missed, but one that can begin within 60 s of its time is run. With
//!   `missed: once` one run, at the latest of them, stands for all.
//! - **Set back** by up to 3 h, nothing runs twice: cron waits until the clock has come to where it was. Set back by more
//!   it was wrong before, and cron begins anew from what it shows.
//! - **Limits**: one run waits where overlapping runs queue, 64 go on at a time where they run in parallel, and what is due
//!   beyond that is skipped. A run ends with its timeout.
//! - **[Counts]**: each due time is a run, or skipped, or missed; runs may have failed, or begun late.

mod agenda;
mod book;
pub mod cron;
mod due;
mod runner;
mod upcoming;

use std::fmt;

use chrono::{DateTime, Utc};

pub(crate) use self::book::Book;
pub use self::book::Counts;
pub(crate) use self::due::Due;
pub(crate) use self::runner::Runner;
pub(crate) use self::upcoming::upcoming;

/// Names a schedule: the agent and the line. Generated code has one constant for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScheduleId {
    agent: &'static str,
    name: &'static str,
}

impl ScheduleId {
    /// Line `name` of an agent that is named with its package.
    pub const fn new(agent: &'static str, name: &'static str) -> Self {
        Self { agent, name }
    }

    /// The agent, with its package.
    pub const fn agent(&self) -> &'static str {
        self.agent
    }

    /// The line.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Display for ScheduleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.agent, self.name)
    }
}

/// One run of a schedule, as its handler sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tick {
    /// When it was due, without jitter.
    pub scheduled: DateTime<Utc>,
    /// How many due times before it were missed since the last run: the process could not see them pass. Those of cron
    /// are counted a day back.
    pub missed: u32,
}

impl Tick {
    /// A run that was due at `scheduled`: for tests that call a handler.
    pub fn at(scheduled: DateTime<Utc>) -> Self {
        Self {
            scheduled,
            missed: 0,
        }
    }
}
