//! Scalars, their encodings, lists and maps: each against documents that are kept, changed and refused.

use super::support::{keeps, reads_as, refuses};
use microagent_contract::__private as __rt;
use microagent_contract::codec::DecodeErrorKind as Kind;
use microagent_contract::codec::EncodeErrorKind;
use std::collections::BTreeMap;

/// A newtype per encoding, since serde's traits belong to types.
macro_rules! encoded {
    ($($name:ident($inner:ty): $codec:ty;)*) => {$(
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(pub $inner);
        __rt::newtype! { $name($inner): $codec }
    )*};
}

encoded! {
    Byte(u8): __rt::Plain;
    Small(i8): __rt::Plain;
    Big(u64): __rt::Plain;
    Signed(i64): __rt::Plain;
    BigText(u64): __rt::AsText;
    SignedText(i64): __rt::AsText;
    Double(f64): __rt::Plain;
    Single(f32): __rt::Plain;
    Flag(bool): __rt::Plain;
    Base64(__rt::Bytes): __rt::Plain;
    Hex(__rt::Bytes): __rt::Hex;
    Iso(__rt::Duration): __rt::Plain;
    Seconds(__rt::Duration): __rt::Seconds;
    Any(__rt::Json): __rt::Plain;
    Numbers(Vec<Option<u8>>): __rt::Plain;
    Texts(BTreeMap<String, Option<u64>>): __rt::Map<__rt::Nullable<__rt::AsText>>;
}

#[test]
fn integers() {
    reads_as::<Byte>(&[
        ("7", "7"),
        ("7.0", "7"),
        ("255", "255"),
        ("-0", "0"),
        ("1e2", "100"),
    ]);
    refuses::<Byte>(&[
        ("256", "", Kind::Invalid),
        ("-1", "", Kind::Invalid),
        ("7.5", "", Kind::Invalid),
        (r#""7""#, "", Kind::Type),
        ("true", "", Kind::Type),
    ]);
    keeps::<Small>(&["-128", "127"]);
    keeps::<Big>(&["18446744073709551615", "9007199254740993"]);
    refuses::<Big>(&[
        ("18446744073709551616", "", Kind::Invalid),
        ("1e300", "", Kind::Invalid),
    ]);
    keeps::<Signed>(&["-9223372036854775808"]);
    keeps::<BigText>(&[r#""18446744073709551615""#, r#""0""#]);
    keeps::<SignedText>(&[r#""-7""#]);
    refuses::<BigText>(&[
        (r#""18446744073709551616""#, "", Kind::Invalid),
        (r#""+7""#, "", Kind::Invalid),
        (r#""07""#, "", Kind::Invalid),
        (r#"" 7""#, "", Kind::Invalid),
        (r#""""#, "", Kind::Invalid),
        ("7", "", Kind::Type),
    ]);
}

#[test]
fn floats() {
    reads_as::<Double>(&[
        ("7.0", "7"),
        ("7", "7"),
        ("-0.0", "-0.0"),
        ("0.1", "0.1"),
        ("1e300", "1e+300"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("9007199254740992", "9007199254740992"),
    ]);
    keeps::<Single>(&["1.5", "-3", "16777216"]);
    assert_eq!(*__rt::encode(&1.1_f32).unwrap(), *b"1.1");
    refuses::<Double>(&[
        ("1e999", "", Kind::Syntax),
        ("NaN", "", Kind::Syntax),
        ("-Infinity", "", Kind::Syntax),
        (r#""1""#, "", Kind::Type),
        ("null", "", Kind::Type),
    ]);
    refuses::<Single>(&[("1e300", "", Kind::Invalid)]);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(
            __rt::encode(&value).unwrap_err().kind(),
            EncodeErrorKind::NotFinite
        );
    }
    assert!(__rt::encode(&f32::NAN).is_err());
}

#[test]
fn texts() {
    keeps::<Flag>(&["true", "false"]);
    refuses::<Flag>(&[("1", "", Kind::Type), (r#""true""#, "", Kind::Type)]);
    keeps::<Base64>(&[r#""""#, r#""AZA=""#, r#""AAAA""#]);
    refuses::<Base64>(&[
        (r#""AZA""#, "", Kind::Invalid),
        (r#""AZB=""#, "", Kind::Invalid),
        (r#""_-8=""#, "", Kind::Invalid),
        ("[1]", "", Kind::Type),
    ]);
    reads_as::<Hex>(&[(r#""00fF""#, r#""00ff""#)]);
    refuses::<Hex>(&[
        (r#""0""#, "", Kind::Invalid),
        (r#""0g""#, "", Kind::Invalid),
    ]);
}

#[test]
fn durations() {
    keeps::<Iso>(&[
        r#""PT30S""#,
        r#""PT1.5S""#,
        r#""PT0S""#,
        r#""P1D""#,
        r#""P1DT2H3M4.000000001S""#,
        r#""PT1M30S""#,
    ]);
    reads_as::<Iso>(&[
        (r#""PT90S""#, r#""PT1M30S""#),
        (r#""PT24H""#, r#""P1D""#),
        (r#""P2W""#, r#""P14D""#),
        (r#""PT0.500S""#, r#""PT0.5S""#),
    ]);
    for bad in [
        "30s", "P1Y", "P1M", "P", "PT", "P1DT", "-PT1S", "PT1,5S", "PT1.S", "PT.5S", "PT1S1M",
        "PT1.5M", "pt1s", "",
    ] {
        refuses::<Iso>(&[(&format!("\"{bad}\""), "", Kind::Invalid)]);
    }
    refuses::<Iso>(&[("30", "", Kind::Type)]);
    reads_as::<Seconds>(&[
        ("90", "90"),
        ("1.5", "1.5"),
        ("7.0", "7"),
        ("0.000000001", "0.000000001"),
        ("1e1", "10"),
    ]);
    refuses::<Seconds>(&[
        ("-1", "", Kind::Invalid),
        (r#""1""#, "", Kind::Type),
        ("null", "", Kind::Type),
    ]);
}

#[test]
fn json_lists_and_maps() {
    keeps::<Any>(&[
        "null",
        "[1,-2,0.1,\"x\",null,{\"a\":[]}]",
        "18446744073709551615",
    ]);
    refuses::<Any>(&[(r#"{"a":{"b":1,"b":1}}"#, "a.b", Kind::Duplicate)]);
    keeps::<Numbers>(&["[]", "[1,null]"]);
    refuses::<Numbers>(&[
        ("[1,256]", "[1]", Kind::Invalid),
        ("{}", "", Kind::Type),
        ("null", "", Kind::Type),
    ]);
    keeps::<Texts>(&[r#"{"":null,"a":"1"}"#]);
    refuses::<Texts>(&[
        (r#"{"a":"1","a":"1"}"#, "a", Kind::Duplicate),
        (r#"{"a b":1}"#, "[\"a b\"]", Kind::Type),
        ("[]", "", Kind::Type),
    ]);
    let deep = (0..200).fold(__rt::Json::Null, |inner, _| __rt::Json::Array(vec![inner]));
    assert_eq!(
        __rt::encode(&deep).unwrap_err().kind(),
        EncodeErrorKind::Depth
    );
}

#[cfg(feature = "uuid")]
#[test]
fn uuids() {
    encoded! { Id(__rt::Uuid): __rt::Plain; }
    reads_as::<Id>(&[(
        r#""0D9E7A3C-4a6f-4c4f-8b8b-2b9d2d1f9e77""#,
        r#""0d9e7a3c-4a6f-4c4f-8b8b-2b9d2d1f9e77""#,
    )]);
    refuses::<Id>(&[
        (r#""0d9e7a3c4a6f4c4f8b8b2b9d2d1f9e77""#, "", Kind::Invalid),
        (
            r#""{0d9e7a3c-4a6f-4c4f-8b8b-2b9d2d1f9e77}""#,
            "",
            Kind::Invalid,
        ),
        ("7", "", Kind::Type),
    ]);
}

#[cfg(feature = "chrono")]
#[test]
fn instants_and_days() {
    encoded! {
        Instant(__rt::Timestamp): __rt::Plain;
        UnixSeconds(__rt::Timestamp): __rt::UnixSeconds;
        UnixMillis(__rt::Timestamp): __rt::UnixMillis;
        Day(__rt::Date): __rt::Plain;
    }
    keeps::<Instant>(&[
        r#""1970-01-01T00:00:00Z""#,
        r#""2024-02-29T23:59:59.999999Z""#,
        r#""0000-01-01T00:00:00Z""#,
        r#""9999-12-31T23:59:59.999999999Z""#,
    ]);
    reads_as::<Instant>(&[
        (
            r#""1970-01-01T01:00:00+01:00""#,
            r#""1970-01-01T00:00:00Z""#,
        ),
        (
            r#""2024-01-01t00:00:00.500z""#,
            r#""2024-01-01T00:00:00.5Z""#,
        ),
        (r#""2016-12-31T23:59:60Z""#, r#""2017-01-01T00:00:00Z""#),
        (
            r#""2016-12-31T15:59:60.5-08:00""#,
            r#""2017-01-01T00:00:00.5Z""#,
        ),
    ]);
    for bad in [
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00",
        "2024-01-01",
        "2024-02-30T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2016-12-31T12:00:60Z",
        "0000-01-01T00:00:00+01:00",
        "2024-01-01T00:00:00+0100",
        "2024-1-1T00:00:00Z",
        "",
    ] {
        refuses::<Instant>(&[(&format!("\"{bad}\""), "", Kind::Invalid)]);
    }
    refuses::<Instant>(&[("0", "", Kind::Type)]);
    reads_as::<UnixSeconds>(&[("1686089970", "1686089970"), ("-1", "-1"), ("7.0", "7")]);
    refuses::<UnixSeconds>(&[
        ("1.5", "", Kind::Invalid),
        (r#""1""#, "", Kind::Type),
        ("9e15", "", Kind::Invalid),
    ]);
    keeps::<UnixMillis>(&["1559033904863", "-1"]);
    keeps::<Day>(&[r#""2024-02-29""#, r#""0000-01-01""#]);
    for bad in [
        "2023-02-29",
        "2024-2-29",
        "+2024-02-9",
        "2024-02-29T",
        "20240229",
        "é024-02-2",
    ] {
        refuses::<Day>(&[(&format!("\"{bad}\""), "", Kind::Invalid)]);
    }
    assert!(__rt::encode(&__rt::Timestamp::MAX_UTC).is_err());
}

#[cfg(feature = "decimal")]
#[test]
fn decimals() {
    encoded! { Amount(__rt::Decimal): __rt::Plain; Number(__rt::Decimal): __rt::AsNumber; }
    keeps::<Amount>(&[
        r#""10.00""#,
        r#""-0.01""#,
        r#""1234567890123.4567""#,
        r#""0""#,
        r#""0.00""#,
    ]);
    for bad in [
        "12,50",
        "1e3",
        "+1",
        ".5",
        "5.",
        "",
        "1_000",
        "0.00000000000000000000000000001",
    ] {
        refuses::<Amount>(&[(&format!("\"{bad}\""), "", Kind::Invalid)]);
    }
    refuses::<Amount>(&[("10.00", "", Kind::Type)]);
    let number: Number = __rt::decode(b"1234567890123456.7890").unwrap();
    assert_eq!(*__rt::encode(&number).unwrap(), *b"1234567890123456.7890");
    let number: Number = __rt::decode(b"1.5e3").unwrap();
    assert_eq!(*__rt::encode(&number).unwrap(), *b"1500");
    refuses::<Number>(&[(r#""1""#, "", Kind::Type), ("true", "", Kind::Type)]);
}
