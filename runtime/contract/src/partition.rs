//! The bytes that pick the partition of a message: the text of a string, else compact JSON; of several fields, a compact
//! JSON array. They are fixed, since two versions of a sender must agree on the partition of a key.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;

/// The partition key of an encoded payload, read from its top-level `fields` by their wire names; none where no field is
/// declared, or the body is no JSON object. A field that is missing counts as null.
///
/// Senders to a queue and brokers that copy from an exchange call the same function, so that both agree.
pub fn partition_key(fields: &[impl AsRef<str>], body: &[u8]) -> Option<Bytes> {
    if fields.is_empty() {
        return None;
    }
    let object: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    let value = |field: &_| {
        let field: &str = AsRef::as_ref(field);
        object.get(field).map_or("null", |it| it.get())
    };
    if let [field] = fields {
        let raw = value(field);
        return Some(match serde_json::from_str::<String>(raw) {
            Ok(text) => Bytes::from(text),
            Err(_) => Bytes::copy_from_slice(raw.as_bytes()),
        });
    }
    let values: Vec<&str> = fields.iter().map(value).collect();
    Some(Bytes::from(format!("[{}]", values.join(","))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_fixed_bytes() {
        let body = Bytes::from_static(br#"{"to":"a\"b","n":7,"o":{"x":1},"z":null}"#);
        let cases: &[(&[&str], Option<&str>)] = &[
            (&[], None),
            (&["to"], Some("a\"b")),
            (&["n"], Some("7")),
            (&["o"], Some(r#"{"x":1}"#)),
            (&["z"], Some("null")),
            (&["missing"], Some("null")),
            (&["to", "n"], Some(r#"["a\"b",7]"#)),
            (&["n", "missing"], Some("[7,null]")),
        ];
        for (fields, expected) in cases {
            let key = partition_key(fields, &body);
            assert_eq!(key.as_deref(), expected.map(str::as_bytes), "{fields:?}");
        }
    }
}
