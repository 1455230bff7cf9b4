//! What the rows about cron share: expressions, a naive reading of them, and the way from a text to the runtime's engine.

pub mod expressions;
pub mod reference;

use microagent::schedule::cron::CronFields;

/// The way that generated code goes: what the parser of the language finds in a text, as the fields of a schedule.
///
/// # Panics
/// Where the text is no expression.
pub fn fields(text: &str) -> CronFields {
    let parsed = microagent_schema::cron::parse(text);
    let parsed = parsed.unwrap_or_else(|problem| panic!("{text}: {problem:?}"));
    CronFields {
        minutes: parsed.minutes,
        hours: parsed.hours,
        days: parsed.days,
        months: parsed.months,
        weekdays: parsed.weekdays,
        hour_star: parsed.hour_star,
        day_star: parsed.day_star,
        weekday_star: parsed.weekday_star,
    }
}
