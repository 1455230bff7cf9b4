//! Messages that are no JSON, and JSON that is no message.

use super::support::Outcome::{Becomes, Read, Refused};
use super::support::{CREATED, GEOMETRY, JOB, MOVED, STRIPE, TICKET, check, job, text};

#[test]
fn what_is_no_json_is_refused_with_its_cause() {
    let mut cases = vec![
        text(CREATED, "", Refused("the body is empty")),
        text(CREATED, " \n\t ", Refused("the body is empty")),
        text(CREATED, "\u{feff}{}", Refused("expected value")),
        text(
            CREATED,
            b"{\"user_id\":1,\"email\":\"\xff\"}",
            Refused("the body is no UTF-8 from byte 22"),
        ),
        text(
            CREATED,
            b"\xed\xa0\x80",
            Refused("the body is no UTF-8 from byte 0"),
        ),
        text(CREATED, b"{}\0", Refused("`user_id`: required")),
        text(CREATED, b"\0", Refused("expected value")),
    ];
    for bad in [
        "{",
        "[",
        "\"",
        "nul",
        "{\"user_id\"",
        "{\"user_id\":",
        "{\"user_id\":1,}",
        "{user_id:1}",
        "{'user_id':1}",
    ] {
        cases.push(text(CREATED, bad, Refused("")));
    }
    for bad in [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "01",
        "1.",
        ".5",
        "+1",
        "0x10",
        "1_000",
        "-",
    ] {
        let body = format!("{{\"coordinates\":[{bad},0],\"type\":\"Point\"}}");
        cases.push(text(GEOMETRY, body, Refused("")));
        let body = format!("{{\"type\":\"Point\",\"coordinates\":[{bad},0]}}");
        cases.push(text(GEOMETRY, body, Refused("`coordinates[")));
        cases.push(text(CREATED, format!("{{\"other\":{bad}}}"), Refused("")));
    }
    for tail in ["{}", "]", "x", ",", "\u{a0}"] {
        let body = format!("{{\"user_id\":1,\"email\":\"a@b.de\"}}{tail}");
        cases.push(text(CREATED, body, Refused("trailing characters")));
    }
    check(cases);
}

#[test]
fn other_values_are_refused_with_their_place() {
    let mut cases = vec![
        text(CREATED, "{}", Refused("`user_id`: required, but missing")),
        text(
            CREATED,
            r#"{"user_id":1}"#,
            Refused("`email`: required, but missing"),
        ),
        text(
            CREATED,
            r#"{"user_id":null,"email":"a@b.de"}"#,
            Refused("`user_id`: "),
        ),
        text(
            CREATED,
            r#"{"user_id":1,"email":"a@b.de","user_id":1}"#,
            Refused("`user_id`: the key is given twice"),
        ),
        text(
            CREATED,
            r#"{"user_id":1,"email":"a@b.de","\u0075ser_id":1}"#,
            Refused("`user_id`: the key is given twice"),
        ),
        text(
            TICKET,
            r#"{"type":"closed","at":"2024-01-01T00:00:00Z","severity":"low","type":"closed"}"#,
            Refused("`type`: the key is given twice"),
        ),
        text(
            TICKET,
            r#"{"title":"t","title":"u","type":"opened"}"#,
            Refused("`title`: the key is given twice"),
        ),
        text(
            TICKET,
            r#"{"type":"new","a":1,"a":2}"#,
            Refused("`a`: the key is given twice"),
        ),
        text(
            JOB,
            r#"{"x":{"a":[{"b":1,"b":1}]}}"#,
            Refused("`class`: required"),
        ),
        text(
            JOB,
            job(r#""x":{"a":[{"b":1,"b":1}]}"#),
            Refused("`x.a[0].b`: the key is given twice"),
        ),
        text(
            JOB,
            job(r#""x":1,"x":1"#),
            Refused("`x`: the key is given twice"),
        ),
        text(STRIPE, r#"{"type":"a","type":"b"}"#, Refused("")),
        text(
            MOVED,
            r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2],"coordinates":[1,2]}}"#,
            Refused("`geometry.coordinates`: the key is given twice"),
        ),
        text("language_md/Plan", "1", Refused("expected")),
        text("language_md/Severity", "\"medium\"", Refused("expected")),
        text(
            "language_md/Contact",
            r#"{"email":"a@b.de","none":null}"#,
            Refused("expected a member of a union"),
        ),
        text(
            "language_md/Contact",
            r#"{"email":"a@b.de","email":"a@b.de"}"#,
            Refused("expected a member of a union"),
        ),
        text(
            "language_md/Contact",
            "{}",
            Refused("expected a member of a union"),
        ),
    ];
    for bad in [
        "-1",
        "1.5",
        "18446744073709551616",
        "\"1\"",
        "true",
        "[]",
        "{}",
        "1e400",
    ] {
        let body = format!("{{\"user_id\":{bad},\"email\":\"a@b.de\"}}");
        cases.push(text(CREATED, body, Refused("`user_id`: ")));
    }
    for bad in [
        "\\ud800",
        "\\udc00\\ud800",
        "\\ud800x",
        "\\u12",
        "\\x",
        "\u{1}",
        "\n",
    ] {
        let body = format!("{{\"email\":\"{bad}\"}}");
        cases.push(text(CREATED, body, Refused("`email`: ")));
        let body = format!("{{\"{bad}\":1}}");
        cases.push(text(CREATED, body, Refused("")));
        cases.push(text(JOB, job(&format!("\"x\":\"{bad}\"")), Refused("")));
    }
    check(cases);
}

#[test]
fn odd_values_are_accepted_as_the_language_says() {
    let created = r#"{"user_id":0,"email":"a@b.de"}"#;
    let hundred = r#"{"user_id":100,"email":"a@b.de"}"#;
    check(vec![
        // Other writers do not tell whole numbers apart by how they are written.
        text(
            CREATED,
            r#"{"user_id":1e2,"email":"a@b.de"}"#,
            Becomes(hundred),
        ),
        text(
            CREATED,
            r#"{"user_id":-0.0,"email":"a@b.de"}"#,
            Becomes(created),
        ),
        text(
            CREATED,
            r#" {"user_id":-0,"email":"a@b.de"} "#,
            Becomes(created),
        ),
        text(
            CREATED,
            r#"{"other":{"a":1,"a":2},"user_id":0,"email":"a@b.de","other":1}"#,
            Becomes(created),
        ),
        text(
            GEOMETRY,
            r#"{"type":"Point","coordinates":[-0.0,1e-400]}"#,
            Becomes(r#"{"type":"Point","coordinates":[-0.0,0]}"#),
        ),
        text(
            TICKET,
            r#"{"a":[1.50,{"b":1E2}],"type":"new"}"#,
            Becomes(r#"{"type":"new","a":[1.50,{"b":1E2}]}"#),
        ),
        text(JOB, job(r#""x":"\ud83d\udc4b\u0000""#), Read),
    ]);
}
