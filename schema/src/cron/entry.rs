//! What a writer may have meant by an entry that can't be read: another scheduler's dialect, a name of another field, a
//! slip of the fingers. Makes problems and decides nothing.

use super::field::{self, DAY, HOUR, MINUTE, MONTH, Spec, WEEKDAY};
use super::{ORDER, Problem, Word};
use crate::suggest;

/// A number that the field doesn't have.
pub(super) fn out_of_range(spec: &Spec, word: Word<'_>) -> Problem {
    let (first, last) = (spec.values.start(), spec.values.end());
    let help = match spec.name {
        _ if spec.name == HOUR.name => "hours run from 0 to 23; midnight is 0".to_owned(),
        _ if spec.name == MINUTE.name => "minutes run from 0 to 59; the full hour is 0".to_owned(),
        _ if spec.name == WEEKDAY.name => {
            "weekdays run from 0 to 7; 1 is Monday, and both 0 and 7 are Sunday".to_owned()
        }
        name => format!("{name}s run from {first} to {last}"),
    };
    word.problem(
        format!("there is no {} `{}`", spec.name, word.shown()),
        help,
    )
}

/// A step that would leave the field after its first value.
pub(super) fn long_step(spec: &Spec, word: Word<'_>) -> Problem {
    let Spec { name, size, .. } = spec;
    let help = match spec.unit {
        Some(unit) if word.text.len() < 6 => format!(
            "a step starts anew with each round of the field; for longer periods write `every {}{unit} name`",
            word.text.trim_start_matches('0')
        ),
        _ => format!("write a number from 1 to {size}"),
    };
    let message = format!(
        "a step of {} is longer than the {size} values of the {name} field",
        word.text
    );
    word.problem(message, help)
}

/// Neither a number nor a name of the field.
pub(super) fn unreadable(spec: &Spec, word: Word<'_>) -> Problem {
    if let Some(help) = foreign(spec, word.text) {
        let message = format!("`{}` is another scheduler's, not cron's", word.shown());
        return word.problem(message, help);
    }
    if word.text.contains('*') {
        return word.problem(
            "`*` stands alone or before a step",
            "write `*` for every value, `*/2` for every second one, `1-5` for some",
        );
    }
    if let Some(other) = owner(spec, word.text) {
        let message = format!(
            "`{}` is a {}, this is the {} field",
            word.shown(),
            other.name,
            spec.name
        );
        return word.problem(message, ORDER);
    }
    unknown(spec, word)
}

/// A range without one of its ends, or a step of nothing.
pub(super) fn missing_value(spec: &Spec, word: Word<'_>) -> Problem {
    let (first, last) = (spec.values.start(), spec.values.end());
    word.problem(
        format!("a value is missing in `{}`", word.shown()),
        format!(
            "write a number from {first} to {last}, a range such as `{first}-{}`, or `*`",
            first + 4
        ),
    )
}

/// A `/` with nothing behind.
pub(super) fn missing_step(spec: &Spec, word: Word<'_>) -> Problem {
    word.problem(
        format!("a step is missing in `{}`", word.shown()),
        format!(
            "one whole number from 1 to {} follows the `/`: `*/2`",
            spec.size
        ),
    )
}

/// The help for what Quartz, Jenkins or BSD would understand.
fn foreign(spec: &Spec, text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let help = if text.contains('?') {
        "cron has no `?`; write `*`".to_owned()
    } else if text.contains('#') {
        "cron can't count weekdays in a month; run on each one and check the day in the handler"
            .to_owned()
    } else if upper == "L" || is_value_with(spec, &upper, "L") {
        "cron has no last day; run on each day that may be the last and check it in the handler"
            .to_owned()
    } else if upper == "W" || upper == "LW" || is_value_with(spec, &upper, "W") {
        "cron has no nearest working day; run on several days and check the day in the handler"
            .to_owned()
    } else if text.contains('~') || upper == "H" || upper.starts_with("H(") {
        "cron picks no value by itself; write a number".to_owned()
    } else {
        return None;
    };
    Some(help)
}

/// `5L`, `FRIL`, `15W`: a value of the field with a letter behind.
fn is_value_with(spec: &Spec, upper: &str, letter: &str) -> bool {
    upper.strip_suffix(letter).is_some_and(|value| {
        field::is_number(value) || spec.names.iter().any(|(name, _)| *name == value)
    })
}

/// The other field that has this name.
fn owner(spec: &Spec, text: &str) -> Option<&'static Spec> {
    [&MONTH, &WEEKDAY].into_iter().find(|other| {
        other.name != spec.name
            && other
                .names
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(text))
    })
}

fn unknown(spec: &Spec, word: Word<'_>) -> Problem {
    let (first, last) = (spec.values.start(), spec.values.end());
    let numbers = format!("{first} to {last}");
    let wordlike = word.text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if spec.names.is_empty() || !wordlike {
        let article = if spec.name == HOUR.name { "an" } else { "a" };
        let message = format!("`{}` is not {article} {}", word.shown(), spec.name);
        let help = match spec.names {
            _ if spec.name == DAY.name => format!("write a day of the month, {numbers}"),
            [] => format!("write a number, {numbers}"),
            [(name, _), ..] => format!("write a number, {numbers}, or a name such as `{name}`"),
        };
        return word.problem(message, help);
    }
    let names: Vec<String> = spec
        .names
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    Problem {
        suggestion: nearest(spec, word.text),
        ..word.problem(
            format!("unknown {} `{}`", spec.name, word.shown()),
            format!("the names are {}", names.join(", ")),
        )
    }
}

/// The name that a longer word begins with, such as `MON` of `Monday`, or else the most alike.
fn nearest(spec: &Spec, text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let names = || spec.names.iter().map(|(name, _)| *name);
    names()
        .find(|name| upper.starts_with(name))
        .map(str::to_owned)
        .or_else(|| suggest::suggest(&upper, names()))
}
