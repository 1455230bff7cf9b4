//! How names are spelled: case by position, ASCII, no leading underscore, not too long.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Which case a position wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Types and agents.
    Pascal,
    /// All else.
    Snake,
    /// A reference: whatever the declaration is called.
    Any,
}

/// What is wrong with a name at its position, if anything.
#[must_use]
pub fn check(name: &str, span: Span, case: Case, limit: usize) -> Option<Diagnostic> {
    if name.len() > limit {
        let message = format!(
            "a name of {} characters, where {limit} are allowed",
            name.len()
        );
        return Some(
            Diagnostic::error(codes::NAME_TOO_LONG, span, message).help("find a shorter one"),
        );
    }
    if case == Case::Any {
        return None;
    }
    if name.starts_with('_') {
        let bare = name.trim_start_matches('_');
        let message = format!("`{name}` begins with an underscore");
        let help = format!(
            "take it away, or quote a name that goes on the wire: `\"{name}\" as {}`",
            in_case(bare, Case::Snake)
        );
        return Some(Diagnostic::error(codes::LEADING_UNDERSCORE, span, message).help(help));
    }
    if fits(name, case) {
        return None;
    }
    let meant = in_case(name, case);
    let diagnostic = if case == Case::Pascal {
        Diagnostic::error(
            codes::NOT_PASCAL_CASE,
            span,
            format!("`{name}` is not in `PascalCase`"),
        )
        .help("types and agents are written in `PascalCase`")
    } else {
        Diagnostic::error(codes::NOT_SNAKE_CASE, span, format!("`{name}` is not in `snake_case`"))
            .help(format!("names are written in `snake_case`; one that goes on the wire may be quoted: `\"{name}\"`"))
    };
    Some(diagnostic.suggest(fits(&meant, case).then_some(meant)))
}

fn fits(name: &str, case: Case) -> bool {
    match case {
        Case::Pascal => {
            name.starts_with(|first: char| first.is_ascii_uppercase()) && !name.contains('_')
        }
        Case::Snake => !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase()),
        Case::Any => true,
    }
}

/// The name in another case: split at underscores and where lower case turns into upper case.
#[must_use]
pub fn in_case(name: &str, case: Case) -> String {
    let mut out = String::new();
    let mut word_start = true;
    let mut previous_lower = false;
    for letter in name.chars() {
        if letter == '_' {
            word_start = true;
            continue;
        }
        word_start |= letter.is_ascii_uppercase() && previous_lower;
        if case == Case::Pascal {
            out.push(if word_start {
                letter.to_ascii_uppercase()
            } else {
                letter
            });
        } else {
            if word_start && !out.is_empty() {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        }
        previous_lower = !letter.is_ascii_uppercase();
        word_start = false;
    }
    out
}
