//! Unions by all three tags, spreads, and what is unknown.

use crate::unions::unions::{Both, Change, Contact, Event, Plan, Severity, Strict, Ticket};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn round<T: Serialize + DeserializeOwned>(text: &str) -> Result<Value, String> {
    let value: T = serde_json::from_str(text).map_err(|problem| problem.to_string())?;
    serde_json::to_value(&value).map_err(|problem| problem.to_string())
}

type Round = fn(&str) -> Result<Value, String>;

#[test]
fn messages_come_back_equal() {
    let cases: &[(Round, &str)] = &[
        (round::<Contact>, r#"{"email":"ada"}"#),
        (round::<Contact>, r#"{"postal":{"at":1}}"#),
        (round::<Contact>, r#"{"p.o. box":[1,2]}"#),
        (round::<Contact>, r#""none""#),
        (round::<Contact>, r#""unknown unit""#),
        (round::<Contact>, r#"{"unknown":{"deep":[1,2.50,null]}}"#),
        (round::<Strict>, r#"{"a":"x"}"#),
        (round::<Strict>, r#""b""#),
        (
            round::<Ticket>,
            r#"{"type":"opened","title":"t","id":1,"more":{"x":[]},"again":null}"#,
        ),
        (
            round::<Ticket>,
            r#"{"id":1,"title":"t","more":true,"type":"opened"}"#,
        ),
        (round::<Ticket>, r#"{"type":"closed","at":5}"#),
        (round::<Ticket>, r#"{"type":"gone"}"#),
        (
            round::<Ticket>,
            r#"{"type":"reopened","by":{"type":"x"},"n":12345678901234567890}"#,
        ),
        (round::<Change>, r#"{"kind":"moved","data":{"at":1}}"#),
        (round::<Change>, r#"{"data":"b","kind":"renamed"}"#),
        (round::<Change>, r#"{"kind":"left"}"#),
        (round::<Change>, r#"{"kind":"new","data":[1]}"#),
        (round::<Event>, r#"{"event":"e","type":"closed","at":5}"#),
        (
            round::<Event>,
            r#"{"event":"e","type":"unheard of","at":5}"#,
        ),
        (
            round::<Both>,
            r#"{"name":"n","kind":"moved","data":{"at":1},"x":1,"y":2}"#,
        ),
        (round::<Plan>, r#""pay-as-you-go""#),
        (round::<Plan>, r#""platinum""#),
        (round::<Severity>, r#""low""#),
    ];
    for (round, text) in cases {
        let expected: Value = serde_json::from_str(text).expect("written by hand");
        assert_eq!(round(text).as_ref(), Ok(&expected), "{text}");
    }
}

#[test]
fn what_is_no_such_union_is_refused() {
    let cases: &[(Round, &str)] = &[
        (round::<Contact>, r#"{}"#),
        (round::<Contact>, r#"{"email":"a","none":null}"#),
        (round::<Contact>, r#"{"email":7}"#),
        (round::<Contact>, "7"),
        (round::<Contact>, r#"null"#),
        (round::<Strict>, r#"{"c":"x"}"#),
        (round::<Strict>, r#""c""#),
        (round::<Strict>, r#""a""#),
        (round::<Ticket>, r#"{"title":"t","id":1}"#),
        (round::<Ticket>, r#"{"type":7}"#),
        (round::<Ticket>, r#"{"type":"closed"}"#),
        (
            round::<Ticket>,
            r#"{"type":"closed","type":"closed","at":1}"#,
        ),
        (round::<Change>, r#"{"kind":"moved"}"#),
        (round::<Change>, r#"{"data":{"at":1}}"#),
        (round::<Event>, r#"{"event":"e","at":5}"#),
        (round::<Both>, r#"{"name":"n","kind":"left","x":256}"#),
        (round::<Plan>, "7"),
        (round::<Severity>, r#""medium""#),
    ];
    for (round, text) in cases {
        assert!(round(text).is_err(), "{text} was accepted");
    }
}

#[test]
fn values_are_matched_by_name() {
    let ticket: Ticket =
        serde_json::from_str(r#"{"type":"opened","title":"t","id":1,"x":2}"#).expect("it is valid");
    let Ticket::Opened(opened) = ticket else {
        panic!("{ticket:?}")
    };
    assert_eq!(
        (
            opened.title.as_str(),
            opened.head.id,
            &opened.head.other["x"]
        ),
        ("t", 1, &Value::from(2))
    );
    assert_eq!(Plan::Metered.as_str(), "pay-as-you-go");
    let unknown: Plan = serde_json::from_str(r#""platinum""#).expect("it is open");
    assert!(matches!(&unknown, Plan::Unrecognised(_)), "{unknown:?}");
}
