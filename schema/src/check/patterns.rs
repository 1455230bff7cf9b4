//! What queues bind with: a pattern where the exchange is routed, none where it is not, and none that no key of the
//! declared shape can match. Words as in AMQP: `*` is one word, `#` any number.

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::RoutingWord;
use crate::model::Shape;
use crate::model::TypeKind;
use crate::resolve::LONGEST_ROUTING_KEY;
use crate::resolve::draft::Draft;
use crate::resolve::types;
use crate::resolve::values::listed;
use crate::span::Span;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    for (queue, places) in draft.model.queues.iter().zip(&draft.queue_places) {
        if let Some(binding) = &queue.binding {
            let exchange = &draft.model[binding.exchange];
            found.extend(problem(draft, (queue, exchange), places.pattern.as_ref()));
        }
    }
    draft.diagnostics.append(&mut found);
}

fn problem(
    draft: &Draft<'_>,
    bound: (&model::Queue, &model::Exchange),
    pattern: Option<&ast::Quoted>,
) -> Option<Diagnostic> {
    let (queue, exchange) = bound;
    let diagnostic = match (&exchange.routing, pattern) {
        (None, None) => return None,
        (Some(routing), Some(pattern)) => return misfit(draft, routing, pattern),
        (None, Some(pattern)) => {
            let message = format!(
                "`{}` copies to every queue, there are no keys to match",
                exchange.name
            );
            Diagnostic::error(codes::PATTERN_ON_FANOUT, pattern.span, message)
                .help("take the pattern away, or route the exchange: `by \"{kind: Kind}\"`")
        }
        (Some(routing), None) => {
            let message = format!(
                "`{}` routes by key, the queue needs a pattern",
                exchange.name
            );
            Diagnostic::error(codes::PATTERN_MISSING, queue.span, message).help(format!(
                "write `on \"…\"`; keys are `{}`, and `\"#\"` takes all of them",
                routing.template
            ))
        }
    };
    Some(diagnostic.related(exchange.span, "the exchange"))
}

fn misfit(
    draft: &Draft<'_>,
    routing: &model::Routing,
    pattern: &ast::Quoted,
) -> Option<Diagnostic> {
    if pattern.text.len() > LONGEST_ROUTING_KEY {
        let message = "a pattern has at most 255 bytes, as a routing key has";
        return Some(
            Diagnostic::error(codes::BAD_BINDING_PATTERN, pattern.span, message).help("shorten it"),
        );
    }
    let words: Vec<&str> = pattern.text.split('.').collect();
    if let Some(index) = words.iter().position(|word| !is_word(word)) {
        let message = "a word of a pattern is `*`, `#`, or text without these".to_owned();
        let span = word_span(pattern, &words, index);
        return Some(
            Diagnostic::error(codes::BAD_BINDING_PATTERN, span, message)
                .help("separate words by single dots: `\"*.android\"`"),
        );
    }
    if matches(draft, &words, &routing.words) {
        return None;
    }
    let wrong = words
        .iter()
        .zip(&routing.words)
        .position(|(word, key)| !fits(draft, word, key));
    let wrong = wrong.filter(|_| words.len() == routing.words.len() && !words.contains(&"#"));
    let span = wrong.map_or(pattern.span, |index| word_span(pattern, &words, index));
    let help = match wrong.map(|index| expected(draft, &routing.words[index])) {
        Some(expected) => format!("here stands {expected}"),
        None => format!(
            "keys are `{}`: {} words",
            routing.template,
            routing.words.len()
        ),
    };
    let suggestion = wrong.and_then(|index| nearest(draft, words[index], &routing.words[index]));
    let message = format!("no key can match `{}`", pattern.text);
    Some(
        Diagnostic::error(codes::IMPOSSIBLE_PATTERN, span, message)
            .help(help)
            .suggest(suggestion),
    )
}

fn is_word(word: &str) -> bool {
    matches!(word, "*" | "#")
        || (!word.is_empty()
            && !word.contains(|letter: char| {
                "*#?[]{}:".contains(letter) || letter.is_whitespace() || letter.is_control()
            }))
}

/// A word of the pattern in the file; the whole pattern where escapes make that unknown.
fn word_span(pattern: &ast::Quoted, words: &[&str], index: usize) -> Span {
    let length = (pattern.span.end - pattern.span.start) as usize;
    if length != pattern.text.len() + 2 || words[index].is_empty() {
        return pattern.span;
    }
    let before: usize = words[..index].iter().map(|word| word.len() + 1).sum();
    let offset = |at: usize| {
        pattern
            .span
            .start
            .saturating_add(1)
            .saturating_add(u32::try_from(at).unwrap_or(0))
    };
    Span::new(offset(before), offset(before + words[index].len()))
}

/// Whether any key of the shape matches: the reachable positions in the key, word by word of the pattern.
fn matches(draft: &Draft<'_>, pattern: &[&str], key: &[RoutingWord]) -> bool {
    let mut reachable = vec![false; key.len() + 1];
    reachable[0] = true;
    for word in pattern {
        let mut next = vec![false; key.len() + 1];
        for position in 0..=key.len() {
            if *word == "#" {
                next[position] = reachable[..=position].contains(&true);
            } else if position > 0 && reachable[position - 1] {
                next[position] = fits(draft, word, &key[position - 1]);
            }
        }
        reachable = next;
    }
    reachable[key.len()]
}

/// Whether a word of a pattern can match a word of the key.
fn fits(draft: &Draft<'_>, word: &str, key: &RoutingWord) -> bool {
    if word == "*" || word == "#" {
        return true;
    }
    match key {
        RoutingWord::Literal(literal) => literal == word,
        RoutingWord::Parameter { ty, .. } => match &ty.shape {
            Shape::Bool => matches!(word, "true" | "false"),
            Shape::Integer { kind, .. } => {
                let (least, greatest) = types::integer_range(*kind);
                let number = word.parse::<i128>().ok();
                number.is_some_and(|number| {
                    number.to_string() == word && (least..=greatest).contains(&number)
                })
            }
            Shape::Named(id) => match draft.declaration(*id).map(|declaration| &declaration.kind) {
                Some(TypeKind::Enum(it)) if it.closed => {
                    it.values.iter().any(|value| value.wire == word)
                }
                Some(TypeKind::Enum(it)) if it.integer => word.parse::<i64>().is_ok(),
                _ => true,
            },
            _ => true,
        },
    }
}

fn expected(draft: &Draft<'_>, key: &RoutingWord) -> String {
    let ty = match key {
        RoutingWord::Literal(literal) => return format!("`{literal}`"),
        RoutingWord::Parameter { ty, .. } => ty,
    };
    match draft.kind_of(ty) {
        Some(TypeKind::Enum(it)) => listed(it.values.iter().map(|value| value.wire.as_str())),
        _ => format!("a value of `{}`", types::described(draft, &ty.shape)),
    }
}

fn nearest(draft: &Draft<'_>, word: &str, key: &RoutingWord) -> Option<String> {
    match key {
        RoutingWord::Literal(literal) => draft.nearest(word, [literal.as_str()]),
        RoutingWord::Parameter { ty, .. } => match draft.kind_of(ty) {
            Some(TypeKind::Enum(it)) => {
                draft.nearest(word, it.values.iter().map(|value| value.wire.as_str()))
            }
            _ => None,
        },
    }
}
