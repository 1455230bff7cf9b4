//! The pest parser of one piece of a file: makes its text from tokens, runs a rule on it, and leads positions in that
//! text back to tokens. Knows nothing of files, trees and recovery.

use crate::parse::lex::{Kind, Token};

/// The parser that pest makes of the grammar.
#[derive(pest_derive::Parser)]
#[grammar = "parse/mag.pest"]
struct MagParser;

pub(super) type Pair<'t> = pest::iterators::Pair<'t, Rule>;
pub(super) type Pairs<'t> = pest::iterators::Pairs<'t, Rule>;

/// The text of a piece, and where its tokens stand in it.
#[derive(Debug, Default)]
pub(super) struct Piece {
    text: String,
    /// The index of the token that each byte of the text belongs to; a blank belongs to the one before it.
    tokens: Vec<usize>,
}

/// The furthest place that a rule came to.
#[derive(Debug)]
pub(super) struct Failure {
    /// The token that does not fit; `None` behind the last one of the piece.
    pub(super) token: Option<usize>,
    /// What could stand there.
    pub(super) expected: Vec<Rule>,
}

impl Piece {
    /// Adds a token under its text, or under what stands for it: a string is handed over empty, a broken word or
    /// number as a plain one. The grammar need not read what was read already.
    pub(super) fn push(&mut self, index: usize, token: Token, source: &str) {
        let text = match token.kind {
            Kind::Text => "\"\"",
            Kind::Number if token.broken || is_integer(text_of(token, source)) => "0",
            Kind::Word if token.broken => "x",
            Kind::Word => shortened(text_of(token, source)),
            _ => text_of(token, source),
        };
        self.push_as(index, token.kind, text);
    }

    /// Adds a token under another text than its own.
    pub(super) fn push_as(&mut self, index: usize, kind: Kind, text: &str) {
        let glued = kind == Kind::Punctuation && text != ".."
            || self.text.ends_with(['{', '(', '[', ',', ':', '.', '@']);
        if !self.text.is_empty() && (!glued || self.text.ends_with("..")) {
            self.text.push(' ');
            self.tokens.extend(self.tokens.last().copied());
        }
        self.text.push_str(text);
        self.tokens.resize(self.text.len(), index);
    }

    /// The token that a position of the text stands on or behind.
    pub(super) fn token_at(&self, offset: usize) -> usize {
        let last = self.tokens.last().copied().unwrap_or(0);
        self.tokens.get(offset).copied().unwrap_or(last)
    }

    /// The first and last token of a pair.
    pub(super) fn tokens_of(&self, pair: &Pair<'_>) -> (usize, usize) {
        let span = pair.as_span();
        (
            self.token_at(span.start()),
            self.token_at(span.end().saturating_sub(1)),
        )
    }

    /// Parses the whole text by a rule.
    pub(super) fn parse(&self, rule: Rule) -> Result<Pair<'_>, Failure> {
        match <MagParser as pest::Parser<Rule>>::parse(rule, &self.text) {
            Ok(mut pairs) => Ok(pairs.next().expect("a rule that matched makes one pair")),
            Err(error) => Err(self.failure(&error)),
        }
    }

    fn failure(&self, error: &pest::error::Error<Rule>) -> Failure {
        let offset = match error.location {
            pest::error::InputLocation::Pos(position) => position,
            pest::error::InputLocation::Span((start, _)) => start,
        };
        let expected = match &error.variant {
            pest::error::ErrorVariant::ParsingError { positives, .. } => positives.clone(),
            pest::error::ErrorVariant::CustomError { .. } => Vec::new(),
        };
        let blank = self.text.as_bytes().get(offset) == Some(&b' ');
        let token = self.tokens.get(offset + usize::from(blank)).copied();
        Failure { token, expected }
    }
}

/// A keyword as it is; any other word as one letter, since pest reads letter by letter.
fn shortened(word: &str) -> &str {
    match word {
        "agent" | "answer" | "as" | "by" | "call" | "calls" | "closed" | "consume" | "cron"
        | "emits" | "enum" | "asymmetric" | "every" | "exchange" | "mag" | "on" | "package"
        | "queue" | "receive" | "reserved" | "sends" | "serve" | "signal" | "struct" | "throws"
        | "type" | "union" | "use" | "with" => word,
        _ => "x",
    }
}

fn text_of(token: Token, source: &str) -> &str {
    &source[token.start as usize..token.end as usize]
}

fn is_integer(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'_')
}
