//! One field of an expression: which numbers and names it takes, its lists, ranges and steps. What a single entry may
//! be mistaken for is `entry`'s part.

use std::ops::RangeInclusive;

use super::entry;
use super::{Problem, Word};

/// What a field takes.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) values: RangeInclusive<u32>,
    /// How many different values there are; the weekday 7 is 0 once more.
    pub(super) size: u32,
    pub(super) names: &'static [(&'static str, u32)],
    /// The unit of `every` that runs across this field's end.
    pub(super) unit: Option<char>,
}

pub(super) const MINUTE: Spec = Spec {
    name: "minute",
    values: 0..=59,
    size: 60,
    names: &[],
    unit: Some('m'),
};

pub(super) const HOUR: Spec = Spec {
    name: "hour",
    values: 0..=23,
    size: 24,
    names: &[],
    unit: Some('h'),
};

pub(super) const DAY: Spec = Spec {
    name: "day",
    values: 1..=31,
    size: 31,
    names: &[],
    unit: Some('d'),
};

pub(super) const MONTH: Spec = Spec {
    name: "month",
    values: 1..=12,
    size: 12,
    names: &[
        ("JAN", 1),
        ("FEB", 2),
        ("MAR", 3),
        ("APR", 4),
        ("MAY", 5),
        ("JUN", 6),
        ("JUL", 7),
        ("AUG", 8),
        ("SEP", 9),
        ("OCT", 10),
        ("NOV", 11),
        ("DEC", 12),
    ],
    unit: None,
};

pub(super) const WEEKDAY: Spec = Spec {
    name: "weekday",
    values: 0..=7,
    size: 7,
    names: &[
        ("SUN", 0),
        ("MON", 1),
        ("TUE", 2),
        ("WED", 3),
        ("THU", 4),
        ("FRI", 5),
        ("SAT", 6),
    ],
    unit: None,
};

/// The bits of Sunday to Saturday.
pub(super) const EVERY_WEEKDAY: u64 = 0b111_1111;

/// The values of a field, and whether it begins with `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) bits: u64,
    pub(super) star: bool,
}

/// Reads a field: entries between commas, each `*`, `n`, `n-m`, and but for `n` with a step.
pub(super) fn parse(spec: &Spec, word: Word<'_>) -> Result<Set, Problem> {
    let mut bits = 0;
    for item in word.split(',') {
        if item.text.is_empty() {
            return Err(empty_entry(word, item));
        }
        let (low, high, step) = parse_entry(spec, item)?;
        for value in (low..=high).step_by(step) {
            bits |= 1 << value;
        }
    }
    if spec.size < spec.values.end() + 1 - spec.values.start() {
        bits = (bits | bits >> spec.size) & EVERY_WEEKDAY;
    }
    Ok(Set {
        bits,
        star: word.text.starts_with('*'),
    })
}

/// The comma beside nothing is what has to go.
fn empty_entry(field: Word<'_>, item: Word<'_>) -> Problem {
    let start = if item.start > field.start {
        item.start - 1
    } else {
        item.start
    };
    let comma = Word { text: ",", start };
    comma.problem(
        "an entry of this list is empty",
        "write each value once, with one comma between two: `1,15`",
    )
}

fn parse_entry(spec: &Spec, item: Word<'_>) -> Result<(u32, u32, usize), Problem> {
    let (span, step) = match item.split_once('/') {
        Some((span, step)) => (span, Some(step)),
        None => (item, None),
    };
    if span.text.is_empty() {
        return Err(entry::missing_value(spec, item));
    }
    if step.is_some_and(|step| step.text.is_empty()) {
        return Err(entry::missing_step(spec, item));
    }
    if span.text == "*" {
        let step = step.map_or(Ok(1), |step| parse_step(spec, step))?;
        return Ok((*spec.values.start(), *spec.values.end(), step));
    }
    if let Some((low, high)) = span.split_once('-') {
        let (low, high) = parse_range(spec, span, (low, high))?;
        let step = step.map_or(Ok(1), |step| parse_step(spec, step))?;
        return Ok((low, high, step));
    }
    let value = parse_value(spec, span)?;
    match step {
        None => Ok((value, value, 1)),
        Some(step) => {
            parse_step(spec, step)?;
            let last = spec.values.start() + spec.size - 1;
            Err(item.problem(
                format!("`{}` has a step but no range", item.shown()),
                format!(
                    "say where it ends: `{}-{last}/{}`, or begin with `*`: `*/{1}`",
                    span.shown(),
                    step.shown()
                ),
            ))
        }
    }
}

fn parse_range(
    spec: &Spec,
    span: Word<'_>,
    ends: (Word<'_>, Word<'_>),
) -> Result<(u32, u32), Problem> {
    let (low_word, high_word) = ends;
    if low_word.text.is_empty() || high_word.text.is_empty() {
        return Err(entry::missing_value(spec, span));
    }
    if high_word.text.contains('-') {
        return Err(span.problem(
            format!("the range `{}` has more than two ends", span.shown()),
            "write the first and the last value: `1-5`",
        ));
    }
    let low = parse_value(spec, low_word)?;
    let high = parse_value(spec, high_word)?;
    if low <= high {
        return Ok((low, high));
    }
    let help = if spec.size == WEEKDAY.size && high == 0 {
        format!("Sunday at the end of a range is 7: `{}`", shown(low, 7))
    } else {
        let end = spec.values.start() + spec.size - 1;
        let around = [shown(low, end), shown(*spec.values.start(), high)];
        format!(
            "a range doesn't go round the end; write two: `{}`",
            around.join(",")
        )
    };
    Err(span.problem(format!("the range `{}` runs backwards", span.shown()), help))
}

fn shown(low: u32, high: u32) -> String {
    if low == high {
        low.to_string()
    } else {
        format!("{low}-{high}")
    }
}

fn parse_value(spec: &Spec, word: Word<'_>) -> Result<u32, Problem> {
    if is_number(word.text) {
        let value = word.text.parse().ok();
        return value
            .filter(|value| spec.values.contains(value))
            .ok_or_else(|| entry::out_of_range(spec, word));
    }
    let named = |(name, _): &&(&str, u32)| name.eq_ignore_ascii_case(word.text);
    match spec.names.iter().find(named) {
        Some((_, value)) => Ok(*value),
        None => Err(entry::unreadable(spec, word)),
    }
}

fn parse_step(spec: &Spec, word: Word<'_>) -> Result<usize, Problem> {
    let size = spec.size;
    if !is_number(word.text) {
        return Err(word.problem(
            format!("`{}` is not a step", word.shown()),
            format!("one whole number from 1 to {size} follows the `/`: `*/2`"),
        ));
    }
    match word.text.parse() {
        Ok(0) => Err(word.problem(
            "a step of 0 never moves on",
            format!("write a number from 1 to {size}"),
        )),
        Ok(step) if step <= size as usize => Ok(step),
        _ => Err(entry::long_step(spec, word)),
    }
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
