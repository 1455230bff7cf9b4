//! What a hostile peer says, and to whom. Knows no bus.

use std::sync::Arc;
use std::time::Duration;

use microagent::bus::{Audience, ReplyTo};

use super::{NEWS, ROLL_CALL, SECOND, WORK};

/// Bodies that no contract allows.
pub(super) fn hostile_bodies() -> Vec<Vec<u8>> {
    let texts = [
        "",
        " ",
        "null",
        "0",
        "[]",
        "{",
        "}",
        "nul",
        "\u{feff}{}",
        "{}",
        "{\"number\": 1",
        r#"{"number": "1"}"#,
        r#"{"number": -1}"#,
        r#"{"number": 1e999}"#,
        r#"{"number": 1.5}"#,
        r#"{"number": NaN}"#,
        r#"{"number": 18446744073709551616}"#,
        r#"{"number": null}"#,
        r#"{"number": 1, "number": 2}"#,
        r#"{"number": 1, "how": "shout"}"#,
        r#"{"number": [1], "how": "answer"}"#,
        r#"{"number": {"number": 1}}"#,
        "{\"number\": 1, \"text\": \"\u{0}\"",
        r#"{"number": 1, "text": "\ud800"}"#,
        r#"{"number": 1, "text": 7, "how": 7}"#,
    ];
    let mut bodies: Vec<Vec<u8>> = texts.iter().map(|it| it.as_bytes().to_vec()).collect();
    bodies.push(vec![0xff; 100]);
    bodies.push(b"{\"number\": \"\xc3\x28\"}".to_vec());
    for open in [
        "[",
        r#"{"a":"#,
        r#"{"number":"#,
        r#"{"number": 1, "text": ["#,
    ] {
        bodies.push(open.repeat(1_000_000 / open.len()).into_bytes());
    }
    let long = "x".repeat(1_000_000);
    bodies.push(format!(r#"{{"number": "{long}", "how": "{long}"}}"#).into_bytes());
    bodies.push(vec![b'x'; 16 * 1024 * 1024]);
    bodies
}

/// Ways to have a hostile body heard, with the names that it may bear.
pub(super) fn hostile_audiences() -> Vec<(Audience, &'static str)> {
    let reply_to = |inbox: &str, number| ReplyTo {
        inbox: inbox.into(),
        number,
    };
    let mut audiences = Vec::new();
    let huge: &'static str = "x".repeat(4 * 1024 * 1024).leak();
    for (inbox, number, sender) in [
        ("", None, ""),
        ("", Some(0), "\u{0}\r\n"),
        ("no such inbox", Some(u64::MAX), "microagent"),
        ("../../*>\u{202e}", Some(1), "scorecard.rpc.Answering"),
        (huge, Some(1), "a huge inbox"),
        ("inbox", Some(1), huge),
    ] {
        for subject in [NEWS, ROLL_CALL] {
            for reply_to in [None, Some(reply_to(inbox, number))] {
                let subject = subject.into();
                audiences.push((Audience::Everyone { subject, reply_to }, sender));
            }
        }
        let (subject, reply_to) = (WORK.into(), reply_to(inbox, number));
        for within in [Duration::ZERO, SECOND, Duration::MAX] {
            let (subject, reply_to) = (Arc::clone(&subject), reply_to.clone());
            audiences.push((
                Audience::One {
                    subject,
                    reply_to,
                    within,
                },
                sender,
            ));
        }
    }
    audiences
}
