//! Single-token mutations of valid schemas: nothing panics, nothing takes long, the error stands where the mistake is,
//! and a typo gets the right name. Prints its figures.
#![expect(clippy::print_stdout, reason = "the figures are what the test is for")]

use std::time::{Duration, Instant};

use microagent_schema::diagnostic::{Diagnostic, Severity};
use microagent_schema::limits::Limits;
use microagent_schema::{Analysis, analyze};
use microagent_tests::random::Random;
use microagent_tests::tokens::{Token, TokenKind, tokens};
use microagent_tests::{contracts, random};

const MUTATIONS: u64 = 5_000;
const TYPOS: u64 = 1_000;

/// The files of one include root.
type Root = Vec<(String, String)>;

struct Mutation {
    file: usize,
    text: String,
    /// The mutated token with the token before and the token behind it.
    neighbourhood: std::ops::Range<usize>,
    what: String,
}

fn check(root: &Root) -> Analysis {
    let inputs = root.iter().map(|(path, text)| contracts::input(path, text));
    analyze(inputs.collect(), &Limits::default())
}

fn errors(analysis: &Analysis) -> Vec<&Diagnostic> {
    let all = analysis.diagnostics.iter();
    all.filter(|it| it.severity == Severity::Error).collect()
}

fn valid_roots() -> Vec<Root> {
    let mut roots = contracts::roots();
    for seed in 0..40 {
        let text = random::schema(seed, "example");
        roots.push(vec![("example.mag".to_owned(), text)]);
    }
    roots.retain(|root| errors(&check(root)).is_empty());
    roots
}

/// Deletes, doubles, swaps or replaces one token.
fn mutate(root: &Root, random: &mut Random) -> Mutation {
    let file = random.below(root.len());
    let text = &root[file].1;
    let tokens = tokens(text);
    let index = random.below(tokens.len());
    let range = tokens[index].range.clone();
    let token = &text[range.clone()];
    let next = tokens.get(index + 1).map(|next| next.range.clone());
    let (what, replacement, replaced) = match (random.below(4), next) {
        (0, _) => ("delete", String::new(), range.clone()),
        (1, _) => ("double", format!("{token} {token}"), range.clone()),
        (2, Some(next)) => {
            let swapped = format!("{} {token}", &text[next.clone()]);
            ("swap", swapped, range.start..next.end)
        }
        _ => {
            let other = &tokens[random.below(tokens.len())];
            (
                "replace",
                text[other.range.clone()].to_owned(),
                range.clone(),
            )
        }
    };
    let mutated = format!(
        "{}{replacement}{}",
        &text[..replaced.start],
        &text[replaced.end..]
    );
    let before = index
        .checked_sub(1)
        .map_or(0, |before| tokens[before].range.start);
    let behind = tokens.iter().find(|it| it.range.start >= replaced.end);
    let behind = behind.map_or(text.len(), |behind| behind.range.end);
    Mutation {
        file,
        neighbourhood: before..behind - (replaced.end - replaced.start) + replacement.len(),
        what: format!("{what} `{token}` -> `{replacement}`"),
        text: mutated,
    }
}

fn with(root: &Root, mutation: &Mutation) -> Root {
    let mut root = root.clone();
    root[mutation.file].1.clone_from(&mutation.text);
    root
}

fn touches(
    analysis: &Analysis,
    diagnostic: &Diagnostic,
    path: &str,
    range: &std::ops::Range<usize>,
) -> bool {
    let span = diagnostic.primary.span;
    let Some(id) = analysis.sources.file_at(span.start) else {
        return false;
    };
    let file = analysis.sources.file(id);
    let start = (span.start - file.start) as usize;
    let end = (span.end - file.start) as usize;
    file.path == path && start <= range.end && end >= range.start
}

#[test]
fn mutations_are_found_where_they_are() {
    let roots = valid_roots();
    let mut random = Random::new(7);
    let (mut failing, mut first_on_spot, mut any_on_spot, mut slowest) = (0, 0, 0, Duration::ZERO);
    let mut missed = Vec::new();
    for _ in 0..MUTATIONS {
        let root = &roots[random.below(roots.len())];
        let mutation = mutate(root, &mut random);
        let mutated = with(root, &mutation);
        let start = Instant::now();
        let analysis = check(&mutated);
        slowest = slowest.max(start.elapsed());
        let errors = errors(&analysis);
        let Some(first) = errors.first() else {
            continue;
        };
        failing += 1;
        let path = &mutated[mutation.file].0;
        first_on_spot += usize::from(touches(&analysis, first, path, &mutation.neighbourhood));
        let anywhere = |it: &&Diagnostic| touches(&analysis, it, path, &mutation.neighbourhood);
        if errors.iter().any(anywhere) {
            any_on_spot += 1;
        } else {
            missed.push(format!(
                "{}: {} {}",
                mutation.what, first.code, first.message
            ));
        }
    }
    let percent = |part: usize| part * 1_000 / failing.max(1);
    println!(
        "{MUTATIONS} mutations of {} schemas: 0 panics, {failing} refused, slowest {slowest:?}; \
         an error on the token or its neighbour in {any_on_spot} ({} per mille), the first one in {first_on_spot} ({} per mille)",
        roots.len(),
        percent(any_on_spot),
        percent(first_on_spot),
    );
    for miss in missed.iter().take(30) {
        println!("  elsewhere: {miss}");
    }
    assert!(slowest < Duration::from_secs(1), "one run took {slowest:?}");
    assert!(percent(any_on_spot) >= 950, "spans are off");
}

/// Changes one letter of a word that is used a second time in its file, at its later use.
fn misspell(
    text: &str,
    random: &mut Random,
) -> Option<(String, String, String, std::ops::Range<usize>)> {
    let tokens = tokens(text);
    let words: Vec<&Token> = tokens
        .iter()
        .filter(|it| it.kind == TokenKind::Word)
        .collect();
    let index = random.below(words.len());
    let range = words[index].range.clone();
    let word = &text[range.clone()];
    let earlier = words[..index]
        .iter()
        .any(|it| &text[it.range.clone()] == word);
    if word.len() < 4 || !earlier {
        return None;
    }
    let at = 1 + random.below(word.len() - 1);
    let mut letters: Vec<char> = word.chars().collect();
    match random.below(3) {
        0 => letters[at] = if letters[at] == 'x' { 'z' } else { 'x' },
        1 => {
            letters.remove(at);
        }
        _ => letters.insert(at, 'x'),
    }
    let typo: String = letters.into_iter().collect();
    let mutated = format!("{}{typo}{}", &text[..range.start], &text[range.end..]);
    Some((
        mutated,
        word.to_owned(),
        typo.clone(),
        range.start..range.start + typo.len(),
    ))
}

#[test]
fn typos_get_the_right_name() {
    let roots = valid_roots();
    let mut random = Random::new(11);
    let (mut typos, mut suggested, mut missed) = (0, 0, Vec::new());
    while typos < TYPOS {
        let mut root = roots[random.below(roots.len())].clone();
        let file = random.below(root.len());
        let Some((text, word, typo, range)) = misspell(&root[file].1, &mut random) else {
            continue;
        };
        root[file].1 = text;
        let analysis = check(&root);
        let errors = errors(&analysis);
        // A typo in a name of its own (a field, a value) makes another valid name.
        if !errors
            .iter()
            .any(|it| touches(&analysis, it, &root[file].0, &range))
        {
            continue;
        }
        typos += 1;
        if errors
            .iter()
            .any(|it| it.suggestion.as_deref() == Some(word.as_str()))
        {
            suggested += 1;
        } else {
            missed.push(format!(
                "`{typo}` for `{word}`: {} {}",
                errors[0].code, errors[0].message
            ));
        }
    }
    println!("{typos} one-letter typos in names: the right name was suggested for {suggested}");
    for miss in missed.iter().take(30) {
        println!("  without: {miss}");
    }
    assert!(suggested * 10 >= typos * 9, "suggestions are off");
}
