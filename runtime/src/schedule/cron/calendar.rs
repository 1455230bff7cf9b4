//! Which local dates and times match an expression. Knows the calendar, but no zones: here every day has 24 hours.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::{CronFields, HORIZON_YEARS};

/// The first match that isn't before `from`, a full minute.
pub(super) fn next_match(fields: &CronFields, from: NaiveDateTime) -> Option<NaiveDateTime> {
    let today = from.date();
    if days_of_month(fields, today) >> today.day() & 1 == 1
        && let Some(time) = next_time(fields, from.time())
    {
        return Some(today.and_time(time));
    }
    let date = next_date(fields, today.succ_opt()?)?;
    Some(date.and_time(next_time(fields, NaiveTime::MIN)?))
}

/// Whether any date matches, in any year: 29 February falls on each weekday, and each other date does so more often.
pub(super) fn ever_comes(fields: &CronFields) -> bool {
    NaiveDate::from_ymd_opt(2000, 1, 1).is_some_and(|start| next_date(fields, start).is_some())
}

/// The first matching date that isn't before `from`.
fn next_date(fields: &CronFields, from: NaiveDate) -> Option<NaiveDate> {
    let days = days_of_month(fields, from) >> from.day() << from.day();
    if let Some(date) = first_day(from, days) {
        return Some(date);
    }
    let (mut year, mut month) = (from.year(), from.month());
    let last_year = year + HORIZON_YEARS;
    loop {
        month = lowest(u64::from(fields.months >> month >> 1 << 1 << month)).unwrap_or_else(|| {
            year += 1;
            fields.months.trailing_zeros()
        });
        if year > last_year {
            return None;
        }
        let start = NaiveDate::from_ymd_opt(year, month, 1)?;
        if let Some(date) = first_day(start, days_of_month(fields, start)) {
            return Some(date);
        }
    }
}

/// The first of `days` in the month of `date`.
fn first_day(date: NaiveDate, days: u32) -> Option<NaiveDate> {
    date.with_day(lowest(days.into())?)
}

/// The matching days of the month in which `date` lies; none if that month doesn't match.
fn days_of_month(fields: &CronFields, date: NaiveDate) -> u32 {
    if fields.months >> date.month() & 1 == 0 {
        return 0;
    }
    let by_weekday = days_with_weekday(fields.weekdays, date);
    let either = if fields.day_star || fields.weekday_star {
        fields.days & by_weekday
    } else {
        fields.days | by_weekday
    };
    let existing = (2_u64 << date.num_days_in_month()) - 2;
    either & u32::try_from(existing).unwrap_or(u32::MAX)
}

/// The days 1 to 31 of the month of `date` that fall on one of `weekdays`.
fn days_with_weekday(weekdays: u8, date: NaiveDate) -> u32 {
    let first = (date.weekday().num_days_from_sunday() + 35 - (date.day() - 1)) % 7;
    let weekdays = u64::from(weekdays);
    // Bit 0 becomes the weekday of the first day; then the week is repeated five times.
    let week = (weekdays >> first | weekdays << (7 - first)) & 0b111_1111;
    let weeks = (0..5).fold(0, |days, n| days | week << (7 * n));
    u32::try_from(weeks << 1 & u64::from(u32::MAX)).unwrap_or(0)
}

/// The first matching time of a day that isn't before `from`.
fn next_time(fields: &CronFields, from: NaiveTime) -> Option<NaiveTime> {
    let this_hour = fields.hours >> from.hour() & 1 == 1;
    if this_hour && let Some(minute) = lowest(fields.minutes >> from.minute() << from.minute()) {
        return NaiveTime::from_hms_opt(from.hour(), minute, 0);
    }
    let later = u64::from(fields.hours) >> (from.hour() + 1) << (from.hour() + 1);
    NaiveTime::from_hms_opt(lowest(later)?, lowest(fields.minutes)?, 0)
}

/// The lowest value of a set.
fn lowest(set: u64) -> Option<u32> {
    (set != 0).then(|| set.trailing_zeros())
}
