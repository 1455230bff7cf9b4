//! The fields of a struct, all at once: a tuple of kinds says how a tuple of values is read and how a tuple of
//! references is written. So a table gives no code of its own per field, and the compiler checks one call per
//! struct and direction instead of several per field. It must not know what absence means (`kind`).

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess};
use serde::ser::{SerializeMap, Serializer};

use super::kind::Kind;
use super::names::{FieldSeed, Key, Names, Other, Place, find};
use super::object::{Entries, Fields, Object};
use super::payload::Codec;
use super::spread::Part;
use super::trail::{Fault, Reason, Trail};

/// A field while its object is read.
#[derive(Debug)]
pub struct Slot<F> {
    found: Option<F>,
    is_named: bool,
    is_copied: bool,
}

impl<F> Slot<F> {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self {
            found: None,
            is_named: false,
            is_copied: false,
        }
    }

    #[inline]
    pub(crate) fn read<'de, K: Kind<T, Found = F>, T, A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        place: Place,
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<(), A::Error> {
        let is_given = match place {
            Place::Name => &mut self.is_named,
            Place::Copy => &mut self.is_copied,
            Place::OnlyWritten => return input.skip(),
        };
        if std::mem::replace(is_given, true) {
            return Err(input.duplicate(name));
        }
        let found = input.value::<AsFound<K, T>, F>();
        let found = found.inspect_err(|_| input.trail.step_out_of_key(name))?;
        if place == Place::Name || !self.is_named {
            self.found = Some(found);
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn take<'de, K: Kind<T, Found = F>, T, A: MapAccess<'de>>(
        self,
        name: &'static str,
        input: &Entries<'_, 'de, A>,
    ) -> Result<F, A::Error> {
        match self.found.or_else(K::absent) {
            Some(found) => Ok(found),
            None => Err(input.refuse_at(name, Fault::new(Reason::Missing, ""))),
        }
    }
}

/// A kind as a codec of what it finds, to be asked like one.
struct AsFound<K, T>(PhantomData<(K, T)>);

impl<K: Kind<T>, T> Codec<K::Found> for AsFound<K, T> {
    #[inline]
    fn write<S: Serializer>(_: &K::Found, output: S, _trail: &Trail) -> Result<S::Ok, S::Error> {
        output.serialize_unit()
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<K::Found, D::Error> {
        K::read(input, trail)
    }
}

/// The types of the fields, and the references by which they are written.
pub trait Values {
    /// One reference per value.
    type References<'a>
    where
        Self: 'a;
}

/// A tuple of kinds, one per field of the tuple `V`.
pub trait Kinds<V: Values> {
    /// How many fields it takes when full; the first of several groups always is.
    const WIDTH: usize;

    /// The values while they are read.
    type Slots;

    /// What reading finds: the values, where a default is to be filled in an option.
    type Found;

    /// Of an object of which nothing was read.
    fn slots() -> Self::Slots;

    /// Reads the value of one field.
    fn read<'de, A: MapAccess<'de>>(
        slots: &mut Self::Slots,
        found: (usize, Place),
        names: &[&'static str],
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<(), A::Error>;

    /// The values, when all keys were read.
    fn take<'de, A: MapAccess<'de>>(
        slots: Self::Slots,
        names: &[&'static str],
        input: &Entries<'_, 'de, A>,
    ) -> Result<Self::Found, A::Error>;

    /// Writes all fields.
    fn write<M: SerializeMap>(
        values: V::References<'_>,
        names: Names,
        output: &mut Fields<'_, M>,
    ) -> Result<(), M::Error>;
}

/// A struct without spreads: what its table says, as types, and how it is taken apart and put together.
pub trait Table: Sized {
    /// The names of the fields.
    const NAMES: Names;

    /// The types of the fields.
    type Values: Values;

    /// What absence means for each, and its codec.
    type Kinds: Kinds<Self::Values>;

    /// The fields.
    fn references(&self) -> <Self::Values as Values>::References<'_>;

    /// The struct of its fields; defaults are filled in here.
    fn of_found(found: Found<Self>) -> Self;
}

/// What reading a struct finds.
pub type Found<T> = <<T as Table>::Kinds as Kinds<<T as Table>::Values>>::Found;

impl<T: Table> Object for T {
    fn claims(key: &str) -> bool {
        find(T::NAMES, 0, key).is_some()
    }

    #[inline]
    fn write_keys<M: SerializeMap>(&self, output: &mut Fields<'_, M>) -> Result<(), M::Error> {
        output.fields::<T::Kinds, T::Values>(T::NAMES, self.references())
    }

    #[inline]
    fn read_keys<'de, A: MapAccess<'de>>(
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<Self, A::Error> {
        let found = input.read::<T::Kinds, T::Values>(T::NAMES, |_key, input| input.skip())?;
        Ok(T::of_found(found))
    }
}

impl<'de, A: MapAccess<'de>> Entries<'_, 'de, A> {
    /// Reads all fields, and gives away the keys that belong to none.
    #[inline]
    pub fn read<K: Kinds<V>, V: Values>(
        &mut self,
        names: Names,
        mut other: impl FnMut(Cow<'de, str>, &mut Self) -> Result<(), A::Error>,
    ) -> Result<K::Found, A::Error> {
        let mut slots = K::slots();
        let mut next = 0;
        while let Some(key) = self.next_field(FieldSeed { names, next })? {
            match key {
                Key::Field(index, place) => {
                    next = index + 1;
                    K::read(&mut slots, (index, place), names.0, self)?;
                }
                Key::Other(key) => other(key, self)?,
            }
        }
        K::take(slots, names.0, self)
    }

    #[inline]
    fn next_field(&mut self, seed: FieldSeed) -> Result<Option<Key<'de>>, A::Error> {
        if let Some(map) = self.live_alone() {
            return map.next_key_seed(seed);
        }
        let key = self.next_key()?;
        Ok(key.map(|key| seed.field_of(key)))
    }
}

impl<M: SerializeMap> Fields<'_, M> {
    /// Writes all fields.
    #[inline]
    pub fn fields<K: Kinds<V>, V: Values>(
        &mut self,
        names: Names,
        values: V::References<'_>,
    ) -> Result<(), M::Error> {
        K::write(values, names, self)
    }

    /// Writes what is spread.
    #[inline]
    pub fn part<P: Part<T>, T>(&mut self, value: &T) -> Result<(), M::Error> {
        P::write_part(value, self)
    }

    /// Writes a field under all its names.
    #[inline]
    pub(crate) fn field<K: Kind<T>, T>(
        &mut self,
        value: &T,
        name: &'static str,
        others: &[Other],
    ) -> Result<(), M::Error> {
        K::write(self, name, value)?;
        if others.is_empty() {
            return Ok(());
        }
        for place in [Place::Copy, Place::OnlyWritten] {
            for (_, _, other) in others.iter().filter(|it| it.0 == name && it.1 == place) {
                K::write(self, other, value)?;
            }
        }
        Ok(())
    }
}
