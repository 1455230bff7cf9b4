//! Where items and members begin and end, found by brackets and separators alone, so that a mistake in one does not
//! reach the next. Knows no grammar beyond the words that items begin with.

use std::ops::Range;

use crate::parse::build::Ctx;
use crate::parse::lex::Kind;

/// The words that an item or a line at the head of a file begins with.
pub(super) const ITEMS: [&str; 13] = [
    "mag", "package", "use", "struct", "enum", "union", "type", "signal", "call", "queue",
    "exchange", "agent", "closed",
];

/// The words that a line of an agent begins with.
pub(super) const LINES: [&str; 9] = [
    "every", "cron", "receive", "answer", "consume", "serve", "emits", "sends", "calls",
];

/// A piece that goes on over more lines than this, each of which might begin another one, is cut: its end is missing, and
/// reading all the rest again and again would take time by the square of its length.
const LINES_OF_A_PIECE: usize = 32;

/// Behind the last token of the item that begins at `start`: its `;`, or the `}` that it ends with.
pub(super) fn item_end(cx: &Ctx<'_>, start: usize, limit: usize) -> usize {
    let mut depth = 0_usize;
    let mut lines = 0;
    for index in start..limit {
        if depth > cx.limits.nesting {
            break;
        }
        if depth == 0 && next_line_item(cx, index, limit) {
            lines += 1;
            if lines > LINES_OF_A_PIECE {
                return index;
            }
        }
        match cx.source(index) {
            "{" | "(" | "[" => depth += 1,
            "}" if depth <= 1 => {
                depth = usize::from(inside_still(cx, start, index + 1, limit));
                if depth == 0 && !goes_on(cx, index + 1, limit) {
                    return index + 1;
                }
            }
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    if depth > 0 {
        next_item(cx, start, limit)
    } else {
        limit
    }
}

/// Whether the lines go on as those of a body do, further to the right than the item: the brace before was one too many.
fn inside_still(cx: &Ctx<'_>, start: usize, index: usize, limit: usize) -> bool {
    let index = if index < limit && cx.source(index) == ";" {
        index + 1
    } else {
        index
    };
    index < limit
        && cx.token(index).first_on_line
        && column(cx, index) > column(cx, start)
        && !begins_item(cx, index, limit)
}

/// Whether the item does not end with the `}` before this token.
fn goes_on(cx: &Ctx<'_>, index: usize, limit: usize) -> bool {
    if index >= limit {
        return false;
    }
    let next = cx.source_at(index + 1).unwrap_or("");
    match cx.source(index) {
        ";" | "->" | "{" | "=" | "," => true,
        "with" => next == "{",
        word => {
            !cx.token(index).first_on_line
                && word != "}"
                && word != "@"
                && !begins_item(cx, index, limit)
        }
    }
}

/// The next token behind `start` that begins an item on a line of its own, no further to the right than `start`.
pub(super) fn next_item(cx: &Ctx<'_>, start: usize, limit: usize) -> usize {
    let column = column(cx, start);
    let keyword =
        (start..limit).find(|index| begins_item(cx, *index, limit) && cx.source(*index) != "@");
    (keyword.unwrap_or(start) + 1..limit)
        .find(|index| {
            cx.token(*index).first_on_line
                && self::column(cx, *index) <= column
                && begins_item(cx, *index, limit)
        })
        .unwrap_or(limit)
}

/// Whether an item may begin here: a keyword before a name, or an annotation.
pub(super) fn begins_item(cx: &Ctx<'_>, index: usize, limit: usize) -> bool {
    let word = cx.source(index);
    if word == "@" {
        return cx.token(index).first_on_line;
    }
    let named = index + 1 < limit && cx.token(index + 1).kind != Kind::Punctuation;
    named && ITEMS.contains(&word)
}

/// Bytes between the start of the line and the token.
pub(super) fn column(cx: &Ctx<'_>, index: usize) -> usize {
    let start = cx.token(index).start as usize;
    start
        - cx.text[..start]
            .rfind('\n')
            .map_or(0, |newline| newline + 1)
}

/// The pieces between separators, each with the separator behind it.
pub(super) fn pieces(cx: &Ctx<'_>, body: Range<usize>, separators: &[&str]) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = body.start;
    let mut depth = 0_usize;
    let mut lines = 0;
    for index in body.clone() {
        let closes = matches!(cx.source(index), "}" | ")" | "]");
        if depth > 0
            && !closes
            && cx.token(index).first_on_line
            && column(cx, index) <= column(cx, start)
        {
            // What is open here was meant to end with its line.
            pieces.push(start..index);
            (start, depth, lines) = (index, 0, 0);
        }
        lines += usize::from(depth == 0 && cx.token(index).first_on_line);
        if lines > LINES_OF_A_PIECE {
            pieces.push(start..index);
            (start, lines) = (index, 0);
        }
        match cx.source(index) {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            word if depth == 0 && separators.contains(&word) => {
                pieces.push(start..index + 1);
                (start, lines) = (index + 1, 0);
            }
            _ => {}
        }
    }
    if start < body.end {
        pieces.push(start..body.end);
    }
    pieces
}

/// The braces of a range that hold members, each from its `{` to its `}` (or to the end, where that is missing): not
/// those of `with { … }`, of `use a.{ … }`, of values and of maps.
pub(super) fn groups(cx: &Ctx<'_>, range: Range<usize>) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut depth = 0_usize;
    let mut open = None;
    for index in range.clone() {
        match cx.source(index) {
            "{" | "(" | "[" => {
                let previous = if index > range.start {
                    cx.source(index - 1)
                } else {
                    ""
                };
                if depth == 0
                    && cx.source(index) == "{"
                    && !matches!(previous, "with" | "." | ":" | "=" | "->" | "throws")
                {
                    open = Some(index);
                }
                depth += 1;
            }
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    groups.extend(open.take().map(|open| open..index));
                }
            }
            _ => {}
        }
    }
    groups.extend(open.map(|open| open..range.end));
    groups
}

/// The last `}` of a range in which more brackets are closed than opened.
pub(super) fn last_of_too_many(cx: &Ctx<'_>, range: Range<usize>) -> Option<usize> {
    let too_many = closes_more(cx, range.clone());
    let mut behind = range.rev();
    too_many
        .then(|| behind.find(|index| cx.source(*index) == "}"))
        .flatten()
}

/// Whether more brackets are closed than opened.
pub(super) fn closes_more(cx: &Ctx<'_>, range: Range<usize>) -> bool {
    let count = |brackets: [&str; 3]| {
        range
            .clone()
            .filter(|index| brackets.contains(&cx.source(*index)))
            .count()
    };
    count(["}", ")", "]"]) > count(["{", "(", "["])
}

/// The innermost bracket of a range that is never closed.
pub(super) fn unclosed_bracket(cx: &Ctx<'_>, range: Range<usize>) -> Option<usize> {
    let mut open = Vec::new();
    for index in range {
        match cx.source(index) {
            "{" | "(" | "[" => open.push(index),
            "}" | ")" | "]" => {
                open.pop();
            }
            _ => {}
        }
    }
    open.pop()
}

/// The first bracket of a range that goes over the limit of nesting.
pub(super) fn too_deep(cx: &Ctx<'_>, range: Range<usize>) -> Option<usize> {
    let mut depth = 0_usize;
    for index in range {
        match cx.source(index) {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > cx.limits.nesting {
            return Some(index);
        }
    }
    None
}

/// Whether an item begins at this token and on a line of its own.
pub(super) fn next_line_item(cx: &Ctx<'_>, index: usize, limit: usize) -> bool {
    cx.token(index).first_on_line && begins_item(cx, index, limit)
}

/// Where to go on behind a closing bracket that closes nothing: at the next item.
pub(super) fn after_stray(cx: &Ctx<'_>, index: usize, limit: usize) -> usize {
    (index + 1..limit)
        .find(|next| next_line_item(cx, *next, limit))
        .unwrap_or(limit)
}

/// The first token of a line behind the first token of the range, at or behind `from` and outside of brackets.
pub(super) fn next_line(cx: &Ctx<'_>, range: Range<usize>, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for index in range.clone() {
        let word = cx.source(index);
        if depth == 0
            && index > range.start
            && index >= from
            && cx.token(index).first_on_line
            && word != "}"
        {
            return Some(index);
        }
        match word {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Whether a line ends before this token, but for a separator.
pub(super) fn line_ends(cx: &Ctx<'_>, index: usize) -> bool {
    let index = if matches!(cx.source_at(index), Some("," | ";")) {
        index + 1
    } else {
        index
    };
    index >= cx.tokens.tokens.len() || cx.token(index).first_on_line
}

/// A bracket that is still open at the end of its line though the next line goes on no further to the right, and the
/// last token of its line.
pub(super) fn open_at_line_end(cx: &Ctx<'_>, range: Range<usize>) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let mut line = range.start;
    for index in range.clone() {
        if cx.token(index).first_on_line && index > range.start {
            let goes_on =
                column(cx, index) > column(cx, line) || matches!(cx.source(index), "}" | ")" | "]");
            if let Some(bracket) = open.pop().filter(|_| !goes_on) {
                return Some((bracket, index - 1));
            }
            open.clear();
            line = index;
        }
        match cx.source(index) {
            "{" | "(" | "[" => open.push(index),
            "}" | ")" | "]" => {
                open.pop();
            }
            _ => {}
        }
    }
    None
}
