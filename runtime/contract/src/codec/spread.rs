//! Spreading: one object inside another without a key of its own. When an object with spreads is read, the keys
//! that are not its own wait as text, and are then dealt out: to the part that claims them, else to the part that
//! keeps what nobody claims. It must not know what a part does with its keys.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::MapAccess;
use serde::ser::SerializeMap;

use super::collections::Map;
use super::object::{Entries, Entry, Fields, Object, Unclaimed};
use super::payload::{Codec, Payload, Plain};
use super::trail::{Fault, Reason};

/// What can be spread, or stand under a tag: `Self` says how a `T` gives its keys to the object around it.
/// A struct or a union by tag does it itself, boxed or not; [`Map`] does it for maps.
pub trait Part<T> {
    /// See [`Object::write_keys`].
    fn write_part<M: SerializeMap>(value: &T, output: &mut Fields<'_, M>) -> Result<(), M::Error>;

    /// See [`Object::read_keys`].
    fn read_part<'de, A: MapAccess<'de>>(input: &mut Entries<'_, 'de, A>) -> Result<T, A::Error>;
}

/// The keys of a [`Part`].
pub trait Claims {
    /// See [`Object::UNCLAIMED`].
    const UNCLAIMED: Unclaimed;

    /// See [`Object::claims`].
    fn claims(key: &str) -> bool;
}

impl<T: Object> Claims for T {
    const UNCLAIMED: Unclaimed = <T as Object>::UNCLAIMED;

    fn claims(key: &str) -> bool {
        <T as Object>::claims(key)
    }
}

impl<T: Object> Part<T> for T {
    fn write_part<M: SerializeMap>(value: &T, output: &mut Fields<'_, M>) -> Result<(), M::Error> {
        value.write_keys(output)
    }

    fn read_part<'de, A: MapAccess<'de>>(input: &mut Entries<'_, 'de, A>) -> Result<T, A::Error> {
        T::read_keys(input)
    }
}

impl<T: Object> Part<Box<T>> for T {
    fn write_part<M: SerializeMap>(
        value: &Box<T>,
        output: &mut Fields<'_, M>,
    ) -> Result<(), M::Error> {
        value.write_keys(output)
    }

    fn read_part<'de, A: MapAccess<'de>>(
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<Box<T>, A::Error> {
        T::read_keys(input).map(Box::new)
    }
}

impl<C> Claims for Map<C> {
    const UNCLAIMED: Unclaimed = Unclaimed::Kept;

    fn claims(_key: &str) -> bool {
        false
    }
}

impl<C: Codec<T>, T> Part<BTreeMap<String, T>> for Map<C> {
    fn write_part<M: SerializeMap>(
        value: &BTreeMap<String, T>,
        output: &mut Fields<'_, M>,
    ) -> Result<(), M::Error> {
        for (key, entry) in value {
            if output.is_claimed(key) {
                let fault = Fault::new(Reason::Duplicate, "a key of the object around");
                return Err(output.refuse_at(key, fault));
            }
            output.entry::<C, T>(key, entry)?;
        }
        Ok(())
    }

    fn read_part<'de, A: MapAccess<'de>>(
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<BTreeMap<String, T>, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = input.next_key()? {
            if entries.contains_key(&*key) {
                return Err(input.duplicate(&key));
            }
            let value = input.value::<C, T>();
            let value = value.inspect_err(|_| input.trail.step_out_of_key(&key))?;
            entries.insert(key.into_owned(), value);
        }
        Ok(entries)
    }
}

impl<T: Payload> Object for BTreeMap<String, T> {
    const UNCLAIMED: Unclaimed = Unclaimed::Kept;

    fn claims(_key: &str) -> bool {
        false
    }

    fn write_keys<M: SerializeMap>(&self, output: &mut Fields<'_, M>) -> Result<(), M::Error> {
        <Map<Plain> as Part<Self>>::write_part(self, output)
    }

    fn read_keys<'de, A: MapAccess<'de>>(
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<Self, A::Error> {
        <Map<Plain> as Part<Self>>::read_part(input)
    }
}

/// Whose keys are asked for when keys are dealt out.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    unclaimed: Unclaimed,
    claims: fn(&str) -> bool,
}

impl Share {
    /// Of one part.
    #[must_use]
    pub const fn of<P: Claims>() -> Self {
        Self {
            unclaimed: P::UNCLAIMED,
            claims: P::claims,
        }
    }

    /// Of the unknown member, which the variant holds.
    #[must_use]
    pub const fn open(_variant: &str) -> Self {
        Self {
            unclaimed: Unclaimed::KeptIfUnknown,
            claims: |_key| false,
        }
    }
}

/// Whether any of the parts claims the key.
#[must_use]
pub fn any_claims(shares: &[Share], key: &str) -> bool {
    shares.iter().any(|share| (share.claims)(key))
}

/// What happens to the unclaimed keys of an object with these parts.
#[must_use]
pub const fn strongest(shares: &[Share]) -> Unclaimed {
    let mut strongest = Unclaimed::Ignored;
    let mut rest = shares;
    while let [share, others @ ..] = rest {
        if share.unclaimed as u8 > strongest as u8 {
            strongest = share.unclaimed;
        }
        rest = others;
    }
    strongest
}

/// The keys of an object that are not its own, until all are there.
#[derive(Debug)]
pub struct Dealer<'de> {
    shares: &'static [Share],
    entries: Vec<Entry<'de>>,
    next: usize,
}

impl<'de> Dealer<'de> {
    /// For an object with these parts, in the order in which they will ask.
    #[must_use]
    pub fn new(shares: &'static [Share]) -> Self {
        Self {
            shares,
            entries: Vec::new(),
            next: 0,
        }
    }

    /// Keeps the entry if any part wants it.
    pub fn keep<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<(), A::Error> {
        if self.owner(&key).is_none() {
            return input.skip();
        }
        let value = input.raw()?;
        self.entries.push(Entry { key, value });
        Ok(())
    }

    /// Reads the next part from the keys that are its own.
    pub fn part<P: Part<T>, T, A: MapAccess<'de>>(
        &mut self,
        input: &Entries<'_, 'de, A>,
    ) -> Result<T, A::Error> {
        let index = self.next;
        self.next += 1;
        let mut own = Vec::new();
        for entry in std::mem::take(&mut self.entries) {
            if self.owner(&entry.key) == Some(index) {
                own.push(entry);
            } else {
                self.entries.push(entry);
            }
        }
        P::read_part(&mut Entries::<A>::of_kept(own, input.trail))
    }

    /// The part that claims a key, else the one that keeps what is unclaimed.
    fn owner(&self, key: &str) -> Option<usize> {
        let claiming = self.shares.iter().position(|share| (share.claims)(key));
        claiming.or_else(|| {
            let strongest = strongest(self.shares);
            let keeps =
                |share: &Share| share.unclaimed == strongest && strongest != Unclaimed::Ignored;
            self.shares.iter().position(keeps)
        })
    }
}
