//! One letter of a name is wrong: the report stands on that name, and suggests the right one in nine of ten cases.

use std::collections::BTreeSet;

use microagent_schema::diagnostic::Severity;

use crate::run;

const SCHEMA: &str = include_str!("../../../tests/corpus/language_md/accounts.mag");
const COMMON: &str = include_str!("../../../tests/corpus/language_md/common.mag");
const BILLING: &str = include_str!("../../../tests/corpus/language_md/billing/v2.mag");

/// Names that are used, not declared: (start, end) in the text.
fn uses() -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in SCHEMA.split_inclusive('\n') {
        let code = line.split("//").next().unwrap_or("");
        for name in [
            ": Email",
            ": Money",
            ": Locale",
            ": Plan",
            ": Severity",
            ": Address",
            ": Closing",
            ": Head",
            ": Mail",
            ": Contact",
            ": Ticket",
            ": Push",
            "-> Receipt",
            "throws ChargeError",
            "-> u64",
            ": string",
            ": u64",
            ": uuid",
            ": timestamp",
            "receive user_created",
            "consume mailer",
            "consume welcome",
            "answer comments_count",
            "emits started",
            "sends audit",
            "calls billing",
            "on billing",
            ".paid",
            ".invoice_total",
            "(max",
            "(format",
            "format: email",
            "key: to",
            "{ start_after",
            "timeout:",
            "concurrency:",
            "retries:",
            "backoff:",
            "timezone:",
            "once_per_fleet:",
            "ttl:",
            "@sensitive",
            "@deprecated",
            "use common",
            "use billing",
            ".v2",
        ] {
            for (start, matched) in code.match_indices(name) {
                let matched = matched.trim_end_matches(':');
                let word = matched
                    .rfind([' ', '(', '.', '@', '-', '>'])
                    .map_or(0, |space| space + 1);
                found.push((at + start + word, at + start + matched.len()));
            }
        }
        at += line.len();
    }
    found
}

/// The word with one letter changed, swapped, added or left out.
fn typos(word: &str) -> BTreeSet<String> {
    let mut typos = BTreeSet::new();
    for index in 0..word.len() {
        let (before, after) = word.split_at(index);
        typos.insert(format!("{before}{}", &after[1..]));
        typos.insert(format!("{before}x{}", &after[1..]));
        typos.insert(format!("{before}{}{after}", &after[..1]));
        if index + 1 < word.len() {
            typos.insert(format!(
                "{before}{}{}{}",
                &after[1..2],
                &after[..1],
                &after[2..]
            ));
        }
    }
    typos.retain(|typo| {
        typo != word
            && typo.len() > 1
            && typo.starts_with(|first: char| first.is_ascii_alphabetic())
    });
    typos
}

#[test]
fn one_letter_typos_are_found_and_mended() {
    let (mut reported, mut near, mut mended) = (0, 0, 0);
    let mut missed = Vec::new();
    for (start, end) in uses() {
        let word = &SCHEMA[start..end];
        for typo in typos(word) {
            let text = format!("{}{typo}{}", &SCHEMA[..start], &SCHEMA[end..]);
            let files = [
                ("accounts.mag", text.as_str()),
                ("common.mag", COMMON),
                ("billing/v2.mag", BILLING),
            ];
            let files: Vec<(String, String)> = files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect();
            let analysis = run(&files);
            let errors = analysis
                .diagnostics
                .iter()
                .filter(|found| found.severity == Severity::Error);
            let errors: Vec<_> = errors.collect();
            if errors.is_empty() {
                continue;
            }
            reported += 1;
            let on_it = |span: microagent_schema::span::Span| {
                (span.start as usize, span.end as usize) == (start, start + typo.len())
            };
            let here = errors.iter().find(|found| on_it(found.primary.span));
            near += usize::from(errors.len() == 1 && here.is_some());
            if here.is_some_and(|found| found.suggestion.as_deref() == Some(word)) {
                mended += 1;
            } else {
                missed.push(format!(
                    "{word} -> {typo}: {:?}",
                    errors
                        .iter()
                        .map(|it| (&it.message, &it.suggestion))
                        .collect::<Vec<_>>()
                ));
            }
        }
    }
    assert!(reported > 500, "{reported}");
    assert!(
        mended * 10 >= reported * 9,
        "{mended} of {reported} mended\n{}",
        missed.join("\n")
    );
    assert!(
        near * 100 >= reported * 95,
        "{near} of {reported} alone and in place\n{}",
        missed.join("\n")
    );
}
