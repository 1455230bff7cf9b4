//! What is due next, of an interval or a cron expression. Intervals follow the monotonic clock and don't drift; cron
//! follows the time of day, and looks at it anew often enough to see that it was set.

#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep, sleep_until};

use super::Tick;
use super::cron::{Schedule, ScheduleError};
use crate::agent::{CronLine, EveryLine, Missed, Timing};
use crate::clock::Clock;
use crate::deadline;
use crate::message::random;

/// How often cron looks at the time of day.
const LOOK: Duration = Duration::from_secs(30);
/// A cron run that begins later than this was missed: the next one may be due.
const LATE: TimeDelta = TimeDelta::seconds(60);
/// Set back by more than this, the clock was wrong before: what is due follows from what it shows now. By less, no run
/// comes a second time.
const SET_BACK: TimeDelta = TimeDelta::hours(3);
/// Missed times are counted this far back.
const COUNTED: TimeDelta = TimeDelta::days(1);
/// Timers are no finer.
const SHORTEST: Duration = Duration::from_millis(1);

/// Waits for due times, one after the other.
pub(crate) struct Due {
    clock: Clock,
    kind: Kind,
}

enum Kind {
    Interval {
        next: Instant,
        delay: Duration,
        period: Duration,
        jitter: Duration,
    },
    Cron {
        schedule: Box<Schedule>,
        missed: Missed,
        next: Option<DateTime<Utc>>,
        seen: DateTime<Utc>,
    },
}

impl Due {
    /// The due times of a line, from now on.
    ///
    /// # Errors
    /// Where the line is none that generated code can hold.
    pub(crate) fn new(timing: &Timing, clock: Clock) -> Result<Self, ScheduleError> {
        let kind = match timing {
            Timing::Every(line) => interval(line),
            Timing::Cron(line) => cron(line, clock.now())?,
        };
        Ok(Self { clock, kind })
    }

    /// Ready when the next time is due; never, where none comes. Cancel safe.
    pub(crate) async fn wait(&mut self) {
        match &mut self.kind {
            Kind::Interval { next, delay, .. } => sleep_until(deadline::since(*next, *delay)).await,
            Kind::Cron {
                schedule,
                next,
                seen,
                ..
            } => loop {
                let now = self.clock.now();
                if now < *seen - SET_BACK {
                    *next = schedule.next_after(now);
                }
                *seen = now;
                let Some(due) = *next else {
                    return std::future::pending().await;
                };
                let left = self.clock.until(due);
                if left.is_zero() {
                    return;
                }
                sleep(left.min(LOOK)).await;
            },
        }
    }

    /// Takes what is due: the run to make, if one is to be made, and how many due times passed unseen.
    pub(crate) fn take(&mut self) -> (Option<Tick>, u32) {
        let now = self.clock.now();
        match &mut self.kind {
            Kind::Interval {
                next,
                delay,
                period,
                jitter,
            } => {
                let late = Instant::now().saturating_duration_since(deadline::since(*next, *delay));
                let missed = periods(late, *period);
                *next = deadline::since(*next, period.saturating_mul(missed));
                let lateness = TimeDelta::from_std(next.elapsed()).unwrap_or_default();
                *next = deadline::since(*next, *period);
                *delay = random_up_to(*jitter);
                let tick = Tick {
                    scheduled: now - lateness,
                    missed,
                };
                (Some(tick), missed)
            }
            Kind::Cron {
                schedule,
                missed,
                next,
                ..
            } => take_cron(schedule, *missed, next, now),
        }
    }
}

fn interval(line: &EveryLine) -> Kind {
    let period = line.period.max(SHORTEST);
    let jitter = line.jitter.min(period);
    Kind::Interval {
        next: deadline::after(line.start_after),
        delay: random_up_to(jitter),
        period,
        jitter,
    }
}

fn cron(line: &CronLine, now: DateTime<Utc>) -> Result<Kind, ScheduleError> {
    let schedule = Schedule::from_fields(line.fields, line.timezone)?;
    Ok(Kind::Cron {
        next: schedule.next_after(now),
        schedule: Box::new(schedule),
        missed: line.missed,
        seen: now,
    })
}

fn take_cron(
    schedule: &Schedule,
    rule: Missed,
    next: &mut Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (Option<Tick>, u32) {
    let Some(due) = *next else {
        return (None, 0);
    };
    if now - due < LATE {
        *next = schedule.next_after(due);
        return (Some(Tick::at(due)), 0);
    }
    let (mut latest, mut passed) = (due, 0);
    let mut from = due.max(now - COUNTED);
    while let Some(later) = schedule.next_after(from).filter(|it| *it <= now) {
        (latest, from) = (later, later);
        passed += 1;
    }
    *next = schedule.next_after(now);
    if now - latest < LATE || rule == Missed::Once {
        let tick = Tick {
            scheduled: latest,
            missed: passed,
        };
        return (Some(tick), passed);
    }
    (None, passed + 1)
}

/// How many whole periods fit.
fn periods(time: Duration, period: Duration) -> u32 {
    u32::try_from(time.as_nanos() / period.as_nanos()).unwrap_or(u32::MAX)
}

fn random_up_to(limit: Duration) -> Duration {
    let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
    match nanos.checked_add(1) {
        Some(choices) => Duration::from_nanos(random() % choices),
        None => Duration::from_nanos(random()),
    }
}
