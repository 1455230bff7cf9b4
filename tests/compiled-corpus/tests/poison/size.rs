//! Messages that are deep, and messages that are long: neither ends the stack, nor takes more time than its size gives.

use super::support::Outcome::{Becomes, Read, Refused};
use super::support::{CREATED, EVENT, GEOMETRY, JOB, STRIPE, TICKET, check, job, text};

#[test]
fn depth_is_refused_and_never_ends_the_stack() {
    let mut cases = Vec::new();
    for levels in [128, 1_000, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let middle = if open == "[" { "" } else { "1" };
            let deep = format!("{}{middle}{}", open.repeat(levels), close.repeat(levels));
            cases.push(text(CREATED, deep.clone(), Refused("")));
            cases.push(text(CREATED, open.repeat(levels), Refused("")));
            // What nobody reads is passed over, whatever it is.
            cases.push(text(
                CREATED,
                format!("{{\"other\":{deep},\"user_id\":0,\"email\":\"a@b.de\"}}"),
                Becomes(r#"{"user_id":0,"email":"a@b.de"}"#),
            ));
            cases.push(text(JOB, job(&format!("\"x\":{deep}")), Refused("`x")));
            cases.push(text(
                JOB,
                job(&format!("\"tags\":{deep}")),
                Refused("`tags"),
            ));
            cases.push(text(
                TICKET,
                format!("{{\"x\":{deep},\"type\":\"new\"}}"),
                Refused("`x`: nested deeper"),
            ));
            cases.push(text(
                TICKET,
                format!("{{\"type\":\"new\",\"x\":{deep}}}"),
                Refused("`x`: nested deeper"),
            ));
            cases.push(text(
                "language_md/Contact",
                format!("{{\"new\":{deep}}}"),
                Refused("`new`: nested deeper"),
            ));
        }
        for (open, close) in [
            (r#"{"type":"GeometryCollection","geometries":["#, "]}"),
            (r#"{"geometries":["#, r#"],"type":"GeometryCollection"}"#),
        ] {
            let deep = format!("{}{}", open.repeat(levels), close.repeat(levels));
            cases.push(text(GEOMETRY, deep, Refused("`geometries[0]")));
        }
    }
    // As deep as is allowed, in both orders.
    let open = r#"{"type":"GeometryCollection","geometries":["#;
    cases.push(text(
        GEOMETRY,
        format!("{}{}", open.repeat(63), "]}".repeat(63)),
        Read,
    ));
    let late = r#"],"type":"GeometryCollection"}"#;
    cases.push(text(
        GEOMETRY,
        format!("{}{}", r#"{"geometries":["#.repeat(63), late.repeat(63)),
        Read,
    ));
    check(cases);
}

#[test]
fn large_messages_take_time_by_their_size() {
    let keys = |count: usize, value: &str| -> String {
        (0..count)
            .map(|n| format!("\"key{n:06}\":{value},"))
            .collect()
    };
    let many = keys(200_000, "0");
    let long = "a".repeat(10 << 20);
    let fat = keys(100, &format!("\"{}\"", &long[..1 << 20]));
    let closing = r#""at":"2024-01-01T00:00:00Z","severity":"low""#;
    let points = "[1,2],".repeat(200_000);
    check(vec![
        text(
            CREATED,
            format!("{{{many}\"user_id\":0,\"email\":\"a@b.de\"}}"),
            Read,
        ),
        text(JOB, job(many.trim_end_matches(',')), Read),
        text(
            JOB,
            job(&format!("{many}\"key000000\":1")),
            Refused("`key000000`: the key is given twice"),
        ),
        text(
            TICKET,
            format!("{{{many}{closing},\"type\":\"closed\"}}"),
            Read,
        ),
        text(
            TICKET,
            format!("{{\"type\":\"closed\",{many}{closing}}}"),
            Read,
        ),
        text(TICKET, format!("{{{many}\"type\":\"new\"}}"), Read),
        text(
            TICKET,
            format!("{{{many}\"key000000\":1,\"type\":\"new\"}}"),
            Refused("`key000000`: the key is given twice"),
        ),
        text(
            TICKET,
            format!("{{{many}\"title\":\"t\",\"type\":\"opened\"}}"),
            Refused("`id`: required"),
        ),
        text(
            STRIPE,
            format!("{{{many}\"type\":\"new\"}}"),
            Refused("`id`: required"),
        ),
        text(
            STRIPE,
            format!("{{{fat}\"id\":\"evt_1\"}}"),
            Refused("`object`: required"),
        ),
        text(
            EVENT,
            format!("{{{fat}\"type\":\"team_rename\",\"name\":\"n\"}}"),
            Read,
        ),
        text(
            EVENT,
            format!("{{{fat}\"type\":\"message\"}}"),
            Refused("`channel`: required"),
        ),
        text(
            CREATED,
            format!("{{\"user_id\":0,\"email\":\"{long}\"}}"),
            Refused("`email`: expected"),
        ),
        text(
            CREATED,
            format!("{{\"{long}\":0}}"),
            Refused("`user_id`: required"),
        ),
        text(
            CREATED,
            format!("{{\"user_id\":{}}}", "9".repeat(10 << 20)),
            Refused("`user_id`: "),
        ),
        text(
            CREATED,
            format!("{{\"user_id\":0.{}}}", "0".repeat(10 << 20)),
            Refused("`email`: required"),
        ),
        text(
            "bank/Entry",
            format!("{{\"sequence\":\"{}\"}}", "9".repeat(10 << 20)),
            Refused("`sequence`: "),
        ),
        text(
            "bank/Posting",
            format!("{{\"amount\":\"{}\"}}", "9".repeat(10 << 20)),
            Refused("`amount`: "),
        ),
        text(
            EVENT,
            format!(
                "{{\"type\":\"message\",\"channel\":\"C{}\"}}",
                "A".repeat(1 << 20)
            ),
            Refused("`ts`: required"),
        ),
        text(
            JOB,
            job(&format!("\"{long}\":{{\"{long}\":1,\"{long}\":1}}")),
            Refused(""),
        ),
        text("language_md/Contact", format!("{{\"{long}\":1}}"), Read),
        text(
            "language_md/Severity",
            format!("\"{long}\""),
            Refused("expected"),
        ),
        text(
            GEOMETRY,
            format!(
                "{{\"coordinates\":[{}],\"type\":\"MultiPoint\"}}",
                points.trim_end_matches(',')
            ),
            Read,
        ),
    ]);
}

#[test]
fn nested_late_tags_do_not_multiply_the_work() {
    let fill = format!("{{\"x\":\"{}\",\"type\":\"new\"}}", "a".repeat(1 << 20));
    let mut deep = fill;
    for _ in 0..60 {
        deep = format!("{{\"geometries\":[{deep}],\"type\":\"GeometryCollection\"}}");
    }
    check(vec![text(GEOMETRY, deep, Read)]);
}
