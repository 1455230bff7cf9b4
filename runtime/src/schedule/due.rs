//! What is due next, of an interval or a cron expression, and what is to be made of it. Intervals count on the monotonic
//! clock and don't drift; cron follows the time of day, wherever it is set. Waits for nothing.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::Tick;
use super::cron::{Schedule, ScheduleError};
use crate::agent::{CronLine, EveryLine, Missed, Timing};
use crate::clock::Clock;
use crate::deadline;
use crate::random::random;

/// A cron run that could begin no sooner than this after its time was missed: the next one may be due.
const MISSED: TimeDelta = TimeDelta::seconds(60);
/// Set back by more than this, the clock was wrong before: what is due follows from what it shows now. By less, no run
/// comes a second time.
pub(super) const SET_BACK: TimeDelta = TimeDelta::hours(3);
/// Missed times of cron are counted this far back.
const COUNTED: TimeDelta = TimeDelta::days(1);
/// Timers are no finer.
const SHORTEST: Duration = Duration::from_millis(1);

/// The due times of one schedule, one after the other.
#[derive(Debug)]
pub(crate) enum Due {
    Interval {
        /// On the grid, which begins at the first run.
        next: Instant,
        /// Of this run, by jitter.
        delay: Duration,
        period: Duration,
        jitter: Duration,
    },
    Cron {
        schedule: Schedule,
        missed: Missed,
        next: Option<DateTime<Utc>>,
    },
}

/// When something is due.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    At(Instant),
    /// When the clock shows this.
    Shown(DateTime<Utc>),
    Never,
}

/// What is made of a due time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// The run to make, if one is to be made.
    pub(super) tick: Option<Tick>,
    /// Due times that passed unseen.
    pub(super) missed: u32,
    /// By how much the run is late already, jitter apart.
    pub(super) lateness: Duration,
}

impl Due {
    /// The due times of a line, from now on.
    ///
    /// # Errors
    /// Where the line is none that generated code can hold.
    pub(crate) fn new(timing: &Timing, clock: &Clock) -> Result<Self, ScheduleError> {
        match timing {
            Timing::Every(line) => Ok(interval(line)),
            Timing::Cron(line) => cron(line, clock.now()),
        }
    }

    /// When the next time is due.
    pub(super) fn next(&self) -> When {
        match self {
            Self::Interval { next, delay, .. } => When::At(deadline::since(*next, *delay)),
            Self::Cron { next, .. } => next.map_or(When::Never, When::Shown),
        }
    }

    /// Takes what is due by now, and goes on to what is due next.
    pub(super) fn take(&mut self, clock: &Clock) -> Taken {
        let now = clock.now();
        match self {
            Self::Interval {
                next,
                delay,
                period,
                jitter,
            } => {
                let lateness = deadline::since(*next, *delay).elapsed();
                let missed = periods(lateness, *period);
                *next = deadline::since(*next, period.saturating_mul(missed));
                let ago = TimeDelta::from_std(next.elapsed()).unwrap_or_default();
                *next = deadline::since(*next, *period);
                *delay = random_up_to(*jitter);
                let scheduled = now - ago;
                Taken {
                    tick: Some(Tick { scheduled, missed }),
                    missed,
                    lateness: lateness.saturating_sub(period.saturating_mul(missed)),
                }
            }
            Self::Cron {
                schedule,
                missed,
                next,
            } => take_cron(schedule, *missed, next, now),
        }
    }

    /// The clock was wrong, and shows this now.
    pub(super) fn follow(&mut self, now: DateTime<Utc>) {
        if let Self::Cron { schedule, next, .. } = self {
            *next = schedule.next_after(now);
        }
    }
}

fn interval(line: &EveryLine) -> Due {
    let period = line.period.max(SHORTEST);
    let jitter = line.jitter.min(period);
    Due::Interval {
        next: deadline::after(line.start_after),
        delay: random_up_to(jitter),
        period,
        jitter,
    }
}

fn cron(line: &CronLine, now: DateTime<Utc>) -> Result<Due, ScheduleError> {
    let schedule = Schedule::from_fields(line.fields, line.timezone)?;
    Ok(Due::Cron {
        next: schedule.next_after(now),
        missed: line.missed,
        schedule,
    })
}

fn take_cron(
    schedule: &Schedule,
    rule: Missed,
    next: &mut Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Taken {
    let Some(due) = *next else {
        return Taken::nothing(0);
    };
    if now - due < MISSED {
        *next = schedule.next_after(due);
        return Taken::run(due, 0, now);
    }
    let (mut latest, mut passed) = (due, 0);
    let mut from = due.max(now - COUNTED);
    while let Some(later) = schedule.next_after(from).filter(|it| *it <= now) {
        (latest, from) = (later, later);
        passed += 1;
    }
    *next = schedule.next_after(now);
    if now - latest < MISSED || rule == Missed::Once {
        return Taken::run(latest, passed, now);
    }
    Taken::nothing(passed + 1)
}

impl Taken {
    fn nothing(missed: u32) -> Self {
        Self {
            tick: None,
            missed,
            lateness: Duration::ZERO,
        }
    }

    fn run(scheduled: DateTime<Utc>, missed: u32, now: DateTime<Utc>) -> Self {
        Self {
            tick: Some(Tick { scheduled, missed }),
            missed,
            lateness: (now - scheduled).to_std().unwrap_or_default(),
        }
    }
}

/// How many whole periods fit.
fn periods(time: Duration, period: Duration) -> u32 {
    u32::try_from(time.as_nanos() / period.as_nanos()).unwrap_or(u32::MAX)
}

fn random_up_to(limit: Duration) -> Duration {
    if limit.is_zero() {
        return limit;
    }
    let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
    match nanos.checked_add(1) {
        Some(choices) => Duration::from_nanos(random() % choices),
        None => Duration::from_nanos(random()),
    }
}
