//! One token of a real contract is wrong: nothing panics, nothing takes long, and what is reported stands on that token
//! or beside it, whatever the checks behind the parser make of it.

use std::time::Duration;
use std::time::Instant;

use microagent_schema::diagnostic::Severity;

use crate::rendered;
use crate::run;

const MUTATIONS: usize = 2_000;

/// Contracts of the corpus: (path, text) of each file.
const CONTRACTS: [&[(&str, &str)]; 5] = [
    &[
        (
            "accounts.mag",
            include_str!("../../../tests/corpus/language_md/accounts.mag"),
        ),
        (
            "common.mag",
            include_str!("../../../tests/corpus/language_md/common.mag"),
        ),
        (
            "billing/v2.mag",
            include_str!("../../../tests/corpus/language_md/billing/v2.mag"),
        ),
    ],
    &[(
        "bank.mag",
        include_str!("../../../tests/corpus/bank/bank.mag"),
    )],
    &[("geo.mag", include_str!("../../../tests/corpus/geo/geo.mag"))],
    &[(
        "stripe.mag",
        include_str!("../../../tests/corpus/stripe/stripe.mag"),
    )],
    &[(
        "microagent_py.mag",
        include_str!("../../../tests/corpus/microagent_py/microagent_py.mag"),
    )],
];

/// A small generator of the same numbers in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).expect("it is below a usize")
    }
}

/// Words, strings and symbols, without comments: start and end.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let run = |accept: fn(u8) -> bool| {
            bytes[start..]
                .iter()
                .take_while(|byte| accept(**byte))
                .count()
        };
        match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' => {
                at += run(|byte| byte != b'\n');
                continue;
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                at += run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            }
            b'"' => {
                at += 2 + bytes[start + 1..]
                    .iter()
                    .take_while(|byte| **byte != b'"')
                    .count();
            }
            _ if text[at..].starts_with("->") || text[at..].starts_with("..") => at += 2,
            _ => at += 1,
        }
        tokens.push((start, at));
    }
    tokens
}

/// A mutated text, and the stretch of it from the token before to the token behind the mutated one.
fn mutate(text: &str, numbers: &mut Numbers) -> (String, usize, usize) {
    let tokens = tokens(text);
    let index = 1 + numbers.below(tokens.len() - 2);
    let (start, end) = tokens[index];
    let token = &text[start..end];
    let (other_start, other_end) = tokens[numbers.below(tokens.len())];
    let replacement = match numbers.below(4) {
        0 => " ".to_owned(),
        1 => format!("{token} {token}"),
        2 => format!(" {} ", &text[other_start..other_end]),
        _ => token.chars().rev().collect(),
    };
    let mutated = format!("{}{replacement}{}", &text[..start], &text[end..]);
    (
        mutated,
        tokens[index - 1].0,
        tokens[index + 1].1 - (end - start) + replacement.len(),
    )
}

#[test]
fn a_mistake_is_found_where_it_was_made() {
    let mut numbers = Numbers(11);
    let (mut near, mut all) = (0, 0);
    let mut far = Vec::new();
    for round in 0..MUTATIONS {
        let contract = CONTRACTS[round % CONTRACTS.len()];
        let (mutated, from, to) = mutate(contract[0].1, &mut numbers);
        let mut files: Vec<(String, String)> = contract
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        files[0].1 = mutated;
        let start = Instant::now();
        let analysis = run(&files);
        assert!(start.elapsed() < Duration::from_secs(1), "{}", files[0].1);
        // Errors that follow from a name that is gone stand where it is used: these are what is left of a hundred.
        for found in analysis
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error)
        {
            let here = |span: microagent_schema::span::Span| {
                span.start as usize <= to && span.end as usize >= from
            };
            all += 1;
            if here(found.primary.span) || found.related.iter().any(|label| here(label.span)) {
                near += 1;
            } else {
                far.push(format!(
                    "mutated: {}\n{}",
                    &files[0].1[from..to],
                    rendered(&analysis)
                ));
            }
        }
    }
    assert!(all > MUTATIONS / 2, "{all}");
    assert!(
        near * 100 >= all * 93,
        "{near} of {all}\n{}",
        far[..far.len().min(40)].join("\n")
    );
}
