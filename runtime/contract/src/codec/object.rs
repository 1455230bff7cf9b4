//! Objects: the keys of a message as they come, and as they go. Each generated struct or union by tag is an
//! [`Object`]; here is what they have in common, so that a table expands to little more than a `match` of keys.
//! It must not know how one value is read, nor what absence means (`kind`).

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};

use super::payload::{Codec, Reading, Writing};
use super::raw::{KeySeed, Raw, RawSeed};
use super::scalar::{refuse_lists, refuse_scalars, refuse_text};
use super::trail::{Fault, Reason, Trail};

/// A type that is a JSON object, so that it can be spread into another and carry a tag.
pub trait Object: Sized {
    /// Whether a key belongs to one of the fields.
    fn claims(key: &str) -> bool;

    /// What happens to keys that no field claims.
    const UNCLAIMED: Unclaimed = Unclaimed::Ignored;

    /// Writes the keys.
    fn write_keys<M: SerializeMap>(&self, output: &mut Fields<'_, M>) -> Result<(), M::Error>;

    /// Reads the keys.
    fn read_keys<'de, A: MapAccess<'de>>(input: &mut Entries<'_, 'de, A>)
    -> Result<Self, A::Error>;
}

/// What an [`Object`] does with keys that none of its fields claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unclaimed {
    /// They are skipped.
    Ignored,
    /// They are kept if the tag is unknown.
    KeptIfUnknown,
    /// They are the entries of a map.
    Kept,
}

/// One entry that waits.
#[derive(Debug)]
pub struct Entry<'de> {
    pub(crate) key: Cow<'de, str>,
    pub(crate) value: Raw<'de>,
}

/// The entries of an object: those that waited, then those that are still to be read.
#[derive(Debug)]
pub struct Entries<'a, 'de, A> {
    pub(crate) trail: &'a Trail,
    waiting: std::vec::IntoIter<Entry<'de>>,
    current: Option<Raw<'de>>,
    live: Option<A>,
    /// A tag that was read and must not come again.
    forbidden: Option<&'static str>,
}

impl<'a, 'de, A: MapAccess<'de>> Entries<'a, 'de, A> {
    #[inline]
    pub(crate) fn of_map(map: A, trail: &'a Trail) -> Self {
        Self {
            trail,
            waiting: Vec::new().into_iter(),
            current: None,
            live: Some(map),
            forbidden: None,
        }
    }

    /// Of entries that were all kept before.
    pub(crate) fn of_kept(entries: Vec<Entry<'de>>, trail: &'a Trail) -> Self {
        Self {
            trail,
            waiting: entries.into_iter(),
            current: None,
            live: None,
            forbidden: None,
        }
    }

    /// Puts entries back before those that are still to be read.
    pub(crate) fn put_back(&mut self, mut entries: Vec<Entry<'de>>) {
        if entries.is_empty() {
            return;
        }
        entries.extend(self.waiting.by_ref());
        self.waiting = entries.into_iter();
    }

    /// Says that a tag was read: it is a key like any other, so it must not be given twice.
    pub(crate) fn forbid(&mut self, tag: &'static str) {
        self.forbidden = Some(tag);
    }

    /// The value of the key, if it waited.
    #[inline]
    pub(crate) fn waiting_value(&mut self) -> Option<Raw<'de>> {
        self.current.take()
    }

    /// The value of the key, which did not wait.
    #[inline]
    pub(crate) fn live_value<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, A::Error> {
        match &mut self.live {
            Some(map) => map.next_value_seed(seed),
            None => unreachable!("a value is asked for after its key"),
        }
    }

    /// What is read, if nothing waits before it and no key is forbidden.
    #[inline]
    pub(crate) fn live_alone(&mut self) -> Option<&mut A> {
        match &mut self.live {
            Some(map) if self.waiting.len() == 0 && self.forbidden.is_none() => Some(map),
            _ => None,
        }
    }

    /// The next key. Its value must be taken, by one of the methods below, before the next is asked for.
    #[inline]
    pub fn next_key(&mut self) -> Result<Option<Cow<'de, str>>, A::Error> {
        let key = match (self.waiting.next(), &mut self.live) {
            (Some(entry), _) => {
                self.current = Some(entry.value);
                Some(entry.key)
            }
            (None, Some(map)) => map.next_key_seed(KeySeed)?,
            (None, None) => None,
        };
        match (&key, self.forbidden) {
            (Some(key), Some(tag)) if key == tag => Err(self.duplicate(tag)),
            _ => Ok(key),
        }
    }

    #[inline]
    pub(crate) fn value<C: Codec<T>, T>(&mut self) -> Result<T, A::Error> {
        match self.current.take() {
            Some(raw) => raw.read::<C, T, A::Error>(self.trail),
            None => self.live_value(Reading::<C, T>::new(self.trail)),
        }
    }

    /// The value as its text.
    pub(crate) fn raw(&mut self) -> Result<Raw<'de>, A::Error> {
        match self.current.take() {
            Some(raw) => Ok(raw),
            None => self.live_value(RawSeed(self.trail)),
        }
    }

    /// Passes over the value of a key that means nothing here.
    #[inline]
    pub fn skip(&mut self) -> Result<(), A::Error> {
        if self.current.take().is_some() {
            return Ok(());
        }
        self.live_value(PhantomData::<IgnoredAny>).map(drop)
    }

    pub(crate) fn duplicate(&self, name: &str) -> A::Error {
        self.refuse_at(name, Fault::new(Reason::Duplicate, "the key"))
    }

    pub(crate) fn refuse_at(&self, name: &str, fault: Fault) -> A::Error {
        let error = self.trail.refuse_read(fault);
        self.trail.step_out_of_key(name);
        error
    }
}

/// The keys of an object on their way out.
#[derive(Debug)]
pub struct Fields<'a, M> {
    map: M,
    pub(crate) trail: &'a Trail,
    /// Keys that a spread map must not hold: the tag of a union around, and the fields of the outermost object.
    tag: Option<&'static str>,
    claims: Option<fn(&str) -> bool>,
}

impl<M: SerializeMap> Fields<'_, M> {
    #[inline]
    pub(crate) fn entry<C: Codec<T>, T>(&mut self, key: &str, value: &T) -> Result<(), M::Error> {
        self.map
            .serialize_entry(key, &Writing::<C, T>::new(value, self.trail))
            .inspect_err(|_| self.trail.step_out_of_key(key))
    }

    pub(crate) fn raw_entry(
        &mut self,
        key: &str,
        value: &serde_json::value::RawValue,
    ) -> Result<(), M::Error> {
        self.map.serialize_entry(key, value)
    }

    /// Writes the tag of a union.
    pub(crate) fn tag(&mut self, key: &'static str, name: &str) -> Result<(), M::Error> {
        self.tag = Some(key);
        self.map.serialize_entry(key, name)
    }

    /// Says which keys belong to fields; the outermost object is asked first, and its answer holds.
    pub fn claim(&mut self, claims: fn(&str) -> bool) {
        self.claims.get_or_insert(claims);
    }

    pub(crate) fn is_claimed(&self, key: &str) -> bool {
        self.tag == Some(key) || self.claims.is_some_and(|claims| claims(key))
    }

    pub(crate) fn refuse_at(&self, key: &str, fault: Fault) -> M::Error {
        let error = self.trail.refuse_write(fault);
        self.trail.step_out_of_key(key);
        error
    }
}

/// The form of objects.
#[derive(Debug)]
pub enum AsObject {}

impl<T: Object> Codec<T> for AsObject {
    #[inline]
    fn write<S: Serializer>(value: &T, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        let _level = trail.enter().map_err(|fault| trail.refuse_write(fault))?;
        let mut fields = Fields {
            map: output.serialize_map(None)?,
            trail,
            tag: None,
            claims: None,
        };
        value.write_keys(&mut fields)?;
        fields.map.end()
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        input.deserialize_any(ObjectVisitor {
            trail,
            target: PhantomData,
        })
    }
}

struct ObjectVisitor<'a, T> {
    trail: &'a Trail,
    target: PhantomData<T>,
}

impl<'de, T: Object> Visitor<'de> for ObjectVisitor<'_, T> {
    type Value = T;

    refuse_scalars!("an object");
    refuse_text!("an object");
    refuse_lists!("an object");

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let _level = self
            .trail
            .enter()
            .map_err(|fault| self.trail.refuse_read(fault))?;
        T::read_keys(&mut Entries::of_map(map, self.trail))
    }
}
