//! Decimals: their digits, trailing zeros included, in a string or as a number.

use rust_decimal::Decimal;
use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Payload};
use super::raw::{read_digits, write_digits};
use super::scalar::read_text;
use super::trail::{Fault, Trail};

/// A decimal as its digits in a string.
#[derive(Debug)]
pub enum Digits {}

/// A decimal as a number, digit by digit.
#[derive(Debug)]
pub enum AsNumber {}

const EXPECTED: &str = "a decimal";

impl Payload for Decimal {
    type Codec = Digits;
}

impl Codec<Decimal> for Digits {
    fn write<S: Serializer>(value: &Decimal, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.collect_str(value)
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Decimal, D::Error> {
        read_text(input, trail, EXPECTED, parse)
    }
}

impl Codec<Decimal> for AsNumber {
    fn write<S: Serializer>(value: &Decimal, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        write_digits(value.to_string(), output)
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Decimal, D::Error> {
        let digits = read_digits(input, trail, "a decimal as a number")?;
        let value = if digits.contains(['e', 'E']) {
            Decimal::from_scientific(&digits).map_err(|_| Fault::value(EXPECTED, &digits))
        } else {
            parse(&digits)
        };
        value.map_err(|fault| trail.refuse_read(fault))
    }
}

/// An optional minus sign, digits, and perhaps a point and digits; nothing is rounded.
fn parse(text: &str) -> Result<Decimal, Fault> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain =
        is_digits(whole.strip_prefix('-').unwrap_or(whole)) && fraction.is_none_or(is_digits);
    match Decimal::from_str_exact(text) {
        Ok(value) if is_plain => Ok(value),
        _ => Err(Fault::value(EXPECTED, text)),
    }
}
