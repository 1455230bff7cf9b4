//! When things are due, and the runs that follow. [`cron`] knows times and rules only; `due` says what comes next, of
//! an interval or a cron expression; `agenda` waits for the next of all schedules of an agent; `runner` runs what is to
//! be run; `book` counts.

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
