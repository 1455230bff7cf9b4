//! What reading, writing and checking can answer instead of a value. Each is a struct with a `kind()`, the JSON
//! path where it happened and a message that never shows a value of a `@sensitive` field.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display};

use super::trail::{Fault, Reason, Trail};

/// A message that its contract does not allow to be read.
#[derive(Debug)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    path: String,
    message: String,
    source: Option<serde_json::Error>,
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// There is no body at all.
    Empty,
    /// The bytes are no UTF-8.
    Encoding,
    /// The text is no JSON, or more than one value.
    Syntax,
    /// A value of another JSON kind stands there: a text for a number, a list for an object.
    Type,
    /// The JSON kind is right, but the value is out of range, malformed or breaks a constraint.
    Invalid,
    /// No value of a closed enum or union.
    Unknown,
    /// A required key is absent.
    Missing,
    /// A key is given twice.
    Duplicate,
    /// Lists and objects are nested too deeply.
    Depth,
}

impl DecodeError {
    pub(crate) fn new(kind: DecodeErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            path: String::new(),
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn from_json(error: serde_json::Error, trail: Trail) -> Self {
        let (fault, path) = trail.into_parts();
        if let Some(fault) = fault {
            return Self {
                kind: decode_kind(fault.reason),
                path,
                message: fault.to_string(),
                source: None,
            };
        }
        let message = error.to_string();
        let kind = if message.starts_with("recursion limit exceeded") {
            DecodeErrorKind::Depth
        } else {
            DecodeErrorKind::Syntax
        };
        Self {
            kind,
            path,
            message,
            source: Some(error),
        }
    }

    /// What went wrong, to decide by.
    pub fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Where: `postings[2].amount`; empty for the whole message.
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn decode_kind(reason: Reason) -> DecodeErrorKind {
    match reason {
        Reason::Kind => DecodeErrorKind::Type,
        Reason::Value | Reason::NotFinite => DecodeErrorKind::Invalid,
        Reason::Unknown => DecodeErrorKind::Unknown,
        Reason::Missing => DecodeErrorKind::Missing,
        Reason::Duplicate => DecodeErrorKind::Duplicate,
        Reason::Depth => DecodeErrorKind::Depth,
    }
}

impl Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(formatter, &self.path, &self.message)
    }
}

impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|it| it as _)
    }
}

/// A value that its contract does not allow to be sent.
#[derive(Debug)]
pub struct EncodeError {
    kind: EncodeErrorKind,
    path: String,
    message: String,
    source: Option<serde_json::Error>,
}

/// Why a value cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// The value breaks a constraint, or has no form on the wire (a year over 9999).
    Invalid,
    /// A field that senders must give is `None`.
    Missing,
    /// A map that is spread into an object holds a key of that object.
    Duplicate,
    /// NaN or an infinity.
    NotFinite,
    /// Lists and objects are nested too deeply.
    Depth,
    /// The serializer refused it.
    Other,
}

impl EncodeError {
    pub(crate) fn from_json(error: serde_json::Error, trail: Trail) -> Self {
        let (fault, path) = trail.into_parts();
        match fault {
            Some(fault) => Self {
                kind: encode_kind(fault.reason),
                path,
                message: fault.to_string(),
                source: None,
            },
            None => Self {
                kind: EncodeErrorKind::Other,
                path,
                message: error.to_string(),
                source: Some(error),
            },
        }
    }

    /// What went wrong, to decide by.
    pub fn kind(&self) -> EncodeErrorKind {
        self.kind
    }

    /// Where: `postings[2].amount`; empty for the whole value.
    pub fn path(&self) -> &str {
        &self.path
    }
}

fn encode_kind(reason: Reason) -> EncodeErrorKind {
    match reason {
        Reason::Kind | Reason::Value | Reason::Unknown => EncodeErrorKind::Invalid,
        Reason::Missing => EncodeErrorKind::Missing,
        Reason::Duplicate => EncodeErrorKind::Duplicate,
        Reason::NotFinite => EncodeErrorKind::NotFinite,
        Reason::Depth => EncodeErrorKind::Depth,
    }
}

impl Display for EncodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(formatter, &self.path, &self.message)
    }
}

impl Error for EncodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|it| it as _)
    }
}

/// A failure as a text for whoever has only a text: an error of a foreign serializer.
pub(crate) fn describe(trail: Trail) -> Option<String> {
    let (fault, path) = trail.into_parts();
    let message = fault?.to_string();
    Some(if path.is_empty() {
        message
    } else {
        format!("`{path}`: {message}")
    })
}

fn located(formatter: &mut fmt::Formatter<'_>, path: &str, message: &str) -> fmt::Result {
    if path.is_empty() {
        formatter.write_str(message)
    } else {
        write!(formatter, "`{path}`: {message}")
    }
}

/// A value that breaks a constraint of its type. It does not hold the value, which may be sensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    expected: Cow<'static, str>,
}

impl Invalid {
    pub(crate) fn new(expected: impl Into<Cow<'static, str>>) -> Self {
        Self {
            expected: expected.into(),
        }
    }

    pub(crate) fn into_fault(self) -> Fault {
        Fault::new(Reason::Value, self.expected)
    }
}

impl Display for Invalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected {}", self.expected)
    }
}

impl Error for Invalid {}
