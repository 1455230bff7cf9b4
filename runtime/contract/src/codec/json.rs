//! `json`: any JSON value. Duplicate keys are refused here as everywhere, and depth is bounded both ways.

use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Number, Value};

use super::payload::{Codec, Payload, Reading, Writing};
use super::raw::KeySeed;
use super::trail::{Fault, Reason, Trail};

/// Any value, as it is.
#[derive(Debug)]
pub enum Anything {}

impl Payload for Value {
    type Codec = Anything;
}

impl Codec<Value> for Anything {
    fn write<S: Serializer>(value: &Value, output: S, trail: &Trail) -> Result<S::Ok, S::Error> {
        match value {
            Value::Null => output.serialize_unit(),
            Value::Bool(value) => output.serialize_bool(*value),
            Value::Number(value) => serde::Serialize::serialize(value, output),
            Value::String(value) => output.serialize_str(value),
            Value::Array(values) => {
                let _level = trail.enter().map_err(|fault| trail.refuse_write(fault))?;
                let mut list = output.serialize_seq(Some(values.len()))?;
                for (index, value) in values.iter().enumerate() {
                    list.serialize_element(&Writing::<Self, Value>::new(value, trail))
                        .inspect_err(|_| trail.step_out_of_index(index))?;
                }
                list.end()
            }
            Value::Object(values) => {
                let _level = trail.enter().map_err(|fault| trail.refuse_write(fault))?;
                let mut object = output.serialize_map(Some(values.len()))?;
                for (key, value) in values {
                    object
                        .serialize_entry(key, &Writing::<Self, Value>::new(value, trail))
                        .inspect_err(|_| trail.step_out_of_key(key))?;
                }
                object.end()
            }
        }
    }

    fn read<'de, D: Deserializer<'de>>(input: D, trail: &Trail) -> Result<Value, D::Error> {
        input.deserialize_any(AnythingVisitor { trail })
    }
}

struct AnythingVisitor<'a> {
    trail: &'a Trail,
}

impl<'de> Visitor<'de> for AnythingVisitor<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).map(Value::Number);
        number.ok_or_else(|| self.trail.refuse_read(Fault::new(Reason::NotFinite, "")))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let trail = self.trail;
        let _level = trail.enter().map_err(|fault| trail.refuse_read(fault))?;
        let mut values = Vec::new();
        while let Some(value) = list
            .next_element_seed(Reading::<Anything, Value>::new(trail))
            .inspect_err(|_| trail.step_out_of_index(values.len()))?
        {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let trail = self.trail;
        let _level = trail.enter().map_err(|fault| trail.refuse_read(fault))?;
        let mut values = Map::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let value = if values.contains_key(&*key) {
                Err(trail.refuse_read(Fault::new(Reason::Duplicate, "the key")))
            } else {
                map.next_value_seed(Reading::<Anything, Value>::new(trail))
            };
            let value = value.inspect_err(|_| trail.step_out_of_key(&key))?;
            values.insert(key.into_owned(), value);
        }
        Ok(Value::Object(values))
    }
}
