//! The next instants of a schedule, for people: without jitter, and as if no clock were set meanwhile. What runs follows
//! `due`.

use chrono::{DateTime, TimeDelta, Utc};

use super::cron::Schedule;
use crate::agent::Timing;

/// Up to `count` instants after `now`, of a schedule that began at `began`.
pub(crate) fn upcoming(
    timing: &Timing,
    began: DateTime<Utc>,
    now: DateTime<Utc>,
    count: usize,
) -> Vec<DateTime<Utc>> {
    match timing {
        Timing::Every(line) => {
            let millis =
                |it: std::time::Duration| i64::try_from(it.as_millis()).unwrap_or(i64::MAX);
            let period = millis(line.period).max(1);
            let start = i64::saturating_add(began.timestamp_millis(), millis(line.start_after));
            let passed = now.timestamp_millis() - start;
            // The first is at the start itself.
            let first = if passed < 0 { 0 } else { passed / period + 1 };
            let nth = |n: i64| {
                let after = period.checked_mul(first.checked_add(n)?)?;
                let begins = TimeDelta::try_milliseconds(start.checked_add(after)?)?;
                DateTime::UNIX_EPOCH.checked_add_signed(begins)
            };
            (0..).map_while(nth).take(count).collect()
        }
        Timing::Cron(line) => {
            let Ok(schedule) = Schedule::from_fields(line.fields, line.timezone) else {
                return Vec::new();
            };
            let next = |it: &DateTime<Utc>| schedule.next_after(*it);
            std::iter::successors(next(&now), next)
                .take(count)
                .collect()
        }
    }
}
