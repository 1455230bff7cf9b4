//! Characters that may stand nowhere in a file: controls, and those that make text read in another order than it is.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// One diagnostic per forbidden character of the text.
pub(super) fn check(text: &str, base: u32) -> Vec<Diagnostic> {
    let bytes = text.as_bytes();
    let mut diagnostics = Vec::new();
    for (index, byte) in bytes.iter().enumerate() {
        let suspicious = *byte < b' ' || *byte == 0x7f || *byte == 0xc2 || *byte == 0xe2;
        if !suspicious || matches!(byte, b'\n' | b'\t') {
            continue;
        }
        if *byte == b'\r' && bytes.get(index + 1) == Some(&b'\n') {
            continue;
        }
        let Some(character) = text.get(index..).and_then(|rest| rest.chars().next()) else {
            continue;
        };
        if is_forbidden(character) {
            diagnostics.push(diagnostic(character, base, index));
        }
    }
    diagnostics
}

pub(super) fn is_forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t') || is_bidirectional(character)
}

/// Embeddings, overrides and isolates.
pub(super) fn is_bidirectional(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn diagnostic(character: char, base: u32, index: usize) -> Diagnostic {
    let start = base + u32::try_from(index).unwrap_or(u32::MAX);
    let length = u32::try_from(character.len_utf8()).unwrap_or(1);
    let what = if is_bidirectional(character) {
        "bidirectional override"
    } else {
        "control character"
    };
    let message = format!(
        "the {what} U+{:04X} may not stand here",
        u32::from(character)
    );
    let help = if is_bidirectional(character) {
        "it makes a text read differently from what it is; take it out"
    } else {
        "take it out; in a string it is written as an escape such as `\\t`"
    };
    Diagnostic::error(
        codes::FORBIDDEN_CHARACTER,
        Span::new(start, start + length),
        message,
    )
    .help(help)
}
