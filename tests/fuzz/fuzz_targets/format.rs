//! What parses is formatted to a text that means the same and holds the same comments, and that stays as it is when it
//! is formatted again.
#![no_main]

#[path = "../../../schema/tests/meaning/mod.rs"]
mod meaning;

use libfuzzer_sys::fuzz_target;
use microagent_schema::span::SourceMap;
use microagent_schema::{format, parse};

fuzz_target!(|text: &str| {
    let Some((once, before)) = formatted(text) else {
        return;
    };
    let (twice, after) = formatted(&once).expect("formatting keeps a text valid");
    assert_eq!(before, after, "formatting changes what is meant:\n{once}");
    assert_eq!(
        comments(text),
        comments(&once),
        "formatting loses comments:\n{once}"
    );
    assert_eq!(once, twice, "formatting twice changes the text");
});

/// The text in its layout, and what the one before meant.
fn formatted(text: &str) -> Option<(String, String)> {
    let mut sources = SourceMap::default();
    let id = sources.add("example.mag", text);
    let (file, problems) = parse::parse(&sources, id);
    let meaning = || meaning::meaning(&format!("{file:#?}"));
    problems
        .is_empty()
        .then(|| (format::format(&file), meaning()))
}

/// The comments and docs of a valid text without the slashes, sorted: one inside a declaration may move.
fn comments(text: &str) -> Vec<&str> {
    let mut comments = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/']) {
        let (before, from) = rest.split_at(at);
        rest = if from.starts_with('"') {
            after_string(&from[1..], is_raw(before))
        } else {
            let end = from.find('\n').unwrap_or(from.len());
            comments.push(from[..end].trim_start_matches(['/', '!']).trim());
            &from[end..]
        };
    }
    comments.retain(|it| !it.is_empty());
    comments.sort_unstable();
    comments
}

fn is_raw(before: &str) -> bool {
    let word = before.rsplit(|it: char| !(it.is_ascii_alphanumeric() || it == '_'));
    word.into_iter().next() == Some("r")
}

fn after_string(text: &str, is_raw: bool) -> &str {
    let mut escaped = false;
    for (at, sign) in text.char_indices() {
        match sign {
            '"' if !escaped => return &text[at + 1..],
            '\\' if !is_raw => escaped = !escaped,
            _ => escaped = false,
        }
    }
    ""
}
