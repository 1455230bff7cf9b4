//! The table of zone names in `schema` against the crate that the runtime uses, and the shapes of both sides' fields.

use microagent::schedule::cron::{CronFields, Schedule, ScheduleErrorKind};
use microagent_schema::timezones;

use crate::{instant, parsed};

#[test]
fn both_sides_know_the_same_zones() {
    let mut known: Vec<&str> = chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .collect();
    known.sort_unstable();
    assert_eq!(known, timezones::NAMES);
    for name in timezones::NAMES {
        assert!(timezones::is_known(name), "{name}");
        assert!(
            Schedule::from_fields(CronFields::EVERY_MINUTE, name).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn every_minute_is_five_stars() {
    let stars = parsed("* * * * *", "UTC");
    assert_eq!(
        Schedule::from_fields(CronFields::EVERY_MINUTE, "UTC"),
        Ok(stars)
    );
}

#[test]
fn fields_made_by_hand_are_checked() {
    let every = CronFields::EVERY_MINUTE;
    let table = [
        (
            every,
            "Mars/Base",
            ScheduleErrorKind::UnknownTimezone,
            "unknown time zone `Mars/Base`",
        ),
        (
            every,
            "europe/berlin",
            ScheduleErrorKind::UnknownTimezone,
            "unknown time zone `europe/berlin`",
        ),
        (
            CronFields {
                minutes: 0,
                ..every
            },
            "UTC",
            ScheduleErrorKind::MalformedField,
            "`minutes`",
        ),
        (
            CronFields {
                minutes: 1 << 60,
                ..every
            },
            "UTC",
            ScheduleErrorKind::MalformedField,
            "`minutes`",
        ),
        (
            CronFields {
                hours: 1 << 24,
                ..every
            },
            "UTC",
            ScheduleErrorKind::MalformedField,
            "`hours`",
        ),
        (
            CronFields { days: 1, ..every },
            "UTC",
            ScheduleErrorKind::MalformedField,
            "`days`",
        ),
        (
            CronFields {
                months: 1 << 13,
                ..every
            },
            "UTC",
            ScheduleErrorKind::MalformedField,
            "`months`",
        ),
        (
            CronFields {
                weekdays: 1 << 7,
                ..every
            },
            "UTC",
            ScheduleErrorKind::MalformedField,
            "`weekdays`",
        ),
        (
            CronFields {
                days: 1 << 30,
                months: 1 << 2,
                ..every
            },
            "UTC",
            ScheduleErrorKind::NeverDue,
            "never comes",
        ),
    ];
    for (fields, zone, kind, message) in table {
        let error = Schedule::from_fields(fields, zone).expect_err(message);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

/// Zones end somewhere, and so does the calendar; no schedule panics or hangs there.
#[test]
fn the_ends_of_time_are_quiet() {
    for zone in ["UTC", "Pacific/Kiritimati", "America/Adak", "Europe/Berlin"] {
        for text in ["* * * * *", "0 0 1 1 *", "30 2 29 2 */7", "0 0 29 2 0"] {
            let schedule = parsed(text, zone);
            assert_eq!(
                schedule.next_after(chrono::DateTime::<chrono::Utc>::MAX_UTC),
                None
            );
            assert_eq!(
                schedule.next_after(chrono::DateTime::<chrono::Utc>::MIN_UTC),
                None
            );
            for late in [
                "9999-12-31T23:59:59Z",
                "9970-03-01T00:00:00Z",
                "0001-01-01T00:00:00Z",
            ] {
                assert!(
                    schedule.next_after(instant(late)) > Some(instant(late)),
                    "{text} in {zone} after {late}"
                );
            }
        }
    }
}

/// 2100 is no leap year, so that from one Sunday, 29 February to the next there are 40 years.
#[test]
fn a_leap_day_on_a_weekday_is_found_across_a_century() {
    let schedule = parsed("0 12 29 2 */7", "UTC");
    let mut run = instant("2000-01-01T00:00:00Z");
    let mut runs = Vec::new();
    for _ in 0..5 {
        run = schedule.next_after(run).expect("it comes again");
        runs.push(run.format("%Y-%m-%d %a").to_string());
    }
    let expected = [
        "2004-02-29 Sun",
        "2032-02-29 Sun",
        "2060-02-29 Sun",
        "2088-02-29 Sun",
        "2128-02-29 Sun",
    ];
    assert_eq!(runs, expected);
}
