//! Unions: the three ways of tagging, open and closed, tags that come late.

use super::support::{keeps, reads_as, refuses};
use microagent_contract::__private as __rt;
use microagent_contract::codec::DecodeErrorKind as Kind;

#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub x: i32,
    pub y: Option<Box<Shape>>,
}
__rt::object! { Point { "x" => x: i32, Required; "y" => y: Option<Box<Shape>>, Optional; } }

#[derive(Clone, Debug, PartialEq)]
pub enum Contact {
    Email(String),
    Point(Box<Point>),
    None,
    Unrecognised(__rt::Unrecognised),
}
__rt::union_external! { Contact {
    "email" | "mail" => Email(__rt::Plain), "point" => Point(__rt::Plain), "none" => None,
    else Unrecognised
} }

#[derive(Clone, Debug, PartialEq)]
pub enum Closed {
    Email(String),
    None,
}
__rt::union_external! { Closed { "email" => Email(__rt::Plain), "none" => None } }

#[test]
fn external() {
    reads_as::<Contact>(&[
        (r#"{"mail":"a"}"#, r#"{"email":"a"}"#),
        (r#"{"point":{"x":7.0}}"#, r#"{"point":{"x":7}}"#),
    ]);
    keeps::<Contact>(&[
        r#""none""#,
        r#""later""#,
        r#"{"phone":{"n":[1,2.50,-0.0]}}"#,
        r#"{"phone":null}"#,
    ]);
    refuses::<Contact>(&[
        ("{}", "", Kind::Type),
        (r#"{"email":"a","none":1}"#, "", Kind::Type),
        (r#"{"none":null}"#, "", Kind::Type),
        (r#""email""#, "", Kind::Type),
        (r#"{"email":7}"#, "email", Kind::Type),
        (r#"{"point":{"x":"1"}}"#, "point.x", Kind::Type),
        ("[]", "", Kind::Type),
    ]);
    refuses::<Closed>(&[
        (r#"{"phone":1}"#, "", Kind::Unknown),
        (r#""phone""#, "", Kind::Unknown),
    ]);
}

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Point(Box<Point>),
    Other(__rt::BTreeMap<String, u8>),
    Gone,
    Unrecognised(__rt::Unrecognised),
}
__rt::union_internal! { Shape by "type" {
    "point" => Point(Point), "other" => Other(__rt::Map<__rt::Plain>), "gone" => Gone, else Unrecognised
} }

#[derive(Clone, Debug, PartialEq)]
pub enum Strict {
    Point(Point),
}
__rt::union_internal! { Strict by "type" { "point" => Point(Point) } }

#[test]
fn internal() {
    keeps::<Shape>(&[
        r#"{"type":"point","x":1}"#,
        r#"{"type":"point","x":1,"y":{"type":"gone"}}"#,
        r#"{"type":"other","a":1,"b":2}"#,
        r#"{"type":"gone"}"#,
        r#"{"type":"merged","into":7,"x":{"a":[1.50,null]}}"#,
    ]);
    reads_as::<Shape>(&[
        (
            r#"{"z":[{}],"x":1,"type":"point"}"#,
            r#"{"type":"point","x":1}"#,
        ),
        (
            r#"{"y":{"x":2,"type":"point"},"x":1,"t\u0079pe":"po\u0069nt"}"#,
            r#"{"type":"point","x":1,"y":{"type":"point","x":2}}"#,
        ),
        (r#"{"a":1,"type":"gone"}"#, r#"{"type":"gone"}"#),
        (
            r#"{"b":2,"type":"other","a":1}"#,
            r#"{"type":"other","a":1,"b":2}"#,
        ),
        (
            r#"{"into":7,"type":"merged"}"#,
            r#"{"type":"merged","into":7}"#,
        ),
    ]);
    refuses::<Shape>(&[
        (r#"{"x":1}"#, "type", Kind::Missing),
        (r#"{"type":7,"x":1}"#, "type", Kind::Type),
        (r#"{"x":1,"type":null}"#, "type", Kind::Type),
        (r#"{"type":"point"}"#, "x", Kind::Missing),
        (r#"{"x":"1","type":"point"}"#, "x", Kind::Type),
        (
            r#"{"type":"point","x":1,"type":"point"}"#,
            "type",
            Kind::Duplicate,
        ),
        (r#"{"type":"merged","a":1,"a":2}"#, "a", Kind::Duplicate),
        ("[]", "", Kind::Type),
        (r#""gone""#, "", Kind::Type),
    ]);
    refuses::<Strict>(&[(r#"{"type":"merged"}"#, "type", Kind::Unknown)]);
}

#[test]
fn late_tags_do_not_reset_the_depth() {
    let nested = |levels: usize| {
        format!(
            "{}{}{}",
            r#"{"x":1,"y":"#.repeat(levels),
            r#"{"type":"gone"}"#,
            r#","type":"point"}"#.repeat(levels)
        )
    };
    assert!(__rt::decode::<Shape>(nested(100).as_bytes()).is_ok());
    assert_eq!(
        __rt::decode::<Shape>(nested(5_000).as_bytes())
            .unwrap_err()
            .kind(),
        Kind::Depth
    );
    let deep = format!(
        r#"{{"type":"new","a":{}{}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    assert_eq!(
        __rt::decode::<Shape>(deep.as_bytes()).unwrap_err().kind(),
        Kind::Depth
    );
}

#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    Charged(Point),
    Ids(Vec<u64>),
    Ping,
    Unrecognised(__rt::Unrecognised),
}
__rt::union_adjacent! { Happened by "type", "data" {
    "charge.succeeded" => Charged(__rt::Plain), "ids" => Ids(__rt::List<__rt::AsText>), "ping" => Ping,
    else Unrecognised
} }

#[test]
fn adjacent() {
    keeps::<Happened>(&[
        r#"{"type":"charge.succeeded","data":{"x":1}}"#,
        r#"{"type":"ids","data":["1","18446744073709551615"]}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"new","data":{"n":1.50}}"#,
        r#"{"type":"new"}"#,
    ]);
    reads_as::<Happened>(&[
        (
            r#"{"data":["1"],"at":1,"type":"ids"}"#,
            r#"{"type":"ids","data":["1"]}"#,
        ),
        (
            r#"{"type":"ping","data":null,"at":1}"#,
            r#"{"type":"ping"}"#,
        ),
        (
            r#"{"data":7,"type":"new","at":1}"#,
            r#"{"type":"new","data":7}"#,
        ),
    ]);
    refuses::<Happened>(&[
        (r#"{"data":[]}"#, "type", Kind::Missing),
        (r#"{"type":"ids"}"#, "data", Kind::Missing),
        (
            r#"{"type":"ids","data":["1"],"data":["1"]}"#,
            "data",
            Kind::Duplicate,
        ),
        (r#"{"type":"ids","data":[1]}"#, "data[0]", Kind::Type),
        (r#"{"data":["x"],"type":"ids"}"#, "data[0]", Kind::Invalid),
    ]);
}
