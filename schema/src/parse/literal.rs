//! Literals that begin with a digit: where they end, what they are, and what is wrong with those that are none.

use crate::ast::{Duration, ValueKind};
use crate::codes::{self, Code};
use crate::suggest::suggest;

pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: String,
    pub(super) suggestion: Option<String>,
}

const DURATIONS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];
const SIZES: [(&str, u64); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// Behind the last byte of the literal: letters and digits, a dot where it is not the first of two, a signed exponent.
pub(super) fn end(bytes: &[u8], start: usize) -> usize {
    let mut position = start + 1;
    let mut numeric = bytes[start] != b'0' || bytes.get(position) != Some(&b'x');
    while let Some(byte) = bytes.get(position) {
        let next = bytes.get(position + 1);
        let taken = match byte {
            b'0'..=b'9' | b'_' => true,
            b'a'..=b'z' | b'A'..=b'Z' => {
                let exponent = numeric && matches!(byte, b'e' | b'E');
                numeric = false;
                if exponent
                    && matches!(next, Some(b'+' | b'-'))
                    && bytes.get(position + 2).is_some_and(u8::is_ascii_digit)
                {
                    position += 1;
                }
                true
            }
            b'.' => numeric && next != Some(&b'.'),
            _ => false,
        };
        if !taken {
            break;
        }
        position += 1;
    }
    position
}

/// The value of a literal without [`problem`].
pub(super) fn value(text: &str) -> ValueKind {
    let clean = text.replace('_', "");
    if clean
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        return ValueKind::Integer(clean);
    }
    let (digits, unit) = split_unit(&clean);
    if let Some(milliseconds) = scaled(digits, unit, &DURATIONS) {
        return ValueKind::Duration(Duration {
            milliseconds,
            text: clean,
        });
    }
    if let Some(bytes) = scaled(digits, unit, &SIZES) {
        return ValueKind::Size { bytes, text: clean };
    }
    ValueKind::Float(clean)
}

/// What stands for a literal that has a [`problem`]: the least of its kind, so that nobody misses the unit that is there.
pub(super) fn stand_in(text: &str) -> ValueKind {
    let (_, unit) = split_unit(text);
    let is_of = |table: &[(&str, u64)]| table.iter().any(|(name, _)| *name == unit);
    if is_of(&DURATIONS) {
        value("1ms")
    } else if is_of(&SIZES) {
        value("1KiB")
    } else {
        value("0")
    }
}

/// What is wrong with a literal, if anything.
pub(super) fn problem(text: &str) -> Option<Problem> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') {
        return None;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    prefixed(unsigned)
        .or_else(|| separators(unsigned))
        .or_else(|| zeros(unsigned))
        .or_else(|| shape(text, unsigned))
}

fn prefixed(text: &str) -> Option<Problem> {
    let lower = text.to_ascii_lowercase();
    let radix = match lower.get(..2)? {
        "0x" => 16,
        "0o" => 8,
        "0b" => 2,
        _ => return None,
    };
    let number = u128::from_str_radix(&lower[2..].replace('_', ""), radix);
    Some(Problem {
        code: codes::NOT_DECIMAL,
        message: format!("`{text}` is not a decimal number"),
        help: number.map_or_else(
            |_| "numbers are written in decimal".to_owned(),
            |number| format!("numbers are written in decimal: `{number}`"),
        ),
        suggestion: None,
    })
}

fn separators(text: &str) -> Option<Problem> {
    let bytes = text.as_bytes();
    let between = |index: usize| {
        index > 0
            && bytes[index - 1].is_ascii_digit()
            && bytes.get(index + 1).is_some_and(u8::is_ascii_digit)
    };
    let wrong = (0..bytes.len()).any(|index| bytes[index] == b'_' && !between(index));
    wrong.then(|| Problem {
        code: codes::BAD_SEPARATOR,
        message: format!("a `_` of `{text}` does not stand between two digits"),
        help: format!(
            "a single `_` may stand between digits, as in `1_000`; without: `{}`",
            text.replace('_', "")
        ),
        suggestion: None,
    })
}

fn zeros(text: &str) -> Option<Problem> {
    let mut bytes = text.bytes();
    let wrong = bytes.next() == Some(b'0')
        && bytes
            .next()
            .is_some_and(|byte| byte.is_ascii_digit() || byte == b'_');
    wrong.then(|| {
        let rest = text.trim_start_matches(['0', '_']);
        let rest = if rest.starts_with(|first: char| first.is_ascii_digit()) {
            rest.to_owned()
        } else {
            format!("0{rest}")
        };
        Problem {
            code: codes::LEADING_ZERO,
            message: format!("`{text}` begins with a needless zero"),
            help: format!("write `{rest}`, or a string if the zeros matter"),
            suggestion: None,
        }
    })
}

fn shape(text: &str, unsigned: &str) -> Option<Problem> {
    if is_integer(unsigned) || is_float(unsigned) {
        return None;
    }
    let clean = unsigned.replace('_', "");
    let (digits, unit) = split_unit(&clean);
    if is_integer(digits) && !unit.is_empty() {
        if unsigned != text {
            return Some(number(text, "a duration or size is not negative"));
        }
        let known = |table: &[(&str, u64)]| table.iter().any(|(name, _)| *name == unit);
        if scaled(digits, unit, &DURATIONS)
            .or(scaled(digits, unit, &SIZES))
            .is_some()
        {
            return None;
        }
        if known(&DURATIONS) || known(&SIZES) {
            return Some(number(text, "it does not fit into 64 bits"));
        }
    }
    Some(compound(&clean).unwrap_or_else(|| unit_or_number(text, digits, unit)))
}

/// `1h30m`
fn compound(text: &str) -> Option<Problem> {
    let mut rest = text;
    let mut total = 0_u64;
    let mut smallest = ("d", 86_400_000);
    let mut parts = 0;
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|first: char| first.is_ascii_digit())
                .len();
        let letters = rest[digits..]
            .find(|first: char| first.is_ascii_digit())
            .unwrap_or(rest.len() - digits);
        let (digits, unit) = (&rest[..digits], &rest[digits..digits + letters]);
        let factor = DURATIONS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(scaled(digits, unit, &DURATIONS)?)?;
        if factor.1 < smallest.1 {
            smallest = *factor;
        }
        rest = &rest[digits.len() + unit.len()..];
        parts += 1;
    }
    (parts > 1).then(|| Problem {
        code: codes::COMPOUND_DURATION,
        message: format!("`{text}` has several units"),
        help: format!(
            "a duration has one unit: `{}{}`",
            total / smallest.1,
            smallest.0
        ),
        suggestion: None,
    })
}

fn unit_or_number(text: &str, digits: &str, unit: &str) -> Problem {
    if unit.is_empty() || unit.contains(|letter: char| !letter.is_ascii_alphabetic()) {
        return number(
            text,
            "a float has a digit on both sides of its dot: `0.5`, `1.0`, `1e9`",
        );
    }
    let known = DURATIONS
        .iter()
        .chain(&SIZES)
        .any(|(name, _)| *name == unit);
    if known {
        return number(
            text,
            "a duration or size is a whole number: `1500ms` for `1.5s`",
        );
    }
    let meant = match unit.to_ascii_lowercase().as_str() {
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "min" | "mins" | "minute" | "minutes" => Some("m"),
        "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "day" | "days" => Some("d"),
        "msec" | "millis" => Some("ms"),
        "k" | "kb" => Some("KiB"),
        "mb" => Some("MiB"),
        "g" | "gb" => Some("GiB"),
        _ => None,
    };
    let names = DURATIONS.iter().chain(&SIZES).map(|(name, _)| *name);
    let meant = meant.map(str::to_owned).or_else(|| suggest(unit, names));
    Problem {
        code: codes::UNKNOWN_UNIT,
        message: format!("there is no unit `{unit}`"),
        help: "durations: `250ms`, `5s`, `10m`, `4h`, `7d`; sizes: `64KiB`, `1MiB`, `2GiB`".into(),
        suggestion: meant.map(|unit| format!("{digits}{unit}")),
    }
}

fn number(text: &str, help: &str) -> Problem {
    Problem {
        code: codes::BAD_NUMBER,
        message: format!("`{text}` is not a number"),
        help: help.into(),
        suggestion: None,
    }
}

fn split_unit(text: &str) -> (&str, &str) {
    let letters = text
        .find(|letter: char| letter.is_ascii_alphabetic())
        .unwrap_or(text.len());
    text.split_at(letters)
}

fn scaled(digits: &str, unit: &str, table: &[(&str, u64)]) -> Option<u64> {
    let (_, factor) = table.iter().find(|(name, _)| *name == unit)?;
    digits.parse::<u64>().ok()?.checked_mul(*factor)
}

fn is_integer(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
}

fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = text
        .split_once(['e', 'E'])
        .map_or((text, None), |(mantissa, rest)| (mantissa, Some(rest)));
    let exponent_ok = exponent
        .is_none_or(|exponent| is_integer(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
    let mantissa_ok = match mantissa.split_once('.') {
        Some((whole, fraction)) => is_integer(whole) && is_integer(fraction),
        None => exponent.is_some() && is_integer(mantissa),
    };
    exponent_ok && mantissa_ok
}
