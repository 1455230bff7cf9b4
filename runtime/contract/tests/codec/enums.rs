//! Enums of strings and of integers, open and closed; newtypes.

use super::support::{keeps, reads_as, refuses};
use microagent_contract::__private as __rt;
use microagent_contract::codec::DecodeErrorKind as Kind;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Plan {
    None,
    Some,
    Unrecognised(__rt::Unrecognised),
}
__rt::string_enum! { Plan { None = "free" | "gratis", Some = "pay-as-you-go", _ => Unrecognised } }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Low,
    High,
}
__rt::string_enum! { Severity { Low = "low", High = "high", } }

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Level {
    Low,
    High,
    Unrecognised(__rt::Unrecognised),
}
__rt::integer_enum! { Level { Low = 1, High = -2, _ => Unrecognised } }

#[test]
fn values() {
    reads_as::<Plan>(&[
        (r#""free""#, r#""free""#),
        (r#""gratis""#, r#""free""#),
        (r#""pay-as-you-go""#, r#""pay-as-you-go""#),
        (r#""gold \" x""#, r#""gold \" x""#),
    ]);
    refuses::<Plan>(&[
        ("1", "", Kind::Type),
        ("null", "", Kind::Type),
        ("{}", "", Kind::Type),
    ]);
    keeps::<Severity>(&[r#""low""#, r#""high""#]);
    refuses::<Severity>(&[(r#""medium""#, "", Kind::Unknown), ("1", "", Kind::Type)]);
    reads_as::<Level>(&[("1", "1"), ("-2.0", "-2"), ("9", "9")]);
    refuses::<Level>(&[(r#""1""#, "", Kind::Type), ("1.5", "", Kind::Invalid)]);
    assert_eq!(Plan::Some.as_str(), "pay-as-you-go");
    assert_eq!(Level::High.as_integer(), -2);
}

#[derive(Clone, Debug, PartialEq)]
pub struct Email(String);
__rt::checked_newtype! { Email(String): __rt::Plain, max(20), format(Email) }

#[derive(Clone, Debug, PartialEq)]
pub struct Emails(pub Vec<Email>);
__rt::newtype! { Emails(Vec<Email>): __rt::Plain }

#[test]
fn newtypes() {
    keeps::<Email>(&[r#""ada@example.org""#]);
    refuses::<Email>(&[
        (r#""ada""#, "", Kind::Invalid),
        (r#""ada@example.organisation""#, "", Kind::Invalid),
        ("7", "", Kind::Type),
    ]);
    refuses::<Emails>(&[(r#"["ada@example.org","x"]"#, "[1]", Kind::Invalid)]);
    let email = Email::new("ada@example.org").unwrap();
    assert_eq!(email.get(), "ada@example.org");
    assert_eq!(String::from(email.clone()), email.clone().into_inner());
    assert_eq!(Emails::from(vec![email.clone()]).into_inner(), [email]);
    let invalid = Email::try_from(String::from("secret")).unwrap_err();
    assert_eq!(invalid.to_string(), "expected an email address");
}
