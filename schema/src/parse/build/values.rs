//! Builds values, options and annotations.

use crate::ast::{self, ValueKind};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parse::build::{Ctx, Parsed, name, path, word};
use crate::parse::grammar::{Pair, Rule};
use crate::parse::names::Case;
use crate::parse::{literal, strings};

pub(super) fn value(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Value {
    let inner = pair
        .into_inner()
        .next()
        .expect("a value is one of its kinds");
    let (first, last) = parsed.piece.tokens_of(&inner);
    let span = cx.span(first, last);
    let kind = match inner.as_rule() {
        Rule::text => ValueKind::String {
            text: strings::unescape(cx.source(first)),
            raw: cx.source(first).starts_with('r'),
        },
        Rule::items => ValueKind::List(
            children(inner, Rule::value)
                .map(|item| value(cx, parsed, item))
                .collect(),
        ),
        Rule::object => ValueKind::Object(
            children(inner, Rule::entry)
                .map(|pair| entry(cx, parsed, pair))
                .collect(),
        ),
        Rule::range => range(cx, first, last),
        Rule::path if first == last => match cx.source(first) {
            "null" => ValueKind::Null,
            "true" => ValueKind::Bool(true),
            "false" => ValueKind::Bool(false),
            _ => ValueKind::Word(path(cx, parsed, &inner)),
        },
        Rule::path => ValueKind::Word(path(cx, parsed, &inner)),
        _ => number(cx, first),
    };
    ast::Value { kind, span }
}

/// `with { key: value, … }`
pub(super) fn options(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Options {
    let (first, last) = parsed.piece.tokens_of(&pair);
    let entries = children(pair, Rule::option_entry)
        .map(|entry| option_entry(cx, parsed, entry))
        .collect();
    ast::Options {
        entries,
        end: cx.trivia.before(last, last),
        span: cx.span(first, last),
    }
}

fn option_entry(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::OptionEntry {
    let (first, last) = parsed.piece.tokens_of(&pair);
    let mut trivia = cx.trivia.before(first, first);
    let value_pair = children(pair, Rule::value)
        .next()
        .expect("an option has a value");
    let value = value(cx, parsed, value_pair);
    let separator = cx.source_at(last + 1) == Some(",");
    cx.trivia.close(&mut trivia, last, separator);
    ast::OptionEntry {
        trivia,
        name: word(cx, first),
        value,
    }
}

/// `@deprecated("why")`
pub(super) fn annotation(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Annotation {
    let (first, last) = parsed.piece.tokens_of(&pair);
    ast::Annotation {
        name: word(cx, first + 1),
        arguments: children(pair, Rule::value)
            .map(|argument| value(cx, parsed, argument))
            .collect(),
        span: cx.span(first, last),
    }
}

/// The children of a pair that come from one rule.
pub(super) fn children(pair: Pair<'_>, rule: Rule) -> impl Iterator<Item = Pair<'_>> {
    pair.into_inner()
        .filter(move |inner| inner.as_rule() == rule)
}

fn entry(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> (ast::Name, ast::Value) {
    let mut inner = pair.into_inner();
    let key = inner.next().expect("an entry begins with its key");
    let key = name(cx, parsed, &key, Case::Any);
    let content = inner.next_back().expect("an entry ends with its value");
    (key, value(cx, parsed, content))
}

fn number(cx: &Ctx<'_>, index: usize) -> ValueKind {
    if cx.token(index).broken {
        literal::stand_in(cx.source(index))
    } else {
        literal::value(cx.source(index))
    }
}

fn range(cx: &mut Ctx<'_>, first: usize, last: usize) -> ValueKind {
    let bound = |cx: &Ctx<'_>, index| ast::Value {
        kind: number(cx, index),
        span: cx.span(index, index),
    };
    let (from, to) = (bound(cx, first), bound(cx, last));
    let same = matches!(
        (&from.kind, &to.kind),
        (ValueKind::Duration(_), ValueKind::Duration(_))
            | (ValueKind::Size { .. }, ValueKind::Size { .. })
    );
    if !same && !cx.token(first).broken && !cx.token(last).broken {
        let help = "a range goes from a duration to a duration or from a size to a size: `1s..60s`; bounds of a \
                    number are `(min: 1, max: 60)`";
        let message = "both ends of a range want a unit of one kind";
        cx.report(
            Diagnostic::error(codes::RANGE_WITHOUT_UNIT, cx.span(first, last), message).help(help),
        );
    }
    ValueKind::Range(Box::new(from), Box::new(to))
}
