//! One mistake in a valid file is found where it was made, whatever it was, and nothing panics.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use microagent_schema::parse::parse;
use microagent_schema::render::render;
use microagent_schema::span::SourceMap;

const FILES: [&str; 2] = [
    include_str!("syntax/ok/language.mag"),
    include_str!("syntax/ok/plain.mag"),
];
const MUTATIONS: usize = 5_000;

/// A small generator of the same numbers in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }
}

/// The tokens of a file, comments left out: start and end.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let length = |accept: &dyn Fn(u8) -> bool| {
            bytes[start..]
                .iter()
                .take_while(|byte| accept(**byte))
                .count()
        };
        match bytes[at] {
            byte if byte.is_ascii_whitespace() => at += 1,
            b'/' => at += length(&|byte| byte != b'\n'),
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                at += length(&|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                tokens.push((start, at));
            }
            b'"' => {
                at += 1;
                while bytes[at] != b'"' {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
                at += 1;
                tokens.push((start, at));
            }
            _ => {
                at += if text[at..].starts_with("->") || text[at..].starts_with("..") {
                    2
                } else {
                    1
                };
                tokens.push((start, at));
            }
        }
    }
    tokens
}

/// A mutated text, and where in it the mutated token or its neighbours stand.
fn mutate(text: &str, tokens: &[(usize, usize)], numbers: &mut Numbers) -> (String, usize, usize) {
    let index = 1 + numbers.below(tokens.len() - 3);
    let (start, end) = tokens[index];
    let (next_start, next_end) = tokens[index + 1];
    let token = &text[start..end];
    let (from, replacement) = match numbers.below(4) {
        0 => (end, " ".to_owned()),
        1 => (end, format!("{token} {token}")),
        2 => (
            next_end,
            format!(
                "{}{}{token}",
                &text[next_start..next_end],
                &text[end..next_start]
            ),
        ),
        _ => {
            let (other_start, other_end) = tokens[numbers.below(tokens.len())];
            (end, format!(" {} ", &text[other_start..other_end]))
        }
    };
    let from = if from == end && replacement.is_empty() || from == next_end {
        from
    } else {
        tokens[index].1
    };
    let mutated = format!("{}{replacement}{}", &text[..start], &text[from..]);
    let after = tokens
        .iter()
        .find(|(token, _)| *token >= from)
        .map_or(text.len(), |(_, end)| *end);
    let last = after + mutated.len() - text.len();
    (mutated, tokens[index - 1].0, last)
}

#[test]
fn a_mistake_is_found_where_it_was_made() {
    let mut numbers = Numbers(7);
    let (mut near, mut all) = (0, 0);
    let mut far = Vec::new();
    for round in 0..MUTATIONS {
        let text = FILES[round % FILES.len()];
        let (mutated, from, to) = mutate(text, &tokens(text), &mut numbers);
        let mut source = SourceMap::default();
        let id = source.add("mutated.mag", mutated);
        let (_, found) = parse(&source, id);
        for diagnostic in &found {
            let span = diagnostic.primary.span;
            all += 1;
            if span.start as usize >= from && span.end as usize <= to {
                near += 1;
            } else {
                let place = source.line_column(u32::try_from(from).unwrap());
                far.push(format!(
                    "mutated at {place:?}\n{}",
                    render(&source, std::slice::from_ref(diagnostic), false)
                ));
            }
        }
    }
    assert!(
        near * 100 >= all * 95,
        "{near} of {all}\n{}",
        far[..far.len().min(60)].join("\n")
    );
}
