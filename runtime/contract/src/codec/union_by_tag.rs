//! Unions whose member is named by a key of the object: inside the payload, or beside it. A tag that comes first
//! costs nothing; what stands before a late one waits as text. It must not know which members there are.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;

use super::object::{Entries, Entry, Fields};
use super::payload::Codec;
use super::raw::Raw;
use super::scalar::{refuse_lists, refuse_scalars};
use super::spread::Part;
use super::trail::{Fault, Reason, Trail};
use super::unrecognised::Unrecognised;

impl<'de, A: MapAccess<'de>> Entries<'_, 'de, A> {
    /// Reads up to the tag; all other keys are still there afterwards.
    pub fn tag(&mut self, tag: &'static str) -> Result<Cow<'de, str>, A::Error> {
        self.tag_keeping(tag, |_key| true)
    }

    /// Reads up to the tag; of the keys before it only the content is still there afterwards.
    pub fn tag_beside(
        &mut self,
        tag: &'static str,
        content: &str,
    ) -> Result<Cow<'de, str>, A::Error> {
        self.tag_keeping(tag, |key| key == content)
    }

    fn tag_keeping(
        &mut self,
        tag: &'static str,
        is_kept: impl Fn(&str) -> bool,
    ) -> Result<Cow<'de, str>, A::Error> {
        let mut waiting = Vec::new();
        while let Some(key) = self.next_key()? {
            if key == tag {
                let name = self.tag_value();
                let name = name.inspect_err(|_| self.trail.step_out_of_key(tag))?;
                self.put_back(waiting);
                self.forbid(tag);
                return Ok(name);
            }
            if is_kept(&key) {
                let value = self.raw()?;
                waiting.push(Entry { key, value });
            } else {
                self.skip()?;
            }
        }
        Err(self.refuse_at(tag, Fault::new(Reason::Missing, "")))
    }

    fn tag_value(&mut self) -> Result<Cow<'de, str>, A::Error> {
        let seed = TagSeed { trail: self.trail };
        match self.waiting_value() {
            Some(Raw::Borrowed(raw)) => {
                let mut input = serde_json::Deserializer::from_str(raw.get());
                seed.deserialize(&mut input)
                    .map_err(serde::de::Error::custom)
            }
            Some(Raw::Owned(raw)) => {
                let mut input = serde_json::Deserializer::from_str(raw.get());
                let name = seed
                    .deserialize(&mut input)
                    .map_err(serde::de::Error::custom)?;
                Ok(Cow::Owned(name.into_owned()))
            }
            None => self.live_value(seed),
        }
    }

    /// Reads the member's payload from the keys beside the tag.
    pub fn part<P: Part<T>, T>(&mut self) -> Result<T, A::Error> {
        P::read_part(self)
    }

    /// Passes over what stands beside the tag of a member without a payload.
    pub fn unit<T>(&mut self, member: T) -> Result<T, A::Error> {
        while self.next_key()?.is_some() {
            self.skip()?;
        }
        Ok(member)
    }

    /// Reads the member's payload from its own key.
    pub fn content<C: Codec<T>, T>(&mut self, content: &'static str) -> Result<T, A::Error> {
        let mut found = None;
        while let Some(key) = self.next_key()? {
            if key != content {
                self.skip()?;
            } else if found.is_some() {
                return Err(self.duplicate(content));
            } else {
                found = Some(self.payload::<C, T>(content)?);
            }
        }
        found.ok_or_else(|| self.refuse_at(content, Fault::new(Reason::Missing, "")))
    }

    /// All keys beside an unknown tag.
    pub fn unrecognised(&mut self, name: &str) -> Result<Unrecognised, A::Error> {
        Unrecognised::of_keys(name, self)
    }

    /// The content beside an unknown tag, if any.
    pub fn unrecognised_content(
        &mut self,
        name: &str,
        content: &str,
    ) -> Result<Unrecognised, A::Error> {
        let mut kept = Vec::new();
        while let Some(key) = self.next_key()? {
            if key == content {
                let value = self.raw()?;
                kept.push(Entry { key, value });
            } else {
                self.skip()?;
            }
        }
        Unrecognised::of_keys(name, &mut Entries::<A>::of_kept(kept, self.trail))
    }

    /// Refuses the tag of a closed union.
    pub fn no_tag<T>(&mut self, tag: &'static str, name: &str) -> Result<T, A::Error> {
        Err(self.refuse_at(tag, Fault::unknown("a member of a closed union", name)))
    }
}

impl<M: SerializeMap> Fields<'_, M> {
    /// Writes a member whose keys stand beside the tag.
    pub fn tagged<P: Part<T>, T>(
        &mut self,
        tag: &'static str,
        name: &str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.tag(tag, name)?;
        P::write_part(value, self)
    }

    /// Writes a member whose payload has its own key.
    pub fn tagged_beside<C: Codec<T>, T>(
        &mut self,
        (tag, content): (&'static str, &'static str),
        name: &str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.tag(tag, name)?;
        self.entry::<C, T>(content, value)
    }

    /// Writes a member without a payload.
    pub fn tagged_unit(&mut self, tag: &'static str, name: &str) -> Result<(), M::Error> {
        self.tag(tag, name)
    }

    /// Writes a member that nobody knew.
    pub fn tagged_unrecognised(
        &mut self,
        tag: &'static str,
        value: &Unrecognised,
    ) -> Result<(), M::Error> {
        self.tag(tag, value.text())?;
        value.write_keys(self)
    }
}

/// Asks for the name of a member; it is copied only where it has escapes.
struct TagSeed<'a> {
    trail: &'a Trail,
}

impl<'de> DeserializeSeed<'de> for TagSeed<'_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TagSeed<'_> {
    type Value = Cow<'de, str>;

    refuse_scalars!("the name of a member");
    refuse_lists!("the name of a member");

    fn visit_map<A: MapAccess<'de>>(self, _object: A) -> Result<Self::Value, A::Error> {
        let fault = Fault::kind("the name of a member", "an object");
        Err(self.trail.refuse_read(fault))
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}
