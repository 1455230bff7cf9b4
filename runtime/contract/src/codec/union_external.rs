//! Unions whose member is named by the only key of an object, or by a string if it has no payload.

use std::marker::PhantomData;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};

use super::object::Entries;
use super::payload::{Codec, Writing};
use super::scalar::{refuse_lists, refuse_scalars};
use super::trail::{Fault, Trail};
use super::unrecognised::Unrecognised;

/// What a name is to a union.
#[derive(Debug)]
pub enum Named<T> {
    /// A member without a payload.
    Unit(T),
    /// A member with a payload.
    WithPayload,
    /// No member.
    Unknown,
}

/// A union that is externally tagged.
pub trait External: Sized {
    /// The member of a name.
    fn named(name: &str) -> Named<Self>;

    /// Reads the payload of a member.
    fn read_member<'de, A: MapAccess<'de>>(
        name: &str,
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<Self, A::Error>;

    /// Writes the member.
    fn write_member<S: Serializer>(&self, output: Member<'_, S>) -> Result<S::Ok, S::Error>;

    /// An unknown member, if the union is open.
    fn of_unrecognised(_value: Unrecognised) -> Option<Self> {
        None
    }
}

/// Where a member is written.
#[derive(Debug)]
pub struct Member<'a, S> {
    output: S,
    trail: &'a Trail,
}

impl<S: Serializer> Member<'_, S> {
    /// A member without a payload.
    pub fn unit(self, name: &str) -> Result<S::Ok, S::Error> {
        self.output.serialize_str(name)
    }

    /// A member with a payload.
    pub fn payload<C: Codec<T>, T>(self, name: &str, value: &T) -> Result<S::Ok, S::Error> {
        let trail = self.trail;
        let _level = trail.enter().map_err(|fault| trail.refuse_write(fault))?;
        let mut object = self.output.serialize_map(Some(1))?;
        object
            .serialize_entry(name, &Writing::<C, T>::new(value, trail))
            .inspect_err(|_| trail.step_out_of_key(name))?;
        object.end()
    }

    /// A member that nobody knew.
    pub fn unrecognised(self, value: &Unrecognised) -> Result<S::Ok, S::Error> {
        value.write(self.output)
    }
}

impl<'de, A: MapAccess<'de>> Entries<'_, 'de, A> {
    /// Reads the payload of a member.
    pub fn payload<C: Codec<T>, T>(&mut self, name: &str) -> Result<T, A::Error> {
        let value = self.value::<C, T>();
        value.inspect_err(|_| self.trail.step_out_of_key(name))
    }

    /// Refuses a name that is no member with a payload.
    pub fn no_member<T>(&mut self, name: &str) -> Result<T, A::Error> {
        Err(self.trail.refuse_read(Fault::unknown(MEMBER, name)))
    }
}

/// The form of an [`External`] union.
#[derive(Debug)]
pub enum AsExternal {}

const EXPECTED: &str = "a member of a union: an object of one key, or a string";
const MEMBER: &str = "a member of a closed union";

impl<T: External> Codec<T> for AsExternal {
    fn write<S: Serializer>(value: &T, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        value.write_member(Member { output, trail })
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<T, D::Error> {
        input.deserialize_any(ExternalVisitor {
            trail,
            target: PhantomData,
        })
    }
}

struct ExternalVisitor<'a, T> {
    trail: &'a Trail,
    target: PhantomData<T>,
}

impl<T: External> ExternalVisitor<'_, T> {
    fn member_of_key<'de, A: MapAccess<'de>>(
        &self,
        name: &str,
        input: &mut Entries<'_, 'de, A>,
    ) -> Result<T, A::Error> {
        match T::named(name) {
            Named::WithPayload => T::read_member(name, input),
            Named::Unit(_) => {
                let expected = "the name alone, since the member has no payload";
                Err(self.trail.refuse_read(Fault::kind(expected, "an object")))
            }
            Named::Unknown => {
                let value = input.raw()?;
                let depth = value.check_depth(self.trail);
                depth.inspect_err(|_| self.trail.step_out_of_key(name))?;
                T::of_unrecognised(Unrecognised::of_member(name, name, value.into_owned()))
                    .ok_or_else(|| self.trail.refuse_read(Fault::unknown(MEMBER, name)))
            }
        }
    }
}

impl<'de, T: External> Visitor<'de> for ExternalVisitor<'_, T> {
    type Value = T;

    refuse_scalars!(EXPECTED);
    refuse_lists!(EXPECTED);

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<T, E> {
        let member = match T::named(name) {
            Named::Unit(member) => Ok(member),
            Named::WithPayload => Err(Fault::kind("the payload of the member", "its name alone")),
            Named::Unknown => T::of_unrecognised(Unrecognised::of_text(name))
                .ok_or_else(|| Fault::unknown(MEMBER, name)),
        };
        member.map_err(|fault| self.trail.refuse_read(fault))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let trail = self.trail;
        let one_key = || trail.refuse_read(Fault::kind(EXPECTED, "another number of keys"));
        let _level = trail.enter().map_err(|fault| trail.refuse_read(fault))?;
        let mut input = Entries::of_map(map, trail);
        let name = input.next_key()?.ok_or_else(one_key)?;
        let member = self.member_of_key(&name, &mut input)?;
        match input.next_key()? {
            Some(_) => Err(one_key()),
            None => Ok(member),
        }
    }
}
