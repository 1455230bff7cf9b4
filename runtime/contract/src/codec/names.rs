//! The names of fields, and the field that a key means. It must not know how a field is read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Visitor};

/// The names of the fields, in their order; then the others that some have.
pub type Names = (&'static [&'static str], &'static [Other]);

/// The name of a field, and another under which it travels.
pub type Other = (&'static str, Place, &'static str);

/// What a key is to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its own name, or one that is only read.
    Name,
    /// One that is read and written beside its own, which goes before it.
    Copy,
    /// One that only others read.
    OnlyWritten,
}

/// The field of a key. Senders mostly keep the order of the declaration, so the search begins at `first`, where it
/// mostly ends, too.
#[inline]
pub(super) fn find(names: Names, first: usize, key: &str) -> Option<(usize, Place)> {
    match names.0.get(first) {
        Some(name) if *name == key => Some((first, Place::Name)),
        _ => search(names, first, key),
    }
}

fn search((names, others): Names, first: usize, key: &str) -> Option<(usize, Place)> {
    let index_of = |names: &[&str], key: &str| names.iter().position(|name| *name == key);
    let (before, after) = names.split_at(first.min(names.len()));
    let ahead = index_of(after, key).map(|index| before.len() + index);
    if let Some(index) = ahead.or_else(|| index_of(before, key)) {
        return Some((index, Place::Name));
    }
    let (name, place, _) = others.iter().find(|(_, _, other)| *other == key)?;
    index_of(names, name).map(|index| (index, *place))
}

/// A key of an object that has fields.
pub(super) enum Key<'de> {
    /// Of a field.
    Field(usize, Place),
    /// Of none.
    Other(Cow<'de, str>),
}

/// Asks for a key, and finds its field by the text where it stands.
pub(super) struct FieldSeed {
    pub(super) names: Names,
    /// The field that is expected.
    pub(super) next: usize,
}

impl FieldSeed {
    #[inline]
    pub(super) fn field_of<'de>(&self, key: Cow<'de, str>) -> Key<'de> {
        match find(self.names, self.next, &key) {
            Some((index, place)) => Key::Field(index, place),
            None => Key::Other(key),
        }
    }
}

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Key<'de>;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Key<'de>, D::Error> {
        input.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for FieldSeed {
    type Value = Key<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    #[inline]
    fn visit_borrowed_str<E: serde::de::Error>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(self.field_of(Cow::Borrowed(key)))
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(self.field_of(Cow::Owned(key.to_owned())))
    }
}

/// Whether a key is one of the names.
#[must_use]
pub fn claims(names: Names, key: &str) -> bool {
    find(names, 0, key).is_some()
}
