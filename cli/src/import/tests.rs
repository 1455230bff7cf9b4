//! The import as a function: there and back, and what is hostile is refused at a place, never by a panic.

use std::collections::BTreeSet;

use microagent_schema::codes;
use microagent_schema::render::render;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The text, and what was told, with `replies` said to be asked.
fn imported(json: &str, replies: &[&str]) -> (Option<String>, Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    sources.add("signals.json", json);
    let replies: BTreeSet<String> = replies.iter().map(|&it| it.to_owned()).collect();
    let said = Said {
        package: "signals",
        replies: &replies,
    };
    let (text, problems) = import(&sources, &said);
    (text, problems, sources)
}

fn good(json: &str, replies: &[&str]) -> String {
    let (text, problems, sources) = imported(json, replies);
    text.unwrap_or_else(|| panic!("{}", render(&sources, &problems, false)))
}

fn exported(mag: &str) -> String {
    let input = Input {
        root: 0,
        path: "signals.mag".to_owned(),
        shown: "signals.mag".to_owned(),
        text: Ok(mag.as_bytes().to_vec()),
    };
    let analysis = analyze(vec![input], &Limits::default());
    let model = analysis.model.expect("what was imported is good");
    let (files, _) = microagent_codegen::signals_json(&model).expect("it can be written");
    files.get("signals.json").expect("it is made").to_owned()
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect("it is JSON")
}

/// The library's own example, with every type, a queue alone, a fanout and topics.
const EXAMPLE: &str = include_str!("../../../tests/interop/contract/signals.json");

#[test]
fn what_is_imported_exports_as_it_was() {
    let mag = good(EXAMPLE, &["comments_count"]);
    assert_eq!(parsed(&exported(&mag)), parsed(EXAMPLE), "{mag}");
}

#[test]
fn what_is_exported_imports_as_it_was() {
    let mag = good(EXAMPLE, &["comments_count"]);
    assert_eq!(good(&exported(&mag), &["comments_count"]), mag);
}

#[test]
fn names_that_are_none_of_ours_are_quoted() {
    let json = r#"{"signals": [{"name": "userCreated", "providing_args": ["userId", "user_id", "имя", "2nd"]}]}"#;
    let mag = good(json, &[]);
    let expected = r#"signal "userCreated" { "userId": json, "user_id" as argument_2: json, "имя" as argument_3: json, "2nd" as argument_4: json }"#;
    let words = |text: &str| {
        text.split([' ', '\n', ','])
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(words(&mag).contains(&words(expected)), "{mag}");
    assert_eq!(parsed(&exported(&mag))["signals"], parsed(json)["signals"]);
}

#[test]
fn the_pages_of_the_codes_hold() {
    for page in codes::pages().filter(|it| (600..700).contains(&it.code.0)) {
        let block = |kind: &str| {
            let fence = format!("```json,{kind}\n");
            let (_, rest) = page
                .explain
                .split_once(&fence)
                .expect("a page has both blocks");
            rest.split_once("\n```").expect("a block ends").0.to_owned()
        };
        let (_, problems, _) = imported(&block("bad"), &[]);
        let found: Vec<codes::Code> = problems.iter().map(|it| it.code).collect();
        assert_eq!(found, [page.code], "{}", page.code);
        let (text, problems, sources) = imported(&block("good"), &[]);
        let errors = problems.iter().any(is_error);
        assert!(
            text.is_some() && !errors,
            "{}: {}",
            page.code,
            render(&sources, &problems, false)
        );
    }
}

/// Each with the place and the words of its first error.
const HOSTILE: &[(&str, &str)] = &[
    ("", "1:1: EOF while parsing a value"),
    ("[]", "1:1: a contract is an object, and this is a list"),
    (
        "{\n  \"signals\": {}\n}",
        "2:14: `signals` is a list, and this is an object",
    ),
    (r#"{"signals": [1]}"#, "1:14: a signal is an object"),
    (
        r#"{"signals": [{"name": "a"}]}"#,
        "1:14: there is no `providing_args`",
    ),
    (
        r#"{"signals": [{"providing_args": []}]}"#,
        "1:14: there is no `name`",
    ),
    (
        r#"{"signals": [{"name": 1, "providing_args": []}]}"#,
        "1:23: a name is a string",
    ),
    (
        r#"{"signals": [{"name": "a", "providing_args": "user_id"}]}"#,
        "1:46: `providing_args` is a list of names",
    ),
    (
        r#"{"signals": [{"name": "a", "providing_args": {"x": []}}]}"#,
        "1:52: an argument without any type",
    ),
    (
        r#"{"signals": [{"name": "a", "providing_args": {"x": "int"}}]}"#,
        "1:52: there is no type `int`",
    ),
    (
        r#"{"signals": [{"name": "a", "providing_args": ["x", "x"]}]}"#,
        "1:52: ",
    ),
    (
        r#"{"signals": [], "signals": []}"#,
        "1:17: key `signals` stands twice",
    ),
    (
        r#"{"signals": [{"name": "\ud800", "providing_args": []}]}"#,
        "1:23: a string with half of a character",
    ),
    (
        r#"{"signals": [{"name": "response", "providing_args": []}]}"#,
        "1:23: \"response\" is what answers are sent under",
    ),
    (
        r#"{"signals": [{"name": "error", "providing_args": []}]}"#,
        "1:23: \"error\" is what answers are sent under",
    ),
    (
        r#"{"signals": [{"name": "a:b", "providing_args": []}]}"#,
        "1:23: a name on the wire has no ':'",
    ),
    (
        r#"{"signals": [{"name": "", "providing_args": []}]}"#,
        "1:23: ",
    ),
    (
        r#"{"signals": [{"name": "a", "providing_args": []}, {"name": "a", "providing_args": []}]}"#,
        "1:60: \"a\" is the name of two things on the wire",
    ),
    (
        r#"{"queues": [{"name": "a", "topics": ["x"]}]}"#,
        "1:38: queue `a` has topics and no exchange",
    ),
    (
        r#"{"queues": [{"name": "a", "exchange": "e", "topics": "x.*"}]}"#,
        "1:54: `topics` is a list of strings",
    ),
    (
        r#"{"queues": [{"name": "a", "exchange": "e", "topics": ["x", "y"]}]}"#,
        "1:60: queue `a` is bound by 2 topics",
    ),
    (
        r#"{"queues": [{"name": "a", "exchange": "e", "topics": ["x"]}, {"name": "b", "exchange": "e"}]}"#,
        "1:71: queue `b` has no topics",
    ),
    (
        r#"{"queues": [{"name": "a", "exchange": "e", "topics": ["x"]}, {"name": "b", "exchange": "e", "topics": ["x.y"]}]}"#,
        "1:104: topics of exchange `e` have 1 and 2 words",
    ),
    (
        r#"{"version": 3}"#,
        "1:13: version 3 of this file is not known",
    ),
    ("{\"signals\": NaN}", "1:13: expected value"),
    ("\u{feff}{}", "1:1: expected value"),
    ("{\"signals\": [}\u{1F600}", "1:14: expected value"),
];

#[test]
fn hostile_files_are_refused_at_a_place() {
    for (json, expected) in HOSTILE {
        let (text, problems, sources) = imported(json, &[]);
        assert_eq!(text, None, "{json}");
        let first = problems
            .iter()
            .find(|it| is_error(it))
            .expect("it says why");
        let (line, column) = sources.line_column(first.primary.span.start);
        let told = format!("{line}:{column}: {}", first.message);
        assert!(told.starts_with(expected), "{json}\n{told}");
        assert!(first.help.is_some(), "{told}");
        assert!(!render(&sources, &problems, true).is_empty());
    }
}

#[test]
fn no_depth_of_nesting_matters() {
    let deep = format!(
        "{{\"signals\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(imported(&deep, &[]).0, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Cut, doubled and overwritten anywhere: either a good contract, or an error that can be drawn.
    #[test]
    fn broken_files_never_panic(at in 0..EXAMPLE.len(), length in 0_usize..40, with in "\\PC{0,12}") {
        let from = EXAMPLE.floor_char_boundary(at);
        let to = EXAMPLE.ceil_char_boundary((at + length).min(EXAMPLE.len()));
        let broken = format!("{}{with}{}", &EXAMPLE[..from], &EXAMPLE[to..]);
        let (text, problems, sources) = imported(&broken, &[]);
        prop_assert_eq!(text.is_none(), problems.iter().any(is_error));
        prop_assert_eq!(render(&sources, &problems, false).is_empty(), problems.is_empty());
    }

    /// Any names: what is taken is written back as it was.
    #[test]
    fn any_names_survive(signal in "\\PC{1,20}", arguments in prop::collection::btree_set("\\PC{1,12}", 0..6)) {
        let json = serde_json::json!({
            "version": 2,
            "signals": [{ "name": signal, "providing_args": arguments }],
            "queues": [],
        });
        let (text, problems, sources) = imported(&json.to_string(), &[]);
        match text {
            Some(mag) => prop_assert_eq!(parsed(&exported(&mag)), json),
            None => prop_assert!(!render(&sources, &problems, false).is_empty()),
        }
    }
}
