//! Reading whatever is no list and no object: the JSON kind decides, and a value of another kind is refused by
//! its kind. It must not know which Rust types are made of them.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::trail::{Fault, Trail};

/// A JSON value of one piece.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
}

impl Scalar<'_> {
    /// The fault of a value that has another kind than wanted.
    #[cold]
    pub(crate) fn refused(self, expected: &'static str) -> Fault {
        Fault::kind(expected, self.kind())
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Unsigned(_) | Self::Signed(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
        }
    }
}

/// Reads a scalar and makes a value of it; a list or an object is not what was `expected`.
#[inline]
pub(crate) fn read_scalar<'de, D, T, F>(
    input: D,
    trail: &Trail,
    expected: &'static str,
    make: F,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(Scalar<'_>) -> Result<T, Fault>,
{
    input.deserialize_any(ScalarVisitor {
        trail,
        expected,
        make,
    })
}

/// As [`read_scalar`], for what stands in a string.
#[inline]
pub(crate) fn read_text<'de, D, T, F>(
    input: D,
    trail: &Trail,
    expected: &'static str,
    make: F,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    F: FnOnce(&str) -> Result<T, Fault>,
{
    read_scalar(input, trail, expected, |scalar| match scalar {
        Scalar::Text(text) => make(text),
        other => Err(other.refused(expected)),
    })
}

struct ScalarVisitor<'a, F> {
    trail: &'a Trail,
    expected: &'static str,
    make: F,
}

impl<F> ScalarVisitor<'_, F> {
    #[inline]
    fn visit<T, E>(self, scalar: Scalar<'_>) -> Result<T, E>
    where
        E: serde::de::Error,
        F: FnOnce(Scalar<'_>) -> Result<T, Fault>,
    {
        (self.make)(scalar).map_err(|fault| self.trail.refuse_read(fault))
    }
}

impl<'de, T, F: FnOnce(Scalar<'_>) -> Result<T, Fault>> Visitor<'de> for ScalarVisitor<'_, F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.expected)
    }

    #[inline]
    fn visit_unit<E: serde::de::Error>(self) -> Result<T, E> {
        self.visit(Scalar::Null)
    }

    #[inline]
    fn visit_none<E: serde::de::Error>(self) -> Result<T, E> {
        self.visit(Scalar::Null)
    }

    #[inline]
    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<T, E> {
        self.visit(Scalar::Bool(value))
    }

    #[inline]
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<T, E> {
        self.visit(Scalar::Unsigned(value))
    }

    #[inline]
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<T, E> {
        self.visit(Scalar::Signed(value))
    }

    #[inline]
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<T, E> {
        self.visit(Scalar::Float(value))
    }

    #[inline]
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<T, E> {
        self.visit(Scalar::Text(value))
    }

    #[cold]
    fn visit_seq<A: SeqAccess<'de>>(self, _list: A) -> Result<T, A::Error> {
        Err(self.trail.refuse_read(Fault::kind(self.expected, "a list")))
    }

    #[cold]
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        // Where some crate turned on arbitrary precision in `serde_json`, its numbers come as maps.
        let number = serde_json::Number::deserialize(MapAccessDeserializer::new(object)).ok();
        let scalar = number.and_then(|number| {
            let unsigned = number.as_u64().map(Scalar::Unsigned);
            let integer = unsigned.or_else(|| number.as_i64().map(Scalar::Signed));
            integer.or_else(|| number.as_f64().map(Scalar::Float))
        });
        match scalar {
            Some(scalar) => self.visit(scalar),
            None => Err(self
                .trail
                .refuse_read(Fault::kind(self.expected, "an object"))),
        }
    }
}

/// The `visit_` methods of a visitor of lists or objects for everything else: a refusal by kind.
macro_rules! refuse_scalars {
    ($expected:expr) => {
        fn expecting(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            formatter.write_str($expected)
        }

        #[inline]
        fn visit_unit<E: ::serde::de::Error>(self) -> Result<Self::Value, E> {
            Err(self
                .trail
                .refuse_read($crate::codec::trail::Fault::kind($expected, "null")))
        }

        #[inline]
        fn visit_none<E: ::serde::de::Error>(self) -> Result<Self::Value, E> {
            self.visit_unit()
        }

        #[inline]
        fn visit_bool<E: ::serde::de::Error>(self, _value: bool) -> Result<Self::Value, E> {
            Err(self
                .trail
                .refuse_read($crate::codec::trail::Fault::kind($expected, "a boolean")))
        }

        #[inline]
        fn visit_u64<E: ::serde::de::Error>(self, _value: u64) -> Result<Self::Value, E> {
            Err(self
                .trail
                .refuse_read($crate::codec::trail::Fault::kind($expected, "a number")))
        }

        #[inline]
        fn visit_i64<E: ::serde::de::Error>(self, _value: i64) -> Result<Self::Value, E> {
            self.visit_u64(0)
        }

        #[inline]
        fn visit_f64<E: ::serde::de::Error>(self, _value: f64) -> Result<Self::Value, E> {
            self.visit_u64(0)
        }
    };
}

/// As `refuse_scalars!`, for strings.
macro_rules! refuse_text {
    ($expected:expr) => {
        #[inline]
        fn visit_str<E: ::serde::de::Error>(self, _value: &str) -> Result<Self::Value, E> {
            Err(self
                .trail
                .refuse_read($crate::codec::trail::Fault::kind($expected, "a string")))
        }
    };
}

/// As `refuse_scalars!`, for lists.
macro_rules! refuse_lists {
    ($expected:expr) => {
        fn visit_seq<A: ::serde::de::SeqAccess<'de>>(
            self,
            _list: A,
        ) -> Result<Self::Value, A::Error> {
            Err(self
                .trail
                .refuse_read($crate::codec::trail::Fault::kind($expected, "a list")))
        }
    };
}

pub(crate) use {refuse_lists, refuse_scalars, refuse_text};
