//! Lengths of time: ISO 8601 (`PT1.5S`) or a number of seconds. Years and months have no length and are refused.

use std::time::Duration;

use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Payload};
use super::raw::{read_digits, write_digits};
use super::scalar::read_text;
use super::trail::{Fault, Trail};

/// A duration of ISO 8601.
#[derive(Debug)]
pub enum Iso8601 {}

/// A duration as a number of seconds, exact to the nanosecond.
#[derive(Debug)]
pub enum Seconds {}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

impl Payload for Duration {
    type Codec = Iso8601;
}

impl Codec<Duration> for Iso8601 {
    fn write<S: Serializer>(
        value: &Duration,
        output: S,
        _trail: &Trail,
    ) -> Result<S::Ok, S::Error> {
        output.serialize_str(&iso_text(*value))
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Duration, D::Error> {
        const EXPECTED: &str = "a duration of ISO 8601 without years and months";
        read_text(input, trail, EXPECTED, |text| {
            parse_iso(text).ok_or_else(|| Fault::value(EXPECTED, text))
        })
    }
}

impl Codec<Duration> for Seconds {
    fn write<S: Serializer>(
        value: &Duration,
        output: S,
        _trail: &Trail,
    ) -> Result<S::Ok, S::Error> {
        if value.subsec_nanos() == 0 {
            return output.serialize_u64(value.as_secs());
        }
        write_digits(decimal_text(value.as_secs(), value.subsec_nanos()), output)
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Duration, D::Error> {
        const EXPECTED: &str = "a number of seconds";
        let digits = read_digits(input, trail, EXPECTED)?;
        let value = match digits.parse() {
            Ok(number) if digits.contains(['e', 'E']) => Duration::try_from_secs_f64(number).ok(),
            _ => parse_seconds(&digits),
        };
        value.ok_or_else(|| trail.refuse_read(Fault::value(EXPECTED, &digits)))
    }
}

fn decimal_text(seconds: u64, nanos: u32) -> String {
    let text = format!("{seconds}.{nanos:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The largest units first, none that is zero; `PT0S` for nothing.
fn iso_text(value: Duration) -> String {
    let (seconds, nanos) = (value.as_secs(), value.subsec_nanos());
    let mut text = String::from("P");
    let push = |text: &mut String, count: u64, unit: char| {
        if count > 0 {
            text.push_str(&count.to_string());
            text.push(unit);
        }
    };
    push(&mut text, seconds / DAY, 'D');
    if seconds % DAY > 0 || nanos > 0 || seconds == 0 {
        text.push('T');
    }
    push(&mut text, seconds % DAY / HOUR, 'H');
    push(&mut text, seconds % HOUR / MINUTE, 'M');
    if seconds % MINUTE > 0 || nanos > 0 || seconds == 0 {
        text.push_str(&decimal_text(seconds % MINUTE, nanos));
        text.push('S');
    }
    text
}

fn parse_iso(text: &str) -> Option<Duration> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None => (text.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let days = parse_parts(date, &[('W', WEEK), ('D', DAY)])?;
    days.checked_add(parse_parts(time, &[('H', HOUR), ('M', MINUTE), ('S', 1)])?)
}

/// Numbers with units, in the order of the units; only seconds may have a fraction.
fn parse_parts(text: &str, units: &[(char, u64)]) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    for &(unit, length) in units {
        let Some((number, after)) = rest.split_once(unit) else {
            continue;
        };
        rest = after;
        let part = if unit == 'S' {
            parse_seconds(number)?
        } else {
            Duration::from_secs(parse_digits(number)?.checked_mul(length)?)
        };
        total = total.checked_add(part)?;
    }
    rest.is_empty().then_some(total)
}

/// Digits, and perhaps a point and up to nine digits that count.
fn parse_seconds(text: &str) -> Option<Duration> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return parse_digits(text).map(Duration::from_secs);
    };
    let counted = fraction.get(..9).unwrap_or(fraction);
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos = parse_digits(&format!("{counted:0<9}"))?;
    Some(Duration::new(
        parse_digits(whole)?,
        u32::try_from(nanos).ok()?,
    ))
}

fn parse_digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
