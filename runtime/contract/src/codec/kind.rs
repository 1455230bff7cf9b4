//! What absence and null mean for a field of an object. One type without values per kind, named in the tables of
//! generated types. It must not know how keys come and go (`object`).

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Visitor};
use serde::ser::SerializeMap;

use super::collections::Nullable;
use super::object::Fields;
use super::payload::{Codec, Plain};
use super::trail::{Fault, Reason, Trail};

/// How a field of type `T` is found under its key, and given.
pub trait Kind<T> {
    /// What is found: the value, or, where the table fills in a default, an option of it.
    type Found;

    /// Reads what stands there.
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Self::Found, D::Error>;

    /// What an absent key stands for, if it may be absent.
    fn absent() -> Option<Self::Found>;

    /// Writes the key, or leaves it out.
    fn write<M: SerializeMap>(
        output: &mut Fields<'_, M>,
        name: &str,
        value: &T,
    ) -> Result<(), M::Error>;
}

/// The key must be there.
#[derive(Debug)]
pub struct Required<C = Plain>(PhantomData<C>);

impl<T, C: Codec<T>> Kind<T> for Required<C> {
    type Found = T;

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        C::read(input, trail)
    }

    #[inline]
    fn absent() -> Option<T> {
        None
    }

    #[inline]
    fn write<M: SerializeMap>(
        output: &mut Fields<'_, M>,
        name: &str,
        value: &T,
    ) -> Result<(), M::Error> {
        output.entry::<C, T>(name, value)
    }
}

/// Absent and null are found as none, for which the table gives a default; it is always written.
#[derive(Debug)]
pub struct Defaulted<C = Plain>(PhantomData<C>);

impl<T, C: Codec<T>> Kind<T> for Defaulted<C> {
    type Found = Option<T>;

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Option<T>, D::Error> {
        read_nullable::<C, T, D>(input, trail)
    }

    #[inline]
    fn absent() -> Option<Option<T>> {
        Some(None)
    }

    #[inline]
    fn write<M: SerializeMap>(
        output: &mut Fields<'_, M>,
        name: &str,
        value: &T,
    ) -> Result<(), M::Error> {
        output.entry::<C, T>(name, value)
    }
}

/// Absent and null are none; none is not written.
#[derive(Debug)]
pub struct Optional<C = Plain>(PhantomData<C>);

impl<T, C: Codec<T>> Kind<Option<T>> for Optional<C> {
    type Found = Option<T>;

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Option<T>, D::Error> {
        read_nullable::<C, T, D>(input, trail)
    }

    #[inline]
    fn absent() -> Option<Option<T>> {
        Some(None)
    }

    #[inline]
    fn write<M: SerializeMap>(
        output: &mut Fields<'_, M>,
        name: &str,
        value: &Option<T>,
    ) -> Result<(), M::Error> {
        match value {
            Some(value) => output.entry::<C, T>(name, value),
            None => Ok(()),
        }
    }
}

/// Absent and null are none; none is written as null.
#[derive(Debug)]
pub struct OrNull<C = Plain>(PhantomData<C>);

impl<T, C: Codec<T>> Kind<Option<T>> for OrNull<C> {
    type Found = Option<T>;

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Option<T>, D::Error> {
        read_nullable::<C, T, D>(input, trail)
    }

    #[inline]
    fn absent() -> Option<Option<T>> {
        Some(None)
    }

    #[inline]
    fn write<M: SerializeMap>(
        output: &mut Fields<'_, M>,
        name: &str,
        value: &Option<T>,
    ) -> Result<(), M::Error> {
        output.entry::<Nullable<C>, Option<T>>(name, value)
    }
}

/// Senders must give it, readers do without.
#[derive(Debug)]
pub struct Asymmetric<C = Plain>(PhantomData<C>);

impl<T, C: Codec<T>> Kind<Option<T>> for Asymmetric<C> {
    type Found = Option<T>;

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Option<T>, D::Error> {
        read_nullable::<C, T, D>(input, trail)
    }

    #[inline]
    fn absent() -> Option<Option<T>> {
        Some(None)
    }

    #[inline]
    fn write<M: SerializeMap>(
        output: &mut Fields<'_, M>,
        name: &str,
        value: &Option<T>,
    ) -> Result<(), M::Error> {
        match value {
            Some(value) => output.entry::<C, T>(name, value),
            None => Err(output.refuse_at(name, Fault::new(Reason::Missing, ""))),
        }
    }
}

/// Reads a value, or null as none.
#[inline]
pub(crate) fn read_nullable<'de, C, T, D>(input: D, trail: &Trail) -> Result<Option<T>, D::Error>
where
    C: Codec<T>,
    D: Deserializer<'de>,
{
    input.deserialize_option(NullableVisitor::<C, T> {
        trail,
        target: PhantomData,
    })
}

struct NullableVisitor<'a, C, T> {
    trail: &'a Trail,
    target: PhantomData<(C, T)>,
}

impl<'de, C: Codec<T>, T> Visitor<'de> for NullableVisitor<'_, C, T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or null")
    }

    #[inline]
    fn visit_none<E: serde::de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_unit<E: serde::de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<Option<T>, D::Error> {
        C::read(input, self.trail).map(Some)
    }
}
