//! Cron from the text of a contract to the instants of its runs: the parser of `schema` and the engine of the runtime
//! together, against expectations written by hand. The scorecard compares them with a naive reference.

mod clock_changes;
mod tables;

use chrono::{DateTime, Utc};
use microagent::schedule::cron::{CronFields, Schedule};
use microagent_schema::cron::Expression;

/// The way that generated code goes: what the parser found, as the fields of a schedule.
fn schedule(expression: &Expression, timezone: &str) -> Schedule {
    let fields = CronFields {
        minutes: expression.minutes,
        hours: expression.hours,
        days: expression.days,
        months: expression.months,
        weekdays: expression.weekdays,
        hour_star: expression.hour_star,
        day_star: expression.day_star,
        weekday_star: expression.weekday_star,
    };
    Schedule::from_fields(fields, timezone).expect("the parser accepts what the runtime accepts")
}

fn parsed(text: &str, timezone: &str) -> Schedule {
    let expression = microagent_schema::cron::parse(text)
        .unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
    schedule(&expression, timezone)
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}
