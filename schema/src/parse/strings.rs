//! String literals: where they end, what is wrong in them, what they say. JSON's escapes and no others.

use crate::codes::{self, Code};
use crate::parse::forbidden::is_bidirectional;

/// A string literal as it was found in a text.
pub(super) struct Scan {
    /// Behind the closing quote, or at the end of the line.
    pub(super) end: usize,
    pub(super) closed: bool,
    pub(super) problems: Vec<Problem>,
}

pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// Reads a literal whose content begins at `content`.
pub(super) fn scan(text: &str, content: usize, raw: bool) -> Scan {
    let bytes = text.as_bytes();
    let mut problems = Vec::new();
    let mut position = content;
    while position < bytes.len() {
        match bytes[position] {
            b'"' => {
                return Scan {
                    end: position + 1,
                    closed: true,
                    problems,
                };
            }
            b'\n' => break,
            b'\r' if bytes.get(position + 1) == Some(&b'\n') => break,
            b'\t' => {
                problems.push(Problem {
                    code: codes::FORBIDDEN_CHARACTER,
                    start: position,
                    end: position + 1,
                    message: "a tab may not stand in a string".into(),
                    help: "write it as `\\t`",
                });
                position += 1;
            }
            b'\\' if !raw => {
                let escape = escape(text, position);
                problems.extend(escape.problem);
                position = escape.end;
            }
            _ => position += 1,
        }
    }
    Scan {
        end: position,
        closed: false,
        problems,
    }
}

/// What a literal (with its quotes, and `r` before it) says. Broken escapes say nothing.
pub(super) fn unescape(literal: &str) -> String {
    if let Some(raw) = literal.strip_prefix('r') {
        return raw.trim_start_matches('"').trim_end_matches('"').to_owned();
    }
    let inner = literal.strip_prefix('"').unwrap_or(literal);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut position = 0;
    while let Some(found) = inner[position..].find('\\') {
        out.push_str(&inner[position..position + found]);
        let escape = escape(inner, position + found);
        out.extend(escape.character);
        position = escape.end;
    }
    out.push_str(&inner[position..]);
    out
}

struct Escape {
    end: usize,
    character: Option<char>,
    problem: Option<Problem>,
}

/// The escape that begins with the backslash at `start`.
fn escape(text: &str, start: usize) -> Escape {
    let Some(letter) = text[start + 1..]
        .chars()
        .next()
        .filter(|letter| !letter.is_control())
    else {
        return bad(
            start,
            start + 1,
            "a backslash at the end of the line".into(),
        );
    };
    let end = start + 1 + letter.len_utf8();
    let character = match letter {
        '"' | '\\' | '/' => letter,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(text, start),
        _ => return bad(start, end, format!("there is no escape `\\{letter}`")),
    };
    Escape {
        end,
        character: Some(character),
        problem: None,
    }
}

/// `\u` and four digits, twice for a character beyond the basic plane.
fn unicode(text: &str, start: usize) -> Escape {
    let Some(first) = code_unit(text, start) else {
        return bad(
            start,
            start + 2,
            "`\\u` wants four hexadecimal digits".into(),
        );
    };
    let end = start + 6;
    let (character, end) = match first {
        0xd800..=0xdbff => {
            let Some(second @ 0xdc00..=0xdfff) = code_unit(text, end) else {
                return bad(
                    start,
                    end,
                    format!("`\\u{first:04x}` is half of a surrogate pair"),
                );
            };
            (
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)),
                end + 6,
            )
        }
        _ => (char::from_u32(first), end),
    };
    let Some(character) = character else {
        return bad(
            start,
            end,
            format!("`\\u{first:04x}` is half of a surrogate pair"),
        );
    };
    let problem = is_bidirectional(character).then(|| Problem {
        code: codes::FORBIDDEN_CHARACTER,
        start,
        end,
        message: format!(
            "the bidirectional override U+{first:04X} may not stand here, not even escaped"
        ),
        help: "it makes a text read differently from what it is; take it out",
    });
    Escape {
        end,
        character: Some(character),
        problem,
    }
}

fn code_unit(text: &str, start: usize) -> Option<u32> {
    let digits = text.get(start..start + 6)?.strip_prefix("\\u")?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

fn bad(start: usize, end: usize, message: String) -> Escape {
    let problem = Problem {
        code: codes::BAD_ESCAPE,
        start,
        end,
        message,
        help: "escapes are those of JSON: `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` and `\\u00e9`; a \
               raw string `r\"…\"` has none",
    };
    Escape {
        end,
        character: None,
        problem: Some(problem),
    }
}
