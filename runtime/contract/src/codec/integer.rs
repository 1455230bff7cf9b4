//! Integers: numbers without a fraction, `7.0` among them, or their digits in a string (`as: string`).
//! It must not know constraints.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Payload};
use super::scalar::{Scalar, read_scalar, read_text};
use super::trail::{Fault, Trail};

/// Integers in a string, for peers whose numbers are all floating.
#[derive(Debug)]
pub enum AsText {}

/// Integers as numbers.
#[derive(Debug)]
pub enum Integer {}

/// A whole number that JSON gave.
#[inline]
pub(crate) fn integer_of(scalar: Scalar<'_>, expected: &'static str) -> Result<i128, Fault> {
    /// Above this a float may stand for several integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match scalar {
        Scalar::Unsigned(value) => Ok(value.into()),
        Scalar::Signed(value) => Ok(value.into()),
        #[expect(clippy::cast_possible_truncation, reason = "whole, and under 2^53")]
        Scalar::Float(value) if value.fract() == 0.0 && value.abs() <= EXACT => Ok(value as i128),
        Scalar::Float(value) => Err(Fault::value(expected, value)),
        other => Err(other.refused(expected)),
    }
}

macro_rules! integers {
    ($($type:ident $expected:literal $in_text:literal $write:ident),* $(,)?) => { $(
        impl Payload for $type {
            type Codec = Integer;
        }

        impl Codec<$type> for Integer {
            #[inline]
            fn write<S: Serializer>(value: &$type, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
                output.$write(*value)
            }

            #[inline]
            fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<$type, D::Error> {
                read_scalar(input, trail, $expected, |scalar| {
                    let value = integer_of(scalar, $expected)?;
                    <$type>::try_from(value).map_err(|_| Fault::value($expected, value))
                })
            }
        }

        impl Codec<$type> for AsText {
            #[inline]
            fn write<S: Serializer>(value: &$type, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
                output.collect_str(value)
            }

            #[inline]
            fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<$type, D::Error> {
                read_text(input, trail, $in_text, |text| parse(text, $in_text))
            }
        }
    )* };
}

integers! {
    i8 "an integer of i8" "an integer of i8 in a string" serialize_i8,
    i16 "an integer of i16" "an integer of i16 in a string" serialize_i16,
    i32 "an integer of i32" "an integer of i32 in a string" serialize_i32,
    i64 "an integer of i64" "an integer of i64 in a string" serialize_i64,
    u8 "an integer of u8" "an integer of u8 in a string" serialize_u8,
    u16 "an integer of u16" "an integer of u16 in a string" serialize_u16,
    u32 "an integer of u32" "an integer of u32 in a string" serialize_u32,
    u64 "an integer of u64" "an integer of u64 in a string" serialize_u64,
}

/// Digits as JSON writes them: no plus sign, no leading zero.
fn parse<T: FromStr + Display>(text: &str, expected: &'static str) -> Result<T, Fault> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_canonical = digits == "0" || !digits.starts_with(['0', '+']);
    match text.parse() {
        Ok(value) if is_canonical => Ok(value),
        _ => Err(Fault::value(expected, text)),
    }
}
