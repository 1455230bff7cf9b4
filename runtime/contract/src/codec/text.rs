//! Strings and booleans. It must not know constraints.

use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Payload};
use super::scalar::{Scalar, read_scalar, read_text};
use super::trail::Trail;

/// A string.
#[derive(Debug)]
pub enum Text {}

impl Payload for String {
    type Codec = Text;
}

impl Codec<String> for Text {
    #[inline]
    fn write<S: Serializer>(value: &String, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.serialize_str(value)
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<String, D::Error> {
        read_text(input, trail, "a string", |text| Ok(text.to_owned()))
    }
}

/// `true` or `false`.
#[derive(Debug)]
pub enum Boolean {}

impl Payload for bool {
    type Codec = Boolean;
}

impl Codec<bool> for Boolean {
    #[inline]
    fn write<S: Serializer>(value: &bool, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.serialize_bool(*value)
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<bool, D::Error> {
        const EXPECTED: &str = "a boolean";
        read_scalar(input, trail, EXPECTED, |scalar| match scalar {
            Scalar::Bool(value) => Ok(value),
            other => Err(other.refused(EXPECTED)),
        })
    }
}
