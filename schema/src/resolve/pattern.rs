//! Patterns of strings: only what ECMA-262 and Rust's regular expressions read alike. Knows nothing of types.

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve::draft::Draft;

/// Bytes of a compiled pattern.
const LARGEST: usize = 256 * 1024;

/// A pattern that both languages understand; `None` was reported.
pub(crate) fn read(draft: &mut Draft<'_>, value: &ast::Value) -> Option<String> {
    let ValueKind::String { text, .. } = &value.kind else {
        let diagnostic = Diagnostic::error(codes::BAD_PATTERN, value.span, "a pattern is a string")
            .help("write it in quotes; `r\"…\"` needs no doubled backslashes");
        draft.report(diagnostic);
        return None;
    };
    let problem = beyond_the_subset(text).or_else(|| {
        let refused = compile(text).err()?;
        Some((
            refused.to_string(),
            "it is read by the `regex` crate and as ECMA-262".to_owned(),
        ))
    });
    let Some((message, help)) = problem else {
        return Some(text.clone());
    };
    draft.report(Diagnostic::error(codes::BAD_PATTERN, value.span, message).help(help));
    None
}

/// Compiles a pattern to a program of a size that stays fast.
pub(crate) fn compile(pattern: &str) -> Result<regex_lite::Regex, regex_lite::Error> {
    regex_lite::RegexBuilder::new(pattern)
        .size_limit(LARGEST)
        .build()
}

/// What only one of the two languages knows, or they read differently: (message, help).
fn beyond_the_subset(pattern: &str) -> Option<(String, String)> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut in_class = false;
    let mut index = 0;
    while let Some(&character) = characters.get(index) {
        let rest = &characters[index + 1..];
        let problem = match character {
            '\\' => {
                index += 1;
                escape(rest.first().copied(), in_class)
            }
            '[' if in_class => {
                Some("a `[` inside a class is read differently elsewhere: write `\\[`".to_owned())
            }
            '[' => {
                in_class = true;
                let first = rest.iter().find(|&&next| next != '^');
                (first == Some(&']')).then(|| {
                    "an empty class, or one that begins with `]`, is read differently elsewhere"
                        .to_owned()
                })
            }
            ']' if in_class => {
                in_class = false;
                None
            }
            '&' | '~' | '-' if in_class && rest.first() == Some(&character) => Some(format!(
                "`{character}{character}` in a class is read differently elsewhere"
            )),
            '(' if !in_class => group(rest),
            ']' | '}' if !in_class => {
                (character == ']').then(|| "a `]` alone is written `\\]`".to_owned())
            }
            _ => None,
        };
        if let Some(help) = problem {
            let message = "the pattern is not one that all languages read alike".to_owned();
            return Some((message, help));
        }
        index += 1;
    }
    None
}

fn escape(escaped: Option<char>, in_class: bool) -> Option<String> {
    match escaped {
        Some(digit) if digit.is_ascii_digit() => {
            Some("backreferences and `\\0` are not part of the language".to_owned())
        }
        Some('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't') => None,
        Some('b' | 'B') if !in_class => None,
        Some(letter) if letter.is_alphanumeric() => {
            Some(format!("`\\{letter}` is not known everywhere"))
        }
        Some(other) if !other.is_ascii() => Some("only ASCII symbols can be escaped".to_owned()),
        Some(
            '<' | '>' | '\'' | '"' | '`' | '!' | '@' | '%' | ',' | ';' | ':' | '=' | '_' | ' ',
        ) => Some("a symbol that means nothing is written without a backslash".to_owned()),
        _ => None,
    }
}

/// What may follow a `(`.
fn group(rest: &[char]) -> Option<String> {
    match rest {
        ['?', ':', ..] => None,
        ['?', '=' | '!', ..] | ['?', '<', '=' | '!', ..] => Some(
            "look-around is not part of the language: it takes more than linear time".to_owned(),
        ),
        ['?', ..] => Some("of groups with a `?` only `(?:` is known everywhere".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::beyond_the_subset;

    #[test]
    fn takes_what_both_languages_read_alike() {
        for good in [
            "^[A-Z]{3}$",
            "^(ch|py)_",
            r"\d+\.\d{2}",
            "(?:a|b)?",
            r"[^\]\\]",
            "^evt_",
        ] {
            assert_eq!(beyond_the_subset(good), None, "{good}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for bad in [
            "(?=a)",
            "(?<=a)",
            "(?i)a",
            r"(a)\1",
            "(?<n>a)",
            r"\p{L}",
            "[[:alpha:]]",
            "[a&&b]",
            r"\A",
            "[]a]",
        ] {
            assert!(beyond_the_subset(bad).is_some(), "{bad}");
        }
    }
}
