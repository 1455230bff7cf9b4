//! Floating-point numbers: finite ones only, whole values without a fraction. It must not know constraints.

use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Payload};
use super::scalar::{Scalar, read_scalar};
use super::trail::{Fault, Reason, Trail};

/// Floating-point numbers.
#[derive(Debug)]
pub enum Float {}

impl Payload for f64 {
    type Codec = Float;
}

impl Codec<f64> for Float {
    #[inline]
    fn write<S: Serializer>(value: &f64, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        if !value.is_finite() {
            return Err(trail.refuse_write(Fault::new(Reason::NotFinite, "")));
        }
        match whole(*value) {
            Some(whole) => output.serialize_i64(whole),
            None => output.serialize_f64(*value),
        }
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<f64, D::Error> {
        const EXPECTED: &str = "a number of f64";
        read_scalar(input, trail, EXPECTED, |scalar| number(scalar, EXPECTED))
    }
}

impl Payload for f32 {
    type Codec = Float;
}

impl Codec<f32> for Float {
    #[inline]
    fn write<S: Serializer>(value: &f32, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        if !value.is_finite() {
            return Err(trail.refuse_write(Fault::new(Reason::NotFinite, "")));
        }
        match whole(f64::from(*value)) {
            Some(whole) => output.serialize_i64(whole),
            None => output.serialize_f32(*value),
        }
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<f32, D::Error> {
        const EXPECTED: &str = "a number of f32";
        read_scalar(input, trail, EXPECTED, |scalar| {
            let wide = number(scalar, EXPECTED)?;
            #[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is meant")]
            let value = wide as f32;
            if value.is_finite() {
                Ok(value)
            } else {
                Err(Fault::value(EXPECTED, wide))
            }
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "the nearest float is meant")]
#[inline]
fn number(scalar: Scalar<'_>, expected: &'static str) -> Result<f64, Fault> {
    match scalar {
        Scalar::Float(value) if value.is_finite() => Ok(value),
        Scalar::Float(value) => Err(Fault::value(expected, value)),
        Scalar::Unsigned(value) => Ok(value as f64),
        Scalar::Signed(value) => Ok(value as f64),
        other => Err(other.refused(expected)),
    }
}

/// A value without a fraction, if an integer can say the same: `-0.0` has a sign that no integer has.
#[inline]
fn whole(value: f64) -> Option<i64> {
    /// 2^63, the first whole number that is no `i64`.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let is_negative_zero = value == 0.0 && value.is_sign_negative();
    #[expect(clippy::cast_possible_truncation, reason = "whole, and in range")]
    (value.fract() == 0.0 && value.abs() < END && !is_negative_zero).then_some(value as i64)
}
