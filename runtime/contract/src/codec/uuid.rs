//! UUIDs: the hyphenated text of RFC 4122, written in lower case, read in any.

use ::uuid::Uuid;
use serde::de::Deserializer;
use serde::ser::Serializer;

use super::payload::{Codec, Payload};
use super::scalar::read_text;
use super::trail::{Fault, Trail};

/// A UUID in its usual text.
#[derive(Debug)]
pub enum Hyphenated {}

impl Payload for Uuid {
    type Codec = Hyphenated;
}

impl Codec<Uuid> for Hyphenated {
    fn write<S: Serializer>(value: &Uuid, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        let mut buffer = Uuid::encode_buffer();
        output.serialize_str(value.hyphenated().encode_lower(&mut buffer))
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Uuid, D::Error> {
        const EXPECTED: &str = "a UUID";
        /// The other texts that `uuid` reads (simple, braced, URN) have another length.
        const LENGTH: usize = 36;
        read_text(input, trail, EXPECTED, |text| match Uuid::try_parse(text) {
            Ok(value) if text.len() == LENGTH => Ok(value),
            _ => Err(Fault::value(EXPECTED, text)),
        })
    }
}
