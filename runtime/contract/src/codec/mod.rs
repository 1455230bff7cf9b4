//! JSON as the contract language defines it: what generated types are read from and written to. Generated code
//! gives one table per type (see `macros`), and everything that a table means is here, on top of serde and
//! `serde_json`. It must not know ports, handles, or what a message is for.
//!
//! A *codec* is a type without values that says how a Rust type stands on the wire; [`Plain`] is the usual way.
//! A *kind* says what absence and null mean for a field. A [`Trail`] goes along, and knows depth and place.
//!
//! Invariants:
//! - A plain object is read in one pass and nothing of it is buffered; only what is spread, and what stands
//!   before a late tag, is kept as raw text (borrowed from the message).
//! - Nothing deeper than [`MAX_DEPTH`] is read or written, so recursion over a value, its drop included, is bounded.
//!   A key that means nothing to a type is passed over without recursion, however deep its value is.
//! - No error shows a value of a redacted field.

#![expect(
    clippy::missing_errors_doc,
    reason = "tables of generated code call most of it, and what fails is said where users read and write"
)]

mod bytes;
#[cfg(feature = "chrono")]
mod calendar;
#[deny(clippy::missing_errors_doc)]
mod check;
mod collections;
#[cfg(feature = "decimal")]
mod decimal;
mod enums;
mod error;
mod fields;
mod float;
mod format;
mod integer;
mod json;
mod kind;
mod names;
mod newtype;
mod object;
#[deny(clippy::missing_errors_doc)]
mod payload;
mod raw;
mod redacted;
mod scalar;
mod seconds;
mod spread;
mod text;
mod trail;
mod tuples;
mod union_by_tag;
mod union_external;
mod unrecognised;
#[cfg(feature = "uuid")]
mod uuid;

#[cfg(feature = "uuid")]
pub use self::uuid::Hyphenated;
pub use bytes::{Base64, Hex};
#[cfg(feature = "chrono")]
pub use calendar::{IsoDate, Rfc3339, UnixMillis, UnixSeconds};
pub use check::{Checked, Limits, Measure, Measured, Rules, check};
pub use collections::{Boxed, List, Map, Nullable};
#[cfg(feature = "decimal")]
pub use decimal::{AsNumber, Digits};
pub use enums::{
    AsIntegerEnum, AsTextEnum, IntegerEnum, TextEnum, unrecognised_integer, unrecognised_text,
};
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Invalid};
pub use fields::{Found, Kinds, Slot, Table, Values};
pub use float::Float;
pub use format::Format;
pub use integer::{AsText, Integer};
pub use json::Anything;
pub use kind::{Asymmetric, Defaulted, Kind, Optional, OrNull, Required};
pub use names::{Names, Other, Place, claims};
pub use newtype::{AsInner, Empty, Newtype, ObjectCodec};
pub use object::{AsObject, Entries, Entry, Fields, Object, Unclaimed};
pub use payload::{
    Codec, Payload, Plain, decode, decode_with, deserialize, encode, encode_with, serialize,
};
pub use redacted::{Redacted, debug_fields, debug_hidden, redacted, shown};
pub use seconds::{Iso8601, Seconds};
pub use spread::{Claims, Dealer, Part, Share, any_claims, strongest};
pub use text::{Boolean, Text};
pub use trail::{MAX_DEPTH, Trail};
pub use tuples::Groups;
pub use union_external::{AsExternal, External, Member, Named};
pub use unrecognised::Unrecognised;
