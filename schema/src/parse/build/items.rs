//! Builds the lines at the head of a file and the declarations.

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parse::build::agents::{agent_line, exchange_line};
use crate::parse::build::types::{
    attributes, body, enum_member, payload, refuse_integer, type_, union_member,
};
use crate::parse::build::values::{children, options};
use crate::parse::build::{Ctx, Parsed, alias, ident, name, path, quoted, word};
use crate::parse::grammar::{Pair, Pairs, Rule};
use crate::parse::literal;
use crate::parse::names::Case;

/// What stands at the top of a file.
pub(in crate::parse) enum Top {
    Edition(ast::Edition),
    Package(ast::Package),
    Use(ast::Use),
    Item(Box<ast::Item>),
}

pub(in crate::parse) fn item(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> Top {
    let mut inner = pair.into_inner();
    let mut attributes = attributes(cx, parsed, &mut inner);
    let content = inner.next().expect("attributes stand before something");
    let (first, last) = parsed.piece.tokens_of(&content);
    check_end(cx, &content, last);
    let span = cx.span(first, last);
    let rule = content.as_rule();
    if matches!(rule, Rule::edition | Rule::package | Rule::use_line) {
        refuse_attributes(cx, &attributes);
        let mut top = header(cx, parsed, content);
        let trivia = match &mut top {
            Top::Edition(edition) => &mut edition.trivia,
            Top::Package(package) => &mut package.trivia,
            Top::Use(line) => &mut line.trivia,
            Top::Item(item) => &mut item.attributes.trivia,
        };
        *trivia = attributes.trivia;
        cx.trivia.close(trivia, last, false);
        return top;
    }
    let kind = declaration(cx, parsed, content);
    cx.trivia.close(&mut attributes.trivia, last, false);
    Top::Item(Box::new(ast::Item {
        attributes,
        kind,
        span,
    }))
}

/// An item ends with `;` unless it ends in its body.
pub(super) fn check_end(cx: &mut Ctx<'_>, content: &Pair<'_>, last: usize) {
    let mut parts = content.clone().into_inner();
    let mut end = parts.next_back();
    let semicolon = end
        .as_ref()
        .is_some_and(|part| part.as_rule() == Rule::semicolon);
    if semicolon {
        end = parts.next_back();
    }
    let bodies = [
        Rule::body,
        Rule::enum_body,
        Rule::union_body,
        Rule::exchange_body,
        Rule::agent_body,
    ];
    let in_body = end.is_some_and(|part| bodies.contains(&part.as_rule()));
    if in_body && semicolon {
        let message = "no `;` behind a body";
        let help = "an item that ends in its body needs none; take it away";
        cx.report(
            Diagnostic::error(codes::NEEDLESS_SEMICOLON, cx.span(last, last), message).help(help),
        );
    }
    if !in_body && !semicolon {
        missing_semicolon(cx, last);
    }
}

pub(super) fn missing_semicolon(cx: &mut Ctx<'_>, last: usize) {
    let message = format!("no `;` behind `{}`", cx.source(last));
    let diagnostic = Diagnostic::error(codes::MISSING_SEMICOLON, cx.span(last, last), message);
    cx.report(diagnostic.labelled("the line ends here").help("add `;`"));
}

fn refuse_attributes(cx: &mut Ctx<'_>, attributes: &ast::Attributes) {
    let docs = attributes.docs.first().map(|doc| doc.span);
    let annotation = attributes
        .annotations
        .first()
        .map(|annotation| annotation.span);
    if let Some(span) = annotation {
        let message = "annotations stand before items and members only";
        cx.report(
            Diagnostic::error(codes::MISPLACED_ANNOTATION, span, message).help("take it away"),
        );
    }
    if let Some(span) = docs {
        let message = "this line has no docs";
        let help = "docs of the whole file begin with `//!`, comments with `//`";
        cx.report(Diagnostic::error(codes::DANGLING_DOC, span, message).help(help));
    }
}

fn header(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> Top {
    let rule = pair.as_rule();
    let span = parsed.span(cx, &pair);
    let trivia = ast::Trivia::default();
    let first = parsed.first(&pair);
    if rule == Rule::edition {
        let number = match literal::value(cx.source(first + 1)) {
            ast::ValueKind::Integer(digits) => digits.parse().unwrap_or(u64::MAX),
            _ => 0,
        };
        return Top::Edition(ast::Edition {
            trivia,
            number,
            span: cx.span(first + 1, first + 1),
        });
    }
    let inner = pair.into_inner();
    if rule == Rule::package {
        let path = path_as(cx, parsed, inner.clone(), Case::Snake);
        let options = find(inner, Rule::options).map(|pair| options(cx, parsed, pair));
        return Top::Package(ast::Package {
            trivia,
            path,
            options,
            span,
        });
    }
    let path = path_as(cx, parsed, inner.clone(), Case::Any);
    let names = find(inner.clone(), Rule::use_names).map(|pair| {
        children(pair, Rule::use_name)
            .map(|pair| use_name(cx, parsed, pair))
            .collect()
    });
    let alias = find(inner, Rule::alias).map(|pair| alias(cx, parsed, &pair, Case::Any));
    Top::Use(ast::Use {
        trivia,
        path,
        names,
        alias,
        span,
    })
}

fn use_name(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::UseName {
    let first = parsed.first(&pair);
    let name = word(cx, first);
    let alias =
        find(pair.into_inner(), Rule::alias).map(|pair| alias(cx, parsed, &pair, Case::Any));
    ast::UseName { name, alias }
}

fn path_as(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: Pairs<'_>, case: Case) -> ast::Path {
    let pair = find(inner, Rule::path).expect("the line names a path");
    let (first, last) = parsed.piece.tokens_of(&pair);
    let segments = (first..=last)
        .step_by(2)
        .map(|index| ident(cx, index, case))
        .collect();
    ast::Path {
        segments,
        span: cx.span(first, last),
    }
}

fn find(mut pairs: Pairs<'_>, rule: Rule) -> Option<Pair<'_>> {
    pairs.find(|pair| pair.as_rule() == rule)
}

fn declaration(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::ItemKind {
    let rule = pair.as_rule();
    let inner = pair.into_inner();
    match rule {
        Rule::struct_ => {
            let name = type_name(cx, parsed, &inner);
            let body_pair = find(inner, Rule::body).expect("a struct has a body");
            ast::ItemKind::Struct(ast::Struct {
                name,
                body: body(cx, parsed, body_pair),
            })
        }
        Rule::enum_ => ast::ItemKind::Enum(enum_(cx, parsed, inner)),
        Rule::union_ => ast::ItemKind::Union(union(cx, parsed, inner)),
        Rule::type_alias => {
            let name = type_name(cx, parsed, &inner);
            let ty = find(inner, Rule::type_).expect("an alias has a type");
            ast::ItemKind::Alias(ast::Alias {
                name,
                ty: type_(cx, parsed, ty),
            })
        }
        Rule::signal | Rule::call => signal_or_call(cx, parsed, inner, rule),
        Rule::queue => ast::ItemKind::Queue(queue(cx, parsed, inner)),
        Rule::exchange => ast::ItemKind::Exchange(exchange(cx, parsed, inner)),
        _ => ast::ItemKind::Agent(agent(cx, parsed, inner)),
    }
}

/// The name of a type or agent: a word.
fn type_name(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: &Pairs<'_>) -> ast::Ident {
    let pair = find(inner.clone(), Rule::declared).expect("a type has a name");
    ident(cx, parsed.first(&pair), Case::Pascal)
}

fn enum_(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: Pairs<'_>) -> ast::Enum {
    let closed = find(inner.clone(), Rule::closed).map(|pair| parsed.span(cx, &pair));
    let name = type_name(cx, parsed, &inner);
    let body = find(inner, Rule::enum_body).expect("an enum has a body");
    let last = parsed.last(&body);
    let members = children(body, Rule::enum_member)
        .map(|pair| enum_member(cx, parsed, pair))
        .collect();
    ast::Enum {
        closed,
        name,
        members,
        end: cx.trivia.before(last, last),
    }
}

fn union(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: Pairs<'_>) -> ast::Union {
    let closed = find(inner.clone(), Rule::closed).map(|pair| parsed.span(cx, &pair));
    let name = type_name(cx, parsed, &inner);
    let tags: Vec<_> = find(inner.clone(), Rule::tag)
        .into_iter()
        .flat_map(|pair| children(pair, Rule::text))
        .map(|text| quoted(cx, parsed.first(&text)))
        .collect();
    let mut tags = tags.into_iter();
    let body = find(inner, Rule::union_body).expect("a union has a body");
    let last = parsed.last(&body);
    let members = children(body, Rule::union_member)
        .map(|pair| union_member(cx, parsed, pair))
        .collect();
    ast::Union {
        closed,
        name,
        tag: tags.next(),
        content: tags.next(),
        members,
        end: cx.trivia.before(last, last),
    }
}

/// The name of a channel: it goes on the wire.
fn channel_name(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: &Pairs<'_>) -> ast::Name {
    let pair = find(inner.clone(), Rule::address).expect("a channel has a name");
    let name = name(cx, parsed, &pair, Case::Snake);
    refuse_integer(cx, &name);
    name
}

fn signal_or_call(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    inner: Pairs<'_>,
    rule: Rule,
) -> ast::ItemKind {
    let name = channel_name(cx, parsed, &inner);
    let payload = payload(cx, parsed, inner.clone());
    let mut type_after = |rule| {
        let pair = find(inner.clone(), rule)?;
        children(pair, Rule::type_)
            .next()
            .map(|pair| type_(cx, parsed, pair))
    };
    let reply = type_after(Rule::reply);
    let throws = type_after(Rule::throws);
    let options = find(inner, Rule::options).map(|pair| options(cx, parsed, pair));
    if rule == Rule::signal {
        ast::ItemKind::Signal(ast::Signal {
            name,
            payload,
            reply,
            options,
        })
    } else {
        ast::ItemKind::Call(ast::Call {
            name,
            payload,
            reply,
            throws,
            options,
        })
    }
}

pub(super) fn queue(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: Pairs<'_>) -> ast::Queue {
    let name = channel_name(cx, parsed, &inner);
    let payload = payload(cx, parsed, inner.clone());
    let binding = find(inner.clone(), Rule::binding).map(|pair| binding(cx, parsed, pair));
    let options = find(inner, Rule::options).map(|pair| options(cx, parsed, pair));
    ast::Queue {
        name,
        payload,
        binding,
        options,
    }
}

fn binding(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Binding {
    let span = parsed.span(cx, &pair);
    let inner = pair.into_inner();
    let exchange = find(inner.clone(), Rule::path).map(|pair| path(cx, parsed, &pair));
    let pattern = find(inner, Rule::text).map(|text| quoted(cx, parsed.first(&text)));
    ast::Binding {
        exchange,
        pattern,
        span,
    }
}

fn exchange(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: Pairs<'_>) -> ast::Exchange {
    let name = channel_name(cx, parsed, &inner);
    let payload = payload(cx, parsed, inner.clone());
    let routing = find(inner.clone(), Rule::routing)
        .and_then(|pair| children(pair, Rule::text).next())
        .map(|text| quoted(cx, parsed.first(&text)));
    let options = find(inner.clone(), Rule::options).map(|pair| options(cx, parsed, pair));
    let mut exchange = ast::Exchange {
        name,
        payload,
        routing,
        options,
        queues: Vec::new(),
        has_body: false,
        end: ast::Trivia::default(),
    };
    if let Some(body) = find(inner, Rule::exchange_body) {
        let last = parsed.last(&body);
        exchange.has_body = true;
        exchange.queues = children(body, Rule::exchange_line)
            .map(|pair| exchange_line(cx, parsed, pair))
            .collect();
        exchange.end = cx.trivia.before(last, last);
    }
    exchange
}

fn agent(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: Pairs<'_>) -> ast::Agent {
    let name = type_name(cx, parsed, &inner);
    let options = find(inner.clone(), Rule::options).map(|pair| options(cx, parsed, pair));
    let body = find(inner, Rule::agent_body).expect("an agent has a body");
    let last = parsed.last(&body);
    let lines = children(body, Rule::agent_line)
        .map(|pair| agent_line(cx, parsed, pair))
        .collect();
    ast::Agent {
        name,
        options,
        lines,
        end: cx.trivia.before(last, last),
    }
}
