//! The two traits by which everything is read and written, and the ways in: `encode` and `decode`.
//! It must not know what an object, a number or a text is.

use std::cell::Cell;
use std::marker::PhantomData;

use ::bytes::Bytes;
use serde::de::{DeserializeSeed, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

use super::error::{DecodeError, DecodeErrorKind, EncodeError, describe};
use super::trail::{Fault, Trail};

/// Bytes that a thread keeps for its next message.
const LARGEST_SCRATCH: usize = 64 * 1024;

thread_local! {
    /// Where a message is written before its size is known.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A type that has a usual form in JSON: generated types, and those that the language's types stand for.
pub trait Payload: Sized {
    /// That form.
    type Codec: Codec<Self>;
}

/// A way in which a `T` stands in JSON. Implemented by types that have no values.
pub trait Codec<T> {
    /// Writes the value in this form.
    ///
    /// # Errors
    /// Where the value breaks its contract, which the trail is told, or the output fails.
    fn write<S: Serializer>(value: &T, output: S, trail: &Trail) -> Result<S::Ok, S::Error>;

    /// Reads a value of this form.
    ///
    /// # Errors
    /// Where what stands there is not of this form, which the trail is told, or the input fails.
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error>;
}

/// The usual form of a [`Payload`].
#[derive(Debug)]
pub enum Plain {}

impl<T: Payload> Codec<T> for Plain {
    #[inline]
    fn write<S: Serializer>(value: &T, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        T::Codec::write(value, output, trail)
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        T::Codec::read(input, trail)
    }
}

/// A value on its way out, as serde wants to be given it.
pub(crate) struct Writing<'a, C, T> {
    value: &'a T,
    trail: &'a Trail,
    codec: PhantomData<C>,
}

impl<'a, C, T> Writing<'a, C, T> {
    #[inline]
    pub(crate) fn new(value: &'a T, trail: &'a Trail) -> Self {
        Self {
            value,
            trail,
            codec: PhantomData,
        }
    }
}

impl<C: Codec<T>, T> Serialize for Writing<'_, C, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        C::write(self.value, output, self.trail)
    }
}

/// A value on its way in, as serde wants to be asked for it.
pub(crate) struct Reading<'a, C, T> {
    trail: &'a Trail,
    target: PhantomData<(C, T)>,
}

impl<'a, C, T> Reading<'a, C, T> {
    #[inline]
    pub(crate) fn new(trail: &'a Trail) -> Self {
        Self {
            trail,
            target: PhantomData,
        }
    }
}

impl<'de, C: Codec<T>, T> DeserializeSeed<'de> for Reading<'_, C, T> {
    type Value = T;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<T, D::Error> {
        C::read(input, self.trail)
    }
}

impl Trail {
    /// Notes the fault; what is answered carries nothing, since whoever made the trail asks the trail.
    #[cold]
    pub(crate) fn refuse_read<E: serde::de::Error>(&self, fault: Fault) -> E {
        self.note(fault);
        E::custom("")
    }

    /// As [`Self::refuse_read`], when writing.
    #[cold]
    pub(crate) fn refuse_write<E: serde::ser::Error>(&self, fault: Fault) -> E {
        self.note(fault);
        E::custom("")
    }
}

/// The JSON of a value.
///
/// # Errors
///
/// If the value breaks its contract: a constraint, a field that senders must give, a number that is not finite.
pub fn encode<T: Payload>(value: &T) -> Result<Bytes, EncodeError> {
    encode_with::<Plain, T>(value)
}

/// As [`encode`], in the form that the codec says.
///
/// # Errors
///
/// As [`encode`].
pub fn encode_with<C: Codec<T>, T>(value: &T) -> Result<Bytes, EncodeError> {
    let mut text = SCRATCH.take();
    text.clear();
    let trail = Trail::default();
    let written = C::write(value, &mut serde_json::Serializer::new(&mut text), &trail);
    // Messages wait in queues: they keep no more than their own bytes.
    let body = written.map(|()| Bytes::copy_from_slice(&text));
    if text.capacity() <= LARGEST_SCRATCH {
        SCRATCH.set(text);
    }
    body.map_err(|error| EncodeError::from_json(error, trail))
}

/// Reads a value from JSON, in one pass and from nothing but these bytes.
///
/// # Errors
///
/// If the bytes are no JSON, or the value is not what its contract says; see [`DecodeErrorKind`].
pub fn decode<T: Payload>(body: &[u8]) -> Result<T, DecodeError> {
    decode_with::<Plain, T>(body)
}

/// As [`decode`], from the form that the codec says.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_with<C: Codec<T>, T>(body: &[u8]) -> Result<T, DecodeError> {
    if body.trim_ascii().is_empty() {
        return Err(DecodeError::new(
            DecodeErrorKind::Empty,
            "the body is empty",
        ));
    }
    let text = str::from_utf8(body).map_err(|error| {
        let message = format!("the body is no UTF-8 from byte {}", error.valid_up_to());
        DecodeError::new(DecodeErrorKind::Encoding, message)
    })?;
    let trail = Trail::of_borrowed_text();
    let mut input = serde_json::Deserializer::from_str(text);
    let read = C::read(&mut input, &trail).and_then(|value| input.end().map(|()| value));
    read.map_err(|error| DecodeError::from_json(error, trail))
}

/// What `Serialize` of a generated type does.
///
/// # Errors
///
/// As [`encode`], or what the output fails with.
pub fn serialize<T: Payload, S: Serializer>(value: &T, output: S) -> Result<S::Ok, S::Error> {
    let trail = Trail::default();
    T::Codec::write(value, output, &trail)
        .map_err(|error| describe(trail).map_or(error, S::Error::custom))
}

/// What `Deserialize` of a generated type does.
///
/// # Errors
///
/// As [`decode`], or what the input fails with.
pub fn deserialize<'de, T: Payload, D: Deserializer<'de>>(input: D) -> Result<T, D::Error> {
    let trail = Trail::default();
    T::Codec::read(input, &trail).map_err(|error| describe(trail).map_or(error, D::Error::custom))
}
