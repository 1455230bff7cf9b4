//! The three kinds of tables that all files here use.

use microagent_contract::__private as __rt;
use microagent_contract::codec::{DecodeErrorKind, Payload};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the tables hold JSON")
}

/// Each document comes back as the one beside it, by `decode` as well as through serde.
pub fn reads_as<T: Payload + serde::Serialize + serde::de::DeserializeOwned>(
    table: &[(&str, &str)],
) {
    for (document, expected) in table {
        let value: T =
            __rt::decode(document.as_bytes()).unwrap_or_else(|it| panic!("{document}: {it}"));
        let back = __rt::encode(&value).unwrap_or_else(|it| panic!("{document}: {it}"));
        assert_eq!(*back, *expected.as_bytes(), "{document}");
        let value: T =
            serde_json::from_value(json(document)).unwrap_or_else(|it| panic!("{document}: {it}"));
        assert_eq!(
            serde_json::to_value(&value).expect("it was read"),
            json(expected),
            "{document}"
        );
        let value: T =
            serde_json::from_str(document).unwrap_or_else(|it| panic!("{document}: {it}"));
        assert_eq!(
            serde_json::to_string(&value).expect("it was read"),
            *expected,
            "{document}"
        );
    }
}

/// Each document comes back byte by byte.
pub fn keeps<T: Payload + serde::Serialize + serde::de::DeserializeOwned>(documents: &[&str]) {
    let table: Vec<_> = documents.iter().map(|it| (*it, *it)).collect();
    reads_as::<T>(&table);
}

/// Each document is refused, at this path and for this reason.
pub fn refuses<T: Payload + serde::de::DeserializeOwned + std::fmt::Debug>(
    table: &[(&str, &str, DecodeErrorKind)],
) {
    for (document, path, kind) in table {
        let error = __rt::decode::<T>(document.as_bytes()).expect_err(document);
        assert_eq!(
            (error.path(), error.kind()),
            (*path, *kind),
            "{document}: {error}"
        );
        assert!(serde_json::from_str::<T>(document).is_err(), "{document}");
    }
}
