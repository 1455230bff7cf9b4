//! Every type of the table: what is read, what is written, what is refused.

use std::collections::HashSet;

use crate::types::types::{All, Amount, Email, Level, Node, Scores};
use serde_json::{Value, json};

fn whole() -> Value {
    json!({
        "flag": true, "small": -128, "big": "18446744073709551615", "share": 0.5, "float": 7,
        "digest": "00ff", "blob": "AAEC", "id": "3f3f0c3e-1a1b-4c5d-8e9f-0a1b2c3d4e5f",
        "at": "2024-02-29T12:00:00.5Z", "seen": 1_700_000_000_123_u64, "day": "2024-02-29",
        "took": "PT1.5S", "waited": 0.25, "price": "12.50", "exact": 1.5, "anything": {"a": [null]},
        "email": "ada@example.org", "amount": "0.10", "scores": [0, 1.5], "labels": {"x": 1},
    })
}

#[test]
fn all_types_come_back_equal() {
    let value = whole();
    let all: All = serde_json::from_str(&value.to_string()).expect("it is valid");
    assert_eq!(serde_json::to_value(&all).expect("it is valid"), value);
    assert_eq!(all.big, u64::MAX);
    assert_eq!(all.waited, std::time::Duration::from_millis(250));
    assert_eq!(all.labels["x"], 1);
}

#[test]
fn other_kinds_and_ranges_are_refused() {
    let cases = [
        ("flag", json!(1)),
        ("small", json!(128)),
        ("small", json!(1.5)),
        ("big", json!(1)),
        ("big", json!("-1")),
        ("share", json!("0.5")),
        ("digest", json!("0g")),
        ("digest", json!("0011223344")),
        ("blob", json!("A")),
        ("id", json!("x")),
        ("at", json!("2024-02-30T00:00:00Z")),
        ("at", json!(0)),
        ("seen", json!("0")),
        ("day", json!("2023-02-29")),
        ("took", json!("1.5s")),
        ("waited", json!(-1)),
        ("price", json!(12.5)),
        ("exact", json!("1.5")),
        ("email", json!("ada")),
        ("email", json!("much-too-long@example.org")),
        ("scores", json!([0, -1])),
        ("scores", json!([0, 0, 0, 0])),
        ("labels", json!({"x": 256})),
        ("amount", json!("1,5")),
    ];
    for (key, bad) in cases {
        let mut value = whole();
        value[key] = bad.clone();
        assert!(
            serde_json::from_str::<All>(&value.to_string()).is_err(),
            "{key}: {bad} was accepted"
        );
    }
}

#[test]
fn whole_floats_are_integers_too() {
    let mut value = whole();
    value["small"] = json!(7.0);
    let all: All = serde_json::from_str(&value.to_string()).expect("7.0 is 7");
    assert_eq!(all.small, 7);
    let bad = All {
        float: f64::NAN,
        ..all
    };
    assert!(serde_json::to_string(&bad).is_err(), "NaN is no JSON");
}

#[test]
fn newtypes_check_what_they_hold() {
    let email = Email::new("ada@example.org").expect("it is one");
    assert_eq!(email.get(), "ada@example.org");
    assert!(Email::new("ada").is_err());
    assert_eq!(Amount(3.into()).0, 3.into());
    assert!(Scores::new(vec![0.5; 4]).is_err(), "three at most");
    let negative = Scores::new(vec![-0.5]).expect("entries are checked when they are sent");
    assert!(serde_json::to_string(&negative).is_err());
}

#[test]
fn recursive_types_have_a_size() {
    let leaf = Node::new(1);
    let tree = Node {
        left: Some(Box::new(leaf.clone())),
        children: vec![leaf],
        ..Node::new(2)
    };
    let text = serde_json::to_string(&tree).expect("it is valid");
    assert_eq!(
        serde_json::from_str::<Node>(&text).expect("it is valid"),
        tree
    );
}

#[test]
fn words_of_rust_are_names_too() {
    let text = r#"{"self":true,"crate":1,"type":"y","none":"self"}"#;
    let words: crate::types::types::Option = serde_json::from_str(text).expect("it is valid");
    assert_eq!(words.r#type, "y");
    assert_eq!(words.none, Some(crate::types::types::Result::Self_));
    assert_eq!(serde_json::to_string(&words).expect("it is valid"), text);
    assert_eq!(
        serde_json::to_string(&[Level::Low, Level::High]).expect("they are valid"),
        "[1,-2]"
    );
    assert!(serde_json::from_str::<Level>("3").is_err());
}

#[test]
#[expect(deprecated, reason = "it is what is tested")]
fn derives_are_added() {
    use crate::types::types::Old;
    assert_eq!(HashSet::from([Old::new("a"), Old::new("a")]).len(), 1);
}

#[test]
fn members_may_hold_their_union_and_newtypes_nothing() {
    let cases = [
        r#"{"nickname":"ada","formula":{"op":"negated","of":{"op":"number","value":1}}}"#,
        r#"{"nickname":null,"formula":{"op":"not-at-all"}}"#,
    ];
    for text in cases {
        let named: crate::types::types::Named =
            serde_json::from_str(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        assert_eq!(serde_json::to_string(&named).expect("it is valid"), text);
    }
    let long = r#"{"nickname":"longer","formula":{"op":"not-at-all"}}"#;
    assert!(serde_json::from_str::<crate::types::types::Named>(long).is_err());
}
