//! When fields may be missing, what they are then, and what is written.

use crate::presence::presence::{Kind, Mail, Options};
use serde_json::{Value, json};

fn read(value: &Value) -> Result<Mail, serde_json::Error> {
    serde_json::from_str(&value.to_string())
}

fn least() -> Value {
    json!({ "to": "ada", "subject": "hello" })
}

#[test]
fn a_constructor_takes_what_is_required() {
    let mail = Mail {
        note: Some("soon".into()),
        ..Mail::new("ada", "hello", "berlin")
    };
    assert_eq!(mail.body, "");
    assert_eq!(mail.retries, 3);
    assert_eq!(mail.branch.as_deref(), Some("berlin"));
    assert_eq!(mail.kind, Kind::InProgress);
    assert_eq!(mail.tags, [Some("new".to_owned()), None]);
    let written = serde_json::to_value(&mail).expect("it is valid");
    let expected = json!({
        "to": "ada", "subject": "hello", "body": "", "retries": 3, "note": "soon", "locale": null,
        "branch": "berlin", "tags": ["new", null], "kind": "in-progress",
    });
    assert_eq!(written, expected);
}

#[test]
fn absent_and_null_are_the_default() {
    let mut value = least();
    for (key, null) in [
        ("body", true),
        ("retries", true),
        ("note", true),
        ("locale", true),
        ("tags", true),
    ] {
        if null {
            value[key] = Value::Null;
        }
        let mail = read(&value).unwrap_or_else(|problem| panic!("{key}: {problem}"));
        assert_eq!(
            (mail.body.as_str(), mail.retries, mail.note, mail.locale),
            ("", 3, None, None)
        );
        assert_eq!(mail.tags.len(), 2, "{key}");
    }
}

#[test]
fn an_asymmetric_field_is_given_by_senders_only() {
    let mut mail = read(&least()).expect("readers do without");
    assert_eq!(mail.branch, None);
    let refused = serde_json::to_string(&mail)
        .expect_err("senders don't")
        .to_string();
    assert!(refused.contains("branch"), "{refused}");
    mail.branch = Some("berlin".into());
    assert!(serde_json::to_string(&mail).is_ok());
}

#[test]
fn old_names_are_read_and_written() {
    let mut value = least();
    value["mail"] = json!("ada@example.org");
    let mut mail = read(&value).expect("the old name is read");
    assert_eq!(mail.email.as_deref(), Some("ada@example.org"));
    mail.branch = Some("b".into());
    let written = serde_json::to_value(&mail).expect("it is valid");
    assert_eq!(written["email"], written["mail"]);
}

#[test]
fn sensitive_values_are_never_shown() {
    let mail = Mail {
        token: Some("s3cret".into()),
        ..Mail::new("ada", "hello", "b")
    };
    let shown = format!("{mail:?}");
    assert!(
        shown.contains("hello") && !shown.contains("s3cret"),
        "{shown}"
    );
    assert!(
        serde_json::to_string(&mail)
            .expect("it is valid")
            .contains("s3cret")
    );
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let cases = [
        ("to", json!(null), "to"),
        ("to", json!(7), "to"),
        ("retries", json!(-1), "retries"),
        ("retries", json!("3"), "retries"),
        ("tags", json!(["a", 1]), "tags[1]"),
    ];
    for (key, bad, place) in cases {
        let mut value = least();
        value[key] = bad;
        let body = value.to_string();
        let refused = microagent_contract::decode::<Mail>(body.as_bytes())
            .expect_err(&body)
            .to_string();
        assert!(refused.contains(place), "{body}: {refused}");
    }
    let twice = br#"{"to": "a", "subject": "b", "to": "c"}"#;
    let refused = microagent_contract::decode::<Mail>(twice)
        .expect_err("a key stands twice")
        .to_string();
    assert!(refused.contains("to"), "{refused}");
}

#[test]
fn all_defaults_make_a_default() {
    let options = Options {
        limit: 7,
        ..Options::default()
    };
    assert_eq!(
        (options.limit, options.after, options.flags.len()),
        (7, None, 0)
    );
}
