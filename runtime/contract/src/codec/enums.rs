//! Enums: values that are strings or integers. It must not know unions.

use serde::de::Deserializer;
use serde::ser::Serializer;

use super::integer::integer_of;
use super::payload::Codec;
use super::scalar::{Scalar, read_scalar, read_text};
use super::trail::{Fault, Trail};
use super::unrecognised::Unrecognised;

/// An enum whose values are strings.
pub trait TextEnum: Sized {
    /// The known value of a text.
    fn of_text(text: &str) -> Option<Self>;

    /// The text of a value.
    fn as_text(&self) -> &str;

    /// An unknown value, if the enum is open.
    fn of_unrecognised(_value: Unrecognised) -> Option<Self> {
        None
    }
}

/// The text of an unknown value.
#[must_use]
pub fn unrecognised_text(value: &Unrecognised) -> &str {
    value.text()
}

/// The integer of an unknown value.
#[must_use]
pub fn unrecognised_integer(value: &Unrecognised) -> i64 {
    value.integer()
}

/// The form of a [`TextEnum`].
#[derive(Debug)]
pub enum AsTextEnum {}

impl<T: TextEnum> Codec<T> for AsTextEnum {
    #[inline]
    fn write<S: Serializer>(value: &T, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.serialize_str(value.as_text())
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        read_text(input, trail, "a string of an enum", |text| {
            T::of_text(text)
                .or_else(|| T::of_unrecognised(Unrecognised::of_text(text)))
                .ok_or_else(|| Fault::unknown("a value of a closed enum", text))
        })
    }
}

/// An enum whose values are integers.
pub trait IntegerEnum: Sized {
    /// The known value of an integer.
    fn of_integer(value: i64) -> Option<Self>;

    /// The integer of a value.
    fn to_integer(&self) -> i64;

    /// An unknown value, if the enum is open.
    fn of_unrecognised(_value: Unrecognised) -> Option<Self> {
        None
    }
}

/// The form of an [`IntegerEnum`].
#[derive(Debug)]
pub enum AsIntegerEnum {}

impl<T: IntegerEnum> Codec<T> for AsIntegerEnum {
    #[inline]
    fn write<S: Serializer>(value: &T, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.serialize_i64(value.to_integer())
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        const EXPECTED: &str = "an integer of an enum";
        read_scalar(input, trail, EXPECTED, |scalar: Scalar<'_>| {
            let value = integer_of(scalar, EXPECTED)?;
            let value = i64::try_from(value).map_err(|_| Fault::value(EXPECTED, value))?;
            T::of_integer(value)
                .or_else(|| T::of_unrecognised(Unrecognised::of_integer(value)))
                .ok_or_else(|| Fault::unknown("a value of a closed enum", value))
        })
    }
}
