//! From text to tokens, comments and docs, by hand and in one pass: what is wrong with a single token is found here.
//! Knows nothing of the grammar.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::limits::Limits;
use crate::parse::{forbidden, literal, strings};
use crate::span::Span;

/// What the lexer made of a file. Positions are offsets in the file's own text.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    pub(super) comments: Vec<Remark>,
    /// `///`
    pub(super) docs: Vec<Remark>,
    /// `//!`
    pub(super) file_docs: Vec<Remark>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether it is the first of its line.
    pub(super) first_on_line: bool,
    /// Whether a blank line stands before it.
    pub(super) blank_before: bool,
    /// Whether a diagnostic was given for it; the parser takes it for a plain one of its kind.
    pub(super) broken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Text,
    Number,
    Punctuation,
}

/// A comment or a line of docs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remark {
    pub(super) start: u32,
    pub(super) end: u32,
    /// How many tokens stand before it.
    pub(super) tokens_before: usize,
    pub(super) blank_before: bool,
    /// Whether a token stands before it on its line.
    pub(super) after_code: bool,
}

struct Ctx<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// Where the file stands in the offset space.
    base: u32,
    position: usize,
    limits: &'a Limits,
    /// Lines that ended since the last token or remark.
    newlines: usize,
    /// Whether a token stands on the line.
    code_on_line: bool,
    found: Lexed,
    diagnostics: Vec<Diagnostic>,
}

pub(super) fn lex(text: &str, base: u32, limits: &Limits) -> (Lexed, Vec<Diagnostic>) {
    let mut cx = Ctx {
        text,
        bytes: text.as_bytes(),
        base,
        position: if text.starts_with('\u{feff}') { 3 } else { 0 },
        limits,
        newlines: 1,
        code_on_line: false,
        found: Lexed::default(),
        diagnostics: forbidden::check(text, base),
    };
    while cx.position < cx.bytes.len() {
        next(&mut cx);
    }
    (cx.found, cx.diagnostics)
}

fn next(cx: &mut Ctx<'_>) {
    let start = cx.position;
    match cx.bytes[start] {
        b'\n' => {
            cx.newlines += 1;
            cx.code_on_line = false;
            cx.position += 1;
        }
        byte if byte <= b' ' || byte == 0x7f => cx.position += 1,
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            if cx.bytes[start] == b'r' && cx.bytes.get(start + 1) == Some(&b'"') {
                string(cx, start + 2);
            } else {
                word(cx);
            }
        }
        b'"' => string(cx, start + 1),
        b'0'..=b'9' => number(cx),
        b'/' if cx.bytes.get(start + 1) == Some(&b'/') => remark(cx),
        b'/' if cx.bytes.get(start + 1) == Some(&b'*') => block_comment(cx),
        b'-' | b'.' if cx.bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => number(cx),
        b'-' if cx.bytes.get(start + 1) == Some(&b'>') => push(cx, Kind::Punctuation, start + 2),
        b'.' => push(
            cx,
            Kind::Punctuation,
            start + 1 + usize::from(cx.bytes.get(start + 1) == Some(&b'.')),
        ),
        b'{' | b'}' | b'[' | b']' | b'(' | b')' | b',' | b';' | b':' | b'=' | b'?' | b'@' => {
            push(cx, Kind::Punctuation, start + 1);
        }
        _ => other(cx),
    }
}

fn push(cx: &mut Ctx<'_>, kind: Kind, end: usize) {
    let token = Token {
        kind,
        start: offset(cx.position),
        end: offset(end),
        first_on_line: !cx.code_on_line,
        blank_before: cx.newlines > 1,
        broken: false,
    };
    cx.found.tokens.push(token);
    cx.position = end;
    cx.newlines = 0;
    cx.code_on_line = true;
}

fn push_broken(cx: &mut Ctx<'_>, kind: Kind, end: usize) {
    push(cx, kind, end);
    if let Some(last) = cx.found.tokens.last_mut() {
        last.broken = true;
    }
}

fn word(cx: &mut Ctx<'_>) {
    let mut end = cx.position;
    while end < cx.bytes.len() && is_word(cx.bytes[end]) {
        end += 1;
    }
    if cx.bytes.get(end).is_some_and(|byte| *byte >= 0x80) {
        foreign_word(cx);
    } else {
        push(cx, Kind::Word, end);
    }
}

/// A word with letters outside ASCII.
fn foreign_word(cx: &mut Ctx<'_>) {
    let rest = &cx.text[cx.position..];
    let belongs = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = rest.find(|letter| !belongs(letter)).unwrap_or(rest.len());
    if length == 0 {
        other(cx);
        return;
    }
    let end = cx.position + length;
    if rest[..length].is_ascii() {
        push(cx, Kind::Word, end);
        return;
    }
    let name = &rest[..length];
    let message = format!("`{name}` has letters outside ASCII");
    let help = "names are made of the letters a to z, digits and `_`; other text may stand in quotes where a name \
                goes on the wire: `\"größe\" as size`";
    report(cx, codes::NOT_ASCII, end, message, help);
    push_broken(cx, Kind::Word, end);
}

fn string(cx: &mut Ctx<'_>, content: usize) {
    let raw = cx.bytes[cx.position] == b'r';
    let scan = strings::scan(cx.text, content, raw);
    let size = scan.end - content;
    for problem in &scan.problems {
        let place = at(cx, problem.start, problem.end);
        let diagnostic = Diagnostic::error(problem.code, place, problem.message.clone());
        cx.diagnostics.push(diagnostic.help(problem.help));
    }
    if !scan.closed {
        let help =
            "a string ends with `\"` on the line it began on; a line break in it is written `\\n`";
        report(
            cx,
            codes::UNTERMINATED_STRING,
            scan.end,
            "this string has no closing quote".into(),
            help,
        );
    }
    if size > cx.limits.string_bytes {
        let message = format!(
            "a string of {size} bytes, where {} are allowed",
            cx.limits.string_bytes
        );
        report(
            cx,
            codes::STRING_TOO_LONG,
            scan.end,
            message,
            "long texts don't belong into a contract",
        );
        push_broken(cx, Kind::Text, scan.end);
    } else if !scan.closed {
        push_broken(cx, Kind::Text, scan.end);
    } else {
        push(cx, Kind::Text, scan.end);
    }
}

fn number(cx: &mut Ctx<'_>) {
    let end = literal::end(cx.bytes, cx.position);
    let text = &cx.text[cx.position..end];
    match literal::problem(text) {
        None => push(cx, Kind::Number, end),
        Some(problem) => {
            let span = at(cx, cx.position, end);
            let diagnostic = Diagnostic::error(problem.code, span, problem.message)
                .help(problem.help)
                .suggest(problem.suggestion);
            cx.diagnostics.push(diagnostic);
            push_broken(cx, Kind::Number, end);
        }
    }
}

/// `//`, `///` or `//!` up to the end of the line. Four slashes are a comment.
fn remark(cx: &mut Ctx<'_>) {
    let start = cx.position;
    let rest = &cx.text[start..];
    let line = rest
        .split('\n')
        .next()
        .unwrap_or(rest)
        .trim_end_matches('\r');
    let remark = Remark {
        start: offset(start),
        end: offset(start + line.len()),
        tokens_before: cx.found.tokens.len(),
        blank_before: cx.newlines > 1,
        after_code: cx.code_on_line,
    };
    cx.position = start + line.len();
    cx.newlines = 0;
    let is_doc = line.starts_with("//!") || line.starts_with("///") && !line.starts_with("////");
    if !is_doc {
        cx.found.comments.push(remark);
    } else if remark.after_code {
        let help =
            "put it on a line of its own above what it describes, or make it a comment with `//`";
        let end = cx.position;
        cx.position = start;
        report(
            cx,
            codes::DOC_AFTER_CODE,
            end,
            "a doc comment behind code would document what follows".into(),
            help,
        );
        cx.position = end;
    } else if line.starts_with("//!") {
        cx.found.file_docs.push(remark);
    } else {
        cx.found.docs.push(remark);
    }
}

fn block_comment(cx: &mut Ctx<'_>) {
    let rest = &cx.text[cx.position..];
    let length = rest.find("*/").map_or(2, |end| end + 2);
    let end = cx.position + 2;
    report(
        cx,
        codes::UNKNOWN_CHARACTER,
        end,
        "there are no block comments".into(),
        "write `//` before each line",
    );
    cx.position += length;
}

fn other(cx: &mut Ctx<'_>) {
    let Some(character) = cx.text[cx.position..].chars().next() else {
        return;
    };
    let end = cx.position + character.len_utf8();
    if character.is_alphanumeric() {
        foreign_word(cx);
        return;
    }
    if character == '\'' {
        single_quoted(cx);
        return;
    }
    if !character.is_whitespace() && !forbidden::is_forbidden(character) {
        let help = match character {
            '`' | '“' | '”' => "strings stand in double quotes",
            '#' => "a comment begins with `//`",
            '<' | '>' => "a list is written `[T]`, a map `{string: T}`",
            '|' | '&' | '*' | '!' | '+' | '-' | '/' => "there are no operators",
            _ => "outside of strings and comments only ASCII letters, digits and punctuation stand",
        };
        let message = format!("`{character}` means nothing here");
        report(cx, codes::UNKNOWN_CHARACTER, end, message, help);
    }
    cx.position = end;
}

/// `'text'`
fn single_quoted(cx: &mut Ctx<'_>) {
    let rest = &cx.text[cx.position + 1..];
    let line = rest.split('\n').next().unwrap_or(rest);
    let end = cx.position + 1 + line.find('\'').map_or(0, |quote| quote + 1);
    report(
        cx,
        codes::UNKNOWN_CHARACTER,
        end,
        "there are no single quotes".into(),
        "strings stand in double quotes",
    );
    push_broken(cx, Kind::Text, end);
}

/// An error from the current position to `end`.
fn report(cx: &mut Ctx<'_>, code: codes::Code, end: usize, message: String, help: &str) {
    let span = at(cx, cx.position, end);
    cx.diagnostics
        .push(Diagnostic::error(code, span, message).help(help));
}

fn at(cx: &Ctx<'_>, start: usize, end: usize) -> Span {
    Span::new(cx.base + offset(start), cx.base + offset(end))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Files are far smaller than 4 GiB; behind that all positions are the last one.
fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
