//! Instants and days: RFC 3339 in UTC, seconds and milliseconds since 1970, `YYYY-MM-DD`.
//!
//! A leap second (`23:59:60` in UTC) is read as the instant after it, since no instant of ours stands for it.
//! Seconds and milliseconds are written rounded down.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::de::Deserializer;
use serde::ser::Serializer;

use super::integer::integer_of;
use super::payload::{Codec, Payload};
use super::scalar::{read_scalar, read_text};
use super::trail::{Fault, Trail};

/// An instant as RFC 3339 says it.
#[derive(Debug)]
pub enum Rfc3339 {}

/// An instant in seconds since 1970.
#[derive(Debug)]
pub enum UnixSeconds {}

/// An instant in milliseconds since 1970.
#[derive(Debug)]
pub enum UnixMillis {}

/// A day as `YYYY-MM-DD`.
#[derive(Debug)]
pub enum IsoDate {}

const SECOND: u32 = 1_000_000_000;

impl Payload for DateTime<Utc> {
    type Codec = Rfc3339;
}

impl Codec<DateTime<Utc>> for Rfc3339 {
    fn write<S: Serializer>(
        value: &DateTime<Utc>,
        output: S,
        trail: &Trail,
    ) -> Result<S::Ok, S::Error> {
        let Some(value) = without_leap_second(*value).filter(|it| has_four_digits(it.year()))
        else {
            let fault = Fault::value("a year from 0 to 9999", value.year());
            return Err(trail.refuse_write(fault));
        };
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        put_day(&mut text, value.date_naive());
        put(&mut text[11..13], value.hour());
        put(&mut text[14..16], value.minute());
        put(&mut text[17..19], value.second());
        put(&mut text[20..29], value.nanosecond());
        output.serialize_str(without_zeros(&mut text))
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<DateTime<Utc>, D::Error> {
        const EXPECTED: &str = "a timestamp of RFC 3339";
        read_text(input, trail, EXPECTED, |text| {
            instant(text).ok_or_else(|| Fault::value(EXPECTED, text))
        })
    }
}

/// An instant without the zeros at its end, nor the point before nothing but zeros.
fn without_zeros(text: &mut [u8; 30]) -> &str {
    let fraction = text[20..29].iter().rposition(|digit| *digit != b'0');
    let end = fraction.map_or(19, |last| 21 + last);
    text[end] = b'Z';
    as_str(&text[..=end])
}

/// Writes `YYYY-MM-DD`, whose hyphens are there, to the beginning.
fn put_day(text: &mut [u8], day: NaiveDate) {
    put(&mut text[0..4], day.year().unsigned_abs());
    put(&mut text[5..7], day.month());
    put(&mut text[8..10], day.day());
}

/// Writes a number in as many digits as there is room for.
fn put(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn as_str(text: &[u8]) -> &str {
    str::from_utf8(text).expect("digits and separators are ASCII")
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    // chrono also takes a space for the `T`.
    let has_separator = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let value = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    let ends_the_day = value.hour() == 23 && value.minute() == 59;
    let may_leap = value.nanosecond() < SECOND || ends_the_day;
    without_leap_second(value)
        .filter(|value| has_separator && may_leap && has_four_digits(value.year()))
}

/// chrono keeps a leap second as a fraction of a second and more.
fn without_leap_second(value: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let nanos = value.timestamp_subsec_nanos();
    if nanos < SECOND {
        return Some(value);
    }
    DateTime::from_timestamp(value.timestamp() + 1, nanos - SECOND)
}

fn has_four_digits(year: i32) -> bool {
    (0..=9999).contains(&year)
}

macro_rules! unix {
    ($codec:ident $expected:literal $write:ident $read:expr) => {
        impl Codec<DateTime<Utc>> for $codec {
            fn write<S: Serializer>(
                value: &DateTime<Utc>,
                output: S,
                _trail: &Trail,
            ) -> Result<S::Ok, S::Error> {
                output.serialize_i64(value.$write())
            }

            fn read<'de, D: Deserializer<'de>>(
                input: D,
                trail: &Trail,
            ) -> Result<DateTime<Utc>, D::Error> {
                read_scalar(input, trail, $expected, |scalar| {
                    let value = integer_of(scalar, $expected)?;
                    let instant = i64::try_from(value).ok().and_then($read);
                    instant.ok_or_else(|| Fault::value($expected, value))
                })
            }
        }
    };
}

unix!(UnixSeconds "seconds since 1970" timestamp |seconds| DateTime::from_timestamp(seconds, 0));
unix!(UnixMillis "milliseconds since 1970" timestamp_millis DateTime::from_timestamp_millis);

impl Payload for NaiveDate {
    type Codec = IsoDate;
}

impl Codec<NaiveDate> for IsoDate {
    fn write<S: Serializer>(
        value: &NaiveDate,
        output: S,
        trail: &Trail,
    ) -> Result<S::Ok, S::Error> {
        if !has_four_digits(value.year()) {
            let fault = Fault::value("a year from 0 to 9999", value.year());
            return Err(trail.refuse_write(fault));
        }
        let mut text = *b"0000-00-00";
        put_day(&mut text, *value);
        output.serialize_str(as_str(&text))
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<NaiveDate, D::Error> {
        const EXPECTED: &str = "a day as YYYY-MM-DD";
        read_text(input, trail, EXPECTED, |text| {
            day(text).ok_or_else(|| Fault::value(EXPECTED, text))
        })
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    };
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = i32::try_from(digits(0, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(5, 7)?, digits(8, 10)?)
}
