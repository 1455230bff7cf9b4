//! Builds types, and the members of structs, enums and unions.

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parse::build::values::{annotation, children, value};
use crate::parse::build::{Ctx, Parsed, ident, name, path, word};
use crate::parse::grammar::{Pair, Pairs, Rule};
use crate::parse::names::Case;

pub(super) fn type_(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Type {
    let span = parsed.span(cx, &pair);
    let mut inner = pair.into_inner();
    let base = inner.next().expect("a type begins with what it is");
    let kind = type_kind(cx, parsed, base);
    let mut arguments = None;
    let mut optional = Vec::new();
    for part in inner {
        let place = parsed.span(cx, &part);
        if part.as_rule() == Rule::optional {
            optional.push(place);
        } else if arguments.is_some() || !optional.is_empty() {
            let message = "these constraints stand behind the end of the type";
            let help = "constraints stand once, before `?`: `string(max: 3)?`";
            cx.report(Diagnostic::error(codes::MISPLACED_CONSTRAINTS, place, message).help(help));
        } else {
            arguments = Some(
                children(part, Rule::argument)
                    .map(|pair| argument(cx, parsed, pair))
                    .collect(),
            );
        }
    }
    ast::Type {
        kind,
        arguments: arguments.unwrap_or_default(),
        optional,
        span,
    }
}

fn type_kind(cx: &mut Ctx<'_>, parsed: Parsed<'_>, base: Pair<'_>) -> ast::TypeKind {
    match base.as_rule() {
        Rule::path => ast::TypeKind::Path(path(cx, parsed, &base)),
        Rule::list => ast::TypeKind::List(Box::new(inner_type(cx, parsed, base))),
        _ => {
            let key = base
                .clone()
                .into_inner()
                .find(|key| key.as_rule() == Rule::path);
            let key = path(cx, parsed, &key.expect("a map has a key"));
            ast::TypeKind::Map {
                key,
                value: Box::new(inner_type(cx, parsed, base)),
            }
        }
    }
}

fn inner_type(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Type {
    let inner = children(pair, Rule::type_)
        .next()
        .expect("lists and maps have a type inside");
    type_(cx, parsed, inner)
}

fn argument(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Argument {
    let (first, last) = parsed.piece.tokens_of(&pair);
    let content = children(pair, Rule::value)
        .next()
        .expect("an argument has a value");
    ast::Argument {
        name: word(cx, first),
        value: value(cx, parsed, content),
        span: cx.span(first, last),
    }
}

/// Takes the annotations off the front; the docs and comments before the rest are found on the way.
pub(super) fn attributes(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    inner: &mut Pairs<'_>,
) -> ast::Attributes {
    let Some(start) = inner.peek() else {
        return ast::Attributes::default();
    };
    let first = parsed.first(&start);
    let keyword = inner
        .clone()
        .find(|pair| pair.as_rule() != Rule::annotation);
    let keyword = keyword.map_or(first, |pair| parsed.first(&pair));
    let trivia = cx.trivia.before(first, keyword);
    let (docs, stray) = cx.trivia.docs(first, keyword);
    for span in stray {
        cx.report(stray_doc(span));
    }
    let mut annotations = Vec::new();
    while inner
        .peek()
        .is_some_and(|pair| pair.as_rule() == Rule::annotation)
    {
        annotations.extend(inner.next().map(|pair| annotation(cx, parsed, pair)));
    }
    ast::Attributes {
        trivia,
        docs,
        annotations,
    }
}

pub(in crate::parse) fn stray_doc(span: crate::span::Span) -> Diagnostic {
    Diagnostic::error(
        codes::DANGLING_DOC,
        span,
        "this doc comment documents nothing",
    )
    .help("a `///` stands before an item or member; make it a comment with `//`")
}

/// `{ … }` of fields.
pub(super) fn body(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Body {
    let (first, last) = parsed.piece.tokens_of(&pair);
    let members = children(pair, Rule::member)
        .map(|pair| member(cx, parsed, pair))
        .collect();
    ast::Body {
        members,
        end: cx.trivia.before(last, last),
        span: cx.span(first, last),
    }
}

/// A node with attributes: what `build` makes of the pair behind them, the attributes, and the place.
pub(super) fn with_attributes<T>(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    pair: Pair<'_>,
    build: impl FnOnce(&mut Ctx<'_>, Parsed<'_>, Pair<'_>) -> T,
) -> (ast::Attributes, T, crate::span::Span) {
    let mut inner = pair.into_inner();
    let mut attributes = attributes(cx, parsed, &mut inner);
    let content = inner.next().expect("attributes stand before something");
    let (first, last) = parsed.piece.tokens_of(&content);
    let made = build(cx, parsed, content);
    let separator = matches!(cx.source_at(last + 1), Some("," | ";"));
    cx.trivia.close(&mut attributes.trivia, last, separator);
    (attributes, made, cx.span(first, last))
}

pub(in crate::parse) fn member(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    pair: Pair<'_>,
) -> ast::Member {
    let (attributes, kind, span) = with_attributes(cx, parsed, pair, member_kind);
    ast::Member {
        attributes,
        kind,
        span,
    }
}

fn member_kind(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::MemberKind {
    match pair.as_rule() {
        Rule::reserved => ast::MemberKind::Reserved(reserved(cx, parsed, pair)),
        Rule::spread => ast::MemberKind::Spread(spread(cx, parsed, pair)),
        Rule::asymmetric => {
            let first = parsed.first(&pair);
            let word = Some(cx.span(first, first));
            let inner = children(pair, Rule::field)
                .next()
                .expect("a field follows `asymmetric`");
            let field = field(cx, parsed, inner);
            ast::MemberKind::Field(ast::Field {
                asymmetric: word,
                ..field
            })
        }
        _ => ast::MemberKind::Field(field(cx, parsed, pair)),
    }
}

fn field(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Field {
    let mut inner = pair.into_inner();
    let name_pair = inner.next().expect("a field begins with its name");
    let name = name(cx, parsed, &name_pair, Case::Snake);
    refuse_integer(cx, &name);
    let (ty, default) = typed(cx, parsed, inner);
    ast::Field {
        asymmetric: None,
        name,
        ty,
        default,
    }
}

fn spread(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Spread {
    let first = parsed.first(&pair);
    let name = ident(cx, first + 1, Case::Snake);
    let (ty, default) = typed(cx, parsed, pair.into_inner());
    ast::Spread { name, ty, default }
}

/// `: T = value`
fn typed(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    inner: Pairs<'_>,
) -> (ast::Type, Option<ast::Value>) {
    let mut ty = None;
    let mut default = None;
    for pair in inner {
        match pair.as_rule() {
            Rule::type_ => ty = Some(type_(cx, parsed, pair)),
            Rule::default => {
                let content = children(pair, Rule::value).next();
                default = content.map(|pair| value(cx, parsed, pair));
            }
            _ => {}
        }
    }
    (ty.expect("a field has a type"), default)
}

fn reserved(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: Pair<'_>) -> ast::Reserved {
    ast::Reserved {
        names: children(pair, Rule::name)
            .map(|pair| name(cx, parsed, &pair, Case::Any))
            .collect(),
    }
}

pub(in crate::parse) fn enum_member(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    pair: Pair<'_>,
) -> ast::EnumMember {
    let (attributes, kind, span) = with_attributes(cx, parsed, pair, |cx, parsed, pair| {
        if pair.as_rule() == Rule::reserved {
            ast::EnumMemberKind::Reserved(reserved(cx, parsed, pair))
        } else {
            ast::EnumMemberKind::Value(name(cx, parsed, &pair, Case::Snake))
        }
    });
    ast::EnumMember {
        attributes,
        kind,
        span,
    }
}

pub(in crate::parse) fn union_member(
    cx: &mut Ctx<'_>,
    parsed: Parsed<'_>,
    pair: Pair<'_>,
) -> ast::UnionMember {
    let (attributes, kind, span) = with_attributes(cx, parsed, pair, |cx, parsed, pair| {
        if pair.as_rule() == Rule::reserved {
            return ast::UnionMemberKind::Reserved(reserved(cx, parsed, pair));
        }
        let mut inner = pair.into_inner();
        let name_pair = inner.next().expect("a member begins with its name");
        let name = name(cx, parsed, &name_pair, Case::Snake);
        refuse_integer(cx, &name);
        ast::UnionMemberKind::Variant {
            name,
            payload: payload(cx, parsed, inner),
        }
    });
    ast::UnionMember {
        attributes,
        kind,
        span,
    }
}

/// The body or type among the pairs.
pub(super) fn payload(cx: &mut Ctx<'_>, parsed: Parsed<'_>, inner: Pairs<'_>) -> ast::Payload {
    for pair in inner {
        match pair.as_rule() {
            Rule::body => return ast::Payload::Fields(body(cx, parsed, pair)),
            Rule::of_type => return ast::Payload::Type(inner_type(cx, parsed, pair)),
            _ => {}
        }
    }
    ast::Payload::None
}

/// Digits are a name only among the values of an enum.
pub(super) fn refuse_integer(cx: &mut Ctx<'_>, name: &ast::Name) {
    if matches!(name.written, ast::Written::Integer(_)) {
        let message = "a number is no name here";
        let help =
            "only values of an enum are numbers; a key on the wire goes in quotes: `\"1\" as one`";
        cx.report(Diagnostic::error(codes::MISPLACED_NAME, name.span, message).help(help));
    }
}
