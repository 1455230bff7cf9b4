//! Cron expressions as Vixie's cron reads them: five fields or a macro, from text to sets of numbers, and what is wrong
//! with them in the writer's words. Pure: when an expression is due is the runtime's part, which never sees the text.

mod entry;
mod field;
mod macros;
#[cfg(test)]
mod tests;

use std::ops::Range;

use field::{DAY, HOUR, MINUTE, MONTH, Set, WEEKDAY};

/// A checked expression. Bit `n` of a set is the value `n`; the runtime's `CronFields` has the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Expression {
    /// Minutes 0 to 59.
    pub minutes: u64,
    /// Hours 0 to 23.
    pub hours: u32,
    /// Days of the month, 1 to 31.
    pub days: u32,
    /// Months, 1 to 12.
    pub months: u16,
    /// Weekdays, 0 to 6, where 0 is Sunday.
    pub weekdays: u8,
    /// The hour begins with `*`: in a time zone the expression runs by elapsed time.
    pub hour_star: bool,
    /// The day of the month begins with `*`: it restricts the weekday instead of adding to it.
    pub day_star: bool,
    /// The weekday begins with `*`: it restricts the day of the month instead of adding to it.
    pub weekday_star: bool,
}

/// Why a text is no cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The bytes of the text that have to change.
    pub range: Range<usize>,
    pub message: String,
    /// The way out.
    pub help: String,
    /// The name that was probably meant.
    pub suggestion: Option<String>,
}

/// A piece of the text that knows where it stands.
#[derive(Clone, Copy, Debug)]
struct Word<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Word<'a> {
    fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// The pieces between `separator`, empty ones included.
    fn split(self, separator: char) -> impl Iterator<Item = Word<'a>> {
        let mut start = self.start;
        self.text.split(separator).map(move |text| {
            let word = Word { text, start };
            start += text.len() + separator.len_utf8();
            word
        })
    }

    /// What stands before and after the first `separator`.
    fn split_once(self, separator: char) -> Option<(Word<'a>, Word<'a>)> {
        let (before, after) = self.text.split_once(separator)?;
        let start = self.start + before.len() + separator.len_utf8();
        let before = Word {
            text: before,
            start: self.start,
        };
        Some((before, Word { text: after, start }))
    }

    /// The text as a message quotes it: it can neither break the line nor flood it.
    fn shown(self) -> String {
        let mut shown: String = self
            .text
            .chars()
            .take(LONGEST_QUOTE)
            .flat_map(char::escape_debug)
            .collect();
        if self.text.chars().nth(LONGEST_QUOTE).is_some() {
            shown.push('…');
        }
        shown
    }

    fn problem(self, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem {
            range: self.range(),
            message: message.into(),
            help: help.into(),
            suggestion: None,
        }
    }
}

/// So many characters of a word stand in a message.
const LONGEST_QUOTE: usize = 32;

/// Reads `minute hour day month weekday`, or a macro such as `@daily`.
///
/// # Errors
/// The first problem from the left: a field that can't be read, a field too many or too few, or a date that never comes.
pub fn parse(text: &str) -> Result<Expression, Problem> {
    let words = words(text);
    if words.first().is_some_and(|word| word.text.starts_with('@')) {
        return macros::parse(&words);
    }
    let &[minute, hour, day, month, weekday] = words.as_slice() else {
        return Err(wrong_count(text, &words));
    };
    let minutes = field::parse(&MINUTE, minute)?;
    let hours = field::parse(&HOUR, hour)?;
    let days = field::parse(&DAY, day)?;
    let months = field::parse(&MONTH, month)?;
    let weekdays = field::parse(&WEEKDAY, weekday)?;
    let date = day.start..month.range().end;
    check_date(days, months, weekdays).map_err(|problem| Problem {
        range: date,
        ..problem
    })?;
    Ok(Expression {
        minutes: minutes.bits,
        hours: narrow(hours),
        days: narrow(days),
        months: u16::try_from(months.bits).expect("months are bits 1 to 12"),
        weekdays: u8::try_from(weekdays.bits).expect("weekdays are bits 0 to 6"),
        hour_star: hours.star,
        day_star: days.star,
        weekday_star: weekdays.star,
    })
}

/// Hours and days of the month are bits 0 to 31.
fn narrow(set: Set) -> u32 {
    u32::try_from(set.bits).expect("hours and days fit into 32 bits")
}

/// The pieces between blanks. Only spaces and tabs part fields, as in a crontab.
fn words(text: &str) -> Vec<Word<'_>> {
    let whole = Word { text, start: 0 };
    let tabs = whole.split(' ').flat_map(|word| word.split('\t'));
    tabs.filter(|word| !word.text.is_empty()).collect()
}

const ORDER: &str = "write `minute hour day month weekday`, such as `30 4 * * MON-FRI`";

fn wrong_count(text: &str, words: &[Word<'_>]) -> Problem {
    let count = words.len();
    let quartz = match words {
        [seconds, rest @ ..] if rest.len() == 5 => Some((*seconds, "seconds", rest)),
        [seconds, rest @ .., _] if rest.len() == 5 => Some((*seconds, "seconds and years", rest)),
        _ => None,
    };
    if let Some((seconds, extra, rest)) = quartz {
        let rest: Vec<String> = rest.iter().map(|word| word.shown()).collect();
        return seconds.problem(
            format!("a cron expression has five fields, this one has {count}"),
            format!(
                "it looks like Quartz with {extra}; leave them out: `{}`",
                rest.join(" ")
            ),
        );
    }
    let start = words.first().map_or(0, |word| word.start);
    let end = words.last().map_or(text.len(), |word| word.range().end);
    let message = match count {
        0 => "a cron expression has five fields, this one is empty".to_owned(),
        1 => "a cron expression has five fields, this one has one".to_owned(),
        _ => format!("a cron expression has five fields, this one has {count}"),
    };
    Problem {
        range: start..end,
        message,
        help: ORDER.to_owned(),
        suggestion: None,
    }
}

/// The longest that each month can be, January first.
const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Refuses `30 2`: a day that none of the months has. Beside a weekday the date may come by that alone, unless one of
/// the two begins with `*`; 29 February falls on every weekday sooner or later.
fn check_date(days: Set, months: Set, weekdays: Set) -> Result<(), Problem> {
    if !days.star && !weekdays.star {
        return Ok(());
    }
    let comes = (1..=12).zip(LONGEST).any(|(month, longest)| {
        months.bits >> month & 1 == 1 && days.bits & ((2 << longest) - 1) != 0
    });
    if comes {
        return Ok(());
    }
    let help = if weekdays.bits == field::EVERY_WEEKDAY {
        "February has at most 29 days, and April, June, September and November have 30"
    } else {
        "a weekday that begins with `*` has to match as well; without the `*` either may match"
    };
    Err(Word { text: "", start: 0 }.problem("this date never comes", help))
}
