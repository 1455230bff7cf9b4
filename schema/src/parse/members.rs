//! Reads the members of a body one by one, where the whole could not be read.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parse::build::{self, Ctx, Parsed};
use crate::parse::grammar::{Pair, Rule};
use crate::parse::recover::{self, Attempt};
use crate::parse::split;

/// What a body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Fields,
    Values,
    Variants,
    Queues,
    Lines,
}

/// The members of a body.
pub(super) enum Members {
    Fields(Vec<ast::Member>),
    Values(Vec<ast::EnumMember>),
    Variants(Vec<ast::UnionMember>),
    Queues(Vec<ast::ExchangeQueue>),
    Lines(Vec<ast::Line>),
}

impl Members {
    /// Puts the members into the item whose head was read without them.
    pub(super) fn attach(self, item: &mut ast::ItemKind) {
        let payload = match item {
            ast::ItemKind::Struct(item) => {
                if let Members::Fields(fields) = self {
                    item.body.members = fields;
                }
                return;
            }
            ast::ItemKind::Signal(item) => &mut item.payload,
            ast::ItemKind::Call(item) => &mut item.payload,
            ast::ItemKind::Queue(item) => &mut item.payload,
            ast::ItemKind::Exchange(item) => {
                if let Members::Queues(queues) = self {
                    item.queues = queues;
                    item.has_body = true;
                    return;
                }
                &mut item.payload
            }
            ast::ItemKind::Enum(item) => {
                if let Members::Values(values) = self {
                    item.members = values;
                }
                return;
            }
            ast::ItemKind::Union(item) => {
                if let Members::Variants(members) = self {
                    item.members = members;
                }
                return;
            }
            ast::ItemKind::Agent(item) => {
                if let Members::Lines(lines) = self {
                    item.lines = lines;
                }
                return;
            }
            ast::ItemKind::Alias(_) => return,
        };
        if let (ast::Payload::Fields(body), Members::Fields(fields)) = (payload, self) {
            body.members = fields;
        }
    }
}

/// Where the body of an item stands (from its `{` to its `}`, or to the end where that is missing), and what it holds.
pub(super) fn body(
    cx: &Ctx<'_>,
    range: Range<usize>,
    words: &BTreeMap<usize, String>,
) -> Option<(Range<usize>, Sort)> {
    let word = |index: usize| {
        words
            .get(&index)
            .map_or_else(|| cx.source(index), String::as_str)
    };
    let keyword = range
        .clone()
        .find(|index| split::ITEMS.contains(&word(*index)) && word(*index) != "closed")?;
    let groups = split::groups(cx, keyword..range.end);
    let first = groups.first()?.clone();
    let last = groups.last()?.clone();
    let end = split::last_of_too_many(cx, keyword..range.end)
        .filter(|_| split::line_ends(cx, first.end + 1));
    let first = first.start..end.unwrap_or(first.end);
    let last = last.start..end.filter(|end| *end > last.start).unwrap_or(last.end);
    let queues = groups.len() > 1 || cx.source_at(last.start + 2) != Some(":");
    Some(match word(keyword) {
        "enum" => (first, Sort::Values),
        "union" => (first, Sort::Variants),
        "agent" => (last, Sort::Lines),
        "exchange" if queues => (last, Sort::Queues),
        "struct" | "signal" | "call" | "queue" | "exchange" => (first, Sort::Fields),
        _ => return None,
    })
}

/// Reads what stands between the braces.
pub(super) fn read(cx: &mut Ctx<'_>, inside: Range<usize>, sort: Sort) -> Members {
    match sort {
        Sort::Fields => Members::Fields(each(cx, inside, &way(Rule::one_member, build::member))),
        Sort::Values => Members::Values(each(
            cx,
            inside,
            &way(Rule::one_enum_member, build::enum_member),
        )),
        Sort::Variants => Members::Variants(each(
            cx,
            inside,
            &way(Rule::one_union_member, build::union_member),
        )),
        Sort::Queues => Members::Queues(each(
            cx,
            inside,
            &way(Rule::one_exchange_line, build::exchange_line),
        )),
        Sort::Lines => Members::Lines(each(
            cx,
            inside,
            &way(Rule::one_agent_line, build::agent_line),
        )),
    }
}

/// How one sort of member is read.
struct Way<T> {
    rule: Rule,
    build: fn(&mut Ctx<'_>, Parsed<'_>, Pair<'_>) -> T,
    /// Whether each ends with `;` of its own.
    lines: bool,
}

fn way<T>(rule: Rule, build: fn(&mut Ctx<'_>, Parsed<'_>, Pair<'_>) -> T) -> Way<T> {
    let lines = matches!(rule, Rule::one_agent_line | Rule::one_exchange_line);
    Way { rule, build, lines }
}

/// All members of a body that can be read; the others are reported.
fn each<T: Nested>(cx: &mut Ctx<'_>, inside: Range<usize>, way: &Way<T>) -> Vec<T> {
    let separators: &[&str] = if way.lines { &[";"] } else { &[",", ";"] };
    let mut found = Vec::new();
    let start = cx.diagnostics.len();
    for mut piece in split::pieces(cx, inside, separators) {
        let before = cx.diagnostics.len();
        let wrong = !way.lines && cx.source(piece.end - 1) == ";";
        piece.end -= usize::from(wrong);
        let end = piece.end;
        while !piece.is_empty() {
            let problems = cx.diagnostics.len();
            cx.broken = problems > start;
            let (member, next) = one(cx, way, piece.clone());
            found.extend(member);
            if cx.diagnostics.len() > problems {
                cx.trivia.skip_docs(next);
            }
            piece.start = next;
        }
        if wrong && cx.diagnostics.len() == before {
            separator(cx, end, "`;` behind a member");
        }
    }
    found
}

/// Reads one member from the front of a piece, and tells where to go on.
fn one<T: Nested>(cx: &mut Ctx<'_>, way: &Way<T>, piece: Range<usize>) -> (Option<T>, usize) {
    let failure = match Attempt::new(way.rule, piece.clone()).run(cx, way.build) {
        Ok(member) => return (Some(member), piece.end),
        Err(failure) => failure,
    };
    let inside = |body: &Range<usize>| failure.token.is_some_and(|token| body.contains(&token));
    let body = split::groups(cx, piece.clone()).into_iter().next();
    if let Some(body) = body.filter(|body| T::HAS_BODY && body.end < piece.end && inside(body)) {
        return (T::read(cx, piece.clone(), body), piece.end);
    }
    let token = failure.token.unwrap_or(piece.end);
    let whole = token > piece.start && recover::quietly(cx, way.rule, piece.start..token);
    let another = whole && another_begins(cx, way, token, piece.end);
    let member = (whole && (another || !way.lines))
        .then(|| {
            Attempt::new(way.rule, piece.start..token)
                .run(cx, way.build)
                .ok()
        })
        .flatten();
    if another {
        if !way.lines {
            separator(cx, token - 1, "no `,` behind this member");
        }
        return (member, token);
    }
    let consequence = cx.broken && split::closes_more(cx, piece.clone());
    let next = split::next_line(cx, piece.clone(), token).unwrap_or(piece.end);
    if !consequence {
        recover::report(cx, &failure, piece);
    }
    (member, next)
}

/// Whether the token that did not fit begins a member of its own.
fn another_begins<T>(cx: &Ctx<'_>, way: &Way<T>, token: usize, end: usize) -> bool {
    token < end && (cx.token(token).first_on_line || recover::quietly(cx, way.rule, token..end))
}

fn separator(cx: &mut Ctx<'_>, token: usize, message: &str) {
    let diagnostic = Diagnostic::error(codes::MISSING_COMMA, cx.span(token, token), message);
    cx.report(diagnostic.help("members are separated by `,`"));
}

/// Members that may have a body with members of its own.
trait Nested: Sized {
    /// Whether this sort of member has a body.
    const HAS_BODY: bool;

    /// Reads the member and its body apart.
    fn read(cx: &mut Ctx<'_>, piece: Range<usize>, body: Range<usize>) -> Option<Self>;
}

impl Nested for ast::UnionMember {
    const HAS_BODY: bool = true;

    fn read(cx: &mut Ctx<'_>, piece: Range<usize>, body: Range<usize>) -> Option<Self> {
        recover::with_body(cx, piece, body)
    }
}

macro_rules! without_body {
    ($($member:ty),*) => {$(
        impl Nested for $member {
            const HAS_BODY: bool = false;

            fn read(_: &mut Ctx<'_>, _: Range<usize>, _: Range<usize>) -> Option<Self> {
                None
            }
        }
    )*};
}

without_body!(ast::Member, ast::EnumMember, ast::ExchangeQueue, ast::Line);
