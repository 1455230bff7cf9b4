//! Spreads: structs, unions by tag and maps inside the object around them.

use super::support::{keeps, reads_as, refuses};
use microagent_contract::__private as __rt;
use microagent_contract::codec::DecodeErrorKind as Kind;
use microagent_contract::codec::EncodeErrorKind;

#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub id: u8,
    pub other: __rt::BTreeMap<String, __rt::Json>,
}
__rt::object! { Head { "id" | "ident" => id: u8, Required; ..other: __rt::Map<__rt::Plain>; } }

#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub title: String,
    pub note: String,
    pub head: Head,
}
__rt::object! { Opened {
    "title" => title: String, Required; "note" => note: String, Defaulted = String::new(); ..head: Head;
} }

#[derive(Clone, Debug, PartialEq)]
pub enum Ticket {
    Opened(Opened),
    Closed(Plain),
    Unrecognised(__rt::Unrecognised),
}
__rt::union_internal! { Ticket by "type" { "opened" => Opened(Opened), "closed" => Closed(Plain), else Unrecognised } }

#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    pub at: u8,
}
__rt::object! { Plain { "at" => at: u8, Required; } }

#[test]
fn maps_and_structs() {
    keeps::<Opened>(&[r#"{"title":"t","note":"","id":1}"#]);
    reads_as::<Opened>(&[(
        r#"{"x":null,"id":1,"priority":{"level":3},"title":"t"}"#,
        r#"{"title":"t","note":"","id":1,"priority":{"level":3},"x":null}"#,
    )]);
    keeps::<Ticket>(&[
        r#"{"type":"opened","title":"t","note":"n","id":1,"x":null}"#,
        r#"{"type":"closed","at":1}"#,
        r#"{"type":"merged","into":7}"#,
    ]);
    refuses::<Opened>(&[
        (r#"{"title":"t"}"#, "id", Kind::Missing),
        (r#"{"title":"t","id":"1"}"#, "id", Kind::Type),
        (r#"{"title":"t","id":1,"ident":1}"#, "id", Kind::Duplicate),
        (r#"{"title":"t","id":1,"x":1,"x":1}"#, "x", Kind::Duplicate),
        (
            r#"{"title":"t","id":1,"x":{"a":1,"a":2}}"#,
            "x.a",
            Kind::Duplicate,
        ),
    ]);
}

#[derive(Clone, Debug, PartialEq)]
pub struct Plain2 {
    pub version: u8,
}
__rt::object! { Plain2 { "version" => version: u8, Required; } }
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    Ids(Vec<u64>),
    Unrecognised(__rt::Unrecognised),
}
__rt::union_adjacent! { Happened by "kind", "data" { "ids" => Ids(__rt::Plain), else Unrecognised } }

#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    pub id: String,
    pub happened: Happened,
    pub version: Plain2,
    pub rest: __rt::BTreeMap<String, u8>,
}
__rt::object! { Envelope {
    "id" => id: String, Required; ..happened: Happened; ..version: Plain2; ..rest: __rt::Map<__rt::Plain>;
} }

#[test]
fn unions() {
    keeps::<Envelope>(&[
        r#"{"id":"e","kind":"ids","data":[1],"version":2}"#,
        r#"{"id":"e","kind":"new","data":{"a":1},"version":2,"x":3}"#,
        r#"{"id":"e","kind":"new","version":2}"#,
    ]);
    reads_as::<Envelope>(&[(
        r#"{"data":[1],"x":3,"version":2,"kind":"ids","id":"e"}"#,
        r#"{"id":"e","kind":"ids","data":[1],"version":2,"x":3}"#,
    )]);
    refuses::<Envelope>(&[
        (
            r#"{"id":"e","data":[1],"version":2}"#,
            "kind",
            Kind::Missing,
        ),
        (
            r#"{"id":"e","kind":"ids","data":["1"],"version":2}"#,
            "data[0]",
            Kind::Type,
        ),
        (
            r#"{"id":"e","kind":"ids","data":[],"version":2,"x":"y"}"#,
            "x",
            Kind::Type,
        ),
    ]);
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    pub seq: u8,
    pub ticket: Inner,
}
#[derive(Clone, Debug, PartialEq)]
pub enum Inner {
    A(Plain),
    B(Plain2),
    Unrecognised(__rt::Unrecognised),
}
__rt::union_internal! { Inner by "type" { "a" => A(Plain), "b" => B(Plain2), else Unrecognised } }
__rt::object! { Tagged { "seq" => seq: u8, Required; ..ticket: Inner; } }

#[test]
fn an_unknown_tag_keeps_what_no_other_field_claims() {
    keeps::<Tagged>(&[
        r#"{"seq":1,"type":"a","at":2}"#,
        r#"{"seq":1,"type":"c","at":2,"z":[1.0]}"#,
    ]);
    reads_as::<Tagged>(&[
        (
            r#"{"at":2,"seq":1,"junk":0,"type":"a"}"#,
            r#"{"seq":1,"type":"a","at":2}"#,
        ),
        (
            r#"{"z":0,"seq":1,"type":"c"}"#,
            r#"{"seq":1,"type":"c","z":0}"#,
        ),
    ]);
}

#[test]
fn a_map_must_not_hold_a_key_of_the_object_around() {
    for key in ["title", "note", "id", "ident", "type"] {
        let other = __rt::BTreeMap::from([(key.to_owned(), __rt::Json::Null)]);
        let opened = Opened {
            title: "t".into(),
            note: String::new(),
            head: Head { id: 1, other },
        };
        let error = __rt::encode(&Ticket::Opened(opened)).unwrap_err();
        assert_eq!(
            (error.path(), error.kind()),
            (key, EncodeErrorKind::Duplicate)
        );
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tags(pub __rt::BTreeMap<String, u8>);
__rt::newtype! { Tags(__rt::BTreeMap<String, u8>): __rt::Map<__rt::Plain> }
__rt::object_newtype! { Tags }

#[derive(Clone, Debug, PartialEq)]
pub struct WithTags {
    pub tags: Tags,
}
__rt::object! { WithTags { ..tags: Tags; } }

#[test]
fn newtypes_of_maps() {
    keeps::<WithTags>(&["{}", r#"{"a":1}"#]);
    refuses::<Tags>(&[(r#"{"a":1,"a":1}"#, "a", Kind::Duplicate)]);
}
