//! Structs: what absence and null mean, names, duplicates, constraints, sensitive fields.

use super::support::{keeps, reads_as, refuses};
use microagent_contract::__private as __rt;
use microagent_contract::codec::DecodeErrorKind as Kind;
use microagent_contract::codec::EncodeErrorKind;

__rt::rules! { ShortText: min(1), max(3) }
__rt::rules! { Fraction: min_float(0.5), max_float(2.0) }

#[derive(Clone, PartialEq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub body: String,
    pub reply_to: Option<String>,
    pub seq: Option<u64>,
    pub lang: Option<String>,
    pub branch: Option<String>,
    pub token: Option<String>,
    pub ratio: Option<f64>,
}

__rt::object! { Mail {
    "to" => to: String, Required;
    "subject" | "title" | "head" => subject: String, Required<__rt::Checked<ShortText, __rt::Plain>>;
    "body" => body: String, Defaulted = String::from("-");
    "replyTo" => reply_to: Option<String>, Optional;
    "seq" + "sequence" => seq: Option<u64>, OrNull<__rt::AsText>;
    "lang" & "language" => lang: Option<String>, Optional;
    "branch" => branch: Option<String>, Asymmetric;
    "token" => token: Option<String>, Optional<__rt::Redacted<__rt::Checked<ShortText, __rt::Plain>>>;
    "ratio" => ratio: Option<f64>, Optional<__rt::Checked<Fraction, __rt::Plain>>;
} }
__rt::debug_redacted! { Mail {
    to: shown, subject: shown, body: shown, reply_to: shown, seq: shown, lang: shown, branch: shown,
    token: redacted, ratio: shown,
} }

#[test]
fn absence_null_and_names() {
    reads_as::<Mail>(&[
        (
            r#"{"to":"a","subject":"s","branch":"b"}"#,
            r#"{"to":"a","subject":"s","body":"-","seq":null,"sequence":null,"branch":"b"}"#,
        ),
        (
            r#" {"to":"a","title":"s","body":null,"replyTo":null,"seq":"7","branch":"b","other":{"a":[1,{}]}} "#,
            r#"{"to":"a","subject":"s","body":"-","seq":"7","sequence":"7","branch":"b"}"#,
        ),
        (
            r#"{"language":"old","branch":"b","t\u006f":"a","head":"s","lang":"new","sequence":"9"}"#,
            r#"{"to":"a","subject":"s","body":"-","seq":null,"sequence":null,"lang":"new","language":"new","branch":"b"}"#,
        ),
        (
            r#"{"lang":"new","language":"old","branch":"b","to":"a","head":"äöü","ratio":1}"#,
            r#"{"to":"a","subject":"äöü","body":"-","seq":null,"sequence":null,"lang":"new","language":"new","branch":"b","ratio":1}"#,
        ),
    ]);
}

#[test]
fn what_is_refused() {
    refuses::<Mail>(&[
        (r#"{"subject":"s"}"#, "to", Kind::Missing),
        (r#"{"to":null,"subject":"s"}"#, "to", Kind::Type),
        (r#"{"to":7,"subject":"s"}"#, "to", Kind::Type),
        (r#"{"to":["a"],"subject":"s"}"#, "to", Kind::Type),
        (r#"{"to":{"a":1},"subject":"s"}"#, "to", Kind::Type),
        (
            r#"{"to":"a","to":"a","subject":"s"}"#,
            "to",
            Kind::Duplicate,
        ),
        (
            r#"{"to":"a","subject":"s","title":"s"}"#,
            "subject",
            Kind::Duplicate,
        ),
        (
            r#"{"to":"a","subject":"s","body":null,"body":"x"}"#,
            "body",
            Kind::Duplicate,
        ),
        (r#"{"to":"a","subject":""}"#, "subject", Kind::Invalid),
        (r#"{"to":"a","subject":"four"}"#, "subject", Kind::Invalid),
        (r#"{"to":"a","subject":"s","seq":7}"#, "seq", Kind::Type),
        (
            r#"{"to":"a","subject":"s","ratio":0}"#,
            "ratio",
            Kind::Invalid,
        ),
        ("[]", "", Kind::Type),
        ("null", "", Kind::Type),
        ("7", "", Kind::Type),
        (r#""x""#, "", Kind::Type),
        (r#"{"to":"a","subject":"s"} x"#, "", Kind::Syntax),
        (r#"{"to":"a","subject":"s"}{}"#, "", Kind::Syntax),
        (r#"{"to":"a","subject":"s""#, "", Kind::Syntax),
    ]);
    for (body, kind) in [
        (&b""[..], Kind::Empty),
        (b" \n", Kind::Empty),
        (b"{\"to\":\"\xff\"}", Kind::Encoding),
    ] {
        assert_eq!(__rt::decode::<Mail>(body).unwrap_err().kind(), kind);
    }
}

#[test]
fn what_senders_must_give() {
    let mail: Mail = __rt::decode(br#"{"to":"a","subject":"s"}"#).unwrap();
    assert_eq!(mail.branch, None);
    let error = __rt::encode(&mail).unwrap_err();
    assert_eq!(
        (error.path(), error.kind()),
        ("branch", EncodeErrorKind::Missing)
    );
    let long = Mail {
        subject: "four".into(),
        branch: Some("b".into()),
        ..mail
    };
    let error = __rt::encode(&long).unwrap_err();
    assert_eq!(
        (error.path(), error.kind()),
        ("subject", EncodeErrorKind::Invalid)
    );
    assert!(
        serde_json::to_string(&long)
            .unwrap_err()
            .to_string()
            .contains("subject")
    );
}

#[test]
fn a_sensitive_value_is_never_shown() {
    let error = __rt::decode::<Mail>(br#"{"to":"a","subject":"s","token":"hunter2"}"#).unwrap_err();
    assert_eq!(error.path(), "token");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let mail: Mail = __rt::decode(br#"{"to":"a","subject":"s","token":"pin"}"#).unwrap();
    let shown = format!("{mail:?}");
    assert!(
        shown.contains("token: <redacted>") && !shown.contains("pin"),
        "{shown}"
    );
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pub children: Vec<Tree>,
    pub next: Option<Box<Tree>>,
}
__rt::object! { Tree {
    "children" => children: Vec<Tree>, Required;
    "next" => next: Option<Box<Tree>>, Optional;
} }

#[test]
fn depth_is_bounded_both_ways() {
    let nested = |levels: usize| {
        format!(
            "{}{}{}",
            r#"{"children":[],"next":"#.repeat(levels),
            r#"{"children":[]}"#,
            "}".repeat(levels)
        )
    };
    let tree: Tree = __rt::decode(nested(100).as_bytes()).unwrap();
    assert_eq!(*__rt::encode(&tree).unwrap(), *nested(100).as_bytes());
    assert_eq!(
        __rt::decode::<Tree>(nested(200).as_bytes())
            .unwrap_err()
            .kind(),
        Kind::Depth
    );
    let mut tree = Tree {
        children: vec![],
        next: None,
    };
    for _ in 0..1_000 {
        tree = Tree {
            children: vec![],
            next: Some(Box::new(tree)),
        };
    }
    assert_eq!(
        __rt::encode(&tree).unwrap_err().kind(),
        EncodeErrorKind::Depth
    );
}

#[test]
fn errors_say_where() {
    refuses::<Tree>(&[
        (
            r#"{"children":[{"children":[]},{"children":[7]}]}"#,
            "children[1].children[0]",
            Kind::Type,
        ),
        (
            r#"{"children":[],"next":{}}"#,
            "next.children",
            Kind::Missing,
        ),
    ]);
    let error = __rt::decode::<Tree>(br#"{"children":[{}]}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`children[0].children`: required, but missing"
    );
}

#[derive(Clone, Debug, PartialEq)]
pub struct Wide {
    pub a0: u8,
    pub a1: u8,
    pub a2: u8,
    pub a3: u8,
    pub a4: u8,
    pub a5: u8,
    pub a6: u8,
    pub a7: u8,
    pub a8: u8,
    pub a9: u8,
    pub b0: u8,
    pub b1: u8,
    pub b2: u8,
    pub b3: u8,
    pub b4: u8,
    pub b5: u8,
    pub c0: u8,
    pub r#type: String,
}
__rt::object! { Wide { {
    "a0" => a0: u8, Required; "a1" => a1: u8, Required; "a2" => a2: u8, Required; "a3" => a3: u8, Required;
    "a4" => a4: u8, Required; "a5" => a5: u8, Required; "a6" => a6: u8, Required; "a7" => a7: u8, Required;
    "a8" => a8: u8, Required; "a9" => a9: u8, Required; "b0" => b0: u8, Required; "b1" => b1: u8, Required;
    "b2" => b2: u8, Required; "b3" => b3: u8, Required; "b4" => b4: u8, Required; "b5" => b5: u8, Required;
} {
    "c0" => c0: u8, Required; "type" => r#type: String, Defaulted = String::from("wide");
} } }

#[test]
fn more_fields_than_a_group() {
    keeps::<Wide>(&[
        r#"{"a0":0,"a1":1,"a2":2,"a3":3,"a4":4,"a5":5,"a6":6,"a7":7,"a8":8,"a9":9,"b0":10,"b1":11,"b2":12,"b3":13,"b4":14,"b5":15,"c0":16,"type":"x"}"#,
    ]);
    refuses::<Wide>(&[("{}", "a0", Kind::Missing)]);
}

#[test]
fn the_payload_without_fields() {
    reads_as::<__rt::Empty>(&[("{}", "{}"), (r#"{"at":1}"#, "{}")]);
    refuses::<__rt::Empty>(&[("[]", "", Kind::Type), ("null", "", Kind::Type)]);
}
