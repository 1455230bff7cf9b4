//! Values of open enums and unions that this version of a contract does not know: kept as they came, opaque, and
//! written back unchanged.

use std::hash::{Hash, Hasher};

use serde::de::MapAccess;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::object::{Entries, Fields};

/// A value of an open enum or union that a newer peer sent. Only reading a message makes one.
///
/// On the heap, so that an enum which could hold it stays small.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unrecognised(Box<Held>);

#[derive(Clone, Debug)]
enum Held {
    Text(String),
    Integer(i64),
    /// The name of a member of a union, and the keys that came with it.
    Keys(String, Vec<(String, Box<RawValue>)>),
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::Integer(left), Self::Integer(right)) => left == right,
            (Self::Keys(name, left), Self::Keys(other_name, right)) => {
                let same =
                    |(key, value): &(String, Box<RawValue>),
                     (other, other_value): &(String, Box<RawValue>)| {
                        key == other && value.get() == other_value.get()
                    };
                name == other_name
                    && left.len() == right.len()
                    && left
                        .iter()
                        .zip(right)
                        .all(|(left, right)| same(left, right))
            }
            _ => false,
        }
    }
}

impl Eq for Held {}

impl Hash for Held {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Text(text) => text.hash(state),
            Self::Integer(value) => value.hash(state),
            Self::Keys(name, keys) => {
                name.hash(state);
                for (key, value) in keys {
                    (key, value.get()).hash(state);
                }
            }
        }
    }
}

impl Unrecognised {
    pub(crate) fn of_text(text: &str) -> Self {
        Self(Box::new(Held::Text(text.to_owned())))
    }

    pub(crate) fn of_integer(value: i64) -> Self {
        Self(Box::new(Held::Integer(value)))
    }

    /// Takes all keys that are left.
    pub(crate) fn of_keys<'de, A: MapAccess<'de>>(
        name: &str,
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<Self, A::Error> {
        let mut keys: Vec<(String, Box<RawValue>)> = Vec::new();
        while let Some(key) = input.next_key()? {
            let value = input.raw()?;
            let depth = value.check_depth(input.trail);
            depth.inspect_err(|_| input.trail.step_out_of_key(&key))?;
            keys.push((key.into_owned(), value.into_owned()));
        }
        match duplicate(&keys) {
            Some(key) => Err(input.duplicate(key)),
            None => Ok(Self(Box::new(Held::Keys(name.to_owned(), keys)))),
        }
    }

    pub(crate) fn of_member(name: &str, key: &str, value: Box<RawValue>) -> Self {
        let keys = vec![(key.to_owned(), value)];
        Self(Box::new(Held::Keys(name.to_owned(), keys)))
    }

    /// The value of an enum or the name of a union's member, as far as it is a text.
    pub(crate) fn text(&self) -> &str {
        match &*self.0 {
            Held::Text(text) | Held::Keys(text, _) => text,
            Held::Integer(_) => "",
        }
    }

    pub(crate) fn integer(&self) -> i64 {
        match &*self.0 {
            Held::Integer(value) => *value,
            _ => 0,
        }
    }

    /// Writes the keys beside a tag.
    pub(crate) fn write_keys<M: SerializeMap>(
        &self,
        output: &mut Fields<'_, M>,
    ) -> Result<(), M::Error> {
        let Held::Keys(_, keys) = &*self.0 else {
            return Ok(());
        };
        keys.iter()
            .try_for_each(|(key, value)| output.raw_entry(key, value))
    }

    /// Writes a value that stands for itself.
    pub(crate) fn write<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match &*self.0 {
            Held::Text(text) => output.serialize_str(text),
            Held::Integer(value) => output.serialize_i64(*value),
            Held::Keys(_, keys) => keys
                .iter()
                .map(|(key, value)| (key, value))
                .collect::<std::collections::BTreeMap<_, _>>()
                .serialize(output),
        }
    }
}

/// A key that stands twice; sorted to be found, since a peer may send as many keys as fit into a message.
fn duplicate(keys: &[(String, Box<RawValue>)]) -> Option<&str> {
    let mut names: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })
}
