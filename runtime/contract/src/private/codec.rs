//! What generated code calls for payloads.

pub use core::{
    convert::{AsRef, From, Into, TryFrom},
    option::Option::{self, None, Some},
    primitive::{bool, i64, str},
    result::Result::{self, Err, Ok},
    time::Duration,
};
pub use std::collections::BTreeMap;

pub use bytes::Bytes;
#[cfg(feature = "decimal")]
pub use rust_decimal::Decimal;
pub use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::MapAccess, ser::SerializeMap,
};
pub use serde_json::Value as Json;
#[cfg(feature = "uuid")]
pub use uuid::Uuid;

pub use crate::codec::*;
pub use crate::{
    __checked_newtype as checked_newtype, __debug_redacted as debug_redacted,
    __integer_enum as integer_enum, __newtype as newtype, __object as object,
    __object_newtype as object_newtype, __require_chrono as require_chrono,
    __require_decimal as require_decimal, __require_uuid as require_uuid, __rules as rules,
    __string_enum as string_enum, __union_adjacent as union_adjacent,
    __union_external as union_external, __union_internal as union_internal,
};

/// The type of `timestamp`.
#[cfg(feature = "chrono")]
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// The type of `date`.
#[cfg(feature = "chrono")]
pub type Date = chrono::NaiveDate;
