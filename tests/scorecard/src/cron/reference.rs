//! Vixie's rules as naively as they can be written: a clock that ticks minute by minute. Shares nothing with the parser or
//! the engine; of `chrono-tz` it uses the offset at an instant alone. Its only short cut is to pass by days whose date
//! doesn't match, as long as the clock isn't changed on them.

use std::sync::LazyLock;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

const DAY: i64 = 24 * 60;

/// An expression as lists of what is ticked off, by plain indexing.
#[derive(Debug)]
pub struct Reference {
    minute: Vec<bool>,
    hour: Vec<bool>,
    day: Vec<bool>,
    month: Vec<bool>,
    weekday: Vec<bool>,
    fixed_hour: bool,
    both_days: bool,
}

impl Reference {
    pub fn new(text: &str) -> Self {
        let text = match text.to_lowercase().as_str() {
            "@yearly" | "@annually" => "0 0 1 1 *".to_owned(),
            "@monthly" => "0 0 1 * *".to_owned(),
            "@weekly" => "0 0 * * 0".to_owned(),
            "@daily" | "@midnight" => "0 0 * * *".to_owned(),
            "@hourly" => "0 * * * *".to_owned(),
            other => other.to_owned(),
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let mut weekday = ticked(fields[4], 0, 7, "sun mon tue wed thu fri sat");
        weekday[0] = weekday[0] || weekday[7];
        let star = |field: usize| fields[field].starts_with('*');
        Self {
            minute: ticked(fields[0], 0, 59, ""),
            hour: ticked(fields[1], 0, 23, ""),
            day: ticked(fields[2], 1, 31, ""),
            month: ticked(
                fields[3],
                1,
                12,
                "- jan feb mar apr may jun jul aug sep oct nov dec",
            ),
            weekday,
            fixed_hour: !star(1),
            both_days: star(2) || star(4),
        }
    }

    /// Whether the date comes within 60 years.
    pub fn ever_comes(&self) -> bool {
        (10_000..10_000 + 60 * 366).any(|day| self.date_matches(day))
    }

    fn date_matches(&self, days_since_1970: i64) -> bool {
        let (month, day) = DATES[index(days_since_1970)];
        let by_day = self.day[day];
        let by_weekday = self.weekday[index((days_since_1970 + 4).rem_euclid(7))];
        let date = if self.both_days {
            by_day && by_weekday
        } else {
            by_day || by_weekday
        };
        self.month[month] && date
    }

    fn matches(&self, local: i64) -> bool {
        let minute_of_day = index(local.rem_euclid(DAY));
        self.minute[minute_of_day % 60]
            && self.hour[minute_of_day / 60]
            && self.date_matches(local.div_euclid(DAY))
    }

    /// All runs in `(start, end]`, and the first one after. Times are minutes since 1970.
    pub fn runs(&self, clock: &Clock, start: i64, end: i64) -> Vec<i64> {
        let mut runs = Vec::new();
        let mut reached = clock.latest_shown(start);
        let mut now = start;
        while runs.last().is_none_or(|run| *run <= end) && now < clock.end {
            now += 1;
            let local = clock.local(now);
            let due = if self.fixed_hour {
                (reached + 1..=local).any(|passed| self.matches(passed))
            } else {
                self.matches(local)
            };
            reached = reached.max(local);
            if due {
                runs.push(now);
            }
            let midnight = now + DAY - 1 - local.rem_euclid(DAY);
            if !self.date_matches(local.div_euclid(DAY)) && clock.is_steady(now, midnight) {
                now = midnight;
                reached = reached.max(clock.local(now));
            }
        }
        runs
    }
}

/// What one field ticks off, by the words of the manual.
fn ticked(field: &str, first: usize, last: usize, names: &str) -> Vec<bool> {
    let number = |text: &str| match names.split(' ').position(|name| name == text) {
        Some(place) => place,
        None => text.parse().unwrap_or_else(|_| panic!("{text} in {field}")),
    };
    let mut ticked = vec![false; last + 1];
    for entry in field.split(',') {
        let (span, step) = entry.split_once('/').unwrap_or((entry, "1"));
        let (low, high) = match span.split_once('-') {
            Some((low, high)) => (number(low), number(high)),
            None if span == "*" => (first, last),
            None => (number(span), number(span)),
        };
        let mut value = low;
        while value <= high {
            ticked[value] = true;
            value += number(step);
        }
    }
    ticked
}

/// Month and day of every day from 1970 to 2109, counted one by one.
static DATES: LazyLock<Vec<(usize, usize)>> = LazyLock::new(|| {
    let mut dates = Vec::new();
    for year in 1970..2110 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = if leap { 29 } else { 28 };
        let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (1..).zip(lengths) {
            dates.extend((1..=length).map(|day| (month, day)));
        }
    }
    dates
});

fn index(value: i64) -> usize {
    usize::try_from(value).expect("indices are small and not negative")
}

/// The offsets of a zone between 1985 and 2080, in minutes.
#[derive(Debug)]
pub struct Clock {
    /// From when on which offset holds, in order.
    changes: Vec<(i64, i64)>,
    end: i64,
}

impl Clock {
    pub fn new(zone: Tz) -> Self {
        let (start, end) = (15 * 366 * DAY, 110 * 366 * DAY);
        let mut changes = vec![(i64::MIN, offset(zone, start))];
        let mut now = start;
        // No zone changes twice within a day, so that a look at noon and midnight sees each change.
        while now < end {
            let next = now + DAY / 2;
            let new = offset(zone, next);
            if changes.last().is_some_and(|(_, old)| *old != new) {
                let change = (now..=next).find(|minute| offset(zone, *minute) == new);
                changes.push((change.expect("it is between the two"), new));
            }
            now = next;
        }
        Self { changes, end }
    }

    /// The instants at which the offset changes.
    pub fn changes(&self) -> impl Iterator<Item = i64> {
        self.changes.iter().skip(1).map(|(at, _)| *at)
    }

    fn local(&self, now: i64) -> i64 {
        let later = self.changes.partition_point(|(at, _)| *at <= now);
        now + self.changes[later - 1].1
    }

    fn is_steady(&self, from: i64, until: i64) -> bool {
        self.local(until) - self.local(from) == until - from
    }

    /// The latest local time that the clock has shown in the two days up to `now`.
    fn latest_shown(&self, now: i64) -> i64 {
        let before_a_change = self
            .changes()
            .filter(|at| now - 2 * DAY < *at && *at <= now);
        let shown = before_a_change.map(|at| self.local(at - 1));
        shown.fold(self.local(now), i64::max)
    }
}

fn offset(zone: Tz, minute: i64) -> i64 {
    let instant = DateTime::from_timestamp(minute * 60, 0).expect("within the calendar");
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    i64::from(offset.local_minus_utc() / 60)
}
