//! What happens when the clock is changed: cases worked out by hand, and rules that hold in each of ten zones for ten years.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::{instant, parsed};

/// Zone, expression, the instant to begin after, and the runs that follow.
#[rustfmt::skip] // One case a line can be read as a table.
const CASES: &[(&str, &str, &str, &[&str])] = &[
    // 30 March 2025, 01:00 UTC: 02:00 becomes 03:00.
    ("Europe/Berlin", "30 2 * * *", "2025-03-29T12:00:00Z", &["2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"]),
    ("Europe/Berlin", "*/15 2 * * *", "2025-03-29T12:00:00Z", &["2025-03-30T01:00:00Z", "2025-03-31T00:00:00Z", "2025-03-31T00:15:00Z"]),
    ("Europe/Berlin", "0 2,3 * * *", "2025-03-29T12:00:00Z", &["2025-03-30T01:00:00Z", "2025-03-31T00:00:00Z", "2025-03-31T01:00:00Z"]),
    ("Europe/Berlin", "30 2 30 3 *", "2025-01-01T00:00:00Z", &["2025-03-30T01:00:00Z", "2026-03-30T00:30:00Z"]),
    ("Europe/Berlin", "30 */2 * * *", "2025-03-30T00:00:00Z", &["2025-03-30T02:30:00Z", "2025-03-30T04:30:00Z"]),
    ("Europe/Berlin", "30 * * * *", "2025-03-30T00:00:00Z", &["2025-03-30T00:30:00Z", "2025-03-30T01:30:00Z"]),
    // 26 October 2025, 01:00 UTC: 03:00 becomes 02:00.
    ("Europe/Berlin", "30 2 * * *", "2025-10-25T12:00:00Z", &["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]),
    ("Europe/Berlin", "30 2 * * *", "2025-10-26T00:45:00Z", &["2025-10-27T01:30:00Z"]),
    ("Europe/Berlin", "30 2 * * *", "2025-10-26T01:10:00Z", &["2025-10-27T01:30:00Z"]),
    ("Europe/Berlin", "0 1-3 * * *", "2025-10-25T22:30:00Z", &["2025-10-25T23:00:00Z", "2025-10-26T00:00:00Z", "2025-10-26T02:00:00Z"]),
    ("Europe/Berlin", "*/30 * * * *", "2025-10-25T23:30:00Z", &["2025-10-26T00:00:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:00:00Z", "2025-10-26T01:30:00Z", "2025-10-26T02:00:00Z"]),
    ("Europe/Berlin", "30 */2 * * *", "2025-10-25T23:00:00Z", &["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-10-26T03:30:00Z"]),
    ("Europe/Berlin", "15 */2 26 10 *", "2025-10-26T00:30:00Z", &["2025-10-26T01:15:00Z", "2025-10-26T03:15:00Z"]),
    ("Europe/London", "0 1 * * *", "2025-03-29T12:00:00Z", &["2025-03-30T01:00:00Z", "2025-03-31T00:00:00Z"]),
    ("Europe/London", "30 1 * * *", "2025-10-25T12:00:00Z", &["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]),
    ("America/New_York", "30 2 * * *", "2025-03-08T12:00:00Z", &["2025-03-09T07:00:00Z", "2025-03-10T06:30:00Z"]),
    ("America/New_York", "30 1 * * *", "2025-11-01T12:00:00Z", &["2025-11-02T05:30:00Z", "2025-11-03T06:30:00Z"]),
    ("America/New_York", "@hourly", "2025-11-02T04:30:00Z", &["2025-11-02T05:00:00Z", "2025-11-02T06:00:00Z", "2025-11-02T07:00:00Z"]),
    // Half an hour: 02:00 becomes 02:30 in October, and 01:30 in April.
    ("Australia/Lord_Howe", "15 2 * * *", "2025-10-04T00:00:00Z", &["2025-10-04T15:30:00Z", "2025-10-05T15:15:00Z"]),
    ("Australia/Lord_Howe", "15 * * * *", "2025-10-04T15:00:00Z", &["2025-10-04T16:15:00Z"]),
    ("Australia/Lord_Howe", "45 * * * *", "2025-10-04T15:00:00Z", &["2025-10-04T15:15:00Z", "2025-10-04T15:45:00Z"]),
    ("Australia/Lord_Howe", "45 1 * * *", "2025-04-05T00:00:00Z", &["2025-04-05T14:45:00Z", "2025-04-06T15:15:00Z"]),
    ("Australia/Lord_Howe", "45 * * * *", "2025-04-05T14:00:00Z", &["2025-04-05T14:45:00Z", "2025-04-05T15:15:00Z", "2025-04-05T16:15:00Z"]),
    // A whole day: 30 December 2011 never was.
    ("Pacific/Apia", "0 12 * * *", "2011-12-29T22:00:00Z", &["2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"]),
    ("Pacific/Apia", "0 12 30 12 *", "2011-12-01T00:00:00Z", &["2011-12-30T10:00:00Z", "2012-12-29T22:00:00Z"]),
    ("Pacific/Apia", "0 0 * * *", "2011-12-29T12:00:00Z", &["2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"]),
    ("Pacific/Apia", "0 * * * *", "2011-12-30T09:00:00Z", &["2011-12-30T10:00:00Z", "2011-12-30T11:00:00Z"]),
    ("Pacific/Apia", "0 */12 30 12 *", "2011-12-01T00:00:00Z", &["2012-12-29T10:00:00Z"]),
    ("Pacific/Kwajalein", "0 6 * * *", "1993-08-20T18:00:00Z", &["1993-08-21T12:00:00Z", "1993-08-21T18:00:00Z"]),
    // At midnight: 00:00 becomes 01:00, and 00:00 becomes 23:00 of the day before.
    ("America/Sao_Paulo", "0 0 * * *", "2018-11-03T12:00:00Z", &["2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"]),
    ("America/Sao_Paulo", "0 */2 * * *", "2018-11-04T01:30:00Z", &["2018-11-04T04:00:00Z"]),
    ("America/Sao_Paulo", "30 23 * * *", "2018-02-17T12:00:00Z", &["2018-02-18T01:30:00Z", "2018-02-19T02:30:00Z"]),
    ("America/Sao_Paulo", "30 * * * *", "2018-02-18T01:00:00Z", &["2018-02-18T01:30:00Z", "2018-02-18T02:30:00Z", "2018-02-18T03:30:00Z"]),
    ("Africa/Cairo", "0 0 * * *", "2023-04-27T12:00:00Z", &["2023-04-27T22:00:00Z", "2023-04-28T21:00:00Z"]),
    ("Africa/Cairo", "30 0 28 4 *", "2023-04-27T12:00:00Z", &["2023-04-27T22:00:00Z"]),
    ("Asia/Tehran", "30 0 * * *", "2022-03-21T12:00:00Z", &["2022-03-21T20:30:00Z", "2022-03-22T20:00:00Z"]),
    // Two hours: 01:00 becomes 03:00, and back.
    ("Antarctica/Troll", "30 1,2 * * *", "2024-03-30T12:00:00Z", &["2024-03-31T01:00:00Z", "2024-03-31T23:30:00Z"]),
    ("Antarctica/Troll", "30 1,2 * * *", "2024-10-26T23:00:00Z", &["2024-10-26T23:30:00Z", "2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"]),
    ("Antarctica/Troll", "30 * * * *", "2024-10-26T23:00:00Z", &["2024-10-26T23:30:00Z", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z", "2024-10-27T02:30:00Z"]),
    // One minute past midnight: 00:01 becomes 01:01, which is no full hour at the end.
    ("America/St_Johns", "0 0 * * *", "2006-04-01T12:00:00Z", &["2006-04-02T03:30:00Z", "2006-04-03T02:30:00Z"]),
    ("America/St_Johns", "30 0 * * *", "2006-04-01T12:00:00Z", &["2006-04-02T03:31:00Z", "2006-04-03T03:00:00Z"]),
    // Local time of its own, 44 minutes and 30 seconds behind.
    ("Africa/Monrovia", "0 12 * * *", "1970-06-01T00:00:00Z", &["1970-06-01T12:44:30Z", "1970-06-02T12:44:30Z"]),
    ("Africa/Monrovia", "* * * * *", "1970-06-01T12:44:00Z", &["1970-06-01T12:44:30Z", "1970-06-01T12:45:30Z"]),
    // It ended on 7 January 1972, when 00:00 became 00:44:30.
    ("Africa/Monrovia", "30 0 * * *", "1972-01-07T00:00:00Z", &["1972-01-07T00:44:30Z", "1972-01-08T00:30:00Z"]),
    ("Africa/Monrovia", "* * * * *", "1972-01-07T00:43:30Z", &["1972-01-07T00:45:00Z"]),
    // On 1 January 1920 the clock was set back from 00:00 to 23:48:44.
    ("Asia/Kathmandu", "* * * * *", "1919-12-31T18:18:43Z", &["1919-12-31T18:19:00Z", "1919-12-31T18:20:00Z"]),
    ("Asia/Kathmandu", "50 23 * * *", "1919-12-31T12:00:00Z", &["1919-12-31T18:08:44Z", "1920-01-01T18:20:00Z"]),
];

#[test]
fn runs_as_worked_out_by_hand() {
    for (zone, text, after, expected) in CASES {
        let schedule = parsed(text, zone);
        let mut last = instant(after);
        for run in *expected {
            let next = schedule.next_after(last).expect("it runs again");
            assert_eq!(next, instant(run), "`{text}` in {zone} after {last}");
            last = next;
        }
    }
}

const ZONES: [&str; 10] = [
    "Africa/Cairo",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Apia",
];

/// Ten years, in some or all of which each of the zones changes its clock both ways.
const FIRST_YEAR: i32 = 2006;
const YEARS: i32 = 10;

/// The runs of ten years, each strictly after the one before, with the local time that the clock shows then.
fn ten_years(text: &str, zone: &str) -> Vec<(DateTime<Utc>, NaiveDateTime)> {
    let schedule = parsed(text, zone);
    let clock: Tz = zone.parse().expect("a known zone");
    let local = |run: DateTime<Utc>| run.with_timezone(&clock).naive_local();
    let mut last = instant(&format!("{}-12-30T00:00:00Z", FIRST_YEAR - 1));
    let mut runs = Vec::new();
    loop {
        let run = schedule.next_after(last).expect("it runs again");
        assert!(run > last, "`{text}` in {zone}: {run} after {last}");
        last = run;
        if local(run).year() >= FIRST_YEAR + YEARS {
            return runs;
        }
        if local(run).year() >= FIRST_YEAR {
            runs.push((run, local(run)));
        }
    }
}

fn dates() -> impl Iterator<Item = NaiveDate> {
    let start = NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).expect("a date");
    start
        .iter_days()
        .take_while(|date| date.year() < FIRST_YEAR + YEARS)
}

/// One run for every date of the calendar, those without this time included: at the time itself, or else at once after
/// the gap, and never twice.
#[test]
fn a_fixed_time_runs_once_for_every_date() {
    for zone in ZONES {
        for (hour, minute) in [(0, 30), (1, 30), (1, 45), (2, 15), (23, 30)] {
            let runs = ten_years(&format!("{minute} {hour} * * *"), zone);
            assert_eq!(runs.len(), dates().count(), "{hour}:{minute} in {zone}");
            let clock: Tz = zone.parse().expect("a known zone");
            let mut shown = BTreeSet::new();
            for ((run, local), date) in runs.iter().zip(dates()) {
                let wanted = date.and_hms_opt(hour, minute, 0).expect("a time");
                let before = (*run - TimeDelta::minutes(1))
                    .with_timezone(&clock)
                    .naive_local();
                let on_time = *local == wanted;
                let after_gap = before < wanted && wanted < *local;
                assert!(on_time || after_gap, "{wanted} in {zone} ran at {local}");
                assert!(shown.insert(*local), "{local} ran twice in {zone}");
            }
        }
    }
}

/// By elapsed time: an hour apart, whatever the clock shows, where it is changed by full hours.
#[test]
fn every_hour_is_an_hour_apart() {
    for zone in ZONES {
        for text in ["@hourly", "30 * * * *", "45 */1 * * *"] {
            let runs = ten_years(text, zone);
            for pair in runs.windows(2) {
                let apart = (pair[1].0 - pair[0].0).num_minutes();
                let expected = if zone == "Australia/Lord_Howe" {
                    30..=90
                } else {
                    60..=60
                };
                assert!(expected.contains(&apart), "`{text}` in {zone}: {pair:?}");
            }
        }
    }
}

/// What is due at a matching local time runs exactly at such times, also every second hour.
#[test]
fn elapsed_time_keeps_to_matching_local_times() {
    for zone in ZONES {
        let runs = ten_years("20,50 */2 * * *", zone);
        for (_, local) in &runs {
            assert!(
                local.hour() % 2 == 0 && [20, 50].contains(&local.minute()),
                "{local} in {zone}"
            );
        }
        let dates = i64::try_from(dates().count()).expect("some thousands");
        let missed = dates * 24 - i64::try_from(runs.len()).expect("some thousands");
        // A change skips or repeats two or four runs, of which a year has two, and the missing day skips 24.
        assert!((-24..=48).contains(&missed), "{missed} missed in {zone}");
    }
}
