//! Bytes in a string: base64 of the standard alphabet with padding, or hex. It must not know constraints.

use ::bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Payload};
use super::scalar::read_text;
use super::trail::{Fault, Trail};

/// Bytes as base64.
#[derive(Debug)]
pub enum Base64 {}

/// Bytes as hex; written in lower case, read in any.
#[derive(Debug)]
pub enum Hex {}

impl Payload for Bytes {
    type Codec = Base64;
}

impl Codec<Bytes> for Base64 {
    fn write<S: Serializer>(value: &Bytes, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.serialize_str(&BASE64.encode(value))
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Bytes, D::Error> {
        const EXPECTED: &str = "base64 with padding";
        read_text(input, trail, EXPECTED, |text| {
            let bytes = BASE64.decode(text.as_bytes());
            bytes
                .map(Bytes::from)
                .map_err(|_| Fault::value(EXPECTED, text))
        })
    }
}

impl Codec<Bytes> for Hex {
    fn write<S: Serializer>(value: &Bytes, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.serialize_str(&HEXLOWER.encode(value))
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Bytes, D::Error> {
        const EXPECTED: &str = "hex";
        read_text(input, trail, EXPECTED, |text| {
            let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
            bytes
                .map(Bytes::from)
                .map_err(|_| Fault::value(EXPECTED, text))
        })
    }
}
