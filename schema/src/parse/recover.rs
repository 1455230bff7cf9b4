//! Reads a file piece by piece and goes on behind what it could not read: a broken item is read again as its head and
//! its members one by one, so that each mistake is reported once and the rest of the item is kept.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parse::build::{self, Ctx, Parsed, Top};
use crate::parse::grammar::{Failure, Pair, Piece, Rule};
use crate::parse::lex::Kind;
use crate::parse::members::{self, Members};
use crate::parse::{expected, split};
use crate::suggest::suggest;

/// Everything at the top of the file that could be read.
pub(super) fn file(cx: &mut Ctx<'_>) -> Vec<Top> {
    let count = cx.tokens.tokens.len();
    let mut tops = Vec::new();
    let mut start = 0;
    while start < count {
        let mut end = split::item_end(cx, start, count);
        let problems = cx.diagnostics.len();
        if let Some(deep) = split::too_deep(cx, start..end) {
            let message = format!(
                "more than {} brackets inside one another",
                cx.limits.nesting
            );
            let diagnostic =
                Diagnostic::error(codes::NESTED_TOO_DEEPLY, cx.span(deep, deep), message);
            cx.report(diagnostic.help("give the inner parts names of their own"));
        } else {
            end = item(cx, start..end, &mut tops);
        }
        if cx.diagnostics.len() > problems {
            cx.trivia.skip_docs(end);
        }
        start = end;
    }
    tops
}

/// Reads one item, and returns where the next one begins.
fn item(cx: &mut Ctx<'_>, range: Range<usize>, tops: &mut Vec<Top>) -> usize {
    let first = range.start;
    if matches!(cx.source(first), "}" | ")" | "]") {
        let message = format!("`{}` closes nothing", cx.source(first));
        let diagnostic =
            Diagnostic::error(codes::UNBALANCED_BRACKET, cx.span(first, first), message);
        cx.report(
            diagnostic.help("take it away, or look for an opening one that is missing above"),
        );
        return split::after_stray(cx, first, cx.tokens.tokens.len());
    }
    let mut attempt = Attempt::new(Rule::one_item, range.clone());
    let outcome = attempt.run(cx, build::item);
    let failure = match outcome {
        Ok(top) => {
            tops.push(top);
            return range.end;
        }
        Err(failure) => failure,
    };
    if let Some(token) = failure
        .token
        .filter(|token| *token > first && split::next_line_item(cx, *token, range.end))
    {
        // The item before has no end of its own; what it lacks is said by reading it alone.
        let mut shorter = Attempt::new(Rule::one_item, first..token);
        shorter.words.clone_from(&attempt.words);
        match shorter.run(cx, build::item) {
            Ok(top) => tops.push(top),
            Err(failure) => tops.extend(broken(cx, &shorter, &failure)),
        }
        return token;
    }
    tops.extend(broken(cx, &attempt, &failure));
    range.end
}

/// Reads an item that failed as a whole: its head, then its members.
fn broken(cx: &mut Ctx<'_>, attempt: &Attempt, failure: &Failure) -> Option<Top> {
    let range = attempt.range.clone();
    let before = cx.diagnostics.len();
    let Some((body, kind)) = members::body(cx, range.clone(), &attempt.words) else {
        report(cx, failure, range);
        return None;
    };
    let mut head = Attempt::new(Rule::one_item, range.clone());
    head.words.clone_from(&attempt.words);
    head.without = body.start + 1..body.end;
    let closed = cx.source(body.end.min(range.end - 1)) == "}" && body.end < range.end;
    if !closed {
        head.without.end = range.end;
        head.closing = true;
    }
    let top = match head.run(cx, build::item) {
        Ok(top) => Some(top),
        Err(failure) => {
            let early = failure.token.is_some_and(|token| token <= body.start);
            report(cx, &failure, range.clone());
            if early && kind == members::Sort::Fields {
                // What stands in the braces need not be fields then.
                return None;
            }
            None
        }
    };
    let found = members::read(cx, body.start + 1..head.without.end.min(body.end), kind);
    if !closed && cx.diagnostics.len() == before {
        unclosed(cx, body.start, range.end - 1);
    }
    if cx.diagnostics.len() == before {
        report(cx, failure, attempt.range.clone());
    }
    top.map(|top| attach(top, found))
}

fn attach(mut top: Top, members: Members) -> Top {
    if let Top::Item(item) = &mut top {
        members.attach(&mut item.kind);
    }
    top
}

fn unclosed(cx: &mut Ctx<'_>, open: usize, last: usize) {
    if cx.token(last).broken {
        // A string without its end has taken the bracket with it.
        return;
    }
    let bracket = cx.source(open);
    let message = format!("no closing bracket for this `{bracket}`");
    let diagnostic = Diagnostic::error(codes::UNBALANCED_BRACKET, cx.span(last, last), message)
        .labelled("it is missing behind this")
        .related(cx.span(open, open), "opened here")
        .help("close it");
    cx.report(diagnostic);
}

/// One try to parse a range of tokens by a rule.
pub(super) struct Attempt {
    pub(super) rule: Rule,
    pub(super) range: Range<usize>,
    /// Tokens that are left out.
    pub(super) without: Range<usize>,
    /// Whether a `}` is put behind the last token.
    closing: bool,
    /// Words that were meant as a keyword, and that keyword.
    pub(super) words: BTreeMap<usize, String>,
}

impl Attempt {
    pub(super) fn new(rule: Rule, range: Range<usize>) -> Self {
        Self {
            rule,
            range,
            without: 0..0,
            closing: false,
            words: BTreeMap::new(),
        }
    }

    /// Parses and builds. A misspelled keyword is reported, taken for what was meant, and the rest read.
    pub(super) fn run<T>(
        &mut self,
        cx: &mut Ctx<'_>,
        build: impl Fn(&mut Ctx<'_>, Parsed<'_>, Pair<'_>) -> T,
    ) -> Result<T, Failure> {
        loop {
            let piece = self.piece(cx);
            match piece.parse(self.rule) {
                Ok(pair) => {
                    let inner = pair
                        .into_inner()
                        .next()
                        .expect("an entry holds what it is the entry of");
                    return Ok(build(cx, Parsed { piece: &piece }, inner));
                }
                Err(failure) => {
                    let Some((token, meant)) = misspelled(cx, self, &failure) else {
                        return Err(failure);
                    };
                    unknown_keyword(cx, token, &meant);
                    self.words.insert(token, meant);
                }
            }
        }
    }

    fn piece(&self, cx: &Ctx<'_>) -> Piece {
        let mut piece = Piece::default();
        for index in self.range.clone() {
            if self.without.contains(&index) {
                continue;
            }
            match self.words.get(&index) {
                Some(word) => piece.push_as(index, Kind::Word, word),
                None => piece.push(index, cx.token(index), cx.text),
            }
        }
        if self.closing {
            piece.push_as(self.range.end - 1, Kind::Punctuation, "}");
        }
        piece
    }
}

/// The word at or before a failure that is nearly one of the keywords which could stand there.
fn misspelled(cx: &Ctx<'_>, attempt: &Attempt, failure: &Failure) -> Option<(usize, String)> {
    let token = failure.token?;
    let try_word = |index: usize, keywords: Vec<&'static str>| {
        let is_word = cx.token(index).kind == Kind::Word && cx.source(index).len() > 2;
        let is_word = is_word && !attempt.words.contains_key(&index);
        let meant = is_word.then(|| suggest(cx.source(index), keywords))??;
        Some((index, meant))
    };
    let wanted = failure
        .expected
        .iter()
        .flat_map(|rule| expected::keywords(*rule))
        .copied();
    try_word(token, wanted.collect()).or_else(|| {
        let previous = token
            .checked_sub(1)
            .filter(|previous| *previous == attempt.range.start)?;
        match (attempt.rule, cx.source(token)) {
            (Rule::one_member | Rule::one_union_member | Rule::one_enum_member, "(") => {
                try_word(previous, vec!["reserved"])
            }
            (Rule::one_member, ":") => None,
            (Rule::one_member, _) => try_word(previous, vec!["asymmetric"]),
            _ => None,
        }
    })
}

fn unknown_keyword(cx: &mut Ctx<'_>, token: usize, meant: &str) {
    let message = format!("`{}` is no keyword", cx.source(token));
    let diagnostic = Diagnostic::error(codes::UNKNOWN_KEYWORD, cx.span(token, token), message);
    cx.report(diagnostic.suggest(Some(meant.to_owned())));
}

/// Says what does not fit where a piece failed.
pub(super) fn report(cx: &mut Ctx<'_>, failure: &Failure, range: Range<usize>) {
    if let Some((open, last)) = split::open_at_line_end(cx, range.clone())
        && failure.token.is_none_or(|token| token > last)
    {
        unclosed(cx, open, last);
        return;
    }
    let wanted = expected::describe(&failure.expected);
    let Some(token) = failure.token else {
        unfinished(cx, &wanted, range);
        return;
    };
    let keywords = expected::all_keywords(&failure.expected);
    if keywords.len() > 3 && cx.token(token).kind == Kind::Word {
        let message = format!("`{}` begins no item or line", cx.source(token));
        let diagnostic = Diagnostic::error(codes::UNKNOWN_KEYWORD, cx.span(token, token), message);
        cx.report(diagnostic.help(format!("known are {}", keywords.join(", "))));
        return;
    }
    let found = cx.source(token);
    let message = if wanted.is_empty() {
        format!("unexpected `{found}`")
    } else {
        format!("expected {wanted}, found `{found}`")
    };
    cx.report(Diagnostic::error(
        codes::UNEXPECTED_TOKEN,
        cx.span(token, token),
        message,
    ));
}

/// Says that a piece ends too early.
fn unfinished(cx: &mut Ctx<'_>, wanted: &str, range: Range<usize>) {
    let last = range.end - 1;
    if let Some(open) = split::unclosed_bracket(cx, range) {
        unclosed(cx, open, last);
        return;
    }
    let found = cx.source(last);
    let message = if wanted.is_empty() {
        format!("unfinished behind `{found}`")
    } else {
        format!("expected {wanted} behind `{found}`")
    };
    let diagnostic = Diagnostic::error(codes::UNEXPECTED_TOKEN, cx.span(last, last), message);
    cx.report(diagnostic.labelled("it ends here"));
}

/// What a range parses to by itself, if it does.
pub(super) fn quietly(cx: &Ctx<'_>, rule: Rule, range: Range<usize>) -> bool {
    !range.is_empty() && Attempt::new(rule, range).piece(cx).parse(rule).is_ok()
}

/// A variant of a union whose body was read by itself.
pub(super) fn with_body(
    cx: &mut Ctx<'_>,
    range: Range<usize>,
    body: Range<usize>,
) -> Option<ast::UnionMember> {
    let mut head = Attempt::new(Rule::one_union_member, range.clone());
    head.without = body.start + 1..body.end;
    let member = match head.run(cx, build::union_member) {
        Ok(member) => Some(member),
        Err(failure) => {
            report(cx, &failure, range);
            None
        }
    };
    let fields = members::read(cx, body.start + 1..body.end, members::Sort::Fields);
    member.map(|mut member| {
        if let (
            ast::UnionMemberKind::Variant {
                payload: ast::Payload::Fields(body),
                ..
            },
            Members::Fields(fields),
        ) = (&mut member.kind, fields)
        {
            body.members = fields;
        }
        member
    })
}
