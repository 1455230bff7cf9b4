//! From pest's pairs to the tree: everything that stands in several places. Knows nothing of recovery.

mod agents;
mod items;
mod types;
mod values;

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::limits::Limits;
use crate::parse::grammar::{Pair, Piece};
use crate::parse::lex::{Kind, Lexed, Token};
use crate::parse::trivia::Cursor;
use crate::parse::{literal, names, strings};
use crate::span::Span;

pub(super) use self::agents::{agent_line, exchange_line};
pub(super) use self::items::{Top, item};
pub(super) use self::types::{enum_member, member, stray_doc, union_member};

/// What building needs beside the pairs.
pub(super) struct Ctx<'a> {
    pub(super) text: &'a str,
    /// Where the file stands in the offset space.
    pub(super) base: u32,
    pub(super) limits: &'a Limits,
    pub(super) tokens: &'a Lexed,
    pub(super) trivia: Cursor<'a>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Whether something in the body at hand was broken: a bracket that closes nothing is a consequence then.
    pub(super) broken: bool,
}

impl Ctx<'_> {
    pub(super) fn token(&self, index: usize) -> Token {
        self.tokens.tokens[index]
    }

    pub(super) fn source(&self, index: usize) -> &str {
        let token = self.token(index);
        &self.text[token.start as usize..token.end as usize]
    }

    /// The text of a token, if there is one with this index.
    pub(super) fn source_at(&self, index: usize) -> Option<&str> {
        (index < self.tokens.tokens.len()).then(|| self.source(index))
    }

    /// From the start of one token to the end of another.
    pub(super) fn span(&self, first: usize, last: usize) -> Span {
        Span::new(
            self.base + self.token(first).start,
            self.base + self.token(last).end,
        )
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// A piece that was parsed, while its tree is built.
#[derive(Clone, Copy)]
pub(super) struct Parsed<'p> {
    pub(super) piece: &'p Piece,
}

impl Parsed<'_> {
    fn first(self, pair: &Pair<'_>) -> usize {
        self.piece.tokens_of(pair).0
    }

    fn last(self, pair: &Pair<'_>) -> usize {
        self.piece.tokens_of(pair).1
    }

    fn span(self, cx: &Ctx<'_>, pair: &Pair<'_>) -> Span {
        let (first, last) = self.piece.tokens_of(pair);
        cx.span(first, last)
    }
}

/// A word as it stands, with no rule for its case.
fn word(cx: &Ctx<'_>, index: usize) -> ast::Ident {
    ast::Ident {
        text: cx.source(index).to_owned(),
        span: cx.span(index, index),
    }
}

fn ident(cx: &mut Ctx<'_>, index: usize, case: names::Case) -> ast::Ident {
    let ident = word(cx, index);
    if !cx.token(index).broken {
        let found = names::check(&ident.text, ident.span, case, cx.limits.name_characters);
        cx.diagnostics.extend(found);
    }
    ident
}

/// `as x`
fn alias(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: &Pair<'_>, case: names::Case) -> ast::Ident {
    let last = parsed.last(pair);
    ident(cx, last, case)
}

/// A path of words and dots.
fn path(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: &Pair<'_>) -> ast::Path {
    let (first, last) = parsed.piece.tokens_of(pair);
    ast::Path {
        segments: (first..=last)
            .step_by(2)
            .map(|index| ident(cx, index, names::Case::Any))
            .collect(),
        span: cx.span(first, last),
    }
}

/// A name that goes on the wire.
fn name(cx: &mut Ctx<'_>, parsed: Parsed<'_>, pair: &Pair<'_>, case: names::Case) -> ast::Name {
    let (first, last) = parsed.piece.tokens_of(pair);
    let token = cx.token(first);
    let written = match token.kind {
        Kind::Text => ast::Written::Quoted(strings::unescape(cx.source(first))),
        Kind::Number => match literal::value(cx.source(first)) {
            ast::ValueKind::Integer(digits) => ast::Written::Integer(digits),
            _ => ast::Written::Integer(cx.source(first).to_owned()),
        },
        _ => ast::Written::Word(ident(cx, first, case).text),
    };
    let alias_case = if case == names::Case::Any {
        names::Case::Snake
    } else {
        case
    };
    let alias = (last > first).then(|| ident(cx, last, alias_case));
    ast::Name {
        written,
        span: cx.span(first, first),
        alias,
    }
}

/// A string literal.
fn quoted(cx: &Ctx<'_>, index: usize) -> ast::Quoted {
    ast::Quoted {
        text: strings::unescape(cx.source(index)),
        span: cx.span(index, index),
    }
}
