//! Newtypes: a value of another type under a name of its own, and the payload that has no fields at all.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess};
use serde::ser::{SerializeMap, Serializer};

use super::check::{Checked, Measured, Rules};
use super::collections::Map;
use super::object::{AsObject, Entries, Fields, Object, Unclaimed};
use super::payload::{Codec, Payload, Plain};
use super::spread::Part;
use super::trail::Trail;

/// A type that holds a value of another.
pub trait Newtype: Sized {
    /// The other.
    type Inner;

    /// The value.
    fn inner(&self) -> &Self::Inner;

    /// Around a value, whose constraints were checked.
    fn of_inner(inner: Self::Inner) -> Self;
}

/// The form of a [`Newtype`]: that of what it holds.
#[derive(Debug)]
pub struct AsInner<C>(PhantomData<C>);

impl<T: Newtype, C: Codec<T::Inner>> Codec<T> for AsInner<C> {
    #[inline]
    fn write<S: Serializer>(value: &T, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        C::write(value.inner(), output, trail)
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        C::read(input, trail).map(T::of_inner)
    }
}

/// The payload of a signal without fields: an object of which nothing is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;

impl Payload for Empty {
    type Codec = AsObject;
}

impl Object for Empty {
    fn claims(_key: &str) -> bool {
        false
    }

    fn write_keys<M: SerializeMap>(&self, _output: &mut Fields<'_, M>) -> Result<(), M::Error> {
        Ok(())
    }

    fn read_keys<'de, A: MapAccess<'de>>(
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<Self, A::Error> {
        input.unit(Self)
    }
}

impl serde::Serialize for Empty {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        super::serialize(self, output)
    }
}

impl<'de> serde::Deserialize<'de> for Empty {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        super::deserialize(input)
    }
}

/// The codecs of which a newtype can be an object like what it holds.
pub trait ObjectCodec<T>: Codec<T> {
    /// See [`Object::UNCLAIMED`].
    const UNCLAIMED: Unclaimed;

    /// See [`Object::claims`].
    fn claims(key: &str) -> bool;

    /// See [`Object::write_keys`].
    fn write_keys<M: SerializeMap>(value: &T, output: &mut Fields<'_, M>) -> Result<(), M::Error>;

    /// See [`Object::read_keys`].
    fn read_keys<'de, A: MapAccess<'de>>(input: &mut Entries<'_, 'de, A>) -> Result<T, A::Error>;
}

impl<T: Object + Payload> ObjectCodec<T> for Plain {
    const UNCLAIMED: Unclaimed = T::UNCLAIMED;

    fn claims(key: &str) -> bool {
        T::claims(key)
    }

    fn write_keys<M: SerializeMap>(value: &T, output: &mut Fields<'_, M>) -> Result<(), M::Error> {
        value.write_keys(output)
    }

    fn read_keys<'de, A: MapAccess<'de>>(input: &mut Entries<'_, 'de, A>) -> Result<T, A::Error> {
        T::read_keys(input)
    }
}

impl<C: Codec<T>, T> ObjectCodec<BTreeMap<String, T>> for Map<C> {
    const UNCLAIMED: Unclaimed = Unclaimed::Kept;

    fn claims(_key: &str) -> bool {
        false
    }

    fn write_keys<M: SerializeMap>(
        value: &BTreeMap<String, T>,
        output: &mut Fields<'_, M>,
    ) -> Result<(), M::Error> {
        Self::write_part(value, output)
    }

    fn read_keys<'de, A: MapAccess<'de>>(
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<BTreeMap<String, T>, A::Error> {
        Self::read_part(input)
    }
}

impl<R: Rules, C: ObjectCodec<T>, T: Measured> ObjectCodec<T> for Checked<R, C> {
    const UNCLAIMED: Unclaimed = C::UNCLAIMED;

    fn claims(key: &str) -> bool {
        C::claims(key)
    }

    fn write_keys<M: SerializeMap>(value: &T, output: &mut Fields<'_, M>) -> Result<(), M::Error> {
        match R::limits().check(value) {
            Ok(()) => C::write_keys(value, output),
            Err(invalid) => Err(output.trail.refuse_write(invalid.into_fault())),
        }
    }

    fn read_keys<'de, A: MapAccess<'de>>(input: &mut Entries<'_, 'de, A>) -> Result<T, A::Error> {
        let value = C::read_keys(input)?;
        match R::limits().check(&value) {
            Ok(()) => Ok(value),
            Err(invalid) => Err(input.trail.refuse_read(invalid.into_fault())),
        }
    }
}

impl<T: Newtype, C: ObjectCodec<T::Inner>> ObjectCodec<T> for AsInner<C> {
    const UNCLAIMED: Unclaimed = C::UNCLAIMED;

    fn claims(key: &str) -> bool {
        C::claims(key)
    }

    fn write_keys<M: SerializeMap>(value: &T, output: &mut Fields<'_, M>) -> Result<(), M::Error> {
        C::write_keys(value.inner(), output)
    }

    fn read_keys<'de, A: MapAccess<'de>>(input: &mut Entries<'_, 'de, A>) -> Result<T, A::Error> {
        C::read_keys(input).map(T::of_inner)
    }
}
