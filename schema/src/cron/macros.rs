//! The macros: words that stand for a whole expression, in any case.

use super::{Expression, Problem, Word, parse as parse_expression};
use crate::suggest;

/// Each macro with the fields that it stands for.
pub(super) const MACROS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// Reads the words of an expression that begins with `@`.
pub(super) fn parse(words: &[Word<'_>]) -> Result<Expression, Problem> {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return parse_expression("");
    };
    let name = first.text.to_ascii_lowercase();
    if name == "@every" {
        return Err(Problem {
            range: first.start..last.range().end,
            ..first.problem(
                "`@every` is not a cron macro",
                "write a line `every 5m name` instead of `cron`",
            )
        });
    }
    if name == "@reboot" {
        return Err(first.problem(
            "`@reboot` is no time",
            "what runs once at the start belongs into the hook `post_start`",
        ));
    }
    let Some((_, fields)) = MACROS.iter().find(|(known, _)| *known == name) else {
        return Err(unknown(*first, &name));
    };
    if let Some(second) = words.get(1) {
        return Err(Problem {
            range: second.start..last.range().end,
            ..first.problem(
                format!("nothing may follow `{}`", first.shown()),
                format!("it stands for all five fields: `{fields}`"),
            )
        });
    }
    parse_expression(fields)
}

fn unknown(word: Word<'_>, name: &str) -> Problem {
    let names = MACROS.map(|(known, _)| known);
    Problem {
        suggestion: suggest::suggest(name, names),
        ..word.problem(
            format!("unknown macro `{}`", word.shown()),
            format!(
                "the macros are {}",
                names.map(|known| format!("`{known}`")).join(", ")
            ),
        )
    }
}
