//! A value kept as its text: of keys that wait for a late tag or are spread, and of what nobody knows.
//! It must not know why it was kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Visitor};
use serde_json::value::RawValue;

use super::payload::Codec;
use super::trail::{Fault, Trail};

/// The text of one JSON value.
#[derive(Debug)]
pub(crate) enum Raw<'de> {
    /// Of a message whose text outlives the read.
    Borrowed(&'de RawValue),
    /// Of any other source.
    Owned(Box<RawValue>),
}

impl Raw<'_> {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Borrowed(value) => value.get(),
            Self::Owned(value) => value.get(),
        }
    }

    pub(crate) fn into_owned(self) -> Box<RawValue> {
        match self {
            Self::Borrowed(value) => value.to_owned(),
            Self::Owned(value) => value,
        }
    }

    /// Reads the value that was kept.
    pub(crate) fn read<C: Codec<T>, T, E: serde::de::Error>(&self, trail: &Trail) -> Result<T, E> {
        let mut input = serde_json::Deserializer::from_str(self.text());
        C::read(&mut input, trail).map_err(E::custom)
    }

    /// Refuses what is nested more deeply than may be written back at this place.
    pub(crate) fn check_depth<E: serde::de::Error>(&self, trail: &Trail) -> Result<(), E> {
        if depth(self.text()) > trail.levels_left() {
            return Err(trail.refuse_read(Fault::depth()));
        }
        Ok(())
    }
}

/// How deeply lists and objects of a valid JSON text are nested.
fn depth(text: &str) -> u32 {
    let (mut depth, mut deepest) = (0_u32, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth -= 1,
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    deepest
}

fn skip_string(bytes: &mut impl Iterator<Item = u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

/// Asks for a [`Raw`].
pub(crate) struct RawSeed<'a>(pub(crate) &'a Trail);

impl<'de> DeserializeSeed<'de> for RawSeed<'_> {
    type Value = Raw<'de>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Raw<'de>, D::Error> {
        if self.0.borrows() {
            <&RawValue>::deserialize(input).map(Raw::Borrowed)
        } else {
            Box::<RawValue>::deserialize(input).map(Raw::Owned)
        }
    }
}

/// Asks for a key; it is copied only where it has escapes or its source is no text.
pub(crate) struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, key: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key))
    }
}

/// A number by its digits: what `f64` could not keep.
pub(crate) fn read_digits<'de, D: Deserializer<'de>>(
    input: D,
    trail: &Trail,
    expected: &'static str,
) -> Result<String, D::Error> {
    let raw = RawSeed(trail).deserialize(input)?;
    let text = raw.text();
    let found = match text.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => return Ok(text.to_owned()),
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'n') => "null",
        _ => "a boolean",
    };
    Err(trail.refuse_read(Fault::kind(expected, found)))
}

/// Writes a number by its digits.
pub(crate) fn write_digits<S: serde::Serializer>(
    digits: String,
    output: S,
) -> Result<S::Ok, S::Error> {
    let raw = RawValue::from_string(digits).map_err(serde::ser::Error::custom)?;
    serde::Serialize::serialize(&raw, output)
}
