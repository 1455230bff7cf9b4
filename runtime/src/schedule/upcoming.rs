//! The next instants of a schedule, for people: without jitter, and as if no clock were set meanwhile. What runs follows
//! `due`.

#[cfg(test)]
mod tests;

use std::iter::successors;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use super::cron::Schedule;
use crate::agent::Timing;
use crate::clock::Clock;
use crate::deadline;

/// Up to `count` instants from now on, of a schedule that began at `began`, by what the clock shows.
pub(crate) fn upcoming(
    timing: &Timing,
    began: Instant,
    clock: &Clock,
    count: usize,
) -> Vec<DateTime<Utc>> {
    let now = clock.now();
    match timing {
        Timing::Every(line) => {
            let period = line.period.max(Duration::from_millis(1));
            let left = left(deadline::since(began, line.start_after), period);
            let first = TimeDelta::from_std(left).ok();
            let first = first.and_then(|it| now.checked_add_signed(it));
            let period = TimeDelta::from_std(period).unwrap_or(TimeDelta::MAX);
            let next = |it: &DateTime<Utc>| it.checked_add_signed(period);
            successors(first, next).take(count).collect()
        }
        Timing::Cron(line) => {
            let Ok(schedule) = Schedule::from_fields(line.fields, line.timezone) else {
                return Vec::new();
            };
            let next = |it: &DateTime<Utc>| schedule.next_after(*it);
            successors(next(&now), next).take(count).collect()
        }
    }
}

/// How long until the grid that begins at `start` comes to its next instant.
fn left(start: Instant, period: Duration) -> Duration {
    let now = Instant::now();
    let Some(passed) = now.checked_duration_since(start) else {
        return start.saturating_duration_since(now);
    };
    let into = Duration::from_nanos_u128(passed.as_nanos() % period.as_nanos());
    period.saturating_sub(into)
}
