//! Lists, maps, null among their entries, and boxes. It must not know what stands in them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::kind::read_nullable;
use super::payload::{Codec, Payload, Plain, Reading, Writing};
use super::raw::KeySeed;
use super::scalar::{refuse_lists, refuse_scalars, refuse_text};
use super::trail::{Fault, Reason, Trail};

/// A list of what `C` says.
#[derive(Debug)]
pub struct List<C = Plain>(PhantomData<C>);

impl<C: Codec<T>, T> Codec<Vec<T>> for List<C> {
    #[inline]
    fn write<S: Serializer>(value: &Vec<T>, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        let _level = trail.enter().map_err(|fault| trail.refuse_write(fault))?;
        let mut list = output.serialize_seq(Some(value.len()))?;
        for (index, entry) in value.iter().enumerate() {
            list.serialize_element(&Writing::<C, T>::new(entry, trail))
                .inspect_err(|_| trail.step_out_of_index(index))?;
        }
        list.end()
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Vec<T>, D::Error> {
        input.deserialize_any(ListVisitor::<C, T> {
            trail,
            target: PhantomData,
        })
    }
}

struct ListVisitor<'a, C, T> {
    trail: &'a Trail,
    target: PhantomData<(C, T)>,
}

impl<'de, C: Codec<T>, T> Visitor<'de> for ListVisitor<'_, C, T> {
    type Value = Vec<T>;

    refuse_scalars!("a list");
    refuse_text!("a list");

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let trail = self.trail;
        let _level = trail.enter().map_err(|fault| trail.refuse_read(fault))?;
        // No room is made by a length that the message only claims.
        let mut entries = Vec::new();
        while let Some(entry) = list
            .next_element_seed(Reading::<C, T>::new(trail))
            .inspect_err(|_| trail.step_out_of_index(entries.len()))?
        {
            entries.push(entry);
        }
        Ok(entries)
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, _object: A) -> Result<Vec<T>, A::Error> {
        Err(self.trail.refuse_read(Fault::kind("a list", "an object")))
    }
}

/// An object whose keys are data, of what `C` says.
#[derive(Debug)]
pub struct Map<C = Plain>(PhantomData<C>);

impl<C: Codec<T>, T> Codec<BTreeMap<String, T>> for Map<C> {
    fn write<S: Serializer>(
        value: &BTreeMap<String, T>,
        output: S,
        trail: &Trail,
    ) -> Result<S::Ok, S::Error> {
        let _level = trail.enter().map_err(|fault| trail.refuse_write(fault))?;
        let mut map = output.serialize_map(Some(value.len()))?;
        for (key, entry) in value {
            map.serialize_entry(key, &Writing::<C, T>::new(entry, trail))
                .inspect_err(|_| trail.step_out_of_key(key))?;
        }
        map.end()
    }

    fn read<'de, D: Deserializer<'de>>(
        input: D,
        trail: &Trail,
    ) -> Result<BTreeMap<String, T>, D::Error> {
        input.deserialize_any(MapVisitor::<C, T> {
            trail,
            target: PhantomData,
        })
    }
}

struct MapVisitor<'a, C, T> {
    trail: &'a Trail,
    target: PhantomData<(C, T)>,
}

impl<'de, C: Codec<T>, T> Visitor<'de> for MapVisitor<'_, C, T> {
    type Value = BTreeMap<String, T>;

    refuse_scalars!("an object");
    refuse_text!("an object");
    refuse_lists!("an object");

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let trail = self.trail;
        let _level = trail.enter().map_err(|fault| trail.refuse_read(fault))?;
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            match entries.entry(key.into_owned()) {
                Entry::Vacant(vacant) => {
                    let value = map
                        .next_value_seed(Reading::<C, T>::new(trail))
                        .inspect_err(|_| trail.step_out_of_key(vacant.key()))?;
                    vacant.insert(value);
                }
                Entry::Occupied(occupied) => {
                    let error = trail.refuse_read(Fault::new(Reason::Duplicate, "the key"));
                    trail.step_out_of_key(occupied.key());
                    return Err(error);
                }
            }
        }
        Ok(entries)
    }
}

/// What `C` says, or null.
#[derive(Debug)]
pub struct Nullable<C = Plain>(PhantomData<C>);

impl<C: Codec<T>, T> Codec<Option<T>> for Nullable<C> {
    #[inline]
    fn write<S: Serializer>(
        value: &Option<T>,
        output: S,
        trail: &Trail,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => C::write(value, output, trail),
            None => output.serialize_unit(),
        }
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Option<T>, D::Error> {
        read_nullable::<C, T, D>(input, trail)
    }
}

/// What `C` says, on the heap: it makes recursive types finite.
#[derive(Debug)]
pub struct Boxed<C = Plain>(PhantomData<C>);

impl<C: Codec<T>, T> Codec<Box<T>> for Boxed<C> {
    #[inline]
    fn write<S: Serializer>(value: &Box<T>, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        C::write(value, output, trail)
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Box<T>, D::Error> {
        C::read(input, trail).map(Box::new)
    }
}

impl<T: Payload> Payload for Vec<T> {
    type Codec = List<T::Codec>;
}

impl<T: Payload> Payload for BTreeMap<String, T> {
    type Codec = Map<T::Codec>;
}

impl<T: Payload> Payload for Option<T> {
    type Codec = Nullable<T::Codec>;
}

impl<T: Payload> Payload for Box<T> {
    type Codec = Boxed<T::Codec>;
}
