//! Cron schedules by Vixie's rules, in any time zone. Parses no text: an expression was checked when its contract was
//! compiled, and arrives as the sets of its five fields.
//!
//! The rules, in short:
//! - A date is due when day of the month *and* weekday match if one of these fields begins with `*`, else when either does.
//! - A fixed local time that the clock skips runs once, at the end of the gap, and so do several in one gap, however long
//!   it is. A fixed time that comes twice runs the first time.
//! - An expression whose hour begins with `*` runs by elapsed time: at each instant whose local time matches. What the
//!   clock skips doesn't run, what it repeats runs twice.
//!
//! Why not an engine from a crate: `cron` has Quartz's rules, and asked again within a repeated hour it leaves the rest
//! of that hour out; `croner` takes `*/2` beside a weekday for "either". The rules above over five bit sets are less code
//! than the bridge to either would be. Local times are `chrono-tz`'s.
//!
//! Invariants:
//! - [`Schedule::next_after`] is strictly later than the instant given, and never skips a due instant before its answer.
//! - It jumps over months, days and hours in which nothing matches, and it always comes back: a date that comes at all
//!   comes within 40 years, and one that never does is refused at the start.

mod calendar;
mod error;
mod fields;

use chrono::{DateTime, Datelike, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::{GapInfo, Tz};

pub use error::{ScheduleError, ScheduleErrorKind};
pub use fields::CronFields;

/// How far to look: 29 February on a given weekday can be 40 years away, where a century isn't a leap year.
const HORIZON_YEARS: i32 = 48;

/// A cron expression in its time zone.
///
/// ```
/// use microagent::schedule::cron::{CronFields, Schedule};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // 30 2 * * *
/// let nightly = CronFields { minutes: 1 << 30, hours: 1 << 2, hour_star: false, ..CronFields::EVERY_MINUTE };
/// let schedule = Schedule::from_fields(nightly, "Europe/Berlin")?;
///
/// // On this night the clock goes from 02:00 to 03:00.
/// let evening = "2025-03-29T20:00:00Z".parse()?;
/// let run = schedule.next_after(evening).expect("it runs every night");
/// assert_eq!(run.to_string(), "2025-03-30 01:00:00 UTC");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    fields: CronFields,
    timezone: Tz,
}

impl Schedule {
    /// A schedule in a time zone of the IANA database, such as `Europe/Berlin` or `UTC`.
    ///
    /// # Errors
    /// An unknown time zone, a field with no value or with one that it can't have, a date that never comes. Generated code
    /// hands over what was checked, so that it can see none of these.
    pub fn from_fields(fields: CronFields, timezone: &str) -> Result<Self, ScheduleError> {
        let Ok(zone) = timezone.parse() else {
            return Err(ScheduleError::unknown_timezone(timezone));
        };
        if let Some(field) = fields.malformed() {
            return Err(ScheduleError::malformed_field(field));
        }
        if !calendar::ever_comes(&fields) {
            return Err(ScheduleError::never_due());
        }
        Ok(Self {
            fields,
            timezone: zone,
        })
    }

    /// The first due instant after `instant`, itself excluded. `None` outside of the years 1 to 9999.
    #[must_use]
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !(1..=9999).contains(&instant.year()) {
            return None;
        }
        if self.fields.hour_star {
            self.next_by_elapsed_time(instant)
        } else {
            self.next_by_local_time(instant)
        }
    }

    /// Every matching local time runs once, when the clock first reaches or passes it.
    fn next_by_local_time(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut from = next_minute(self.local(instant))?;
        loop {
            let due = calendar::next_match(&self.fields, from)?;
            let run = match self.timezone.from_local_datetime(&due) {
                LocalResult::Single(run) | LocalResult::Ambiguous(run, _) => run,
                LocalResult::None => self.end_of_gap(due)?,
            };
            // In the second pass of a repeated hour these ran the first time.
            if run > instant {
                return Some(run.to_utc());
            }
            from = next_minute(due)?;
        }
    }

    /// Every instant runs whose local time matches.
    fn next_by_elapsed_time(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = self.local(instant);
        let earliest = instant + TimeDelta::nanoseconds(1);
        let run = self.first_existing(next_minute(local)?, earliest);
        let Some(set_back) = self.set_back_after(instant) else {
            return run;
        };
        // The clock will show earlier times than now once more.
        match run {
            Some(run) if run < set_back => Some(run),
            _ => self.first_existing(this_or_next_minute(self.local(set_back))?, set_back),
        }
    }

    /// The first instant from `earliest` on whose local time matches and isn't before `from`. Looks at no local time
    /// before `from`, so that the clock must not be set back between the two.
    fn first_existing(
        &self,
        mut from: NaiveDateTime,
        earliest: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        loop {
            let due = calendar::next_match(&self.fields, from)?;
            from = match self.timezone.from_local_datetime(&due) {
                LocalResult::Single(run) if run >= earliest => return Some(run.to_utc()),
                LocalResult::Ambiguous(first, _) if first >= earliest => {
                    return Some(first.to_utc());
                }
                LocalResult::Ambiguous(_, second) if second >= earliest => {
                    return Some(second.to_utc());
                }
                LocalResult::None => this_or_next_minute(self.end_of_gap(due)?.naive_local())?,
                _ => next_minute(due)?,
            };
        }
    }

    /// When the clock will be set back to `instant`'s local time or before, if it will show this time again. No zone
    /// changes its clock twice within two days, which makes it the only change in between.
    fn set_back_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = self.local(instant);
        let LocalResult::Ambiguous(_, again) = self.timezone.from_local_datetime(&local) else {
            return None;
        };
        let offset = |seconds| {
            let at = DateTime::from_timestamp(seconds, 0)?;
            Some(self.local(at) - at.naive_utc())
        };
        let (mut before, mut after) = (instant.timestamp(), again.timestamp());
        if before == after {
            return None;
        }
        let old = offset(before)?;
        while after - before > 1 {
            let middle = before.midpoint(after);
            if offset(middle)? == old {
                before = middle;
            } else {
                after = middle;
            }
        }
        DateTime::from_timestamp(after, 0)
    }

    /// The first instant after the gap in which `skipped` lies.
    fn end_of_gap(&self, skipped: NaiveDateTime) -> Option<DateTime<Tz>> {
        GapInfo::new(&skipped, &self.timezone)?.end
    }

    fn local(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.timezone).naive_local()
    }
}

/// The next full minute, never `local` itself.
fn next_minute(local: NaiveDateTime) -> Option<NaiveDateTime> {
    local
        .with_second(0)?
        .with_nanosecond(0)?
        .checked_add_signed(TimeDelta::minutes(1))
}

/// `local` if it is a full minute, else the next one.
fn this_or_next_minute(local: NaiveDateTime) -> Option<NaiveDateTime> {
    if local.second() == 0 && local.nanosecond() == 0 {
        Some(local)
    } else {
        next_minute(local)
    }
}
