//! Cuts a schema into tokens without its parser, so that a test can mutate a text and know where. Knows nothing of the
//! grammar beyond what a token looks like.

use std::ops::Range;

/// What a token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A keyword or a name.
    Word,
    /// A quoted text.
    Text,
    /// A number, duration or size.
    Number,
    /// One sign, or two dots, or an arrow.
    Sign,
}

/// A token and the bytes it stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it looks like.
    pub kind: TokenKind,
    /// The bytes of the text.
    pub range: Range<usize>,
}

/// All tokens of a text; comments and docs are none.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let rest = &text[start..];
        if rest.starts_with("//") {
            start += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let Some((kind, length)) = token(rest) else {
            start += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        tokens.push(Token {
            kind,
            range: start..start + length,
        });
        start += length;
    }
    tokens
}

fn token(rest: &str) -> Option<(TokenKind, usize)> {
    let first = rest.chars().next()?;
    let run = |accept: fn(char) -> bool| rest.find(|it| !accept(it)).unwrap_or(rest.len());
    match first {
        '"' => Some((TokenKind::Text, quoted(rest))),
        'r' if rest.starts_with("r\"") => {
            let end = rest[2..].find('"').map_or(rest.len(), |end| end + 3);
            Some((TokenKind::Text, end))
        }
        'a'..='z' | 'A'..='Z' | '_' => Some((
            TokenKind::Word,
            run(|it| it.is_ascii_alphanumeric() || it == '_'),
        )),
        '0'..='9' => Some((
            TokenKind::Number,
            run(|it| it.is_ascii_alphanumeric() || it == '_'),
        )),
        _ if rest.starts_with("..") || rest.starts_with("->") => Some((TokenKind::Sign, 2)),
        _ if first.is_whitespace() => None,
        _ => Some((TokenKind::Sign, first.len_utf8())),
    }
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (index, sign) in rest.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}
