//! Builds the lines of agents and exchanges.

use crate::ast::{self, LineKind};
use crate::parse::build::items::{check_end, missing_semicolon, queue};
use crate::parse::build::types::{attributes, with_attributes};
use crate::parse::build::values::{children, options, value};
use crate::parse::build::{Ctx, Parsed, alias, ident, path, quoted};
use crate::parse::grammar::{Pair, Rule};
use crate::parse::names::Case;

pub(in crate::parse) fn exchange_line(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    pair: Pair<'_>,
) -> ast::ExchangeQueue {
    let (attributes, queue, span) = with_attributes(cx, parsed, pair, |cx, parsed, pair| {
        let last = parsed.last(&pair);
        check_end(cx, &pair, last);
        queue(cx, parsed, pair.into_inner())
    });
    ast::ExchangeQueue {
        attributes,
        queue,
        span,
    }
}

pub(in crate::parse) fn agent_line(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    pair: Pair<'_>,
) -> ast::Line {
    let whole = parsed.last(&pair);
    let mut inner = pair.into_inner();
    let mut attributes = attributes(cx, parsed, &mut inner);
    let work = inner.next().expect("a line does something");
    let first = parsed.first(&work);
    let kind = line_kind(cx, parsed, work);
    let mut line_options = None;
    let mut semicolon = false;
    for pair in inner {
        match pair.as_rule() {
            Rule::options => line_options = Some(options(cx, parsed, pair)),
            rule => semicolon |= rule == Rule::semicolon,
        }
    }
    if !semicolon {
        missing_semicolon(cx, whole);
    }
    cx.trivia.close(&mut attributes.trivia, whole, false);
    ast::Line {
        attributes,
        keyword: cx.span(first, first),
        kind,
        options: line_options,
        span: cx.span(first, whole),
    }
}

fn line_kind(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> LineKind {
    let rule = pair.as_rule();
    let (first, last) = parsed.piece.tokens_of(&pair);
    match rule {
        Rule::every => {
            let period = children(pair, Rule::value)
                .next()
                .expect("a period follows `every`");
            LineKind::Every {
                period: value(cx, parsed, period),
                name: ident(cx, last, Case::Snake),
            }
        }
        Rule::cron => LineKind::Cron {
            expression: quoted(cx, first + 1),
            name: ident(cx, last, Case::Snake),
        },
        Rule::serve => LineKind::Serve {
            name: ident(cx, first + 1, Case::Snake),
            alias: children(pair, Rule::alias)
                .next()
                .map(|pair| alias(cx, parsed, &pair, Case::Snake)),
        },
        Rule::receive => LineKind::Receive(targets(cx, parsed, pair)),
        Rule::answer => LineKind::Answer(targets(cx, parsed, pair)),
        Rule::consume => LineKind::Consume(targets(cx, parsed, pair)),
        Rule::emits => LineKind::Emits(targets(cx, parsed, pair)),
        Rule::sends => LineKind::Sends(targets(cx, parsed, pair)),
        _ => LineKind::Calls(targets(cx, parsed, pair)),
    }
}

fn targets(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> Vec<ast::Target> {
    children(pair, Rule::target)
        .map(|pair| {
            let inner = pair.into_inner();
            let path_pair = inner.clone().next().expect("a target is a path");
            ast::Target {
                path: path(cx, parsed, &path_pair),
                alias: inner
                    .clone()
                    .find(|pair| pair.as_rule() == Rule::alias)
                    .map(|pair| alias(cx, parsed, &pair, Case::Snake)),
            }
        })
        .collect()
}
